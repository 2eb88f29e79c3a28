package facilities

import (
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// What stands against an outage.
var (
	CodeBookingsInTheWay = problem.Declare(problem.Conflict, "bookings-in-the-way",
		"Det finns bokningar i vägen", "There are bookings in the way")
	CodeOutageOverlaps = problem.Declare(problem.Conflict, "outage-overlaps",
		"Redan ur drift", "Already out of service")
)

// Outage is time during which units are out of service. It always has an
// expected end.
type Outage struct {
	ID       id.Outage // 0: PutOutage goes by Slug
	Facility id.Facility
	Slug     string    // given by rigg load; without it and an ID the outage is a new one
	Name     text.Text // public: whoever wants the time is told it
	Units    []id.Unit // of the facility
	Period   period.Period
	By       id.Person // 0: the program
}

// PutOutage makes the outage what it says, takes its units for the time and
// tells whether anything changed. Provisional units of pools make way where they
// can. Codes: invalid with the field;
// bookings-in-the-way, with their number; outage-overlaps.
func PutOutage(tx *database.Tx, o Outage) (changed bool, err error) {
	if err := o.check(); err != nil {
		return false, err
	}
	// All units of the facility: nobody then knows of an outage's old units
	// what another is just changing.
	units, err := listUnits(tx, o.Facility)
	if err != nil {
		return false, err
	}
	if err := LockUnits(tx, units); err != nil {
		return false, err
	}
	for _, u := range o.Units {
		if !slices.Contains(units, u) {
			return false, invalid("units", "Enheterna hör inte till anläggningen.", "The units are not the facility's.")
		}
	}
	old, found, err := findOutage(tx, o)
	if err != nil || found && old.same(o) {
		return false, err
	}
	o.ID = old.ID
	if err := dropOutage(tx, o.ID); err != nil {
		return false, err
	}
	if err := RepackAround(tx, o.Facility, o.Units, o.Period); err != nil {
		return false, err
	}
	if err := findClear(tx, o); err != nil {
		return false, err
	}
	return true, putOutage(tx, o)
}

func (o *Outage) check() error {
	whole := func(p period.Period) bool {
		return p.Start.Equal(p.Start.Truncate(time.Minute)) && p.End.Equal(p.End.Truncate(time.Minute))
	}
	switch {
	case o.Slug != "" && !id.ValidSlug(o.Slug):
		return badSlug("id")
	case !named(o.Name.SV, maxName) || !named(o.Name.EN, maxName):
		return badName("name")
	case len(o.Units) == 0:
		return invalid("units", "Ange minst en enhet.", "Name at least one unit.")
	case o.Period.Empty():
		return invalid("end", "Sluttiden måste ligga efter starttiden.", "The end must be after the start.")
	case !whole(o.Period):
		return invalid("start", "Tider anges i hela minuter.", "Times are given in whole minutes.")
	}
	return nil
}

// same holds when nothing that is stored differs; who put it first stays.
func (o *Outage) same(p Outage) bool {
	return o.Facility == p.Facility && o.Name == p.Name && slices.Equal(o.Units, sorted(p.Units)) &&
		o.Period.Start.Equal(p.Period.Start) && o.Period.End.Equal(p.Period.End)
}

func sorted(units []id.Unit) []id.Unit {
	return slices.Compact(slices.Sorted(slices.Values(units)))
}
