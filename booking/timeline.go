package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// maxTimeline bounds a timeline's window.
const maxTimeline = 62 * 24 * time.Hour

// Taken is time on a resource's row of the timeline. Booking is nil where the
// asker may not know whose it is: then the row says just "Booked".
type Taken struct {
	Resource *facilities.Resource
	Period   period.Period // buffers included
	Booking  *Booking
	Outage   text.Text // empty: a booking or a hold
	Held     bool      // for somebody who has no booking of it yet
	Hold     *HeldTime // of a held one; nil where the asker may not know for whom
	OutageID id.Outage // of an outage; 0: none
	Units    int       // how many of the resource's units it takes
}

// Timeline gives what is taken on each resource of a facility, by start. A
// booking of a whole line shows on its stations' rows too. Codes: not-found,
// invalid.
func (s *Service) Timeline(ctx context.Context, by *access.Principal, name id.Facility, window period.Period) ([]Taken, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	f, ok := facts.Catalogue.Facility(name)
	if !ok {
		return nil, problem.Absent()
	}
	if window.Empty() || window.End.Sub(window.Start) > maxTimeline {
		return nil, problem.CodeInvalid.Say("Visa högst två månader i taget.", "Show at most two months at a time.")
	}
	var out []Taken
	err = s.db.View(ctx, func(tx *database.Tx) error {
		rows, err := listAllocations(tx, facilities.Units(f.Resources), window)
		if err != nil {
			return err
		}
		seen, err := facts.bookingsSeen(tx, by, rows)
		if err != nil {
			return err
		}
		held, err := facts.holdsSeen(tx, by, rows)
		if err != nil {
			return err
		}
		for _, r := range f.Resources {
			out = append(out, takenOn(r, rows, seen, held)...)
		}
		return nil
	})
	return out, err
}

// bookingsSeen reads the bookings behind the allocations that the asker may know.
func (f *Facts) bookingsSeen(tx *database.Tx, by *access.Principal, rows []allocationRow) (map[id.Booking]*Booking, error) {
	var ids []id.Booking
	for _, row := range rows {
		if row.BookingID != nil {
			ids = append(ids, *row.BookingID)
		}
	}
	slices.Sort(ids)
	found, err := listBookings(tx, `where b.id = any($1)`, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	seen := map[id.Booking]*Booking{}
	for _, b := range found {
		if access.Allowed(by, access.SeeBooking, f.ObjectOf(b)) {
			seen[b.ID] = b
		}
	}
	return seen, nil
}

// takenOn gathers the allocations of a resource's units by what took them.
func takenOn(r *facilities.Resource, rows []allocationRow, seen map[id.Booking]*Booking, held map[id.Hold]*HeldTime) []Taken {
	var out []Taken
	at := map[string]int{}
	for _, row := range rows {
		if !slices.Contains(r.Units, row.UnitID) {
			continue
		}
		key := fmt.Sprint(row.cause(), row.StartsAt.Unix(), row.EndsAt.Unix())
		if i, ok := at[key]; ok {
			out[i].Units++
			continue
		}
		t := Taken{Resource: r, Period: period.New(row.StartsAt, row.EndsAt), Units: 1}
		switch t.Held = row.HoldID != nil; {
		case row.BookingID != nil:
			t.Booking = seen[*row.BookingID]
		case row.OutageID != nil:
			t.Outage, t.OutageID = text.Text{SV: row.NameSv, EN: row.NameEn}, *row.OutageID
		default:
			t.Hold = held[*row.HoldID]
		}
		at[key], out = len(out), append(out, t)
	}
	return out
}

type allocationRow struct {
	UnitID    id.Unit
	BookingID *id.Booking
	OutageID  *id.Outage
	HoldID    *id.Hold
	StartsAt  time.Time
	EndsAt    time.Time
	NameSv    string
	NameEn    string
}

func (a allocationRow) cause() string {
	switch {
	case a.BookingID != nil:
		return fmt.Sprintf("b%d", *a.BookingID)
	case a.HoldID != nil:
		return fmt.Sprintf("h%d", *a.HoldID)
	}
	return fmt.Sprintf("o%d", *a.OutageID)
}
