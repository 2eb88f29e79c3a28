package facilities

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rigg/internal/period"
	"rigg/internal/problem"
)

// The refusals of a quota.
var (
	CodeQuotaCount = problem.Declare(problem.Refused, "quota-count",
		"Fler bokningar än kvoten tillåter", "More bookings than the quota allows")
	CodeQuotaHours = problem.Declare(problem.Refused, "quota-hours",
		"Mer tid än kvoten tillåter", "More time than the quota allows")
)

// Subject is whose bookings a quota counts.
type Subject string

// The subjects. An organisation's bookings are those of the people who belong to
// it.
const (
	PerPerson       Subject = "person"
	PerProject      Subject = "project"
	PerOrganisation Subject = "organisation"
)

// Subjects lists every subject, in the order in which their rows are locked.
var Subjects = []Subject{PerPerson, PerProject, PerOrganisation}

// Stretch is the time within which a quota counts: by the site's calendar, a
// week from Monday (ISO 8601). The future is what has not yet ended.
type Stretch string

// The stretches.
const (
	InDay    Stretch = "day"
	InWeek   Stretch = "week"
	InMonth  Stretch = "month"
	InFuture Stretch = "future"
)

// Stretches lists every stretch.
var Stretches = []Stretch{InDay, InWeek, InMonth, InFuture}

// Scope is on what a quota counts bookings.
type Scope string

// The scopes; none said is the resource.
const (
	OfResource Scope = "resource"
	OfFacility Scope = "facility"
)

// Scopes lists every scope.
var Scopes = []Scope{OfResource, OfFacility}

// Quota limits what somebody may book within a stretch of time: a number of
// bookings, or hours of them. A booking over the end of a stretch is divided at
// it, and so counts in both. Whoever did not come has used the time; what was
// called off or never approved does not count, and what was checked out early
// counts until then.
type Quota struct {
	Per   Subject     `json:"per"`
	Count int         `json:"count,omitzero"` // one of the two
	Hours period.Span `json:"hours,omitzero"`
	In    Stretch     `json:"in"`
	Of    Scope       `json:"of,omitzero"`
	Peak  Hours       `json:"peak,omitzero"` // count only inside these clock hours; none: always
}

// UnmarshalJSON reads a whole quota: what is read over another one, as a
// resource's is over its facility's, leaves nothing of it.
func (q *Quota) UnmarshalJSON(b []byte) error {
	type plain Quota
	var read plain
	if err := json.Unmarshal(b, &read); err != nil {
		return fmt.Errorf("quota: %w", err)
	}
	*q = Quota(read)
	return nil
}

// MaxQuotaCount is the most bookings that a quota can allow.
const MaxQuotaCount = 1000

const maxQuotas = 20

type badFunc func(rule string, wrong bool, sv, en string)

func (r Rules) validateQuotas(bad badFunc) {
	bad("quotas", len(r.Quotas) > maxQuotas, "Ange högst 20 kvoter.", "Give at most 20 quotas.")
	for i, q := range r.Quotas {
		at := func(key string) string { return fmt.Sprintf("quotas[%d].%s", i, key) }
		bad(at("per"), !slices.Contains(Subjects, q.Per), "Välj person, project eller organisation.",
			"Choose person, project or organisation.")
		bad(at("in"), !slices.Contains(Stretches, q.In), "Välj day, week, month eller future.", "Choose day, week, month or future.")
		bad(at("of"), q.Of != "" && !slices.Contains(Scopes, q.Of), "Välj resource eller facility.", "Choose resource or facility.")
		bad(at("count"), q.Count < 0 || q.Count > MaxQuotaCount || (q.Count == 0) == q.Hours.Zero(),
			"Ange ett av count (1 till 1000) och hours.", "Give one of count (1 to 1000) and hours.")
		bad(at("hours"), q.Hours.Days+q.Hours.Months > 0, "Skriv kvoten i timmar, till exempel 20h.", "Write the quota in hours, such as 20h.")
	}
}

// stretches are those that a booking of p falls into.
func (q Quota) stretches(p period.Period, zone *time.Location, now time.Time) (out []period.Period) {
	if q.In == InFuture {
		return []period.Period{period.New(now, period.Latest)}
	}
	first := q.firstDay(period.DateOf(p.Start, zone))
	for start := first.At(0, zone); start.Before(p.End); {
		first = q.nextDay(first)
		end := first.At(0, zone)
		out = append(out, period.New(start, end))
		start = end
	}
	return out
}

// firstDay is the day on which the stretch around a day begins, and nextDay the
// one on which the stretch after the one that begins on a day does.
func (q Quota) firstDay(d period.Date) period.Date {
	switch q.In {
	case InWeek:
		return d.Next(-(int(d.Weekday()) + 6) % 7)
	case InMonth:
		d.Day = 1
	case InDay, InFuture:
	}
	return d
}

func (q Quota) nextDay(d period.Date) period.Date {
	switch q.In {
	case InWeek:
		return d.Next(7)
	case InMonth:
		return period.DateOf(d.UTC().AddDate(0, 1, 0), time.UTC)
	case InDay, InFuture:
	}
	return d.Next(1)
}

// Reach is the time of which the subject's other bookings have to be known
// before a booking of p can be judged.
func (q Quota) Reach(p period.Period, zone *time.Location, now time.Time) period.Period {
	all := q.stretches(p, zone, now)
	return period.Period{Start: all[0].Start, End: all[len(all)-1].End}
}

// counted is the part of a booking that counts within a stretch.
func (q Quota) counted(p, stretch period.Period, zone *time.Location) (minutes int64, touches int) {
	part := p.Clip(stretch)
	if part.Empty() {
		return 0, 0
	}
	for _, inside := range q.Peak.within(part, zone) {
		minutes += inside.Minutes()
		touches = 1
	}
	return minutes, touches
}

// JudgeQuota applies a quota to a booking of p that is made now. others are the
// subject's bookings in Reach, without the booking's own old time. Without tell,
// the refusal leaves out how much of the quota is used: the asker books for
// somebody else. Codes: quota-count, quota-hours.
func (r *Resource) JudgeQuota(q Quota, p period.Period, others []period.Period, now time.Time, tell bool) *problem.Error {
	zone := r.Zone(p.Start)
	for _, stretch := range q.stretches(p, zone, now) {
		minutes, touches := q.counted(p, stretch, zone)
		if touches == 0 {
			continue
		}
		use := quotaUse{quota: q, stretch: stretch, zone: zone, wanted: minutes}
		for _, other := range others {
			m, n := q.counted(other, stretch, zone)
			use.minutes, use.bookings = use.minutes+m, use.bookings+n
		}
		if use.beyond() {
			return use.refuse(r, tell)
		}
	}
	return nil
}

// quotaUse is how much of a quota is used within a stretch, and wanted of it.
type quotaUse struct {
	quota           Quota
	stretch         period.Period
	zone            *time.Location
	minutes, wanted int64
	bookings        int
}

func (u quotaUse) beyond() bool {
	if u.quota.Count > 0 {
		return u.bookings+1 > u.quota.Count
	}
	return u.minutes+u.wanted > int64(u.quota.Hours.Minutes)
}

func (u quotaUse) refuse(r *Resource, tell bool) *problem.Error {
	q, limit, when := u.quota, localised(u.quota.says()), u.named()
	name := localised(r.Name)
	if q.Of == OfFacility {
		name = localised(r.Facility.Name)
	}
	var e *problem.Error
	switch counts := q.Count > 0; {
	case !tell && counts:
		e = CodeQuotaCount.Say("%s: %s. Fler ryms inte %s.", "%s: %s. There is no room for more %s.", name, limit, when)
	case !tell:
		e = CodeQuotaHours.Say("%s: %s. Så mycket ryms inte %s.", "%s: %s. There is no room for this much %s.", name, limit, when)
	case counts:
		e = CodeQuotaCount.Say("%s: %s. Redan bokat %s: %d. Välj en annan tid, eller avboka något av det.",
			"%s: %s. Already booked %s: %d. Choose another time, or cancel some of it.", name, limit, when, u.bookings).
			With("used", u.bookings)
	default:
		e = CodeQuotaHours.Say(
			"%s: %s. Redan bokat %s: %s; den här bokningen tar %s. Välj en annan tid eller en kortare, eller avboka något.",
			"%s: %s. Already booked %s: %s; this booking takes %s. Choose another time or a shorter one, or cancel something.",
			name, limit, when, span(u.minutes), span(u.wanted)).With("used_minutes", u.minutes)
	}
	if q.Count > 0 {
		e = e.With("count", q.Count)
	} else {
		e = e.With("limit_minutes", q.Hours.Minutes).With("minutes", u.wanted)
	}
	e = e.With("per", q.Per).With("in", q.In).With("from", shownTime(u.stretch.Start, u.zone))
	if q.In != InFuture {
		e = e.With("to", shownTime(u.stretch.End, u.zone))
	}
	return e.With("resource", r.ID)
}

func span(minutes int64) period.Span { return period.Span{Minutes: int(minutes)} }
