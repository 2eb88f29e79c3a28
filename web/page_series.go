package web

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

type seriesPage struct {
	shell
	Ref                                  string
	Resource, FacilityID, Facility, City string
	Rule                                 string // in words
	Zone                                 string
	ProjectID, Project, Booker, Purpose  string
	Rows                                 []seriesRow
	Skipped                              []skippedRow
	Booked                               int // how many are still to come
	Priced                               bool
	TotalOre                             money.Ore // of all that are not cancelled
	MayAdd, MayChange                    bool
	Scopes                               []option // what a change is about
	Start, End                           string   // clock times of the next one
	Resources                            []option
	Override                             *string           // the reason so far; nil: not for this visitor
	Errors                               map[string]string // none: what is wrong is among the refusals
	Refusals                             []refusalView     // of what was just tried
	Kept                                 []keptRow         // that the change just made left alone
	Alternatives                         []alternativeView
}

// seriesRow is one booking of a series.
type seriesRow struct {
	bookingRow
	Moved, Twice bool
}

// skippedRow is an occurrence that is not booked.
type skippedRow struct {
	Day        string
	Start, End time.Time // zero: the clocks skip it
	Sentences  []string
	Addable    bool // not past, and there is such a time
}

type keptRow struct{ Day, Sentence string }

// pageSeries shows a series with each of its bookings and what was skipped.
func (s *Server) pageSeries(c *fiber.Ctx, v *visit) error {
	found, err := s.findSeries(v, c.Params("ref"))
	if err != nil {
		return err
	}
	return s.showSeries(c, v, found, fiber.StatusOK, nil, nil)
}

func (s *Server) findSeries(v *visit, ref string) (*booking.Series, error) {
	if !id.ValidRef(ref) {
		return nil, problem.Absent()
	}
	return s.Booking.FindSeries(v.ctx, v.who, id.Ref(ref))
}

func (s *Server) showSeries(c *fiber.Ctx, v *visit, found *booking.Series, status int, refusals []refusalView, kept []booking.Kept) error {
	names, err := s.names(v.ctx, found.Bookings())
	if err != nil {
		return err
	}
	page := v.seriesPage(found, names)
	page.Refusals = refusals
	for _, k := range kept {
		page.Kept = append(page.Kept, keptRow{k.Day.String(), k.Reason.Message.In(v.lang)})
	}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = "/series/" + page.Ref
	return s.page(c, v, status, "series", page)
}

func (v *visit) seriesPage(found *booking.Series, names map[id.Person]access.Person) seriesPage {
	o := v.facts.ObjectOfSeries(found)
	out := seriesPage{
		Ref: string(found.Ref), Rule: found.Words().In(v.lang), Zone: found.Zone, ProjectID: string(found.Project),
		Booker: names[found.Person].Name, Purpose: found.Purpose, MayAdd: v.allowed(access.ChangeBooking, o),
	}
	var next *booking.Booking
	for _, one := range found.Occurrences {
		if one.Booking == nil {
			out.Skipped = append(out.Skipped, v.skippedRow(found, one))
			continue
		}
		b := one.Booking
		if !v.allowed(access.SeeBooking, v.facts.ObjectOf(b)) {
			continue
		}
		row := seriesRow{bookingRow: v.bookingRow(b), Moved: b.State.Open() && found.Moved(one), Twice: one.Twice}
		out.Rows = append(out.Rows, row)
		out.Priced = out.Priced || row.Priced
		if b.State.Open() || b.State == booking.Completed {
			out.TotalOre += row.TotalOre
		}
		if (b.State == booking.Requested || b.State == booking.Confirmed) && v.now.Before(b.Period.Start) && v.allowed(access.ChangeBooking, v.facts.ObjectOf(b)) {
			out.Scopes = append(out.Scopes, v.scopes(b, next == nil)...)
			out.Booked++
			if next == nil {
				next = b
			}
		}
	}
	first := found.Bookings()[0]
	row := v.bookingRow(first)
	out.Resource, out.Facility, out.City, out.Project = row.Resource, row.Facility, row.City, row.Project
	if f := v.facilityOf(first); f != nil {
		out.FacilityID = string(f.ID)
	}
	if next != nil {
		v.fillChange(&out, next)
	}
	return out
}

// scopes are what a change can be about, from a booking on: its value names the
// booking and the version that was seen.
func (v *visit) scopes(b *booking.Booking, first bool) (out []option) {
	name := string(b.Ref) + ":" + strconv.Itoa(b.Version)
	if first {
		out = append(out, option{Value: "all:" + name, Text: v.say("series.scope.all"), Selected: true})
	}
	start := b.Period.Start.In(v.facts.ZoneOf(b))
	return append(out, option{Value: "later:" + name, Text: v.say("series.scope.later", v.day(start)+" "+strconv.Itoa(start.Year()))})
}

// fillChange fills the form for changes with how the next booking is now.
func (v *visit) fillChange(out *seriesPage, next *booking.Booking) {
	zone := v.facts.ZoneOf(next)
	out.MayChange = true
	if v.allowed(access.OperateBooking, v.facts.ObjectOf(next)) {
		out.Override = new(string)
	}
	out.Start, out.End = v.clock(next.Period.Start.In(zone)), v.clock(next.Period.End.In(zone))
	if f := v.facilityOf(next); f != nil && len(f.Resources) > 1 {
		for _, r := range f.Resources {
			out.Resources = append(out.Resources, option{
				Value: string(r.ID), Text: r.Name.In(v.lang), Selected: slices.Contains(next.Chosen(), r.ID),
			})
		}
	}
}

func (v *visit) skippedRow(found *booking.Series, o booking.SeriesOccurrence) skippedRow {
	row := skippedRow{Day: o.Day.String()}
	if !o.Skips() {
		zone := found.Location()
		row.Start, row.End = o.Period.Start.In(zone), o.Period.End.In(zone)
		row.Addable = v.now.Before(o.Period.Start)
	}
	for _, r := range o.Reasons {
		row.Sentences = append(row.Sentences, r.Message.In(v.lang))
	}
	return row
}

// postSeriesAdd books one of the skipped occurrences, or all that fit.
func (s *Server) postSeriesAdd(c *fiber.Ctx, v *visit) error {
	found, err := s.findSeries(v, c.Params("ref"))
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	var day *period.Date
	if typed := values.Get("day"); typed != "" {
		d, err := period.ParseDate(typed)
		if err != nil {
			return err
		}
		day = &d
	}
	changed, err := s.Booking.AddSkipped(v.ctx, v.who, found.Ref, day)
	return s.seriesTried(c, v, found, "flash.series_added", changed, err)
}

// postSeriesCancel cancels what a scope has of the series.
func (s *Server) postSeriesCancel(c *fiber.Ctx, v *visit) error {
	return s.postSeriesChange(c, v, "flash.cancel", func(ctx context.Context, change booking.Change, scope booking.Scope, _ func(string) []string) (*booking.SeriesChange, error) {
		return s.Booking.CancelSeries(ctx, v.who, change, scope)
	})
}

// postSeriesEdit shifts the time of day, and changes resources and purpose.
func (s *Server) postSeriesEdit(c *fiber.Ctx, v *visit) error {
	return s.postSeriesChange(c, v, "flash.series_changed", func(ctx context.Context, change booking.Change, scope booking.Scope, values func(string) []string) (*booking.SeriesChange, error) {
		b, err := s.Booking.Find(ctx, v.who, change.Ref)
		if err != nil {
			return nil, err
		}
		edit := booking.Edit{}
		if edit.Period, err = shifted(b, v.facts.ZoneOf(b), values("start"), values("end")); err != nil {
			return nil, err
		}
		for _, name := range values("resource") {
			edit.Resources = append(edit.Resources, id.Resource(name))
		}
		if purpose := values("purpose"); len(purpose) == 1 && strings.TrimSpace(purpose[0]) != "" {
			said := strings.TrimSpace(strings.ReplaceAll(purpose[0], "\r\n", "\n"))
			edit.Purpose = &said
		}
		if reason := values("override_reason"); len(reason) == 1 {
			edit.Override = strings.TrimSpace(reason[0])
		}
		return s.Booking.EditSeries(ctx, v.who, change, scope, edit)
	})
}

// shifted puts new clock times on the days on which a booking starts and ends. A
// time that stays is not read: the clocks may show it twice.
func shifted(b *booking.Booking, zone *time.Location, start, end []string) (p period.Period, err error) {
	for _, edge := range []struct {
		typed []string
		was   time.Time
		to    *time.Time
	}{{start, b.Period.Start, &p.Start}, {end, b.Period.End, &p.End}} {
		local := edge.was.In(zone)
		if len(edge.typed) != 1 || edge.typed[0] == "" || edge.typed[0] == local.Format("15:04") {
			continue
		}
		if *edge.to, err = period.Parse(local.Format(time.DateOnly)+"T"+edge.typed[0], zone); err != nil {
			return p, err
		}
	}
	return p, nil
}

type seriesChange func(context.Context, booking.Change, booking.Scope, func(string) []string) (*booking.SeriesChange, error)

func (s *Server) postSeriesChange(c *fiber.Ctx, v *visit, flash string, do seriesChange) error {
	found, err := s.findSeries(v, c.Params("ref"))
	if err != nil {
		return err
	}
	values, err := formValues(c)
	if err != nil {
		return err
	}
	scope, rest, _ := strings.Cut(values.Get("scope"), ":")
	ref, written, _ := strings.Cut(rest, ":")
	version, err := strconv.Atoi(written)
	if err != nil || version < 1 || !id.ValidRef(ref) {
		return problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
	}
	change := booking.Change{Ref: id.Ref(ref), Version: version, Reason: values.Get("reason")}
	changed, err := do(v.ctx, change, booking.Scope(scope), func(name string) []string { return values[name] })
	return s.seriesTried(c, v, found, flash, changed, err)
}

// seriesTried shows the series after a change: as it now is, with what was left
// alone and why, or with the reasons why nothing was changed.
func (s *Server) seriesTried(c *fiber.Ctx, v *visit, found *booking.Series, flash string, changed *booking.SeriesChange, err error) error {
	switch {
	case err == nil && len(changed.Kept) == 0:
		return s.leave(c, "/series/"+string(found.Ref), flash)
	case err == nil:
		found, err = s.Booking.FindSeries(v.ctx, v.who, found.Ref)
		if err != nil {
			return err
		}
		return s.showSeries(c, v, found, fiber.StatusOK, nil, changed.Kept)
	}
	e := known(err)
	if e.Code.Kind != problem.Conflict && e.Code.Kind != problem.Refused && e.Code.Kind != problem.Invalid {
		return err
	}
	refusals := v.refusals([]*problem.Error{e})
	var refused *booking.Refused
	if errors.As(err, &refused) {
		refusals = v.refusals(refused.Refusals)
	}
	return s.showSeries(c, v, found, statusOf(e), refusals, nil)
}
