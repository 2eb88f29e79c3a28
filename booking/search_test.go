package booking_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// able gives resources of the world capabilities.
func (w *world) able(capabilities map[id.Resource][]string) {
	w.Helper()
	for _, r := range resources() {
		if r.Capabilities = capabilities[r.ID]; r.Capabilities == nil {
			continue
		}
		r.Name = text.Text{SV: string(r.ID), EN: string(r.ID)}
		w.update(func(tx *database.Tx) error { _, err := facilities.PutResource(tx, r); return err })
	}
}

func (w *world) search(q booking.Search) *booking.Found {
	w.Helper()
	found, err := w.service.Search(w.Context(), w.who("anna"), q)
	if err != nil {
		w.Fatal(err)
	}
	return found
}

func namesOf(hits []booking.Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, string(h.Resource.ID))
	}
	return strings.Join(out, " ")
}

// What a search offers, a request gets: they are the same rules.
func TestSearchOffersWhatCanBeBooked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rival("lathe", "2026-03-03T09:00", "2026-03-03T17:00")
	found := w.search(booking.Search{
		Filter: facilities.Filter{Facility: "shop"}, Project: "alloy",
		Wish: facilities.Wish{Window: between("2026-03-03T00:00", "2026-03-10T00:00"), Minutes: 180},
	})
	if len(found.Hits) != 2 || found.Total != 2 || found.Free != 2 || found.Next != "" {
		t.Fatalf("found %+v", found)
	}
	for _, h := range found.Hits {
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
}

// All are put in order before a page is cut: by words, then by how soon they fit.
// The pages together are the whole, each hit once.
func TestSearchInPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rival("bed", "2026-03-03T00:00", "2026-03-03T12:00")
	w.rival("kiln", "2026-03-03T00:00", "2026-03-03T06:00")
	w.able(map[id.Resource][]string{"tower": {"press"}, "kiln": {"pressing"}})
	q := booking.Search{
		Words: "press", Wish: facilities.Wish{Window: between("2026-03-03T00:00", "2026-03-10T00:00"), Minutes: 60},
	}
	if got := namesOf(w.search(q).Hits); got != "press tower kiln" {
		t.Errorf("by words: %s", got)
	}
	q.Words, q.Facility = "", "machines"
	all := w.search(q)
	if got := namesOf(all.Hits); !strings.HasSuffix(got, " kiln bed") {
		t.Errorf("by time: %s", got)
	}
	var pages []booking.Hit
	for q.Limit = 2; ; {
		page := w.search(q)
		if len(page.Hits) > 2 || page.Total != len(all.Hits) {
			t.Fatalf("a page of %d in %d", len(page.Hits), page.Total)
		}
		pages = append(pages, page.Hits...)
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if got, want := namesOf(pages), namesOf(all.Hits); got != want {
		t.Errorf("pages %s, want %s", got, want)
	}
	q.After, q.Skip = "", 2
	if got, want := namesOf(w.search(q).Hits), namesOf(all.Hits[2:4]); got != want {
		t.Errorf("the second two: %s, want %s", got, want)
	}
	for _, cursor := range []string{"x", "%%", "MSAy", "AAAA"} {
		q.After = cursor
		_, err := w.service.Search(t.Context(), w.who("anna"), q)
		w.wantCode(err, problem.CodeInvalid)
	}
}

func TestAvailability(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.rival("lathe", "2026-03-03T09:00", "2026-03-03T17:00")
	w.rival("press", "2026-03-03T00:00", "2026-03-03T12:00")
	w.able(map[id.Resource][]string{"lathe": {"machining"}, "press": {"pressing"}, "tower": {"pressing", "machining"}})
	wish := facilities.Wish{Window: between("2026-03-03T00:00", "2026-03-04T00:00"), Minutes: 120}
	ask := func(names ...id.Resource) (*booking.Available, error) {
		return w.service.Availability(t.Context(), w.who("anna"), names, wish)
	}
	periods := func(list []booking.Offer) (out []period.Period) {
		for _, o := range list {
			out = append(out, o.Period)
		}
		return out
	}
	one, err := ask("lathe")
	if want := []period.Period{
		between("2026-03-03T07:00", "2026-03-03T09:00"), between("2026-03-03T17:00", "2026-03-03T19:00"),
	}; err != nil || !slices.Equal(periods(one.Free), want) || !slices.Equal(periods(one.Fits), want) {
		t.Errorf("one: %+v, %v", one, err)
	}
	both, err := ask("press", "tower")
	if err != nil || len(both.Free) != 1 || both.Free[0].Period != between("2026-03-03T12:00", "2026-03-04T00:00") ||
		len(both.Free[0].Resources) != 2 || both.Fits[0].Period != between("2026-03-03T12:00", "2026-03-03T14:00") {
		t.Errorf("together: %+v, %v", both, err)
	}
	anyOf, err := w.service.AvailabilityOfAny(t.Context(), w.who("anna"), facilities.Filter{Capabilities: []string{"machining"}}, wish)
	if err != nil || anyOf.Fits[0].Resources[0].ID != "tower" || !slices.IsSortedFunc(anyOf.Fits, func(a, b booking.Offer) int {
		return a.Period.Start.Compare(b.Period.Start)
	}) || !slices.ContainsFunc(anyOf.Fits, func(o booking.Offer) bool { return o.Resources[0].ID == "lathe" }) {
		t.Errorf("any: %+v, %v", anyOf, err)
	}
	_, err = ask("press", "lathe") // of another facility
	w.wantCode(err, problem.CodeInvalid)
	_, err = ask()
	w.wantCode(err, problem.CodeInvalid)
	_, err = ask("no-such")
	w.wantCode(err, problem.CodeNotFound)
	_, err = w.service.AvailabilityOfAny(t.Context(), w.who("anna"), facilities.Filter{}, wish)
	w.wantCode(err, problem.CodeInvalid)
	for _, wrong := range []facilities.Wish{
		{Window: wish.Window}, {Window: wish.Window, Minutes: -1}, {Window: wish.Window, Minutes: 1 << 40},
		{Window: period.New(wish.Window.End, wish.Window.Start), Minutes: 60},
		{Window: period.New(wish.Window.Start, wish.Window.Start.AddDate(2, 0, 0)), Minutes: 60},
		{Window: wish.Window, Minutes: 60, Clock: facilities.Range{From: 60, To: 60}},
		{Window: wish.Window, Minutes: 60, Clock: facilities.Range{From: 60, To: 1441}},
		{Window: wish.Window, Minutes: 60, Weekdays: []time.Weekday{7}},
	} {
		_, err := w.service.Availability(t.Context(), w.who("anna"), []id.Resource{"lathe"}, wrong)
		w.wantCode(err, problem.CodeInvalid)
	}
}

// Nothing that any search shows is refused for time by a quote, and all of it is
// as it was wished.
func TestNothingShownIsRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.at("2026-03-27T10:20")
	for i, r := range []id.Resource{"lathe", "press", "printer", "kiln", "whole-line", "aging"} {
		for d := range 3 {
			day := period.Date{Year: 2026, Month: 3, Day: 28 + d + i%2}
			if r == "lathe" && (day.Weekday() == time.Saturday || day.Weekday() == time.Sunday) || r == "aging" {
				continue
			}
			w.rival(r, day.String()+"T0"+string(rune('7'+i%3))+":00", day.String()+"T11:30")
		}
	}
	anna := w.who("anna")
	rapid.Check(t, func(t *rapid.T) {
		from := w.clock().Truncate(time.Minute).Add(time.Duration(rapid.IntRange(-600, 6000).Draw(t, "from")) * time.Minute)
		q := booking.Search{Filter: facilities.Filter{
			Facility: rapid.SampledFrom([]id.Facility{"", "machines", "shop", "line"}).Draw(t, "facility"),
		}, Wish: facilities.Wish{
			Window:   period.New(from, from.Add(time.Duration(rapid.IntRange(60, 10000).Draw(t, "window"))*time.Minute)),
			Minutes:  rapid.SampledFrom([]int64{15, 60, 90, 240, 480, 1440, 2880}).Draw(t, "length"),
			Weekdays: rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(0, 6), func(d int) time.Weekday { return time.Weekday(d) }), 0, 4, rapid.ID[time.Weekday]).Draw(t, "weekdays"),
		}}
		if rapid.Bool().Draw(t, "by the clock") {
			q.Clock = facilities.Range{From: rapid.IntRange(0, 12).Draw(t, "clock from") * 60, To: rapid.IntRange(13, 24).Draw(t, "clock to") * 60}
		}
		found, err := w.service.Search(w.Context(), anna, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range found.Hits {
			if len(h.Fits) == 0 {
				continue
			}
			fit := rapid.SampledFrom(h.Fits).Draw(t, "fit")
			local := fit.Start.In(local("2026-03-27T10:20").Location())
			if len(q.Weekdays) > 0 && !slices.Contains(q.Weekdays, stockholmDay(fit.Start)) || !q.Window.Contains(fit) || fit.Minutes() != q.Minutes {
				t.Fatalf("%s at %v (%v) for %+v", h.Resource.ID, fit, local, q)
			}
			quote, err := w.service.Quote(w.Context(), anna, booking.Request{
				Resources: []id.Resource{h.Resource.ID}, Project: "alloy", Period: fit,
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range quote.Refusals {
				if e.Code != booking.CodeNotQualified && e.Code.Slug != "no-rate" {
					t.Fatalf("%s at %v is shown, but refused: %v", h.Resource.ID, fit, e)
				}
			}
		}
	})
}

func stockholmDay(t time.Time) time.Weekday {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return t.In(zone).Weekday()
}

// A search is the same whoever has taken a time, and names nobody.
func TestSearchTellsNothingOfBookings(t *testing.T) {
	t.Parallel()
	w := setup(t)
	q := booking.Search{Wish: facilities.Wish{Window: between("2026-03-03T00:00", "2026-03-10T00:00"), Minutes: 180}}
	shown := func() string {
		var out []any
		for _, h := range w.search(q).Hits {
			out = append(out, h.Resource.ID, h.Fits, h.Cost)
		}
		written, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(written)
	}
	theirs := w.rival("press", "2026-03-03T00:00", "2026-03-03T08:00")
	before := shown()
	w.must(w.service.Cancel, "rolf", theirs)
	w.book("press", "2026-03-03T00:00", "2026-03-03T08:00")
	if after := shown(); after != before {
		t.Errorf("another's booking looks otherwise:\n%s\n%s", before, after)
	}
	for _, words := range []string{"rolf", "rival", "rust", "provkörning", string(theirs.Ref)} {
		q.Words = words
		if found := w.search(q); found.Total > 0 {
			t.Errorf("%s finds %s", words, namesOf(found.Hits))
		}
	}
}

func TestCountMatches(t *testing.T) {
	t.Parallel()
	w := setup(t)
	q := booking.Search{Words: "lathe", Wish: facilities.Wish{Window: between("2026-03-03T00:00", "2026-03-10T00:00"), Minutes: 180}}
	for filter, want := range map[id.Facility]int{"": 1, "shop": 1, "line": 0} {
		q.Facility = filter
		if n, err := w.service.CountMatches(t.Context(), nil, q); err != nil || n != want {
			t.Errorf("%q: %d, %v", filter, n, err)
		}
	}
	q.Minutes = 0
	_, err := w.service.CountMatches(t.Context(), nil, q)
	w.wantCode(err, problem.CodeInvalid)
}
