package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"rigg/booking"
)

// repeatForm is how a booking is to be repeated, as it was filled in.
type repeatForm struct {
	freq     string // DAILY, WEEKLY or MONTHLY; empty: once
	every    string
	weekdays []string // of a week: MO, TU...
	monthly  string   // date, end, nth or last
	ends     string   // count or until
	count    string
	until    string
	accept   string
}

// weekdayCodes are RFC 5545's, in the order of the week here.
var weekdayCodes = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

func codeOf(day time.Weekday) string { return weekdayCodes[(int(day)+6)%7] }

func readRepeat(values url.Values) repeatForm {
	one := func(name, otherwise string, known ...string) string {
		if value := values.Get(name); slices.Contains(known, value) {
			return value
		}
		return otherwise
	}
	f := repeatForm{
		freq: one("repeat", "", "DAILY", "WEEKLY", "MONTHLY"), monthly: one("monthly", "date", "date", "end", "nth", "last"),
		ends: one("ends", "count", "count", "until"), accept: one("accept", "all", "all", "free"),
		every: clip(values.Get("every"), 3), count: clip(values.Get("count"), 4), until: clip(values.Get("until"), 10),
	}
	for _, code := range weekdayCodes {
		if slices.Contains(values["weekday"], code) {
			f.weekdays = append(f.weekdays, code)
		}
	}
	return f
}

// rule is what was filled in as a rule of RFC 5545, for a first occurrence.
func (f repeatForm) rule(first time.Time) string {
	parts := []string{"FREQ=" + f.freq}
	if f.every != "" && f.every != "1" {
		parts = append(parts, "INTERVAL="+f.every)
	}
	day := codeOf(first.Weekday())
	switch {
	case f.freq == "WEEKLY" && len(f.weekdays) > 0:
		parts = append(parts, "BYDAY="+strings.Join(f.weekdays, ","))
	case f.freq != "MONTHLY":
	case f.monthly == "end":
		parts = append(parts, "BYMONTHDAY=-1")
	case f.monthly == "nth":
		parts = append(parts, fmt.Sprintf("BYDAY=%d%s", (first.Day()-1)/7+1, day))
	case f.monthly == "last":
		parts = append(parts, "BYDAY=-1"+day)
	default:
		parts = append(parts, fmt.Sprintf("BYMONTHDAY=%d", first.Day()))
	}
	if f.ends == "until" && f.until != "" {
		parts = append(parts, "UNTIL="+strings.ReplaceAll(f.until, "-", ""))
	} else if f.ends == "count" && f.count != "" {
		parts = append(parts, "COUNT="+f.count)
	}
	return strings.Join(parts, ";")
}

func (f repeatForm) values(out url.Values) {
	if f.freq == "" {
		return
	}
	for name, value := range map[string]string{
		"repeat": f.freq, "every": f.every, "monthly": f.monthly, "ends": f.ends, "count": f.count, "until": f.until, "accept": f.accept,
	} {
		out.Set(name, value)
	}
	out["weekday"] = f.weekdays
}

// series is the form as a request for a series.
func (f *bookForm) series() booking.SeriesRequest {
	zone := f.facility.SiteAt(f.start.at).Zone
	return booking.SeriesRequest{
		Request: f.request(), Rule: f.repeat.rule(f.start.at.In(zone)), Accept: booking.Accept(f.repeat.accept),
	}
}

// repeats tells whether more than one booking is asked for.
func (f *bookForm) repeats() bool { return f.repeat.freq != "" }

// repeatView is the part of the booking form that says how it is repeated.
type repeatView struct {
	On                             bool
	Freqs, Weekdays, Monthly, Ends []option
	Accepts                        []option
	Every, Count, Until, Error     string
	MaxCount                       int
}

func (v *visit) repeatView(f *bookForm) repeatView {
	r := f.repeat
	out := repeatView{On: f.repeats(), Every: r.every, Count: r.count, Until: r.until, Error: f.errors["repeat"], MaxCount: booking.MaxOccurrences}
	out.Freqs = v.choices(r.freq, "", "series.freq.once", "DAILY", "series.freq.daily", "WEEKLY", "series.freq.weekly", "MONTHLY", "series.freq.monthly")
	out.Monthly = v.choices(r.monthly, "date", "series.monthly.date", "end", "series.monthly.end", "nth", "series.monthly.nth", "last", "series.monthly.last")
	out.Ends = v.choices(r.ends, "count", "series.ends.count", "until", "series.ends.until")
	out.Accepts = v.choices(r.accept, "all", "series.accept.all", "free", "series.accept.free")
	for i, code := range weekdayCodes {
		out.Weekdays = append(out.Weekdays, option{
			Value: code, Text: v.weekday(time.Weekday((i + 1) % 7)), Selected: slices.Contains(r.weekdays, code),
		})
	}
	if out.Every == "" {
		out.Every = "1"
	}
	if out.Count == "" {
		out.Count = "10"
	}
	return out
}

// choices are options of values, each with the key of its text after it.
func (v *visit) choices(chosen string, valuesAndKeys ...string) (out []option) {
	for pair := range slices.Chunk(valuesAndKeys, 2) {
		out = append(out, option{Value: pair[0], Text: v.say(pair[1]), Selected: pair[0] == chosen})
	}
	return out
}
