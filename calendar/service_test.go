package calendar_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/calendar"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

func wantCode(t *testing.T, err error, code problem.Code) {
	t.Helper()
	if !problem.Has(err, code) {
		t.Errorf("%v, want %s", err, code.Slug)
	}
}

func wantProperty(t *testing.T, event, name, want string) {
	t.Helper()
	if got := property(t, event, name); got != want {
		t.Errorf("%s is %q, want %q", name, got, want)
	}
}

// The whole file, as the engineer, the manager, the rival and the auditor read it.
func TestFeedsAreWrittenAsBefore(t *testing.T) {
	t.Parallel()
	w := setup(t)
	kept := w.change(w.booking.Approve, w.mia, w.book(w.anna, "robot", 1), "")
	gone := w.change(w.booking.Cancel, w.anna, w.book(w.anna, "robot", 2), "")
	asked := w.book(w.rita, "line", 3)
	w.update(w.outage)
	refs := strings.NewReplacer(string(kept.Ref), "confirmedxxxx", string(gone.Ref), "cancelledxxxx", string(asked.Ref), "requestedxxxx")
	for name, f := range map[string]struct {
		by   *access.Principal
		kind calendar.Kind
		id   string
	}{
		"mine":             {w.anna, calendar.Mine, ""},
		"resource-manager": {w.mia, calendar.OfResource, "robot"},
		"resource-anna":    {w.anna, calendar.OfResource, "robot"},
		"resource-rival":   {w.rita, calendar.OfResource, "robot"},
		"resource-auditor": {w.audit, calendar.OfResource, "robot"},
	} {
		got := refs.Replace(unfold(string(w.read(w.feed(f.by, f.kind, f.id)).Body)))
		path := filepath.Join("testdata", "feed-"+name+".ics")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is written otherwise than before; look at it, then -update:\n%s", path, got)
		}
	}
}

func (w *world) outage(tx *database.Tx) error {
	facts, err := w.booking.Facts(w.Context())
	if err != nil {
		return err
	}
	r, ok := facts.Catalogue.Resource("robot")
	if !ok {
		return errors.New("no robot")
	}
	start := monday.AddDate(0, 0, 10)
	_, err = facilities.PutOutage(tx, facilities.Outage{
		Facility: "hall", Name: text.Text{SV: "Årlig service", EN: "Yearly service"},
		Units: r.Units, Period: period.New(start, start.Add(8*time.Hour)),
	})
	return err
}

// Two companies that compete share a line: neither learns from a feed who the
// other is, for what they book, or whether it is decided yet.
func TestAnotherCompanyIsJustBooked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	asked, decided := w.book(w.rita, "robot", 1), w.book(w.rita, "line", 2)
	w.change(w.booking.Approve, w.mia, decided, "")
	secret := w.feed(w.anna, calendar.OfResource, "robot")
	body := w.read(secret).Body
	for _, word := range []string{"Rita", "Rask", "Rival", "P-2", "legering", "Provkörning", "TENTATIVE", "linan", "CREATED", "URL", "Mia"} {
		if strings.Contains(unfold(string(body)), word) {
			t.Errorf("the rival's feed says %q", word)
		}
	}
	for _, b := range []*booking.Booking{asked, decided} {
		event := events(t, body)[b.UID()]
		wantProperty(t, event, "SUMMARY", "Upptagen")
		wantProperty(t, event, "STATUS", "CONFIRMED")
		wantProperty(t, event, "DTSTART", b.Period.Start.Format("20060102T150405Z"))
	}
	own := w.book(w.anna, "robot", 3)
	event := events(t, w.read(secret).Body)[own.UID()]
	wantProperty(t, event, "SUMMARY", `Robotextruder\, Additiv tillverkning`)
	wantProperty(t, event, "STATUS", "TENTATIVE")
	if len(events(t, w.read(w.feed(w.anna, calendar.Mine, "")).Body)) != 1 {
		t.Error("the calendar of one's own bookings holds another's")
	}
}

// What counts is what its owner may see when the feed is read.
func TestAFeedFollowsItsOwnersRights(t *testing.T) {
	t.Parallel()
	w := setup(t)
	b := w.book(w.rita, "robot", 1)
	secret := w.feed(w.mia, calendar.OfResource, "robot")
	event := events(t, w.read(secret).Body)[b.UID()]
	wantProperty(t, event, "SUMMARY", `Robotextruder\, Additiv tillverkning`)
	if !strings.Contains(event, "Bokad av: Rita Rask") || !strings.Contains(event, "Hemlig legering") {
		t.Errorf("the manager is not told who and why:\n%s", event)
	}
	before := w.read(secret)
	w.update(func(tx *database.Tx) error {
		_, err := database.Exec(tx, `delete from roles where person_id = $1`, int64(w.mia.ID))
		return err
	})
	w.wait(time.Minute)
	after := w.read(secret)
	wantProperty(t, events(t, after.Body)[b.UID()], "SUMMARY", "Upptagen")
	if strings.Contains(string(after.Body), "Rita") {
		t.Error("a former manager still reads who books")
	}
	if !after.LastModified.After(before.LastModified) || after.ETag == before.ETag {
		t.Errorf("a reader would not fetch it anew: %v %s, before %v %s", after.LastModified, after.ETag, before.LastModified, before.ETag)
	}
}

func TestABookingsLifeInTheCalendar(t *testing.T) {
	t.Parallel()
	w := setup(t)
	secret := w.feed(w.anna, calendar.Mine, "")
	b := w.book(w.anna, "robot", 1)
	last := ""
	look := func(b *booking.Booking, status string) {
		t.Helper()
		event := events(t, w.read(secret).Body)[b.UID()]
		wantProperty(t, event, "STATUS", status)
		wantProperty(t, event, "LAST-MODIFIED", w.clock().Format("20060102T150405Z"))
		wantProperty(t, event, "DTSTART", b.Period.Start.Format("20060102T150405Z"))
		if sequence := property(t, event, "SEQUENCE"); sequence <= last {
			t.Errorf("SEQUENCE %s after %s", sequence, last)
		} else {
			last = sequence
		}
		w.wait(time.Hour)
	}
	look(b, "TENTATIVE")
	look(w.change(w.booking.Approve, w.mia, b, ""), "CONFIRMED")
	b = w.move(w.anna, b, 24*time.Hour)
	look(b, "CONFIRMED")
	look(w.change(w.booking.Cancel, w.anna, b, ""), "CANCELLED")
	event := events(t, w.read(secret).Body)[b.UID()]
	wantProperty(t, event, "TRANSP", "TRANSPARENT")
	wantProperty(t, event, "SUMMARY", `Inställd: Robotextruder\, Additiv tillverkning`)
	w.wait(29 * 24 * time.Hour)
	if len(events(t, w.read(secret).Body)) != 1 {
		t.Error("a cancelled booking is gone before 30 days")
	}
	w.wait(2 * 24 * time.Hour)
	if len(events(t, w.read(secret).Body)) != 0 {
		t.Error("a cancelled booking stays beyond 30 days")
	}
}

func TestTheBodyFollowsFromTheDataAndTheDay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	secret := w.feed(w.anna, calendar.Mine, "")
	empty := w.read(secret)
	if len(events(t, empty.Body)) != 0 {
		t.Error("an empty calendar has events")
	}
	w.book(w.anna, "robot", 2)
	first := w.read(secret)
	for range 3 {
		w.wait(4 * time.Hour)
		if again := w.read(secret); again.ETag != first.ETag || !again.LastModified.Equal(first.LastModified) || string(again.Body) != string(first.Body) {
			t.Errorf("the feed changed by the clock alone, at %v", w.clock())
		}
	}
}

func TestASecretOpensItsFeedAlone(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first, url, err := w.calendar.Create(t.Context(), w.anna, calendar.Mine, "")
	if err != nil {
		t.Fatal(err)
	}
	other := w.feed(w.anna, calendar.Mine, "")
	for _, wrong := range []string{"", "x", strings.Repeat("a", 32), strings.Repeat("a", 100_000), "a\x00b", "\xff", secretOf(t, url) + "a"} {
		_, err := w.calendar.Render(t.Context(), wrong)
		wantCode(t, err, problem.CodeNotFound)
	}
	wantCode(t, w.calendar.Revoke(t.Context(), w.rita, first.ID), problem.CodeNotFound)
	w.read(secretOf(t, url))
	for range 2 {
		if err := w.calendar.Revoke(t.Context(), w.anna, first.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.calendar.Render(t.Context(), secretOf(t, url))
	wantCode(t, err, calendar.CodeFeedRevoked)
	w.read(other)
	list, err := w.calendar.List(t.Context(), w.anna)
	if err != nil || len(list) != 1 || list[0].ID == first.ID || list[0].LastUsed.IsZero() {
		t.Errorf("in use: %+v, %v", list, err)
	}
	if list, err := w.calendar.List(t.Context(), w.rita); err != nil || len(list) != 0 {
		t.Errorf("another sees %+v, %v", list, err)
	}
	var stored int
	err = w.db.Pool().QueryRow(t.Context(), `select count(*) from feeds, audit
		where feeds::text like '%' || $1 || '%' or audit::text like '%' || $1 || '%'`, other).Scan(&stored)
	if err != nil || stored != 0 {
		t.Errorf("the secret is stored in %d rows, %v", stored, err)
	}
}

func TestUseIsWrittenDownOnceAnHour(t *testing.T) {
	t.Parallel()
	w := setup(t)
	secret := w.feed(w.anna, calendar.Mine, "")
	used := func() time.Time {
		list, err := w.calendar.List(t.Context(), w.anna)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0].LastUsed
	}
	if !used().IsZero() {
		t.Errorf("used at %v before anybody read it", used())
	}
	for _, step := range []struct {
		wait time.Duration
		want time.Time
	}{{0, monday}, {59 * time.Minute, monday}, {time.Minute, monday.Add(time.Hour)}} {
		w.wait(step.wait)
		w.read(secret)
		if !used().Equal(step.want) {
			t.Errorf("last used %v, want %v", used(), step.want)
		}
	}
}

func TestWhatAFeedMayBe(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		kind calendar.Kind
		id   string
	}{{"", ""}, {"facility", "hall"}, {calendar.Mine, "robot"}, {calendar.OfResource, ""}, {calendar.OfResource, "nowhere"}, {"resource", "robot\x00"}} {
		_, _, err := w.calendar.Create(t.Context(), w.anna, c.kind, c.id)
		wantCode(t, err, problem.CodeInvalid)
	}
	for range 50 {
		w.feed(w.anna, calendar.Mine, "")
	}
	_, _, err := w.calendar.Create(t.Context(), w.anna, calendar.Mine, "")
	wantCode(t, err, calendar.CodeTooManyFeeds)
	w.feed(w.rita, calendar.Mine, "")
}

// A repeated request makes no second feed, and its answer can be used.
func TestAnIdempotencyKeyMakesOneFeed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := access.WithKey(t.Context(), "key", "POST", "/feeds")
	var made []id.Feed
	var url string
	for range 2 {
		f, address, err := w.calendar.Create(ctx, w.anna, calendar.Mine, "")
		if err != nil {
			t.Fatal(err)
		}
		made, url = append(made, f.ID), address
	}
	w.read(secretOf(t, url))
	if len(slices.Compact(made)) != 1 {
		t.Errorf("feeds %v", made)
	}
	if err := w.calendar.Revoke(t.Context(), w.anna, made[0]); err != nil {
		t.Fatal(err)
	}
	if _, dead, err := w.calendar.Create(ctx, w.anna, calendar.Mine, ""); !problem.Has(err, calendar.CodeFeedRevoked) {
		t.Errorf("after it was revoked, the address %s, %v", dead, err)
	}
	if _, err := w.calendar.Render(t.Context(), secretOf(t, url)); !problem.Has(err, calendar.CodeFeedRevoked) {
		t.Errorf("the revoked address is no longer known as one: %v", err)
	}
}
