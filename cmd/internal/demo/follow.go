package demo

import (
	"context"
	"time"

	"rigg/booking"
	"rigg/facilities"
)

// chance is how often something happens, in percent.
type chance int

// What people do with bookings.
const (
	decides  chance = 88 // the managers answer in time
	approves chance = 93 // of what they answer
	asks     chance = 6  // a question first
	cancels  chance = 9
	comes    chance = 94
	checksIn chance = 96
)

func (g *generator) happens(c chance) bool { return g.random.IntN(100) < int(c) }

// follow puts what becomes of a booking into the play.
func (g *generator) follow(b *booking.Booking, r *facilities.Resource) {
	manager := g.managers[r.Facility.ID]
	if b.State == booking.Requested && manager != nil && g.happens(decides) {
		g.at(g.clock.now.Add(g.between(time.Hour, 40*time.Hour)), func(ctx context.Context) error {
			return g.decide(ctx, b)
		})
	}
	if g.happens(cancels) {
		g.at(b.Period.Start.Add(-g.between(time.Hour, 5*24*time.Hour)), func(ctx context.Context) error {
			_, err := g.Booking.Cancel(ctx, g.people[b.Person], booking.Change{Ref: b.Ref, Reason: "Ändrade planer"})
			return played(err)
		})
	}
	if r.Rules.CheckIn && g.happens(comes) {
		g.at(b.Period.Start.Add(g.between(-10*time.Minute, 15*time.Minute)), func(ctx context.Context) error {
			_, err := g.Booking.CheckIn(ctx, g.people[b.Person], booking.Change{Ref: b.Ref})
			return played(err)
		})
		if g.happens(checksIn) {
			length := b.Period.End.Sub(b.Period.Start)
			g.at(b.Period.End.Add(-g.between(0, length/4)), func(ctx context.Context) error {
				_, err := g.Booking.CheckOut(ctx, g.people[b.Person], booking.Change{Ref: b.Ref})
				return played(err)
			})
		}
	}
}

func (g *generator) decide(ctx context.Context, b *booking.Booking) error {
	facts, err := g.Booking.Facts(ctx)
	if err != nil {
		return err
	}
	r, _ := facts.Catalogue.Resource(b.Resources[0])
	manager := g.managers[r.Facility.ID]
	change := booking.Change{Ref: b.Ref}
	switch {
	case g.happens(asks):
		change.Reason = "Vilket material ska köras, och hur mycket?"
		if _, err = g.Booking.Ask(ctx, manager, change); err == nil && g.happens(decides) {
			g.answerLater(b)
		}
	case g.happens(approves):
		_, err = g.Booking.Approve(ctx, manager, change)
	default:
		change.Reason = "Linjen står still för ombyggnad den veckan."
		_, err = g.Booking.Decline(ctx, manager, change)
	}
	return played(err)
}

// answerLater has the booker answer within a day, and the manager decide again.
func (g *generator) answerLater(b *booking.Booking) {
	g.at(g.clock.now.Add(g.between(time.Hour, 20*time.Hour)), func(ctx context.Context) error {
		_, err := g.Booking.Answer(ctx, g.people[b.Person], booking.Change{Ref: b.Ref, Reason: "Samma granulat som sist, cirka 40 kg."})
		if err == nil {
			g.at(g.clock.now.Add(g.between(time.Hour, 10*time.Hour)), func(ctx context.Context) error { return g.decide(ctx, b) })
		}
		return played(err)
	})
}

// played drops the errors of people who come too late: the play goes on.
func played(err error) error {
	if refusal(err) {
		return nil
	}
	return err
}

func (g *generator) between(from, to time.Duration) time.Duration {
	return from + time.Duration(g.random.Int64N(int64(to-from)+1)).Truncate(time.Minute)
}
