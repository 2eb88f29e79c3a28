package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// wish waits for just one time of a resource, on the project of whoever waits.
func wish(resource id.Resource, from, to string) booking.WaitWish {
	return booking.WaitWish{Resources: []id.Resource{resource}, Period: between(from, to), Purpose: "Provkörning"}
}

// join puts somebody in line and does what follows.
func (w *world) join(name string, in booking.WaitWish) *booking.Wait {
	w.Helper()
	if in.Project = "alloy"; name == "rolf" {
		in.Project = "rust"
	}
	out, err := w.service.JoinWaits(w.Context(), w.who(name), in)
	if err != nil {
		w.Fatal(err)
	}
	w.work()
	return out
}

// wait reads a wait as it now is, as its own person or a manager.
func (w *world) wait(name string, x *booking.Wait) *booking.Wait {
	w.Helper()
	out, err := w.service.FindWait(w.Context(), w.who(name), x.Ref)
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func (w *world) wantWait(name string, x *booking.Wait, state booking.WaitState) {
	w.Helper()
	if got := w.wait(name, x); got.State != state {
		w.Errorf("%s is %s, want %s", name, got.State, state)
	}
}

// moves moves a booking as Anna.
func (w *world) moves(b *booking.Booking, from, to string) *booking.Booking {
	w.Helper()
	out, err := w.edit(b, booking.Edit{Period: between(from, to)})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func TestTheFirstInLineIsOffered(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	rolf := w.join("rolf", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	w.at("2026-03-02T09:01")
	liv := w.join("liv", wish("press", "2026-03-10T08:00", "2026-03-10T09:00"))
	if rolf.Position != 1 || liv.Position != 2 || w.wait("rolf", rolf).State != booking.WaitWaiting {
		t.Fatalf("positions %d and %d", rolf.Position, liv.Position)
	}
	w.news()
	w.must(w.service.Cancel, "anna", b)
	w.work()
	w.work()
	if got := w.news(); !slices.Equal(got, []string{"booking_cancelled", "wait_offered"}) {
		t.Errorf("told %v", got)
	}
	offered := w.wait("rolf", rolf)
	if offered.State != booking.WaitOffered || offered.Offer.Period != rolf.Period || offered.Offer.Expires != local("2026-03-02T13:01") {
		t.Fatalf("rolf is %+v", offered)
	}
	w.wantWait("liv", liv, booking.WaitWaiting)
	w.wantPurses(2026, 0, 0)
	_, err := w.service.Request(w.Context(), w.who("anna"), want("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	if !problem.Has(err, facilities.CodeSlotTaken) {
		t.Errorf("an offered time was booked by another: %v", err)
	}
	made, err := w.service.AcceptOffer(w.Context(), w.who("rolf"), rolf.Ref)
	if err != nil || made.Period != rolf.Period || made.State != booking.Confirmed {
		t.Fatalf("%+v, %v", made, err)
	}
	if got := w.wait("rolf", rolf); got.State != booking.WaitBooked || got.Booking != made.Ref {
		t.Errorf("then he is %+v", got)
	}
	_, err = w.service.AcceptOffer(w.Context(), w.who("rolf"), rolf.Ref)
	w.wantCode(err, booking.CodeWaitOver)
	w.wantWait("liv", liv, booking.WaitWaiting)
}

func TestAnOfferGoesToTheNext(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	rolf := w.join("rolf", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	liv := w.join("liv", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	anna := w.join("anna", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	w.must(w.service.Cancel, "anna", b)
	w.work()
	if _, err := w.service.DeclineOffer(w.Context(), w.who("rolf"), rolf.Ref); err != nil {
		t.Fatal(err)
	}
	w.work()
	w.wantWait("rolf", rolf, booking.WaitLeft)
	w.wantWait("liv", liv, booking.WaitOffered)
	w.news()
	w.at("2026-03-02T13:00") // four hours
	w.sweep()
	w.work()
	w.wantWait("liv", liv, booking.WaitExpired)
	w.wantWait("anna", anna, booking.WaitOffered)
	if got := w.news(); !slices.Equal(got, []string{"wait_offer_expired", "wait_offered"}) {
		t.Errorf("told %v", got)
	}
	if _, err := w.service.LeaveWaits(w.Context(), w.who("anna"), anna.Ref); err != nil {
		t.Fatal(err)
	}
	w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
}

// Who waits for any hours of a window keeps the place when one time does not suit,
// and is offered another.
func TestAWindowIsOfferedWhatFits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-10T08:00", "2026-03-10T18:00")
	in := wish("press", "2026-03-10T08:00", "2026-03-10T18:00")
	in.Minutes = 120
	rolf := w.join("rolf", in)
	b = w.moves(b, "2026-03-10T09:00", "2026-03-10T18:00")
	w.work()
	w.wantWait("rolf", rolf, booking.WaitWaiting) // an hour is not enough
	w.moves(b, "2026-03-10T12:00", "2026-03-10T18:00")
	w.work()
	first := w.wait("rolf", rolf)
	if first.Offer == nil || first.Offer.Period != between("2026-03-10T08:00", "2026-03-10T10:00") {
		t.Fatalf("offered %+v", first.Offer)
	}
	if _, err := w.service.DeclineOffer(w.Context(), w.who("rolf"), rolf.Ref); err != nil {
		t.Fatal(err)
	}
	w.work()
	second := w.wait("rolf", rolf)
	if second.Offer == nil || second.Offer.Period == first.Offer.Period {
		t.Fatalf("then offered %+v", second.Offer)
	}
}

// Whatever frees time has the line looked at.
func TestEveryEndFreesTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		resource id.Resource
		free     func(*world, *booking.Booking)
	}{
		"decline":  {"station-1", func(w *world, b *booking.Booking) { w.must(w.service.Decline, "mia", b) }},
		"withdraw": {"station-1", func(w *world, b *booking.Booking) { w.must(w.service.Cancel, "anna", b) }},
		"move away": {"press", func(w *world, b *booking.Booking) {
			w.moves(b, "2026-03-11T08:00", "2026-03-11T16:00")
		}},
		"shorten": {"press", func(w *world, b *booking.Booking) {
			w.moves(b, "2026-03-10T08:00", "2026-03-10T12:00")
		}},
		"early check-out": {"robot", func(w *world, b *booking.Booking) { w.use(b, "2026-03-10T08:00", "2026-03-10T12:00") }},
		"no-show": {"robot", func(w *world, _ *booking.Booking) {
			w.at("2026-03-10T08:30")
			w.sweep()
		}},
		"expiry": {"oven", func(w *world, _ *booking.Booking) {
			w.at("2026-03-10T08:00")
			w.sweep()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			b := w.book(c.resource, "2026-03-10T08:00", "2026-03-10T16:00")
			rolf := w.join("rolf", wish(c.resource, "2026-03-10T13:00", "2026-03-10T15:00"))
			w.wantWait("rolf", rolf, booking.WaitWaiting)
			c.free(w, b)
			w.work()
			w.wantWait("rolf", rolf, booking.WaitOffered)
		})
	}
}

func TestALiftedOutageFreesTime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	made := w.save(w.outage("machines", "press", "2026-03-10T07:00", "2026-03-10T16:00")).Outages[0]
	late, early := w.join("rolf", wish("press", "2026-03-10T14:00", "2026-03-10T16:00")), w.join("liv", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	shorter := booking.OutageWish{Outage: made}
	shorter.Outage.Period = between("2026-03-10T07:00", "2026-03-10T14:00")
	w.save(shorter)
	w.work()
	w.wantWait("rolf", late, booking.WaitOffered)
	w.wantWait("liv", early, booking.WaitWaiting)
	w.lift(made)
	w.wantWait("liv", early, booking.WaitOffered)
	// An outage over an offer takes it back; the place in line stays.
	w.save(w.outage("machines", "press", "2026-03-10T07:00", "2026-03-10T11:00"))
	w.work()
	w.wantWait("liv", early, booking.WaitWaiting)
}

func TestTimeLetsIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	put := func(rules facilities.Stated) {
		w.update(func(tx *database.Tx) error {
			_, err := facilities.PutResource(tx, facilities.ResourceStated{
				ID: "lathe", Facility: "shop", Units: []string{"lathe"}, Name: text.Text{SV: "Svarv", EN: "Lathe"}, Rules: rules,
			})
			return err
		})
	}
	week := &facilities.Stated{}
	week.Horizon = minutes(7 * 24 * 60)
	put(*week)
	far := w.join("rolf", wish("lathe", "2026-03-10T08:00", "2026-03-10T10:00"))
	sunday := w.join("liv", wish("lathe", "2026-03-08T08:00", "2026-03-08T10:00"))
	w.sweep()
	w.wantWait("rolf", far, booking.WaitWaiting)
	w.at("2026-03-03T07:59")
	w.sweep()
	w.wantWait("rolf", far, booking.WaitWaiting)
	w.at("2026-03-03T08:00") // the horizon opens
	w.sweep()
	w.wantWait("rolf", far, booking.WaitOffered)
	w.wantWait("liv", sunday, booking.WaitWaiting)
	w.update(func(tx *database.Tx) error { // new hours
		_, err := facilities.PutFacility(tx, facilities.FacilityStated{
			ID: "shop", Approval: facilities.Auto, Kind: facilities.PilotLine, Name: text.Text{SV: "shop", EN: "shop"},
			Places: []facilities.PlaceStated{{Site: "molndal"}},
		})
		return err
	})
	w.sweep()
	w.wantWait("liv", sunday, booking.WaitOffered)
}

func TestAWaitEndsWithItsTime(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("press", "2026-03-10T08:00", "2026-03-10T10:00")
	rolf := w.join("rolf", wish("press", "2026-03-10T08:00", "2026-03-10T10:00"))
	w.news()
	w.at("2026-03-10T08:01")
	w.sweep()
	w.wantWait("rolf", rolf, booking.WaitExpired)
	if got := w.news(); !slices.Contains(got, "wait_expired") {
		t.Errorf("told %v", got)
	}
}

// Nobody is offered what they could not book: they are passed over.
func TestWhoDoesNotFitIsPassedOver(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b, err := w.service.Request(w.Context(), w.who("anna"), want("tower", "2026-03-10T08:00", "2026-03-10T12:00"))
	if err != nil {
		t.Fatal(err)
	}
	poor := wish("tower", "2026-03-10T08:00", "2026-03-10T12:00")
	poor.Project = "tight" // four hours cost more than it has
	tight, err := w.service.JoinWaits(w.Context(), w.who("anna"), poor)
	if err != nil {
		t.Fatal(err)
	}
	rolf := w.join("rolf", wish("tower", "2026-03-10T08:00", "2026-03-10T12:00"))
	w.must(w.service.Cancel, "anna", b)
	w.work()
	w.wantWait("anna", tight, booking.WaitWaiting)
	w.wantWait("rolf", rolf, booking.WaitOffered)
}

// A time is held no longer than it can be booked.
func TestAnOfferEndsWhereBookingDoes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book("press", "2026-03-02T10:30", "2026-03-02T11:00")
	rolf := w.join("rolf", wish("press", "2026-03-02T10:30", "2026-03-02T11:00"))
	w.must(w.service.Cancel, "anna", b)
	w.work()
	if got := w.wait("rolf", rolf); got.Offer == nil || got.Offer.Expires != local("2026-03-02T10:30") {
		t.Errorf("offered %+v", got.Offer)
	}
	c := w.book("bed", "2026-03-02T10:30", "2026-03-02T11:00")
	late := w.join("rolf", wish("bed", "2026-03-02T10:30", "2026-03-02T11:00"))
	w.at("2026-03-02T10:21")
	w.must(w.service.Cancel, "anna", c)
	w.work()
	w.wantWait("rolf", late, booking.WaitWaiting) // nine minutes are no time to answer
}

func TestWhatNoWaitingCures(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, c := range map[string]struct {
		who  string
		wish booking.WaitWish
		code problem.Code
	}{
		"too short":       {"anna", wish("lathe", "2026-03-10T08:00", "2026-03-10T08:30"), facilities.CodeTooShort},
		"too long":        {"anna", wish("lathe", "2026-03-10T08:00", "2026-03-10T16:30"), facilities.CodeTooLong},
		"off the grid":    {"anna", wish("lathe", "2026-03-10T08:10", "2026-03-10T09:10"), facilities.CodeNotOnGrid},
		"not in project":  {"rolf", wish("lathe", "2026-03-10T08:00", "2026-03-10T09:00"), booking.CodeNotAMember},
		"in the past":     {"anna", wish("lathe", "2026-03-01T08:00", "2026-03-01T09:00"), facilities.CodeInThePast},
		"closed":          {"anna", wish("lathe", "2026-03-08T08:00", "2026-03-08T09:00"), problem.Code{}},
		"not yet allowed": {"anna", wish("laser", "2026-03-10T08:00", "2026-03-10T09:00"), problem.Code{}},
	} {
		c.wish.Project = "alloy"
		_, err := w.service.JoinWaits(w.Context(), w.who(c.who), c.wish)
		if c.code == (problem.Code{}) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var r *booking.Refused
		if !errors.As(err, &r) || len(r.Refusals) != 1 || r.Refusals[0].Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHowMuchOneMayWaitFor(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.book("press", "2026-03-10T00:00", "2026-03-11T00:00")
	var last *booking.Wait
	for i := range booking.MaxWaits {
		in := wish("press", "2026-03-10T00:00", "2026-03-10T01:00")
		in.Period.Start, in.Period.End = in.Period.Start.Add(time.Duration(i)*time.Minute), in.Period.End.Add(time.Duration(i)*time.Minute)
		last = w.join("anna", in)
	}
	in := last.WaitWish
	_, err := w.service.JoinWaits(w.Context(), w.who("anna"), in)
	w.wantCode(err, booking.CodeAlreadyWaiting)
	in.Period.End = in.Period.End.Add(time.Hour)
	in.Minutes = 0
	_, err = w.service.JoinWaits(w.Context(), w.who("anna"), in)
	w.wantCode(err, booking.CodeWaitsFull)
	if e := problem.From(err); e.Text().SV == "" || e.Text().EN == "" || e.Details["max"] != booking.MaxWaits {
		t.Errorf("says %v", e)
	}
	if _, err := w.service.LeaveWaits(w.Context(), w.who("anna"), last.Ref); err != nil {
		t.Fatal(err)
	}
	w.join("anna", in)
}
