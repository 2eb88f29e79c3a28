package web

import (
	"net/url"
	"strings"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
)

const (
	formAttendees = 100 // rows that the form reads at most
	emptyRows     = 2   // for somebody more, where no script adds them
)

// attendeeRow is one row of who comes along.
type attendeeRow struct {
	Number      int
	Name, Email string
}

// readMore reads who comes along, and a manager's reason for an exception. A row
// that is left empty is nobody.
func (f *bookForm) readMore(values url.Values) {
	names, emails := values["attendee_name"], values["attendee_email"]
	for i := range min(max(len(names), len(emails)), formAttendees+1) {
		a := booking.Attendee{Name: nth(names, i), Email: nth(emails, i)}
		if a != (booking.Attendee{}) {
			f.attendees = append(f.attendees, a)
		}
	}
	f.override = strings.TrimSpace(values.Get("override_reason"))
}

func nth(list []string, i int) string {
	if i >= len(list) {
		return ""
	}
	return strings.TrimSpace(list[i])
}

// rows are those filled in and some more.
func (f *bookForm) rows() (out []attendeeRow) {
	for i := range min(len(f.attendees)+emptyRows, formAttendees) {
		row := attendeeRow{Number: i + 1}
		if i < len(f.attendees) {
			row.Name, row.Email = f.attendees[i].Name, f.attendees[i].Email
		}
		out = append(out, row)
	}
	return out
}

// overrideField is for the facility's managers alone.
func (f *bookForm) overrideField(v *visit) *string {
	if !v.allowed(access.OperateBooking, facilityObject(f.facility, v.now)) {
		return nil
	}
	return &f.override
}

// facilityObject is a facility where it lies, for the policy.
func facilityObject(f *facilities.Facility, at time.Time) access.Object {
	return access.Object{Facility: f.ID, Site: f.SiteAt(at).ID}
}
