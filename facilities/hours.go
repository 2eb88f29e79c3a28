package facilities

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Hours are opening hours by weekday (index time.Weekday), in local clock time.
// With no range on any day it is always open.
type Hours [7][]Range

// Range is a stretch of a local day, [From, To) in minutes of its clock; 1440
// is the midnight that ends it.
type Range struct{ From, To int }

const dayMinutes = 24 * 60

// String writes the range as "07:00–19:00".
func (r Range) String() string {
	return fmt.Sprintf("%02d:%02d–%02d:%02d", r.From/60, r.From%60, r.To/60, r.To%60)
}

// On gives the ranges of a weekday, in order.
func (h *Hours) On(day time.Weekday) []Range {
	if h.unsaid() {
		return []Range{{0, dayMinutes}}
	}
	return h[day]
}

// unsaid holds where no range is stated on any day.
func (h *Hours) unsaid() bool {
	return !slices.ContainsFunc(h[:], func(ranges []Range) bool { return len(ranges) > 0 })
}

// within gives the stretches of p that lie inside the hours by the zone's clocks,
// whatever is closed.
func (h *Hours) within(p period.Period, zone *time.Location) []period.Period {
	if h.unsaid() {
		return []period.Period{p}
	}
	var out []period.Period
	for _, d := range p.Dates(zone) {
		for _, r := range h.On(d.Weekday()) {
			out = append(out, period.New(d.At(r.From, zone), d.At(r.To, zone)).Clip(p))
		}
	}
	return period.Merge(out)
}

// weekdays as rigg load writes them, from Monday, as a week runs here.
var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func weekday(position int) time.Weekday { return time.Weekday((position + 1) % 7) }

// ParseHours reads rigg load's words: {"mon-fri": "07:00-19:00", "sat":
// "08:00-11:30,12:30-16:00"}. Each day may be named once, and its ranges must
// follow each other. Code: invalid.
func ParseHours(words map[string]string) (Hours, error) {
	var hours Hours
	for days, ranges := range words {
		positions, err := parseDays(days)
		if err != nil {
			return Hours{}, err
		}
		parsed, err := parseRanges(ranges)
		if err != nil {
			return Hours{}, err
		}
		for _, p := range positions {
			if hours[weekday(p)] != nil {
				return Hours{}, badHours("Dagen %s står två gånger.", "The day %s is there twice.", weekdays[p])
			}
			hours[weekday(p)] = parsed
		}
	}
	return hours, nil
}

func badHours(sv, en string, args ...any) error { return problem.CodeInvalid.Say(sv, en, args...) }

func parseDays(s string) ([]int, error) {
	first, last, several := strings.Cut(s, "-")
	from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
	if !several {
		to = from
	}
	if from < 0 || to < from {
		return nil, badHours("Skriv dagarna som mon-fri eller sat; %q går inte.",
			"Write the days as mon-fri or sat; %q cannot be read.", s)
	}
	var out []int
	for p := from; p <= to; p++ {
		out = append(out, p)
	}
	return out, nil
}

func parseRanges(s string) ([]Range, error) {
	var out []Range
	for word := range strings.SplitSeq(s, ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(word), "-")
		r := Range{minuteOfDay(from), minuteOfDay(to)}
		if !ok || r.From < 0 || r.To <= r.From {
			return nil, badHours("Skriv öppettiden som 07:00-19:00, inom ett dygn; %q går inte.",
				"Write the hours as 07:00-19:00, within one day; %q cannot be read.", word)
		}
		if n := len(out); n > 0 && r.From <= out[n-1].To {
			return nil, badHours("Tiderna %q överlappar eller står i fel ordning.",
				"The hours %q overlap or are out of order.", s)
		}
		out = append(out, r)
	}
	return out, nil
}

// shutWord is how a shift says that there is none on its day.
const shutWord = "closed"

// ParseShift reads the hours of one day, "06:00-14:00", or "closed". Code:
// invalid.
func ParseShift(words string) ([]Range, error) {
	if words == shutWord {
		return nil, nil
	}
	return parseRanges(words)
}

// minuteOfDay reads "07:30"; -1 is anything else.
func minuteOfDay(s string) int {
	h, m, ok := strings.Cut(s, ":")
	hour, err1 := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	at := int(hour)*60 + int(minute)
	if !ok || err1 != nil || err2 != nil || len(h) != 2 || len(m) != 2 || minute > 59 || at > dayMinutes {
		return -1
	}
	return at
}

// MarshalJSON writes the stored form, {"mon": [[420, 1140]]}.
func (h Hours) MarshalJSON() ([]byte, error) {
	out := map[string][][2]int{}
	for p, name := range weekdays {
		for _, r := range h[weekday(p)] {
			out[name] = append(out[name], [2]int{r.From, r.To})
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the stored form.
func (h *Hours) UnmarshalJSON(b []byte) error {
	var stored map[string][][2]int
	if err := json.Unmarshal(b, &stored); err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	*h = Hours{}
	for p, name := range weekdays {
		for _, r := range stored[name] {
			h[weekday(p)] = append(h[weekday(p)], Range{r[0], r[1]})
		}
	}
	return nil
}

// shown writes a day's ranges for a reader.
func shown(ranges []Range) text.Text {
	words := make([]string, len(ranges))
	for i, r := range ranges {
		words[i] = r.String()
	}
	if n := len(words); n > 1 {
		head := strings.Join(words[:n-1], ", ")
		return text.Text{SV: head + " och " + words[n-1], EN: head + " and " + words[n-1]}
	}
	return text.Text{SV: words[0], EN: words[0]}
}
