package booking_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// rules makes the rules of resources what they say.
func (w *world) rules(s facilities.Stated, of ...id.Resource) {
	w.Helper()
	w.update(func(tx *database.Tx) (err error) {
		for _, r := range resources() {
			if slices.Contains(of, r.ID) {
				r.Name, r.Rules = text.Text{SV: string(r.ID), EN: string(r.ID)}, s
				_, e := facilities.PutResource(tx, r)
				err = errors.Join(err, e)
			}
		}
		return err
	})
}

// quota is a rule for a test.
func quota(q facilities.Quota) facilities.Stated {
	return facilities.Stated{Quotas: &[]facilities.Quota{q}}
}

// belongs puts somebody into organisations.
func (w *world) belongs(name string, all ...id.Organisation) {
	w.Helper()
	w.update(func(tx *database.Tx) error {
		_, err := access.PutPerson(tx, access.Person{Email: name + "@bolag.example", Name: name, Language: text.SV, Organisations: all})
		return err
	})
}

func (w *world) grant(name string, role access.Role, scope string) {
	w.Helper()
	w.update(func(tx *database.Tx) error {
		_, err := access.PutGrant(tx, w.mustFind(tx, name), access.Grant{Role: role, Scope: scope})
		return err
	})
}

// try requests, and wants just these reasons against it, "" for none. The quote
// must say the same.
func (w *world) try(by string, in booking.Request, reasons string) *booking.Booking {
	w.Helper()
	quote, err := w.service.Quote(w.Context(), w.who(by), in)
	if err != nil {
		w.Fatal(err)
	}
	b, err := w.service.Request(w.Context(), w.who(by), in)
	if got := w.reasons(err); got != reasons || len(quote.Refusals) != len(strings.Fields(reasons)) {
		w.Errorf("%s, %s: refused for %q and quoted %d; want %q", by, in.Resources, got, len(quote.Refusals), reasons)
	}
	return b
}

// reasons are the codes of a refusal. Each names its rule and has both sentences.
func (w *world) reasons(err error) string {
	w.Helper()
	var r *booking.Refused
	if err == nil || !errors.As(err, &r) {
		return strings.TrimPrefix(fmt.Sprint(err), "<nil>")
	}
	var out []string
	for _, e := range r.Refusals {
		if e.Text().SV == "" || e.Text().EN == "" {
			w.Errorf("%s says %+v", e.Code.Slug, e.Text())
		}
		if _, ruled := facilities.RuleOf(e); ruled && e.Details["rule"] == nil {
			w.Errorf("%s names no rule", e.Code.Slug)
		}
		out = append(out, e.Code.Slug)
	}
	return strings.Join(out, " ")
}

func (w *world) change(by string, b *booking.Booking, e booking.Edit) (*booking.Booking, string) {
	w.Helper()
	out, err := w.service.Edit(w.Context(), w.who(by), booking.Change{Ref: b.Ref}, e)
	return out, w.reasons(err)
}

func TestWhatAQuotaCounts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	rules, yes := quota(facilities.Quota{Per: facilities.PerPerson, Count: 2, In: facilities.InWeek}), true
	w.rules(rules, "station-1")
	rules.CheckIn, rules.NoShowAfter = &yes, minutes(30)
	w.rules(rules, "robot")
	monday := want("station-1", "2026-03-09T08:00", "2026-03-09T10:00")
	first := w.try("anna", monday, "")
	w.try("anna", want("station-1", "2026-03-10T08:00", "2026-03-10T10:00"), "")
	third := want("station-1", "2026-03-15T22:00", "2026-03-16T00:00")
	w.try("anna", third, "quota-count")
	w.try("anna", want("station-1", "2026-03-16T00:00", "2026-03-16T02:00"), "") // the next week
	w.try("anna", want("robot", "2026-03-09T08:00", "2026-03-09T10:00"), "")     // another resource
	w.try("liv", third, "")                                                      // another person
	// Its own old time does not count against a move, and what is given back is free.
	if _, got := w.change("anna", first, booking.Edit{Period: between("2026-03-11T08:00", "2026-03-11T10:00")}); got != "" {
		t.Error("moved within the week:", got)
	}
	w.must(w.service.Decline, "moa", w.read(first))
	w.try("anna", want("station-1", "2026-03-12T08:00", "2026-03-12T10:00"), "")
	w.try("anna", want("station-1", "2026-03-13T08:00", "2026-03-13T10:00"), "quota-count")
	// Whoever did not come has used it.
	w.try("anna", want("robot", "2026-03-10T08:00", "2026-03-10T10:00"), "")
	w.at("2026-03-10T09:00")
	w.sweep()
	if n := w.count(`select count(*) from bookings where state = 'no_show'`); n != 2 {
		t.Fatalf("%d no-shows", n)
	}
	w.try("anna", want("robot", "2026-03-12T08:00", "2026-03-12T10:00"), "quota-count")
}

func TestQuotasOfHoursGiveBackWhatIsCheckedOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	yes := true
	rules := quota(facilities.Quota{Per: facilities.PerProject, Hours: period.Span{Minutes: 600}, In: facilities.InMonth})
	rules.CheckIn = &yes
	w.rules(rules, "robot")
	b := w.try("anna", want("robot", "2026-03-10T08:00", "2026-03-10T16:00"), "")
	w.try("liv", want("robot", "2026-03-11T08:00", "2026-03-11T10:01"), "quota-hours")
	w.use(b, "2026-03-10T08:00", "2026-03-10T12:00")
	late := want("robot", "2026-03-11T08:00", "2026-03-11T14:01")
	w.try("liv", late, "quota-hours")
	late.Period.End = late.Period.End.Add(-time.Minute)
	w.try("liv", late, "")
	april := want("robot", "2026-03-31T22:00", "2026-04-01T10:00") // divided at midnight, which is two hours too many
	w.try("liv", april, "quota-hours")
	april.Period.Start = local("2026-04-01T00:00")
	w.try("liv", april, "")
	// Who is not in the project learns nothing of what it has booked.
	w.try("olle", late, "slot-taken not-a-member")
}

func TestQuotasOfAnOrganisationAndAFacility(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(quota(facilities.Quota{Per: facilities.PerOrganisation, Count: 1, In: facilities.InFuture, Of: facilities.OfFacility}), "press", "bed")
	w.belongs("anna", "anvil")
	w.belongs("liv", "anvil", "rise")
	both := want("press", "2026-03-10T08:00", "2026-03-10T10:00")
	both.Resources = append(both.Resources, "bed")
	first := w.try("anna", both, "") // two resources, one booking
	w.try("liv", want("bed", "2026-03-11T08:00", "2026-03-11T10:00"), "quota-count")
	w.try("olle", want("bed", "2026-03-11T08:00", "2026-03-11T10:00"), "not-a-member") // in no organisation
	both.Period = between("2026-03-12T08:00", "2026-03-12T10:00")
	w.try("liv", both, "quota-count") // told once, not for each resource
	// It frees as time passes.
	w.at("2026-03-10T10:00")
	w.sweep()
	w.try("liv", both, "")
	if got := w.read(first).State; got != booking.Completed {
		t.Error(got)
	}
}

func TestWhatARefusalTellsWhomOfOthers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	rules := quota(facilities.Quota{Per: facilities.PerPerson, Count: 1, In: facilities.InWeek})
	rules.Gap = minutes(60)
	w.rules(rules, "station-1")
	w.try("anna", want("station-1", "2026-03-10T08:00", "2026-03-10T10:00"), "")
	in := want("station-1", "2026-03-10T10:30", "2026-03-10T12:00")
	in.OnBehalfOf = "anna@bolag.example"
	for by, told := range map[string]bool{"anna": true, "moa": true, "liv": false} {
		_, err := w.service.Request(t.Context(), w.who(by), in)
		if got := w.reasons(err); got != "gap-too-short quota-count" {
			t.Fatalf("%s: %s", by, got)
		}
		var r *booking.Refused
		errors.As(err, &r)
		_, gap := r.Refusals[0].Details["other_start"]
		_, used := r.Refusals[1].Details["used"]
		if gap != told || used != told || strings.Contains(r.Refusals[0].Text().SV, "10 mars") != told {
			t.Errorf("%s is told %v of the gap, %v of the quota: %s", by, gap, used, r.Refusals[0].Text().SV)
		}
	}
}

// Two projects have purses of their own, whose locks do not make the racers wait
// for each other; the rows of the quotas' subjects do.
func TestSixteenAtOnceOnAQuotaOfThree(t *testing.T) {
	t.Parallel()
	for _, per := range facilities.Subjects {
		t.Run(string(per), func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			machines := []id.Resource{"press", "kiln", "printer", "robot"}
			w.rules(quota(facilities.Quota{Per: per, Count: 3, In: facilities.InWeek, Of: facilities.OfFacility}), machines...)
			w.belongs("anna", "anvil")
			w.belongs("rolf", "rise", "anvil")
			w.grant("anna", access.ProjectMember, "rust")
			people, projects := []*access.Principal{w.who("anna"), w.who("anna")}, []id.Project{"alloy", "rust"}
			switch per {
			case facilities.PerProject:
				projects[1] = "alloy"
			case facilities.PerPerson: // one of them, on two projects
			case facilities.PerOrganisation:
				people[1] = w.who("rolf")
			}
			for week := range 4 {
				all := race(16, func(i int) (*booking.Booking, error) {
					day := fmt.Sprintf("2026-06-%02d", 1+7*week+i/4) // each has a time and a machine of their own
					in := want(machines[i%4], day+"T08:00", day+"T09:00")
					in.Project = projects[i/2%2]
					return w.service.Request(t.Context(), people[i/2%2], in)
				})
				if n := len(w.won(all, booking.CodeRefused)); n != 3 {
					t.Errorf("%d won", n)
				}
				for _, o := range all {
					if got := w.reasons(o.err); got != "" && got != "quota-count" {
						t.Errorf("refused for %q", got)
					}
				}
			}
		})
	}
}

// Moves into a full week race with each other and with requests.
func TestMovesIntoAQuota(t *testing.T) {
	t.Parallel()
	w := setup(t)
	machines := []id.Resource{"press", "bed", "printer", "robot"}
	w.rules(quota(facilities.Quota{Per: facilities.PerPerson, Count: 2, In: facilities.InWeek, Of: facilities.OfFacility}), machines...)
	anna := w.who("anna")
	var all []*booking.Booking
	for i, m := range machines {
		day := fmt.Sprintf("2026-04-%02d", 6+7*i/2)
		all = append(all, w.book(m, day+"T08:00", day+"T10:00"))
	}
	w.won(race(12, func(i int) (*booking.Booking, error) {
		if i < 4 {
			to := between("2026-03-10T08:00", "2026-03-10T10:00")
			return w.service.Edit(t.Context(), anna, booking.Change{Ref: all[i].Ref}, booking.Edit{Period: to})
		}
		return w.service.Request(t.Context(), anna, want(machines[i%4], "2026-03-11T08:00", "2026-03-11T10:00"))
	}), booking.CodeRefused, facilities.CodeSlotTaken)
	if n := w.count(`select count(*) from bookings where starts_at between '2026-03-09' and '2026-03-16'`); n != 2 {
		t.Errorf("%d in the week", n)
	}
}

func TestTheGapBetweenOnesOwn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rules(facilities.Stated{Gap: minutes(60)}, "printer")
	b := w.try("anna", want("printer", "2026-03-10T08:00", "2026-03-10T10:00"), "")
	w.try("anna", want("printer", "2026-03-10T08:00", "2026-03-10T10:00"), "gap-too-short") // another of the pool
	w.try("anna", want("printer", "2026-03-10T10:59", "2026-03-10T12:00"), "gap-too-short")
	w.try("liv", want("printer", "2026-03-10T10:59", "2026-03-10T12:00"), "")
	if _, got := w.change("anna", b, booking.Edit{Period: between("2026-03-10T09:00", "2026-03-10T10:00")}); got != "" {
		t.Error("not judged without its old time:", got)
	}
	w.try("anna", want("printer", "2026-03-10T11:00", "2026-03-10T12:00"), "")
	// What is offered instead keeps the gap too.
	w.rules(facilities.Stated{Gap: minutes(60), Step: minutes(60)}, "press")
	w.try("anna", want("press", "2026-03-10T08:00", "2026-03-10T10:00"), "")
	w.try("liv", want("press", "2026-03-10T12:00", "2026-03-10T14:00"), "")
	quote, err := w.service.Quote(t.Context(), w.who("anna"), want("press", "2026-03-10T11:00", "2026-03-10T13:00"))
	if err != nil || len(quote.Refusals) != 1 || len(quote.Alternatives) == 0 {
		t.Fatalf("%+v, %v", quote, err)
	}
	for _, a := range quote.Alternatives {
		w.try("anna", booking.Request{Resources: []id.Resource{"press"}, Project: "alloy", Period: a.Period}, "")
	}
}
