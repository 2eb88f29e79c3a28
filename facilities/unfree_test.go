package facilities_test

import (
	"slices"
	"strings"
	"testing"

	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/text"
)

func TestWhyNotFree(t *testing.T) {
	t.Parallel()
	booking := facilities.Taken{Period: between(t, "2026-04-28T09:00", "2026-04-28T10:00")}
	outage := facilities.Taken{Period: between(t, "2026-04-28T09:30", "2026-04-30T10:00"), Down: text.Text{SV: "Service", EN: "Service"}}
	type taken = []facilities.Taken
	cases := []struct {
		name string
		take int
		busy facilities.Busy
		want []string
	}{
		{"free", 0, facilities.Busy{}, nil},
		{"a booking", 0, facilities.Busy{1: taken{booking}}, []string{"slot-taken"}},
		{"an outage", 0, facilities.Busy{2: taken{outage}}, []string{"resource-down"}},
		{"both on one unit", 0, facilities.Busy{1: taken{booking, outage}}, []string{"resource-down", "slot-taken"}},
		{"each its unit", 0, facilities.Busy{1: taken{booking}, 2: taken{outage}}, []string{"resource-down", "slot-taken"}},
		{"a pool with room", 1, facilities.Busy{1: taken{booking}, 2: taken{outage}}, nil},
		{"a pool short of one by each", 2, facilities.Busy{1: taken{booking}, 2: taken{outage}}, []string{"slot-taken"}},
		{"a pool that is down", 2, facilities.Busy{1: taken{outage}, 2: taken{outage}}, []string{"resource-down"}},
		{"a pool that is down, and one booked", 2, facilities.Busy{1: taken{outage}, 2: taken{outage}, 3: taken{booking}}, []string{"resource-down"}},
		{"a pool that is booked", 2, facilities.Busy{1: taken{booking}, 2: taken{outage, booking}}, []string{"slot-taken"}},
		{"only touching", 0, facilities.Busy{1: taken{{Period: between(t, "2026-04-28T07:00", "2026-04-28T08:00")}}}, nil},
		{"in the set-up time", 0, facilities.Busy{1: taken{{Period: between(t, "2026-04-28T07:00", "2026-04-28T08:01")}}}, []string{"slot-taken"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := always(facilities.Rules{SetUp: *minutes(60)})
			r.Name, r.Units, r.Take = text.Text{SV: "Ugn", EN: "Furnace"}, []id.Unit{1, 2, 3}, c.take
			p := between(t, "2026-04-28T09:00", "2026-04-28T11:00")
			got := r.Unfree(p, c.busy)
			if slugs := codes(got); !slices.Equal(slugs, c.want) {
				t.Fatalf("refused for %v, want %v", slugs, c.want)
			}
			for _, e := range got {
				if !strings.HasPrefix(e.Message.SV, "Ugn") || !strings.HasPrefix(e.Message.EN, "Furnace") || e.Details["resource"] != r.ID {
					t.Errorf("message %+v, details %v", e.Message, e.Details)
				}
			}
		})
	}
}

func TestResourcesThatShareEquipment(t *testing.T) {
	t.Parallel()
	line, station := always(facilities.Rules{}), always(facilities.Rules{})
	line.Units, station.Units = []id.Unit{1, 2}, []id.Unit{2}
	both := []*facilities.Resource{line, station}
	p := between(t, "2026-04-28T09:00", "2026-04-28T11:00")
	if got := codes(facilities.UnfreeAll(both, p, nil)); !slices.Equal(got, []string{"slot-taken"}) {
		t.Errorf("refused for %v", got)
	}
	if got := facilities.Units(both); !slices.Equal(got, []id.Unit{1, 2}) {
		t.Errorf("units %v", got)
	}
	if got := facilities.FitAll(both, p, 60, nil, p.Start, 1); got != nil {
		t.Errorf("fits %v", got)
	}
	// The pool has a choice and leaves the station its unit, in either order.
	pool := always(facilities.Rules{})
	pool.Units, pool.Take = []id.Unit{2, 3}, 1
	for _, set := range [][]*facilities.Resource{{pool, station}, {station, pool}} {
		units, ok := facilities.PickAll(set, p, nil)
		if !ok || units[slices.Index(set, pool)][0] != 3 {
			t.Errorf("picked %v", units)
		}
	}
}
