package facilities_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rigg/facilities"
	"rigg/internal/id"
)

// The first pool would take unit 1, which is all that is left for the second.
func TestAPoolGivesWayToAnother(t *testing.T) {
	t.Parallel()
	p := between(t, "2026-04-28T09:00", "2026-04-28T11:00")
	first, second := always(facilities.Rules{}), always(facilities.Rules{})
	first.Units, first.Take = []id.Unit{1, 2}, 1
	second.Units, second.Take = []id.Unit{1, 3}, 1
	set, busy := []*facilities.Resource{first, second}, facilities.Busy{3: {{Period: p}}}
	units, ok := facilities.PickAll(set, p, busy)
	if !ok || units[0][0] != 2 || units[1][0] != 1 {
		t.Errorf("picked %v", units)
	}
	if got := facilities.UnfreeAll(set, p, busy); len(got) > 0 {
		t.Errorf("refused for %v", codes(got))
	}
}

// TestPoolsThatOverlapShareFairly: of resources booked together one gives way to
// another wherever that is enough for all of them.
func TestPoolsThatOverlapShareFairly(t *testing.T) {
	t.Parallel()
	p := between(t, "2026-04-28T09:00", "2026-04-28T11:00")
	rapid.Check(t, func(t *rapid.T) {
		var set []*facilities.Resource
		for range rapid.IntRange(1, 3).Draw(t, "resources") {
			r := always(facilities.Rules{})
			r.Units = slices.Sorted(slices.Values(rapid.SliceOfNDistinct(rapid.SampledFrom([]id.Unit{1, 2, 3, 4, 5}), 1, 4, rapid.ID[id.Unit]).Draw(t, "units")))
			r.Take = rapid.IntRange(0, len(r.Units)).Draw(t, "take")
			set = append(set, r)
		}
		busy := facilities.Busy{}
		for _, u := range rapid.SliceOfDistinct(rapid.SampledFrom([]id.Unit{1, 2, 3, 4, 5}), rapid.ID[id.Unit]).Draw(t, "busy") {
			busy[u] = []facilities.Taken{{Period: p}}
		}
		units, ok := facilities.PickAll(set, p, busy)
		if possible := canShare(set, busy, map[id.Unit]bool{}); ok != possible {
			t.Fatalf("PickAll says %v; trying everything says %v", ok, possible)
		}
		given := map[id.Unit]bool{}
		for i, r := range set {
			if !ok {
				break
			}
			if len(units[i]) != needs(r) || !slices.IsSorted(units[i]) {
				t.Fatalf("resource %d gets %v of %v", i, units[i], r.Units)
			}
			for _, u := range units[i] {
				if given[u] || busy[u] != nil || !slices.Contains(r.Units, u) {
					t.Fatalf("unit %d is given wrongly: %v", u, units)
				}
				given[u] = true
			}
		}
	})
}

func needs(r *facilities.Resource) int {
	if r.Take == 0 {
		return len(r.Units)
	}
	return r.Take
}

// canShare tries every choice of units for the first resource, and so on.
func canShare(set []*facilities.Resource, busy facilities.Busy, given map[id.Unit]bool) bool {
	if len(set) == 0 {
		return true
	}
	r := set[0]
	for chosen := range 1 << len(r.Units) {
		var units []id.Unit
		for i, u := range r.Units {
			if chosen&(1<<i) != 0 && !given[u] && busy[u] == nil {
				units = append(units, u)
			}
		}
		if len(units) != needs(r) {
			continue
		}
		for _, u := range units {
			given[u] = true
		}
		ok := canShare(set[1:], busy, given)
		for _, u := range units {
			delete(given, u)
		}
		if ok {
			return true
		}
	}
	return false
}
