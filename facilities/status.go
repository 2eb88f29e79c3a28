package facilities

import (
	"slices"
	"time"

	"rigg/internal/id"
	"rigg/internal/text"
)

// Down is the outage of each unit that is out of service at one moment.
type Down map[id.Unit]Outage

// State is whether a resource is in order.
type State string

// The states of a resource. Partly: some of its units are out of service, and
// enough are left for a booking.
const (
	Up      State = "up"
	Partly  State = "partly"
	DownNow State = "down"
)

// Status is how a resource is at one moment.
type Status struct {
	State   State
	Kind    OutageKind // of the outage that keeps it down the longest
	Name    text.Text  // that outage's
	Back    time.Time  // when enough units are expected back; of partly, when all are
	Lasting bool       // the time is a guess that moves on until the outage is lifted
}

// Status tells how the resource is with these outages.
func (r *Resource) Status(down Down) Status {
	var mine []Outage
	for _, u := range r.Units {
		if o, ok := down[u]; ok {
			mine = append(mine, o)
		}
	}
	if len(mine) == 0 {
		return Status{State: Up}
	}
	slices.SortFunc(mine, func(a, b Outage) int { return a.Period.End.Compare(b.Period.End) })
	state, last := Partly, mine[len(mine)-1]
	if spare := len(mine) - r.choice(); spare > 0 { // so many must come back
		state, last = DownNow, mine[spare-1]
	}
	return Status{State: state, Kind: last.Kind, Name: last.Name, Back: last.Period.End, Lasting: last.UntilLifted > 0}
}
