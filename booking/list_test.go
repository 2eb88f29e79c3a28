package booking_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// rival books as Rolf, whose company Anna's competes with.
func (w *world) rival(resource id.Resource, from, to string) *booking.Booking {
	w.Helper()
	in := want(resource, from, to)
	in.Project = "rust"
	b, err := w.service.Request(w.Context(), w.who("rolf"), in)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

func TestEachSeesTheirOwn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	annas := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	rolfs := w.rival("station-2", "2026-03-10T08:00", "2026-03-10T16:00")
	press := w.rival("press", "2026-03-10T08:00", "2026-03-10T16:00")
	for who, want := range map[string][]*booking.Booking{
		"anna": {annas}, "liv": {annas}, "rolf": {rolfs, press}, "olle": nil,
		"mia": {annas, rolfs, press}, "moa": {annas, rolfs}, "rut": {annas, rolfs, press},
	} {
		found, next, err := w.service.List(t.Context(), w.who(who), booking.Filter{})
		if err != nil || next != "" {
			t.Errorf("%s: %v, next %q", who, err, next)
		}
		var got, wanted []id.Booking
		for _, b := range found {
			got = append(got, b.ID)
		}
		for _, b := range want {
			wanted = append(wanted, b.ID)
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("%s sees %v; want %v", who, got, wanted)
		}
		for _, b := range []*booking.Booking{annas, rolfs, press} {
			_, err := w.service.Find(t.Context(), w.who(who), b.Ref)
			if seen := slices.Contains(wanted, b.ID); (err == nil) != seen || (!seen && !problem.Has(err, problem.CodeNotFound)) {
				t.Errorf("%s finds %d: %v", who, b.ID, err)
			}
		}
	}
}

func TestATimelineSaysOnlyThatItIsTaken(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rival("whole-line", "2026-03-10T08:00", "2026-03-10T16:00")
	for who, knows := range map[string]bool{"anna": false, "olle": false, "rolf": true, "moa": true} {
		rows, err := w.service.Timeline(t.Context(), w.who(who), "line", between("2026-03-10T00:00", "2026-03-11T00:00"))
		if err != nil || len(rows) != 3 { // the line and both stations
			t.Fatalf("%s: %d rows, %v", who, len(rows), err)
		}
		for _, r := range rows {
			if (r.Booking != nil) != knows || r.Period != between("2026-03-10T08:00", "2026-03-10T16:00") {
				t.Errorf("%s on %s: %+v", who, r.Resource.ID, r)
			}
		}
	}
	_, err := w.service.Timeline(t.Context(), w.who("anna"), "no-such", between("2026-03-10T00:00", "2026-03-11T00:00"))
	w.wantCode(err, problem.CodeNotFound)
	_, err = w.service.Timeline(t.Context(), w.who("anna"), "line", between("2026-03-10T00:00", "2026-06-11T00:00"))
	w.wantCode(err, problem.CodeInvalid)
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var made []id.Booking
	for i := range 7 {
		// Two at each time: the id decides.
		resource := []id.Resource{"press", "bed"}[i%2]
		day := fmt.Sprintf("2026-03-%d", 10+i/2)
		made = append(made, w.book(resource, day+"T08:00", day+"T09:00").ID)
	}
	for _, backwards := range []bool{false, true} {
		var got []id.Booking
		after := ""
		for pages := 0; ; pages++ {
			found, next, err := w.service.List(t.Context(), w.who("anna"), booking.Filter{Mine: true, Limit: 3, After: after, Backwards: backwards})
			if err != nil || len(found) > 3 || pages > 3 {
				t.Fatalf("page %d: %d found, %v", pages, len(found), err)
			}
			for _, b := range found {
				got = append(got, b.ID)
			}
			if after = next; next == "" {
				break
			}
		}
		if backwards {
			slices.Reverse(got)
		}
		if !slices.Equal(got, made) {
			t.Errorf("backwards %v: %v; want %v", backwards, got, made)
		}
	}
	for _, cursor := range []string{"x", "e30", "////", "eyJhIjoiMTAwMC0wMS0wMVQwMDowMDowMFoiLCJpIjoxfQ"} {
		_, _, err := w.service.List(t.Context(), w.who("anna"), booking.Filter{After: cursor})
		w.wantCode(err, problem.CodeInvalid)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := setup(t)
	line := w.book("station-1", "2026-03-10T08:00", "2026-03-10T16:00")
	press := w.book("press", "2026-03-11T08:00", "2026-03-11T16:00")
	for name, c := range map[string]struct {
		filter booking.Filter
		want   []id.Booking
	}{
		"project":          {booking.Filter{Project: "alloy"}, []id.Booking{line.ID, press.ID}},
		"other project":    {booking.Filter{Project: "rust"}, nil},
		"facility":         {booking.Filter{Facility: "machines"}, []id.Booking{press.ID}},
		"resource":         {booking.Filter{Resource: "station-1"}, []id.Booking{line.ID}},
		"state":            {booking.Filter{States: []booking.State{booking.Requested, booking.Declined}}, []id.Booking{line.ID}},
		"from":             {booking.Filter{From: line.Period.End}, []id.Booking{press.ID}},
		"to":               {booking.Filter{To: press.Period.Start}, []id.Booking{line.ID}},
		"quoted injection": {booking.Filter{Project: "x' or 'a'='a", Resource: "%d"}, nil},
	} {
		found, _, err := w.service.List(t.Context(), w.who("liv"), c.filter)
		var got []id.Booking
		for _, b := range found {
			got = append(got, b.ID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}

// What a search offers, a request gets: they are the same rules.
func TestSearchOffersWhatCanBeBooked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rival("lathe", "2026-03-03T09:00", "2026-03-03T17:00")
	hits, err := w.service.Search(t.Context(), w.who("anna"), booking.Search{
		Facility: "shop", Window: between("2026-03-03T00:00", "2026-03-10T00:00"), Minutes: 180, Project: "alloy",
	})
	if err != nil || len(hits) != 2 {
		t.Fatalf("%d hits, %v", len(hits), err)
	}
	for _, h := range hits {
		if len(h.Fits) != 3 || h.Cost == nil || h.Cost.Total != 3_750_00 {
			t.Errorf("%s: %v at %+v", h.Resource.ID, h.Fits, h.Cost)
		}
		if h.Resource.ID == "lathe" && h.Fits[0] != between("2026-03-04T07:00", "2026-03-04T10:00") {
			t.Errorf("first %v", h.Fits[0])
		}
		in := booking.Request{Resources: []id.Resource{h.Resource.ID}, Project: "alloy", Period: h.Fits[0]}
		if _, err := w.service.Request(t.Context(), w.who("anna"), in); err != nil {
			t.Errorf("%s at %v: %v", h.Resource.ID, h.Fits[0], err)
		}
	}
	free, fits, err := w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"lathe"}, between("2026-03-03T00:00", "2026-03-04T00:00"), 120)
	if want := []period.Period{
		between("2026-03-03T07:00", "2026-03-03T09:00"), between("2026-03-03T17:00", "2026-03-03T19:00"),
	}; err != nil || !slices.Equal(free, want) || !slices.Equal(fits, want) {
		t.Errorf("free %v, fits %v, %v", free, fits, err)
	}
	for _, minutes := range []int64{0, -1, 1 << 40} {
		_, _, err := w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"lathe"}, between("2026-03-03T00:00", "2026-03-04T00:00"), minutes)
		w.wantCode(err, problem.CodeInvalid)
	}
	_, _, err = w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"no-such"}, period.New(w.clock(), w.clock().Add(time.Hour)), 30)
	w.wantCode(err, problem.CodeNotFound)
}
