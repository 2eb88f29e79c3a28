package booking

import (
	"slices"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// docket is what many plans are judged by in one transaction: read once for all,
// and counted up by each that is to be booked. So the next finds taken, reserved
// and used of quotas what the former will have, and a hundred cost as many round
// trips as one. The plans have the booker, the project and the facility in common.
type docket struct {
	plans    []*plan
	moving   []id.Booking // whose own old times do not count
	booked   []*plan      // so far
	busy     facilities.Busy
	purses   []funding.Purse
	missing  map[access.Days][]id.Qualification
	unlogged map[id.Resource]id.Ref
	others   map[ownKey][]period.Period
}

// ownKey names what is read of a subject's bookings.
type ownKey struct {
	per     facilities.Subject
	in      facilities.Stretch // empty: for the gap
	of      facilities.Scope
	on      string
	subject string
	absent  bool
}

// openDocket locks and reads, in the order of the locks. Its caller has locked the
// units of the plans, or just asks; moving are bookings that the plans are for and
// that have let go of their units.
func openDocket(tx *database.Tx, booker *access.Principal, plans []*plan, moving []id.Booking, purses pursesFunc) (*docket, error) {
	d := &docket{plans: plans, moving: moving, unlogged: map[id.Resource]id.Ref{}, others: map[ownKey][]period.Period{}}
	if len(plans) == 0 {
		return d, nil
	}
	var years []int
	var days []access.Days
	var needs []id.Qualification
	priced := false
	for _, p := range plans {
		p.booker = booker
		years, needs = append(years, p.years()...), append(needs, p.needs()...)
		days = append(days, access.Days{First: p.firstDay(), Last: p.lastDay()})
		priced = priced || p.cost != nil && mayBookOn(booker, p.project.ID)
	}
	if err := d.findRooms(tx); err != nil {
		return nil, err
	}
	if err := lockSubjectsOf(tx, plans...); err != nil {
		return nil, err
	}
	var err error
	if priced {
		slices.Sort(years)
		if d.purses, err = purses(tx, plans[0].Project, slices.Compact(years)); err != nil {
			return nil, err
		}
	}
	slices.Sort(needs)
	d.missing, err = access.MissingOnEach(tx, booker.ID, slices.Compact(needs), days)
	return d, err
}

// findRooms reads what is taken. Whose provisional units would have to be exchanged
// is found by placing every plan once; these bookings are locked, what is taken is
// read again, and then they alone can be moved. So the judgement, which may refuse
// some of the plans, needs no lock that it has not got.
func (d *docket) findRooms(tx *database.Tx) (err error) {
	if d.busy, err = d.load(tx); err != nil {
		return err
	}
	tried := &docket{busy: d.busy.Clone()}
	var moves []facilities.Move
	for _, p := range d.plans {
		r, err := tried.room(tx, p)
		if err != nil {
			return err
		}
		tried.occupy(r.taken, r.moves)
		moves = append(moves, r.moves...)
	}
	if len(moves) > 0 && !tx.ReadOnly {
		if err := facilities.LockClaims(tx, moves); err != nil {
			return err
		}
		if d.busy, err = d.load(tx); err != nil {
			return err
		}
	}
	d.busy.Settle(moves)
	return nil
}

func (d *docket) load(tx *database.Tx) (facilities.Busy, error) {
	var resources []*facilities.Resource
	var window period.Period
	for _, p := range d.plans {
		resources = append(resources, p.resources...)
		window = spanning(window, facilities.Reach(p.resources, p.Period))
	}
	return facilities.LoadBusy(tx, facilities.Units(resources), window, facilities.Except{})
}

// spanning is the shortest period that has both in it; an empty one has nothing.
func spanning(a, b period.Period) period.Period {
	switch {
	case a.Empty():
		return b
	case b.Empty():
		return a
	case b.Start.Before(a.Start):
		a.Start = b.Start
	}
	if b.End.After(a.End) {
		a.End = b.End
	}
	return a
}

// room looks for a plan's units as findRoom does, in what has been read. What the
// plans before have taken stays where it is.
func (d *docket) room(_ *database.Tx, p *plan) (*room, error) {
	return p.roomIn(
		func(units []id.Unit, reach period.Period) (facilities.Busy, error) {
			return d.busy.Within(units, reach), nil
		},
		func(units []id.Unit, reach period.Period) (facilities.Busy, error) {
			return d.busy.Around(units, reach), nil
		},
	)
}

// sources give judge what has been read.
func (d *docket) sources() sources {
	return sources{
		room:     d.room,
		subjects: func(*database.Tx, *plan) error { return nil }, // they are locked
		purses:   func(*database.Tx, id.Project, []int) ([]funding.Purse, error) { return d.purses, nil },
		missing: func(_ *database.Tx, _ id.Person, need []id.Qualification, first, last period.Date) ([]id.Qualification, error) {
			return slices.DeleteFunc(slices.Clone(d.missing[access.Days{First: first, Last: last}]), func(q id.Qualification) bool {
				return !slices.Contains(need, q)
			}), nil
		},
		unlogged: d.findUnlogged,
		others:   d.listOwn,
	}
}

func (d *docket) findUnlogged(tx *database.Tx, person id.Person, r id.Resource) (id.Ref, error) {
	found, known := d.unlogged[r]
	if known {
		return found, nil
	}
	found, err := findUnlogged(tx, person, r, d.moving)
	d.unlogged[r] = found
	return found, err
}

// listOwn gives the times of a subject's bookings near a plan's: those of before,
// read once around all the plans, and those of the plans that are to be booked.
func (d *docket) listOwn(tx *database.Tx, u ownUse, over period.Period) (out []period.Period, err error) {
	of, on := u.on()
	key := ownKey{u.quota.Per, u.quota.In, of, on, u.subject, u.absent}
	before, known := d.others[key]
	if !known {
		var reach period.Period
		for _, p := range d.plans {
			reach = spanning(reach, u.reach(p.Period))
		}
		if before, err = listOwn(tx, u, reach, d.moving); err != nil {
			return nil, err
		}
		d.others[key] = before
	}
	near := u.reach(over)
	for _, other := range before {
		if other.Overlaps(near) {
			out = append(out, other)
		}
	}
	for _, p := range d.booked { // by the same person, on the same project, at the same facility
		if p.Period.Overlaps(near) && (of == facilities.OfFacility || slices.Contains(p.resources, u.resource)) {
			out = append(out, p.Period)
		}
	}
	return out, nil
}

// take counts what the plan will have taken, reserved and used.
func (d *docket) take(p *plan, v *verdict) {
	d.occupy(v.allocations, v.moves)
	d.purses = p.cost.Held(d.purses)
	d.booked = append(d.booked, p)
}

func (d *docket) occupy(taken []allocation, moves []facilities.Move) {
	d.busy.Make(moves)
	for _, a := range taken {
		d.busy.Take(a.unit, a.period)
	}
}

// verdicts are what judge says of each plan, in order, as if those before it that
// are not refused were booked.
func verdicts(tx *database.Tx, by, booker *access.Principal, plans []*plan, moving []id.Booking, purses pursesFunc) ([]*verdict, *docket, error) {
	d, err := openDocket(tx, booker, plans, moving, purses)
	if err != nil {
		return nil, nil, err
	}
	opened := slices.Clone(d.purses)
	out := make([]*verdict, len(plans))
	for i, p := range plans {
		if out[i], err = judgeFrom(tx, by, booker, p, d.sources()); err != nil {
			return nil, nil, err
		}
		if len(out[i].refusals) == 0 {
			d.take(p, out[i])
		}
	}
	d.purses = opened
	return out, d, nil
}
