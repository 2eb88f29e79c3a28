package facilities

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"rigg/internal/id"
	"rigg/internal/period"
)

// packBudget bounds one search for units. With units that are alike, which is
// what pools are made of, a search takes about as many steps as there are uses;
// only pools that overlap each other in odd ways, with much that is pinned, come
// near it, and what is not found within it counts as not free.
const packBudget = 20_000

// use is time for which some of the units have to be found.
type use struct {
	period.Period
	units []id.Unit // that it may be given, ascending
	need  int       // how many of them
	has   []id.Unit // what it has been given before; none: it is asked for
	claim Claim     // whose it is; zero: it is asked for
}

// slack is how many of its units a use can do without.
func (u *use) slack() int { return len(u.units) - u.need }

// packing is one search for units for all of some uses: it goes through them by
// start, gives each units that are free by then, and goes back where one finds
// too few. Which of the past uses led to a dead end does not matter for the
// rest, only until when each unit is taken; so no such state is tried twice.
type packing struct {
	uses    []use     // by start, those with the least choice first
	units   []id.Unit // all of them, ascending; below they go by their place here
	allowed [][]int   // by use: where nothing is in the way, what it has first
	alike   [][]int   // by use: units with the same number are alike to it and all later ones
	until   []int64   // by unit: the end of what it is given to so far, in Unix seconds
	given   [][]int   // by use
	failed  map[string]bool
	steps   int
}

// pack finds units for all the uses at once, in their order: what they have where
// that will do, else the first that are free. blocked tells whether anything else
// takes the unit. ok is false where there is no way.
func pack(uses []use, blocked func(id.Unit, period.Period) bool) (given [][]id.Unit, ok bool) {
	order := make([]int, len(uses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(uses[a].Start.Compare(uses[b].Start), uses[a].slack()-uses[b].slack())
	})
	p := &packing{given: make([][]int, len(uses)), failed: map[string]bool{}}
	for _, i := range order {
		p.uses, p.units = append(p.uses, uses[i]), append(p.units, uses[i].units...)
	}
	slices.Sort(p.units)
	p.units = slices.Compact(p.units)
	if !p.allow(blocked) {
		return nil, false
	}
	p.compare()
	p.until = make([]int64, len(p.units))
	for i := range p.until {
		p.until[i] = math.MinInt64
	}
	if !p.place(0) {
		return nil, false
	}
	given = make([][]id.Unit, len(uses))
	for at, i := range order {
		for _, unit := range p.given[at] {
			given[i] = append(given[i], p.units[unit])
		}
		slices.Sort(given[i])
	}
	return given, true
}

// allow notes which units each use can be given at all; false where some use
// finds too few.
func (p *packing) allow(blocked func(id.Unit, period.Period) bool) bool {
	for _, u := range p.uses {
		var now, others []int
		for _, unit := range u.units {
			at, _ := slices.BinarySearch(p.units, unit)
			switch {
			case blocked(unit, u.Period):
			case slices.Contains(u.has, unit):
				now = append(now, at)
			default:
				others = append(others, at)
			}
		}
		p.allowed = append(p.allowed, append(now, others...))
		if u.need < 1 || len(now)+len(others) < u.need {
			return false
		}
	}
	return true
}

// compare finds the units that are alike: whatever use is still to come may be
// given either of them or neither.
func (p *packing) compare() {
	p.alike = make([][]int, len(p.uses)+1)
	p.alike[len(p.uses)] = make([]int, len(p.units))
	for i, allowed := range slices.Backward(p.allowed) {
		type kind struct {
			later int
			now   bool
		}
		kinds := map[kind]int{}
		p.alike[i] = make([]int, len(p.units))
		for unit := range p.units {
			k := kind{p.alike[i+1][unit], slices.Contains(allowed, unit)}
			if _, ok := kinds[k]; !ok {
				kinds[k] = len(kinds)
			}
			p.alike[i][unit] = kinds[k]
		}
	}
}

// place gives units to the use and all that follow it.
func (p *packing) place(i int) bool {
	if i == len(p.uses) {
		return true
	}
	p.steps++
	start := p.uses[i].Start.Unix()
	var free []int
	for _, unit := range p.allowed[i] {
		if p.until[unit] <= start {
			free = append(free, unit)
		}
	}
	if len(free) < p.uses[i].need {
		return false
	}
	state := p.state(i, start)
	if p.failed[state] {
		return false
	}
	if p.choose(i, free, p.uses[i].need) {
		return true
	}
	p.failed[state] = true
	return false
}

// choose gives the use n of the free units and goes on. Of free units that are
// alike to all that follows only the first needs to be tried.
func (p *packing) choose(i int, free []int, n int) bool {
	if n == 0 {
		return p.place(i + 1)
	}
	var tried []int
	for at := 0; at+n <= len(free) && p.steps <= packBudget; at++ {
		unit := free[at]
		kind := p.alike[i+1][unit]
		if slices.Contains(tried, kind) {
			continue
		}
		tried = append(tried, kind)
		before := p.until[unit]
		p.until[unit], p.given[i] = p.uses[i].End.Unix(), append(p.given[i], unit)
		if p.choose(i, free[at+1:], n-1) {
			return true
		}
		p.until[unit], p.given[i] = before, p.given[i][:len(p.given[i])-1]
	}
	return false
}

// state is all of the past that matters from the use on: until when units of
// each kind are taken.
func (p *packing) state(i int, start int64) string {
	type taken struct {
		kind  int
		until int64
	}
	all := make([]taken, len(p.units))
	for unit, until := range p.until {
		all[unit] = taken{p.alike[i][unit], max(until, start)}
	}
	slices.SortFunc(all, func(a, b taken) int { return cmp.Or(a.kind-b.kind, cmp.Compare(a.until, b.until)) })
	key := binary.AppendVarint(nil, int64(i))
	for _, t := range all {
		key = binary.AppendVarint(key, t.until-start) // the kinds follow from the use
	}
	return string(key)
}
