package web

import (
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
)

// OverrideBody is a manager's wish to set soft rules aside.
type OverrideBody struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"Kept in the history, for all who see the booking"`
}

func (o *OverrideBody) reason() string {
	if o == nil {
		return ""
	}
	return o.Reason
}

// ExceptionBody is an exception that a manager has made.
type ExceptionBody struct {
	Reason string   `json:"reason"`
	Rules  []string `json:"rules" doc:"As the resource's rules name them"`
	By     string   `json:"by" doc:"Name"`
	At     string   `json:"at" format:"date-time"`
}

func exceptionBodies(b *booking.Booking, zone *time.Location, names map[id.Person]access.Person) (out []ExceptionBody) {
	for _, e := range b.Exceptions() {
		out = append(out, ExceptionBody{Reason: e.Reason, Rules: e.Rules, By: names[e.By].Name, At: stamp(e.At, zone)})
	}
	return out
}

// exceptionView is the same for a reader.
type exceptionView struct {
	Reason, Rules, Who string
	At                 time.Time
}

func (v *visit) exceptions(b *booking.Booking, zone *time.Location, names map[id.Person]access.Person) (out []exceptionView) {
	for _, e := range b.Exceptions() {
		var rules []string
		for _, rule := range facilities.RuleTable {
			if slices.Contains(e.Rules, rule.Key) {
				rules = append(rules, rule.Name.In(v.lang))
			}
		}
		out = append(out, exceptionView{e.Reason, strings.Join(rules, ", "), names[e.By].Name, e.At.In(zone)})
	}
	return out
}

// HoursBody is clock hours by weekday.
type HoursBody map[string][][]int

func attendees(list []AttendeeBody) []booking.Attendee {
	out := []booking.Attendee{}
	for _, a := range list {
		out = append(out, booking.Attendee(a))
	}
	return out
}
