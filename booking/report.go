package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Severity is how bad a reported problem is.
type Severity string

// The severities.
const (
	Remark  Severity = "note"
	Limited Severity = "limited"
	Down    Severity = "down"
)

// Severities are all, with their names, the mildest first.
var Severities = []struct {
	ID   Severity
	Name text.Text
}{
	{Remark, text.Text{SV: "Anmärkning", EN: "Remark"}},
	{Limited, text.Text{SV: "Fungerar delvis", EN: "Works in part"}},
	{Down, text.Text{SV: "Ur funktion", EN: "Out of order"}},
}

// Name is the severity as people read it.
func (s Severity) Name() (name text.Text) {
	for _, one := range Severities {
		if one.ID == s {
			name = one.Name
		}
	}
	return name
}

// Report is a problem with a resource, told by who uses or manages it. The
// facility's staff and who told it see it.
type Report struct {
	ID           id.Report
	Facility     id.Facility
	Resource     id.Resource
	Booking      id.Ref // in whose use it was found; empty: none
	By           id.Person
	Text         string
	Severity     Severity
	Until        time.Time // when it is thought to work again; zero: unknown
	At           time.Time
	Outage       id.Outage // that it started; 0: none
	Closed       time.Time // zero: open
	ClosedBy     id.Person
	ClosedReason string

	Obstacle *problem.Error // why no outage was started; nil: it was, or was not asked for
}

// Problem is what somebody reports.
type Problem struct {
	Booking  id.Ref      // empty: of the resource alone
	Resource id.Resource // of a booking: empty is its first
	Text     string      // at most 4 000 characters
	Severity Severity
	Until    time.Time
	Outage   bool // take the resource out of service at once, until then
}

// reportingDays is how long after a use its booker may still report.
const reportingDays = 30

// Report tells the facility's managers of a problem. With Outage a manager takes
// the resource out of service at once; where bookings are in the way it is
// reported all the same, and says so. Codes: invalid, forbidden, not-found.
func (s *Service) Report(ctx context.Context, by *access.Principal, in Problem) (*Report, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Report, error) {
		r, booking, err := facts.reported(tx, by, in)
		if err != nil {
			return nil, err
		}
		out := &Report{
			Facility: r.Facility.ID, Resource: r.ID, Booking: in.Booking, By: by.ID,
			Text: in.Text, Severity: in.Severity, Until: in.Until, At: tx.Now,
		}
		if in.Outage {
			if err := facts.takeDown(tx, by, r, out); err != nil {
				return nil, err
			}
		}
		if out.ID, err = insertReport(tx, out, booking); err != nil {
			return nil, err
		}
		tx.Enqueue(JobReported{Report: out.ID})
		return out, nil
	})
}

func (p *Problem) check() error {
	var fields []problem.Field
	wrong := func(path, sv, en string, args ...any) {
		fields = append(fields, problem.Field{Path: path, Message: text.New(sv, en, args...)})
	}
	if strings.TrimSpace(p.Text) == "" || !plainText(p.Text, maxNotes) {
		wrong("text", "Beskriv problemet med högst %d tecken.", "Describe the problem p at most %d characters.", maxNotes)
	}
	if p.Severity.Name().Empty() {
		wrong("severity", "Välj note, limited eller down.", "Choose note, limited or down.")
	}
	if p.Outage && p.Severity != Down {
		wrong("severity", "Det som tas ur drift är ur funktion: välj down.", "What is taken out of service is out of order: choose down.")
	}
	if p.Outage && p.Until.IsZero() {
		wrong("until", "Ange när resursen beräknas fungera igen.", "Say when the resource is expected to work again.")
	}
	if fields == nil {
		return nil
	}
	e := problem.CodeInvalid.Say("Anmälan går inte att läsa; se varje uppgift.", "The report cannot be read; see each part.")
	e.Fields = fields
	return e
}

// reported finds what a report is of, and makes sure that the person may make it.
func (f *Facts) reported(tx *database.Tx, by *access.Principal, in Problem) (*facilities.Resource, id.Booking, error) {
	if in.Booking == "" {
		r, ok := f.Catalogue.Resource(in.Resource)
		if !ok {
			return nil, 0, problem.Absent()
		}
		if access.Allowed(by, access.ManageFacility, f.object(r.Facility, "", tx.Now)) {
			return r, 0, nil
		}
		used, err := usedLately(tx, by.ID, r.ID, tx.Now.AddDate(0, 0, -reportingDays))
		if err == nil && !used {
			err = access.CodeForbidden.Say("Problem anmäls av den som använder resursen och av anläggningens ansvariga.",
				"Problems are reported by those who use the resource and by the facility's managers.")
		}
		return r, 0, err
	}
	b, err := findByRef(tx, in.Booking)
	if err != nil {
		return nil, 0, err
	}
	o := f.ObjectOf(b)
	switch {
	case !access.Allowed(by, access.SeeBooking, o):
		return nil, 0, problem.Absent()
	case !access.Allowed(by, access.UseBooking, o):
		return nil, 0, access.CodeForbidden.Say("Du får se bokningen men inte göra detta.", "You may see the booking but not do this.")
	}
	name := in.Resource
	if name == "" {
		name = b.Resources[0]
	}
	r, ok := f.Catalogue.Resource(name)
	if !ok || !slices.Contains(b.Resources, name) {
		e := problem.CodeInvalid.Say("Resursen är inte bokningens.", "The resource is not the booking's.")
		e.Fields = []problem.Field{{Path: "resource", Message: e.Message}}
		return nil, 0, e
	}
	return r, b.ID, nil
}

// takeDown starts an outage of the resource's units from now. What it is called
// is public, so it says nothing of the report.
func (f *Facts) takeDown(tx *database.Tx, by *access.Principal, r *facilities.Resource, report *Report) error {
	if !access.Allowed(by, access.ManageFacility, f.object(r.Facility, "", tx.Now)) {
		return access.CodeForbidden.Say("Bara anläggningens ansvariga tar en resurs ur drift.",
			"Only the facility's managers take a resource out of service.")
	}
	slug := "report-" + string(id.NewRef())
	_, err := facilities.PutOutage(tx, facilities.Outage{
		Facility: r.Facility.ID, Slug: slug, Kind: facilities.Breakdown, Name: text.Text{SV: "Fel på " + r.Name.SV, EN: "Fault: " + r.Name.EN}, Units: r.Units,
		Period: period.New(tx.Now.Truncate(time.Minute), report.Until.Add(time.Minute-1).Truncate(time.Minute)), By: by.ID,
	})
	switch {
	case problem.Has(err, facilities.CodeBookingsInTheWay), problem.Has(err, facilities.CodeOutageOverlaps):
		report.Obstacle = problem.From(err)
		return nil
	case err != nil:
		return err
	}
	report.Outage, err = outageOf(tx, slug)
	return err
}

// ListReports gives a facility's reports, the newest first: those that are open,
// or the last 200. Code: not-found for who may not see them.
func (s *Service) ListReports(ctx context.Context, by *access.Principal, f id.Facility, open bool) (out []Report, err error) {
	if err := s.atDesk(ctx, by, f, access.SeeDesk); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		out, err = listReports(tx, `r.facility_id = $1 and (not $2 or r.closed_at is null)`, string(f), open)
		return err
	})
	return out, err
}

// FindReport is for jobs, which act for the program.
func (s *Service) FindReport(ctx context.Context, report id.Report) (*Report, error) {
	var out []Report
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		out, err = listReports(tx, `r.id = $1`, int64(report))
		return err
	})
	if err == nil && len(out) == 0 {
		err = problem.Absent()
	}
	if err != nil {
		return nil, err
	}
	return &out[0], nil
}

// CloseReport ends a report with what was done about it; one that is closed
// already stays as it is. Codes: not-found, forbidden, reason-missing.
func (s *Service) CloseReport(ctx context.Context, by *access.Principal, report id.Report, reason string) error {
	if err := needReason(reason); err != nil {
		return err
	}
	if !plainText(reason, maxText) {
		return problem.CodeInvalid.Say("Skälet får ha högst %d tecken.", "The reason has at most %d characters.", maxText)
	}
	found, err := s.FindReport(ctx, report)
	if err != nil {
		return err
	}
	if err := s.atDesk(ctx, by, found.Facility, access.ManageFacility); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *database.Tx) error { return closeReport(tx, report, by.ID, reason) })
}

// atDesk lets those through who may do something at a facility's desk. For who
// may not even look there, the desk is not there.
func (s *Service) atDesk(ctx context.Context, by *access.Principal, name id.Facility, may access.Action) error {
	facts, err := s.Facts(ctx)
	if err != nil {
		return err
	}
	f, ok := facts.Catalogue.Facility(name)
	if !ok || !access.Allowed(by, access.SeeDesk, facts.object(f, "", s.db.Now())) {
		return problem.Absent()
	}
	if !access.Allowed(by, may, facts.object(f, "", s.db.Now())) {
		return access.CodeForbidden.Say("Det gör anläggningens ansvariga.", "That is for the facility's managers.")
	}
	return nil
}
