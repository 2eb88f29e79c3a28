package booking

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Find gives one booking with its history; not-found for a principal who may not
// see it.
func (s *Service) Find(ctx context.Context, by *access.Principal, ref id.Ref) (*Booking, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	var b *Booking
	err = s.db.View(ctx, func(tx *database.Tx) (err error) {
		b, err = findByRef(tx, ref)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !access.Allowed(by, access.SeeBooking, facts.ObjectOf(b)) {
		return nil, problem.Absent()
	}
	return b, nil
}

// FindByID is Find for jobs, which act for the program.
func (s *Service) FindByID(ctx context.Context, booking id.Booking) (b *Booking, err error) {
	err = s.db.View(ctx, func(tx *database.Tx) error {
		b, err = findBooking(tx, booking)
		return err
	})
	return b, err
}

// Filter narrows a list; zero fields do not. Bookings come by start, then id.
type Filter struct {
	Mine      bool // the principal's own
	Waiting   bool // that wait for an answer to a request or a proposed change
	Project   id.Project
	Facility  id.Facility
	Resource  id.Resource
	States    []State
	From, To  time.Time // that overlap this time
	After     string    // the cursor of the page before
	Limit     int       // 1 to 200; 0 is 50
	Backwards bool      // the latest first
}

// maxPage is the most bookings on one page of a list.
const maxPage = 200

// List gives the bookings that the principal may see, and the cursor of the next
// page, empty on the last. Codes: invalid.
func (s *Service) List(ctx context.Context, by *access.Principal, f Filter) (found []*Booking, next string, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, "", err
	}
	where, args, err := f.where(by, facts)
	if err != nil {
		return nil, "", err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		found, err = listBookings(tx, where, args...)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	found, next = page(found, f.limit())
	// The query looks at where a facility ever lay; the policy at where it lay
	// when the booking was.
	found = slices.DeleteFunc(found, func(b *Booking) bool {
		return !access.Allowed(by, access.SeeBooking, facts.ObjectOf(b))
	})
	return found, next, nil
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, maxPage)
}

// conditions builds a where clause with numbered arguments.
type conditions struct {
	parts []string
	args  []any
}

// add takes a condition with %d for each argument's number.
func (c *conditions) add(condition string, args ...any) {
	numbers := make([]any, len(args))
	for i, a := range args {
		c.args = append(c.args, a)
		numbers[i] = len(c.args)
	}
	c.parts = append(c.parts, fmt.Sprintf(condition, numbers...))
}

func (f Filter) where(by *access.Principal, facts *Facts) (string, []any, error) {
	c := &conditions{}
	seen(c, by, facts)
	if f.Mine {
		c.add("b.person_id = $%d", by.ID)
	}
	if f.Waiting {
		c.parts = append(c.parts, `b.state in ('requested', 'confirmed') and exists (select from approvals v
			left join holds h on h.id = v.hold_id where v.booking_id = b.id and v.given_at is null and h.ended_at is null)`)
	}
	if f.Project != "" {
		c.add("b.project_id = $%d", f.Project)
	}
	if f.Facility != "" {
		c.add(`exists (select from booking_resources r join resources x on x.id = r.resource_id
			where r.booking_id = b.id and x.facility_id = $%d)`, f.Facility)
	}
	if f.Resource != "" {
		c.add("exists (select from booking_resources r where r.booking_id = b.id and r.resource_id = $%d)", f.Resource)
	}
	if len(f.States) > 0 {
		c.add("b.state = any($%d)", f.States)
	}
	if !f.From.IsZero() {
		c.add("b.ends_at > $%d", f.From)
	}
	if !f.To.IsZero() {
		c.add("b.starts_at < $%d", f.To)
	}
	sign, order := ">", "b.starts_at, b.id"
	if f.Backwards {
		sign, order = "<", "b.starts_at desc, b.id desc"
	}
	if f.After != "" {
		at, last, err := readCursor(f.After)
		if err != nil {
			return "", nil, err
		}
		c.add("(b.starts_at, b.id) "+sign+" ($%d, $%d)", at, last)
	}
	where := fmt.Sprintf("where %s order by %s limit %d", strings.Join(c.parts, " and "), order, f.limit()+1)
	return where, c.args, nil
}

// seen says in SQL what access.SeeBooking says of one booking.
func seen(c *conditions, by *access.Principal, facts *Facts) {
	reach := access.ReachOf(by)
	if reach.Everything {
		c.parts = append(c.parts, "true")
		return
	}
	facilities := reach.Facilities
	for _, f := range facts.Catalogue.Facilities() {
		for _, place := range f.Places {
			if reach.HasSite(place.Site.ID) {
				facilities = append(facilities, f.ID)
			}
		}
	}
	c.add(`(b.person_id = $%d or b.project_id = any($%d) or exists (
		select from booking_resources r join resources x on x.id = r.resource_id
		where r.booking_id = b.id and x.facility_id = any($%d)))`, by.ID, reach.Projects, facilities)
}

type cursor struct {
	At time.Time  `json:"a"`
	ID id.Booking `json:"i"`
}

func cursorOf(b *Booking) string {
	raw, _ := json.Marshal(cursor{b.Period.Start, b.ID}) // a time and a number always marshal
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readCursor(s string) (time.Time, id.Booking, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.At.Before(period.Earliest) || c.At.After(period.Latest) {
		return time.Time{}, 0, problem.CodeInvalid.Say(
			"Sidmärket går inte att läsa; börja om från listans första sida.",
			"The cursor cannot be read; start again from the first page.")
	}
	return c.At, c.ID, nil
}
