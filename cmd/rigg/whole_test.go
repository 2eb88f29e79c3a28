package main_test

import (
	"slices"
	"strings"
	"testing"
)

// The whole way of a booking, from rigg load to the charge: FUNDING.md, case 7.
func TestFromLoadToTheCharge(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z")
	anna := w.as(annaEk)
	from, to := findAndQuote(w, anna)
	b := anna.books(wish("extruder", "P-1001", from, to))
	if b.State != "requested" || b.Cost.of("vinnova", 2026) != 500_000 {
		t.Fatalf("requested: %+v", b)
	}
	if reserved, spent := anna.statement("P-1001", "2026-09").money(); reserved != 1_000_000 || spent != 0 {
		t.Errorf("after the request %d is reserved and %d spent", reserved, spent)
	}
	feed, feedID := anna.feed("mine", "")
	w.quiet()
	if w.messages("received", b.Ref) != 1 || w.messages("requested", b.Ref) != 2 {
		t.Error("the booker and both managers were not told of the request")
	}
	approveAndFollow(w, feed, b)

	w.restart("2026-09-02T06:00:10Z") // a day before the start
	w.until(1, `select count(*) from messages where kind = 'reminder'`)
	anna = w.as(annaEk)
	outbox := anna.get("/outbox").is(200)
	for _, want := range []string{"Robotextruder", "/bookings/" + b.Ref, "3 september 2026"} {
		if !strings.Contains(string(outbox.body), want) {
			t.Errorf("the outbox's page lacks %q", want)
		}
	}

	anna.act(b.Ref, "check-in", 2).refuses(409, "wrong-state") // a day too early
	w.restart("2026-09-03T06:00:00Z")
	if in := w.as(annaEk).does(b.Ref, "check-in", 2); in.State != "in_use" || !strings.HasPrefix(in.CheckedIn, "2026-09-03T08:00:") {
		t.Errorf("checked in: %+v", in)
	}
	w.restart("2026-09-03T12:30:00Z")
	anna = w.as(annaEk)
	out := anna.does(b.Ref, "check-out", 3)
	if out.State != "completed" || out.Cost.Total != 812_500 || out.Cost.of("vinnova", 2026) != 406_250 || out.Cost.of("gronstal", 2026) != 406_250 {
		t.Errorf("checked out: %+v, %+v", out, out.Cost)
	}
	charged(w, b.Ref)
	anna.act(b.Ref, "check-out", 3).refuses(409, "stale")
	anna.act(b.Ref, "check-out", 4).refuses(409, "wrong-state")
	charged(w, b.Ref) // the same call again changes nothing

	anna.send("DELETE", "/api/v1/feeds/"+feedID, nil).is(204)
	anna.anybody().get(feed).refuses(410, "feed-revoked")
	w.quiet()
	if w.messages("completed", b.Ref) != 1 || w.messages("reminder", b.Ref) != 1 {
		t.Error("not one message of the completion and one reminder")
	}
	var actions []string
	for _, e := range anna.find(b.Ref).History {
		actions = append(actions, e.Action)
	}
	if !slices.Equal(actions, []string{"request", "approve", "check-in", "check-out"}) {
		t.Errorf("history %v", actions)
	}
	w.check() // beside the running program
}

// findAndQuote searches for the line and asks what eight hours of it cost.
func findAndQuote(w *whole, anna *caller) (from, to string) {
	w.Helper()
	var found struct {
		Items []struct {
			Resource struct{ ID string }
			Fits     []struct{ Start, End string }
			Cost     *costTold
		}
	}
	const window = "&from=2026-09-03T00:00:00%2B02:00&to=2026-09-10T00:00:00%2B02:00&minutes=480"
	anna.get("/api/v1/search?q=robotextruder&project=P-1001" + window).is(200).into(&found)
	if len(found.Items) != 1 || found.Items[0].Resource.ID != "extruder" || len(found.Items[0].Fits) != 3 {
		w.Fatalf("found %+v", found)
	}
	hit := found.Items[0]
	if first := hit.Fits[0]; first.Start != "2026-09-03T07:00:00+02:00" || hit.Cost.Total != 1_000_000 {
		w.Errorf("first fits %+v at %+v", first, hit.Cost)
	}
	from, to = "2026-09-03T08:00:00+02:00", "2026-09-03T16:00:00+02:00"
	q := anna.quote(wish("extruder", "P-1001", from, to))
	if len(q.Refusals) > 0 || q.Cost.Total != 1_000_000 || q.Cost.of("vinnova", 2026) != 500_000 || q.Cost.of("gronstal", 2026) != 500_000 {
		w.Errorf("quoted %+v, %+v", q.Refusals, q.Cost)
	}
	if w.count(`select count(*) from bookings`)+w.count(`select count(*) from charges`) != 0 {
		w.Error("a quote holds something")
	}
	return from, to
}

// approveAndFollow has a manager approve, and looks at the feed before and after.
func approveAndFollow(w *whole, feed string, b booked) {
	w.Helper()
	reader, anna := b.anybody(), w.as(annaEk)
	before := reader.get(feed).is(200)
	if !slices.Equal(before.property("STATUS"), []string{"TENTATIVE"}) || !slices.Equal(before.property("UID"), []string{b.UID}) ||
		!slices.Equal(before.property("SEQUENCE"), []string{"1"}) {
		w.Errorf("the feed after the request:\n%s", before.body)
	}
	tag := before.header.Get("ETag")
	if same := reader.get(feed, "If-None-Match", tag).is(304); len(same.body) != 0 {
		w.Error("304 with a body")
	}
	anna.act(b.Ref, "approve", 1).refuses(403, "forbidden")
	approved := w.as(miaLund).does(b.Ref, "approve", 1)
	if approved.State != "confirmed" || approved.Version != 2 {
		w.Errorf("approved: %+v", approved)
	}
	if approved.Cost != nil {
		w.Error("the manager is told the project's money")
	}
	after := reader.get(feed, "If-None-Match", tag).is(200)
	if !slices.Equal(after.property("STATUS"), []string{"CONFIRMED"}) || !slices.Equal(after.property("UID"), []string{b.UID}) ||
		!slices.Equal(after.property("SEQUENCE"), []string{"2"}) || after.header.Get("ETag") == tag {
		w.Errorf("the feed after the approval:\n%s", after.body)
	}
	reader.get("/calendar/"+strings.Repeat("a", 32)+".ics").refuses(404, "not-found")
	w.quiet()
	if w.messages("confirmed", b.Ref) != 1 {
		w.Error("the booker was not told of the approval")
	}
}

// charged holds the statement to each party's öre.
func charged(w *whole, ref string) {
	w.Helper()
	s := w.as(annaEk).statement("P-1001", "2026-09")
	if s.Total != 812_500 || s.of("vinnova") != 406_250 || s.of("gronstal") != 406_250 || len(s.Rows) != 1 || s.Rows[0].Booking != ref {
		w.Errorf("the statement: %+v", s)
	}
	if reserved, spent := s.money(); reserved != 0 || spent != 812_500 {
		w.Errorf("after the use %d is reserved and %d spent", reserved, spent)
	}
	for _, p := range s.Purses {
		if p.Spent != 406_250 || *p.Limit != 50_000_000 {
			w.Errorf("purse %+v", p)
		}
	}
}
