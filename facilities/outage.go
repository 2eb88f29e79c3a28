package facilities

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

// OutageKind is why units are out of service.
type OutageKind string

// The kinds of outage.
const (
	Maintenance OutageKind = "maintenance"
	Breakdown   OutageKind = "breakdown"
	Internal    OutageKind = "internal" // the facility needs them for itself
)

// OutageKinds lists every kind.
var OutageKinds = []OutageKind{Maintenance, Breakdown, Internal}

// outageNames are what an outage without a name of its own is called.
var outageNames = map[OutageKind]text.Text{
	Maintenance: {SV: "Underhåll", EN: "Maintenance"},
	Breakdown:   {SV: "Haveri", EN: "Breakdown"},
	Internal:    {SV: "Internt bruk", EN: "Internal use"},
}

// Name is the kind as people read it.
func (k OutageKind) Name() text.Text { return outageNames[k] }

// Outage is time during which units are out of service. It always has an
// expected end.
type Outage struct {
	ID          id.Outage // 0: PutOutage goes by Slug
	Facility    id.Facility
	Slug        string     // given by rigg load; without it and an ID the outage is a new one
	Kind        OutageKind // empty: maintenance
	Name        text.Text  // public: whoever wants the time is told it
	Note        string     // for the managers alone; at most 2 000 characters
	Units       []id.Unit  // of the facility
	Period      period.Period
	UntilLifted time.Duration // it lasts until it is lifted: its end moves on by this; 0: it ends as it says
	Series      id.Ref        // the same for all of a recurrence; empty: it stands alone
	Lifted      time.Time     // by hand, before its end; zero: not
	By          id.Person     // 0: the program
}

// Over tells whether nothing of the outage lies ahead. One that lasts until it is
// lifted is over when it is.
func (o *Outage) Over(now time.Time) bool {
	return !o.Lifted.IsZero() || o.UntilLifted == 0 && !o.Period.End.After(now)
}

// The limits of an outage.
const (
	maxNote      = 2000
	maxOutage    = 5 * 366 * 24 * time.Hour
	shortestStep = 15 * time.Minute
	longestMove  = 30 * 24 * time.Hour
)

// PutOutage makes the outage what it says, takes its units for the time and
// tells whether anything changed. Provisional units of pools make way where they
// can. Codes: invalid with the field;
// bookings-in-the-way, with their number; outage-overlaps.
func PutOutage(tx *database.Tx, o Outage) (changed bool, err error) {
	o.Kind = cmp.Or(o.Kind, Maintenance)
	if err := o.check(); err != nil {
		return false, err
	}
	units, err := LockFacility(tx, o.Facility)
	if err != nil {
		return false, err
	}
	if err := CheckOutage(o, units); err != nil {
		return false, err
	}
	old, found, err := findOutage(tx, o)
	if err != nil || found && (old.same(o) || !old.Lifted.IsZero()) {
		return false, err // what was lifted by hand stays lifted
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
	_, err = WriteOutage(tx, o)
	return true, err
}

// CheckOutage says what is wrong with an outage by itself, whose facility's units
// are given. Code: invalid with the field.
func CheckOutage(o Outage, units []id.Unit) error {
	if err := o.check(); err != nil {
		return err
	}
	for _, u := range o.Units {
		if !slices.Contains(units, u) {
			return invalid("units", "Enheterna hör inte till anläggningen.", "The units are not the facility's.")
		}
	}
	return nil
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
	case o.Kind.Name().Empty():
		return invalid("kind", "Välj maintenance, breakdown eller internal.", "Choose maintenance, breakdown or internal.")
	case !utf8.ValidString(o.Note) || utf8.RuneCountInString(o.Note) > maxNote || strings.ContainsRune(o.Note, 0):
		return invalid("note", "Anteckningen får ha högst %d tecken.", "The note has at most %d characters.", maxNote)
	case o.UntilLifted != 0 && (o.UntilLifted < shortestStep || o.UntilLifted > longestMove || o.UntilLifted%time.Minute != 0):
		return invalid("until_lifted", "Slutet kan flyttas fram med 15 minuter till 30 dygn i taget.",
			"The end can move on by 15 minutes to 30 days at a time.")
	case len(o.Units) == 0:
		return invalid("units", "Ange minst en enhet.", "Name at least one unit.")
	case o.Period.Empty():
		return invalid("end", "Sluttiden måste ligga efter starttiden.", "The end must be after the start.")
	case o.Period.Start.Before(period.Earliest) || o.Period.End.After(period.Latest) || o.Period.End.Sub(o.Period.Start) > maxOutage:
		return invalid("end", "Ett driftstopp är högst fem år långt.", "An outage is at most five years long.")
	case !whole(o.Period):
		return invalid("start", "Tider anges i hela minuter.", "Times are given in whole minutes.")
	}
	return nil
}

// same holds when nothing that is stored differs; who put it first stays. The end
// of one that lasts until it is lifted has moved on meanwhile.
func (o *Outage) same(p Outage) bool {
	if o.UntilLifted > 0 && o.Period.End.After(p.Period.End) {
		p.Period.End = o.Period.End
	}
	return o.Kind == p.Kind && o.UntilLifted == p.UntilLifted && o.Note == p.Note && o.Facility == p.Facility && o.Name == p.Name && slices.Equal(o.Units, sorted(p.Units)) &&
		o.Period.Start.Equal(p.Period.Start) && o.Period.End.Equal(p.Period.End)
}

func sorted(units []id.Unit) []id.Unit {
	return slices.Compact(slices.Sorted(slices.Values(units)))
}
