package main_test

import (
	"net/http"
	"slices"
	"testing"
)

// seriesTold is a series as the API tells it.
type seriesTold struct {
	Series   string
	Bookings []struct {
		booked
		Series string
	}
	Skipped []struct {
		Day, Start string
		Reasons    []struct{ Code string }
	}
	Kept []struct {
		Ref, Day string
		Reason   struct{ Code string }
	}
}

func repeated(resource, start, end, rule string) map[string]any {
	w := wish(resource, "P-1001", start, end)
	w["recurrence"] = rule
	return w
}

// TestASeriesOverTheAPI goes from a quote to a series over the night when the
// clocks go forward, and through its changes.
func TestASeriesOverTheAPI(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-03-20T10:00:00Z")
	anna := w.as(annaEk)
	taken := anna.books(wish("mill", "P-1001", "2026-03-30T02:30", "2026-03-30T03:30"))
	in := repeated("mill", "2026-03-28T02:30", "2026-03-28T03:30", "FREQ=DAILY;COUNT=4")
	var quote struct {
		quoted
		Occurrences []struct {
			Day, Start string
			Cost       *costTold
			Refusals   []struct{ Code string }
		}
	}
	anna.post("/quotes", in).is(200).into(&quote)
	if len(quote.Occurrences) != 5 || quote.Cost.Total != 3*100_000 || len(quote.Refusals) != 1 || quote.Refusals[0].Code != "slot-taken" ||
		quote.Occurrences[1].Start != "" || quote.Occurrences[1].Refusals[0].Code != "no-such-local-time" || quote.Occurrences[0].Cost.Total != 100_000 {
		t.Errorf("quoted %+v", quote)
	}
	anna.post("/bookings", in).refuses(409, "slot-taken")
	in["accept"] = "free"
	made := anna.post("/bookings", in, "Idempotency-Key", "once").is(http.StatusCreated)
	var s seriesTold
	made.into(&s)
	if len(s.Bookings) != 3 || len(s.Skipped) != 2 || s.Bookings[1].Start != "2026-03-31T02:30:00+02:00" || s.Bookings[0].Series != s.Series ||
		s.Skipped[0].Reasons[0].Code != "no-such-local-time" || made.header.Get("Location") != "/api/v1/series/"+s.Series {
		t.Errorf("made %+v at %s", s, made.header.Get("Location"))
	}
	if again := anna.post("/bookings", in, "Idempotency-Key", "once").is(http.StatusCreated); !slices.Equal(again.body, made.body) {
		t.Error("the same key gives another answer")
	}

	w.quiet()
	if n := w.count(`select count(*) from messages where kind in ('received', 'confirmed') and key like '%/series/%'`); n != 1 {
		t.Errorf("the series is told in %d messages", n)
	}
	anna.post("/series/"+s.Series+"/add", map[string]any{"day": "2026-03-30"}).refuses(409, "slot-taken")
	anna.does(taken.Ref, "cancel", 1)
	var added seriesTold
	anna.post("/series/"+s.Series+"/add", map[string]any{}).is(200).into(&added)
	if len(added.Bookings) != 1 || len(added.Skipped) != 1 {
		t.Errorf("added %+v", added)
	}

	first := s.Bookings[0].Ref
	var changed seriesTold
	anna.patch("/bookings/"+first, map[string]any{"version": 1, "scope": "all", "start": "2026-03-28T04:00", "end": "2026-03-28T06:00"}).
		is(200).into(&changed)
	if len(changed.Bookings) != 4 || changed.Bookings[3].Start != "2026-04-01T04:00:00+02:00" || changed.Bookings[3].Version != 2 || changed.Bookings[3].Cost.Total != 200_000 {
		t.Errorf("changed %+v", changed)
	}
	anna.patch("/bookings/"+first+"?scope=later", map[string]any{"version": 1, "end": "2026-03-28T07:00"}).refuses(409, "stale")
	anna.patch("/bookings/"+first, map[string]any{"version": 2, "scope": "some", "end": "2026-03-28T07:00"}).refuses(422, "invalid")
	one := anna.read(anna.patch("/bookings/"+first, map[string]any{"version": 2, "scope": "this", "end": "2026-03-28T07:00"}).is(200))
	if one.Version != 3 || one.End != "2026-03-28T07:00:00+01:00" {
		t.Errorf("one alone: %+v", one)
	}
	var dropped seriesTold
	anna.post("/bookings/"+s.Bookings[1].Ref+"/cancel", map[string]any{"version": 2, "scope": "later"}).is(200).into(&dropped)
	if len(dropped.Bookings) != 2 || dropped.Bookings[0].State != "cancelled" {
		t.Errorf("cancelled %+v", dropped)
	}
	w.as(kaiDahl).get("/api/v1/series/"+s.Series).refuses(404, "not-found")
	w.check()
}
