package web

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// outageForm is the form of an outage as it was filled in.
type outageForm struct {
	at       *facilities.Facility
	old      id.Outage // 0: a new one
	kind     facilities.OutageKind
	name     text.Text
	note     string
	reason   string
	units    []string
	start    clockField
	end      clockField
	until    string
	every    string // an RRULE without its count; empty: once
	times    string
	displace bool
	errors   map[string]string // by the field's name
}

// The choices of the form: by how much an end moves on, and how often an outage
// comes again.
var (
	untilChoices = []string{"1h", "2h", "4h", "8h", "24h"}
	everyChoices = []struct{ rule, key string }{
		{"FREQ=DAILY", "outage.every.day"}, {"FREQ=WEEKLY", "outage.every.week"},
		{"FREQ=WEEKLY;INTERVAL=2", "outage.every.fortnight"}, {"FREQ=MONTHLY", "outage.every.month"},
	}
)

// readOutageForm reads the fields. What is wrong is told in the form.
func (v *visit) readOutageForm(at *facilities.Facility, values url.Values) *outageForm {
	f := &outageForm{
		at: at, kind: facilities.OutageKind(values.Get("kind")), units: values["unit"], until: values.Get("until"),
		name: text.Text{SV: strings.TrimSpace(values.Get("name_sv")), EN: strings.TrimSpace(values.Get("name_en"))},
		note: typed(values, "note"), reason: typed(values, "reason"), every: values.Get("every"), times: values.Get("times"),
		displace: values.Get("displace") == "true", errors: map[string]string{},
	}
	// Both languages from the one that was written, or from the kind.
	switch {
	case f.name == (text.Text{}):
		f.name = f.kind.Name()
	case f.name.SV == "":
		f.name.SV = f.name.EN
	case f.name.EN == "":
		f.name.EN = f.name.SV
	}
	times := &bookForm{facility: at, errors: f.errors}
	f.start = v.readClock(times, "start", values.Get("start"), values.Get("start_offset"))
	f.end = v.readClock(times, "end", values.Get("end"), values.Get("end_offset"))
	return f
}

func typed(values url.Values, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(values.Get(name), "\r\n", "\n"))
}

// outageFormOf is the form of an outage as it is.
func (v *visit) outageFormOf(at *facilities.Facility, o facilities.Outage) *outageForm {
	zone := at.SiteAt(v.now).Zone
	f := &outageForm{at: at, old: o.ID, kind: o.Kind, name: o.Name, note: o.Note, errors: map[string]string{}}
	times := &bookForm{facility: at, errors: f.errors}
	f.start = v.readClock(times, "start", o.Period.Start.In(zone).Format(time.RFC3339), "")
	f.end = v.readClock(times, "end", o.Period.End.In(zone).Format(time.RFC3339), "")
	for _, u := range o.Units {
		f.units = append(f.units, v.facts.Catalogue.UnitName(u))
	}
	if o.UntilLifted > 0 {
		f.until = period.Span{Minutes: int(o.UntilLifted / time.Minute)}.String()
	}
	return f
}

// defaults fills in the next sensible outage: now, for four hours.
func (f *outageForm) defaults(v *visit) {
	if f.kind == "" {
		f.kind = facilities.Maintenance
	}
	if f.name.Empty() {
		f.name = f.kind.Name()
	}
	times := &bookForm{facility: f.at, errors: f.errors}
	zone := f.at.SiteAt(v.now).Zone
	if f.start.typed == "" {
		f.start = v.readClock(times, "start", v.now.Truncate(time.Minute).In(zone).Format(time.RFC3339), "")
	}
	if f.end.typed == "" && !f.start.at.IsZero() {
		f.end = v.readClock(times, "end", f.start.at.Add(4*time.Hour).In(zone).Format(time.RFC3339), "")
	}
}

// wish is the form as the service takes it; ok is false where it can't be read, and
// the form says why.
func (f *outageForm) wish(v *visit) (w booking.OutageWish, ok bool) {
	for name, at := range map[string]clockField{"start": f.start, "end": f.end} {
		if at.at.IsZero() && f.errors[name] == "" {
			f.errors[name] = v.say("form.missing")
		}
	}
	if len(f.units) == 0 {
		f.errors["units"] = v.say("outage.units.choose")
	}
	w = booking.OutageWish{Displace: f.displace, Reason: f.reason, Outage: facilities.Outage{
		ID: f.old, Facility: f.at.ID, Kind: f.kind, Name: f.name, Note: f.note, Period: period.New(f.start.at, f.end.at),
	}}
	var err error
	if w.Outage.Units, err = chosenUnits(v.facts, f.at, f.units); err != nil {
		f.complain(err, v.lang)
	}
	if w.Outage.UntilLifted, err = readStep(f.until); err != nil {
		f.errors["until"] = problem.From(err).Text().In(v.lang)
	}
	if f.every != "" {
		w.Recurrence = fmt.Sprintf("%s;COUNT=%d", f.every, number(f.times, 1))
	}
	return w, len(f.errors) == 0
}

// outageFields are the form's names of what a service complains about.
var outageFields = map[string]string{
	"units": "units", "start": "start", "end": "end", "until_lifted": "until", "recurrence": "every", "name": "name", "note": "note", "kind": "kind",
}

// complain puts what a service says beside the fields. It tells whether it was
// something that the person can put right.
func (f *outageForm) complain(err error, lang text.Lang) bool {
	var e *problem.Error
	if !errors.As(err, &e) || e.Code.Kind != problem.Invalid && e.Code.Kind != problem.Refused && e.Code.Kind != problem.Conflict {
		return false
	}
	for _, field := range e.Fields {
		name, known := outageFields[field.Path]
		if !known {
			name = "form"
		}
		f.errors[name] = field.Message.In(lang)
	}
	if len(e.Fields) == 0 {
		f.errors["form"] = e.Text().In(lang)
	}
	return true
}

// outageFormView is the form as the page shows it.
type outageFormView struct {
	Save, Preview                     string // where it is sent
	Kinds, Units, Untils, Everys      []option
	Recurs                            bool // a new one may
	NameSV, NameEN, Note, Reason      string
	Times                             string
	Start, End                        timeField
	Zone                              string
	Errors                            map[string]string
	Displaces, Declines, Moves, Begun int // of the preview
	Held                              int
	Previewed                         bool
	Hits                              []hitRow
	Occurrences                       []slot // of a recurrence
}

type hitRow struct {
	bookingRow
	Booker  string
	Outcome string // key outcome.OUTCOME
}

func (f *outageForm) view(v *visit) outageFormView {
	out := outageFormView{
		NameSV: f.name.SV, NameEN: f.name.EN, Note: f.note, Reason: f.reason, Times: f.times, Recurs: f.old == 0,
		Zone: f.at.SiteAt(v.now).Zone.String(), Errors: f.errors,
		Start: timeField{Name: "start", Value: f.start.typed, Offsets: f.start.choices, Error: f.errors["start"], StepSeconds: 60},
		End:   timeField{Name: "end", Value: f.end.typed, Offsets: f.end.choices, Error: f.errors["end"], StepSeconds: 60},
	}
	out.Save = "/facilities/" + string(f.at.ID) + "/outages"
	out.Preview = out.Save + "/new"
	if f.old != 0 {
		out.Save = "/outages/" + strconv.FormatInt(int64(f.old), 10)
		out.Preview = out.Save
	}
	for _, k := range facilities.OutageKinds {
		out.Kinds = append(out.Kinds, option{Value: string(k), Text: k.Name().In(v.lang), Selected: k == f.kind})
	}
	names, _ := unitsOf(v.facts, f.at)
	for _, name := range names {
		out.Units = append(out.Units, option{Value: name, Text: name, Selected: slices.Contains(f.units, name)})
	}
	out.Untils = []option{{Text: v.say("outage.until.end"), Selected: f.until == ""}}
	choices := untilChoices
	if f.until != "" && !slices.Contains(choices, f.until) {
		choices = append(slices.Clone(choices), f.until)
	}
	for _, span := range choices {
		said := span // what was typed into the address may be no span
		if step, err := period.ParseSpan(span); err == nil {
			said = step.In(v.lang)
		}
		out.Untils = append(out.Untils, option{Value: span, Text: v.say("outage.until.lifted", said), Selected: span == f.until})
	}
	out.Everys = []option{{Text: v.say("outage.every.once"), Selected: f.every == ""}}
	for _, c := range everyChoices {
		out.Everys = append(out.Everys, option{Value: c.rule, Text: v.say(c.key), Selected: c.rule == f.every})
	}
	return out
}

// hits shows who is in the way.
func (o *outageFormView) hits(v *visit, plan *booking.OutagePlan, names map[id.Person]string) {
	o.Previewed, o.Held = true, plan.Held
	for _, h := range plan.Hits {
		switch h.Outcome {
		case booking.IsDisplaced:
			o.Displaces++
		case booking.IsDeclined:
			o.Declines++
		case booking.OtherUnit:
			o.Moves++
		case booking.HasBegun:
			o.Begun++
		}
		o.Hits = append(o.Hits, hitRow{bookingRow: v.bookingRow(h.Booking), Booker: names[h.Person], Outcome: string(h.Outcome)})
	}
	if len(plan.Outages) > 1 {
		for _, x := range plan.Outages {
			zone := siteZone
			if f, ok := v.facts.Catalogue.Facility(x.Facility); ok {
				zone = f.SiteAt(x.Period.Start).Zone
			}
			o.Occurrences = append(o.Occurrences, slot{Start: x.Period.Start.In(zone), End: x.Period.End.In(zone)})
		}
	}
}

// Loses is how many lose their time.
func (o outageFormView) Loses() int { return o.Displaces + o.Declines }
