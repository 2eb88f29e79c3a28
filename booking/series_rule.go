package booking

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// MaxOccurrences is the most bookings of one series: one a day for a year.
const MaxOccurrences = 366

// The limits of a rule.
const (
	maxRule     = 300 // characters
	maxInterval = 99
)

// The refusals of a series as a whole.
var (
	CodeTooManyOccurrences = problem.Declare(problem.Refused, "too-many-occurrences",
		"Serien har för många tillfällen", "The series has too many occurrences")
	CodeSeriesOverlapsItself = problem.Declare(problem.Refused, "series-overlaps-itself",
		"Serien överlappar sig själv", "The series overlaps itself")
)

// recurrence is a rule of RFC 5545 3.3.10 of the kinds that Rigg takes: each n
// days; each n weeks on some weekdays; each n months on dates or on nth weekdays.
// So there is at most one occurrence a day.
type recurrence struct {
	option  rrule.ROption // its days, as if in UTC, without an end
	count   int           // 0: it ends by one of the following
	lastDay period.Date
	until   time.Time // of the start, inclusive
}

// parseRule reads a rule. The library takes much that would surprise: COUNT=0 as
// endless, INTERVAL=0 as one, a property that is there twice, a numbered weekday
// in a week, COUNT and UNTIL together, and UNTIL=20260630 as that day's first
// second. So the form is held to here, and the library asked for days alone.
// Codes: invalid, too-many-occurrences.
func parseRule(s string, zone *time.Location) (*recurrence, error) {
	s = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "RRULE:")
	if len(s) > maxRule {
		return nil, badRule("Regeln är för lång.", "The rule is too long.")
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(s, ";") {
		name, value, ok := strings.Cut(part, "=")
		if _, twice := parts[name]; !ok || value == "" || twice {
			return nil, badRule("Skriv regeln som FREQ=WEEKLY;BYDAY=MO;COUNT=10, med varje del en gång.",
				"Write the rule as FREQ=WEEKLY;BYDAY=MO;COUNT=10, with each part once.")
		}
		parts[name] = value
	}
	r := &recurrence{}
	for _, read := range []func(map[string]string) error{r.readEvery, r.readDays, r.readCount} {
		if err := read(parts); err != nil {
			return nil, err
		}
	}
	if err := r.readUntil(parts, zone); err != nil {
		return nil, err
	}
	for name := range parts {
		return nil, badRule("Delen %s kan inte användas med den här frekvensen.",
			"The part %s cannot be used with this frequency.", shortened(name))
	}
	return r, nil
}

func shortened(s string) string { return s[:min(len(s), 20)] }

func badRule(sv, en string, args ...any) *problem.Error {
	e := problem.CodeInvalid.Say("Upprepningen går inte att läsa. "+sv, "The recurrence cannot be read. "+en, args...)
	e.Fields = []problem.Field{{Path: "recurrence", Message: text.New(sv, en, args...)}}
	return e
}

// takePart gives a part and strikes it off: what is left at last is not known.
func takePart(parts map[string]string, name string) (string, bool) {
	value, ok := parts[name]
	delete(parts, name)
	return value, ok
}

func (r *recurrence) readEvery(parts map[string]string) error {
	freq, _ := takePart(parts, "FREQ")
	known := map[string]rrule.Frequency{"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY}
	var ok bool
	if r.option.Freq, ok = known[freq]; !ok {
		return badRule("FREQ ska vara DAILY, WEEKLY eller MONTHLY.", "FREQ must be DAILY, WEEKLY or MONTHLY.")
	}
	r.option.Interval = 1
	if value, ok := takePart(parts, "INTERVAL"); ok {
		if r.option.Interval, ok = ruleNumber(value, 1, maxInterval); !ok {
			return badRule("INTERVAL ska vara 1 till %d.", "INTERVAL must be 1 to %d.", maxInterval)
		}
	}
	if value, there := parts["WKST"]; there && r.option.Freq == rrule.WEEKLY {
		delete(parts, "WKST")
		day, ok := ruleWeekdays[value]
		if !ok {
			return badRule("WKST ska vara en veckodag.", "WKST must be a weekday.")
		}
		r.option.Wkst = day
	}
	return nil
}

var ruleWeekdays = map[string]rrule.Weekday{
	"MO": rrule.MO, "TU": rrule.TU, "WE": rrule.WE, "TH": rrule.TH, "FR": rrule.FR, "SA": rrule.SA, "SU": rrule.SU,
}

// readDays reads on which days of the week or the month.
func (r *recurrence) readDays(parts map[string]string) error {
	byDay, onDays := parts["BYDAY"]
	byDate, onDates := parts["BYMONTHDAY"]
	switch {
	case r.option.Freq == rrule.MONTHLY && onDates && !onDays:
		delete(parts, "BYMONTHDAY")
		for value := range strings.SplitSeq(byDate, ",") {
			n, ok := ruleNumber(value, -31, 31)
			if !ok || n == 0 {
				return badRule("BYMONTHDAY ska vara 1 till 31, eller -1 för månadens sista dag.",
					"BYMONTHDAY must be 1 to 31, or -1 for the last day of the month.")
			}
			r.option.Bymonthday = append(r.option.Bymonthday, n)
		}
	case r.option.Freq == rrule.MONTHLY && onDays && !onDates:
		delete(parts, "BYDAY")
		for value := range strings.SplitSeq(byDay, ",") {
			day, known := ruleWeekdays[value[max(0, len(value)-2):]]
			n, ok := ruleNumber(value[:max(0, len(value)-2)], -5, 5)
			if !known || !ok || n == 0 {
				return badRule("BYDAY i en månad ska vara 1MO till 5SU, eller -1FR för månadens sista fredag.",
					"BYDAY in a month must be 1MO to 5SU, or -1FR for the last Friday of the month.")
			}
			r.option.Byweekday = append(r.option.Byweekday, day.Nth(n))
		}
	case r.option.Freq == rrule.WEEKLY && onDays:
		delete(parts, "BYDAY")
		for value := range strings.SplitSeq(byDay, ",") {
			day, known := ruleWeekdays[value]
			if !known {
				return badRule("BYDAY i en vecka ska vara MO, TU, WE, TH, FR, SA eller SU.",
					"BYDAY in a week must be MO, TU, WE, TH, FR, SA or SU.")
			}
			r.option.Byweekday = append(r.option.Byweekday, day)
		}
	}
	return nil
}

func (r *recurrence) readCount(parts map[string]string) error {
	value, ok := takePart(parts, "COUNT")
	_, until := parts["UNTIL"]
	switch {
	case ok && until:
		return badRule("Ange antingen COUNT eller UNTIL.", "Give either COUNT or UNTIL.")
	case !ok && !until:
		return CodeTooManyOccurrences.Say(
			"Serien har inget slut, och får ha högst %d tillfällen. Ange antal tillfällen eller sista dag.",
			"The series has no end, and has at most %d occurrences. Give their number or the last day.", MaxOccurrences).
			With("max_occurrences", MaxOccurrences)
	case !ok:
		return nil
	}
	if r.count, ok = ruleNumber(value, 1, 1_000_000); !ok {
		return badRule("COUNT ska vara ett antal, minst 1.", "COUNT must be a number, at least 1.")
	}
	if r.count > MaxOccurrences {
		return tooMany().With("occurrences", r.count)
	}
	return nil
}

func tooMany() *problem.Error {
	return CodeTooManyOccurrences.Say(
		"En serie får ha högst %d tillfällen. Korta den, och gör en till när den närmar sig sitt slut.",
		"A series has at most %d occurrences. Shorten it, and make another when it nears its end.", MaxOccurrences).
		With("max_occurrences", MaxOccurrences)
}

// readUntil reads the end: a day, which is included, or the last instant of a
// start, in UTC or by the site's clocks.
func (r *recurrence) readUntil(parts map[string]string, zone *time.Location) error {
	value, ok := takePart(parts, "UNTIL")
	if !ok {
		return nil
	}
	if day, err := time.Parse(rrule.DateFormat, value); err == nil {
		r.lastDay = period.DateOf(day, time.UTC)
	} else if at, err := time.Parse(rrule.DateTimeFormat, value); err == nil {
		r.until = at
	} else if wall, err := time.Parse(rrule.LocalDateTimeFormat, value); err == nil {
		r.until = period.DateOf(wall, time.UTC).At(wall.Hour()*60+wall.Minute(), zone)
	} else {
		return badRule("UNTIL ska vara en dag, 20261231, eller en tid, 20261231T120000Z.",
			"UNTIL must be a day, 20261231, or a time, 20261231T120000Z.")
	}
	return nil
}

// ended tells whether an occurrence comes after the end that UNTIL says.
func (r *recurrence) ended(o Occurrence, zone *time.Location) bool {
	switch {
	case r.count > 0:
		return false
	case r.until.IsZero():
		return r.lastDay.Before(o.Day)
	}
	at := o.Period.Start
	if o.Skips() {
		at = period.DateOf(o.Starts, time.UTC).At(o.Starts.Hour()*60+o.Starts.Minute(), zone)
	}
	return at.After(r.until)
}

// endsBefore tells whether UNTIL, where there is one, comes before the instant.
func (r *recurrence) endsBefore(limit time.Time) bool {
	return r.count == 0 && r.until.Before(limit) && r.lastDay.Before(period.DateOf(limit, time.UTC))
}

// ruleNumber reads a whole number between two bounds, with or without a sign.
func ruleNumber(s string, least, most int) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= least && n <= most && len(s) <= 8
}

// days gives the rule's days from the first on, until the last that Rigg takes.
func (r *recurrence) days(first period.Date) (func() (period.Date, bool), error) {
	option := r.option
	option.Dtstart, option.Until = first.UTC(), period.Latest.AddDate(0, 0, -1)
	rule, err := rrule.NewRRule(option)
	if err != nil {
		return nil, badRule("Kontrollera dagarna.", "Check the days.")
	}
	next := rule.Iterator()
	return func() (period.Date, bool) {
		at, ok := next()
		return period.DateOf(at, time.UTC), ok
	}, nil
}

// weekdaysOf are the rule's weekdays, in the order of the week.
func (r *recurrence) weekdaysOf() []rrule.Weekday {
	return slices.SortedFunc(slices.Values(r.option.Byweekday), func(a, b rrule.Weekday) int {
		return (a.N()*7 + a.Day()) - (b.N()*7 + b.Day())
	})
}
