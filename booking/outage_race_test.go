package booking_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// TestManyAtOnceKeepEverything has people book, move, cancel and wait while their
// managers take the same machines out of service and lift it again, and the queue
// and the sweep run beside them. Nobody is told of a deadlock or a bug, and every
// invariant holds in the end (setup looks).
func TestManyAtOnceKeepEverything(t *testing.T) {
	t.Parallel()
	w := setup(t)
	people := map[string]*access.Principal{}
	for _, name := range []string{"anna", "liv", "rolf", "mia"} {
		people[name] = w.who(name)
	}
	units := map[id.Resource][]id.Unit{"press": w.unitsOf("press"), "printer": w.unitsOf("printer")}
	var all sync.WaitGroup
	failed := make(chan error, 1000)
	for client := range 6 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(7, uint64(client)))
			c := racer{world: w, people: people, units: units, random: r}
			for range 25 {
				if err := c.step(); err != nil && !lawful(err) {
					failed <- err
				}
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	w.work()
	w.sweep()
}

// lawful are the refusals that people may meet.
func lawful(err error) bool {
	var e *problem.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code.Kind {
	case problem.Refused, problem.Conflict, problem.NotFound, problem.Forbidden:
		return true
	default:
		return false
	}
}

type racer struct {
	*world
	people map[string]*access.Principal
	units  map[id.Resource][]id.Unit
	random *rand.Rand
	made   []*booking.Booking
	waits  []id.Ref
	down   []id.Outage
}

func (c *racer) when() period.Period {
	start := local("2026-03-10T08:00").Add(time.Duration(c.random.IntN(8)) * time.Hour)
	return period.New(start, start.Add(time.Duration(1+c.random.IntN(3))*time.Hour))
}

func (c *racer) step() (err error) {
	ctx := c.Context()
	resource := []id.Resource{"press", "printer"}[c.random.IntN(2)]
	who, project := c.people["anna"], id.Project("alloy")
	if c.random.IntN(2) == 0 {
		who, project = c.people["rolf"], "rust"
	}
	switch c.random.IntN(9) {
	case 0, 1:
		var b *booking.Booking
		if b, err = c.service.Request(ctx, who, booking.Request{Resources: []id.Resource{resource}, Project: project, Period: c.when()}); err == nil {
			c.made = append(c.made, b)
		}
	case 2, 3:
		if len(c.made) > 0 {
			b := c.made[c.random.IntN(len(c.made))]
			_, err = c.service.Edit(ctx, c.people["mia"], booking.Change{Ref: b.Ref}, booking.Edit{Period: c.when()})
		}
	case 4:
		if len(c.made) > 0 {
			_, err = c.service.Cancel(ctx, c.people["mia"], booking.Change{Ref: c.made[c.random.IntN(len(c.made))].Ref})
		}
	case 5:
		var x *booking.Wait
		if x, err = c.service.JoinWaits(ctx, who, booking.WaitWish{Resources: []id.Resource{resource}, Project: project, Period: c.when()}); err == nil {
			c.waits = append(c.waits, x.Ref)
		}
		freed := booking.JobTimeFreed{Facility: "machines", Start: local("2026-03-10T00:00"), End: local("2026-03-11T00:00")}
		if broken := c.service.TimeFreed(ctx, freed); broken != nil {
			return fmt.Errorf("look at the line: %v", broken) //nolint:errorlint // no refusal may come of it
		}
	case 6:
		if len(c.waits) > 0 {
			_, err = c.service.AcceptOffer(ctx, who, c.waits[c.random.IntN(len(c.waits))])
		}
	case 7:
		err = c.takeDown(resource)
	case 8:
		if len(c.down) > 0 {
			_, err = c.service.LiftOutage(ctx, c.people["mia"], c.down[c.random.IntN(len(c.down))], false)
		}
		if broken := c.service.Sweep(ctx); broken != nil {
			return fmt.Errorf("sweep: %v", broken) //nolint:errorlint // no refusal may come of it
		}
	}
	return err
}

func (c *racer) takeDown(resource id.Resource) error {
	name := fmt.Sprintf("Stopp %d", c.random.IntN(1000))
	plan, err := c.service.SaveOutage(c.Context(), c.people["mia"], booking.OutageWish{Displace: true, Outage: facilities.Outage{
		Facility: "machines", Kind: facilities.Breakdown, Name: text.Text{SV: name, EN: name},
		Units: c.units[resource][:1], Period: c.when(),
	}})
	if err != nil {
		return err
	}
	c.down = append(c.down, plan.Outages[0].ID)
	for _, h := range plan.Hits {
		j := booking.JobFindAlternative{Happened: booking.Happened{Booking: h.ID, Version: h.Version}}
		if broken := c.service.FindAlternative(c.Context(), j); broken != nil {
			return fmt.Errorf("find an alternative: %v", broken) //nolint:errorlint // no refusal may come of it
		}
	}
	return nil
}
