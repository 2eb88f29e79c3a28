package web

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// bookForm is the booking form as it was filled in: what was typed stays, and
// what is wrong with it stands beside the field.
type bookForm struct {
	facility  *facilities.Facility
	resources []*facilities.Resource // chosen
	start     clockField
	end       clockField
	project   string
	purpose   string
	repeat    repeatForm
	attendees []booking.Attendee
	override  string // a manager's reason to set soft rules aside
	enquiry   string // that it comes out of
	key       string
	errors    map[string]string // by the field's name
}

// clockField is a local time as it was typed. One that the clocks show twice has
// two choices, of which the person must name one.
type clockField struct {
	typed   string
	at      time.Time // zero: not readable yet
	choices []option
}

// formValues are the fields of a request: its query, or the body of a form.
func formValues(c *fiber.Ctx) (url.Values, error) {
	raw := string(c.Request().URI().QueryString())
	if c.Method() == fiber.MethodPost {
		if !strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEApplicationForm) {
			return nil, &problem.Error{Code: codeMedia}
		}
		raw = string(c.Body())
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, problem.CodeInvalid.Wrap(err)
	}
	return values, nil
}

// readForm reads the fields. A resource that isn't there is not-found; the rest
// of what is wrong is told in the form.
func (v *visit) readForm(values url.Values) (*bookForm, error) {
	f := &bookForm{
		project: values.Get("project"), errors: map[string]string{},
		purpose: strings.TrimSpace(strings.ReplaceAll(values.Get("purpose"), "\r\n", "\n")), repeat: readRepeat(values),
	}
	if key := values.Get("idempotency_key"); len(key) <= 64 && !strings.ContainsFunc(key, unprintable) {
		f.key = key
	}
	if ref := values.Get("enquiry"); id.ValidRef(ref) {
		f.enquiry = ref
	}
	for _, name := range values["resource"] {
		r, ok := v.facts.Catalogue.Resource(id.Resource(name))
		if !ok {
			return nil, problem.Absent()
		}
		if f.facility == nil {
			f.facility = r.Facility
		}
		if r.Facility == f.facility && !slices.Contains(f.resources, r) {
			f.resources = append(f.resources, r)
		}
	}
	if f.facility == nil { // every choice was taken away
		var err error
		if f.facility, err = v.facility(values.Get("facility")); err != nil {
			return nil, err
		}
		if len(f.facility.Resources) == 0 {
			return nil, problem.Absent()
		}
		f.errors["resource"] = v.say("book.choose")
	}
	f.readMore(values)
	f.start = v.readClock(f, "start", values.Get("start"), values.Get("start_offset"))
	f.end = v.readClock(f, "end", values.Get("end"), values.Get("end_offset"))
	return f, nil
}

func unprintable(r rune) bool { return r <= 0x20 || r > 0x7e }

func (f *bookForm) zone(now time.Time) *time.Location { return f.facility.SiteAt(now).Zone }

// readClock reads a local time, or an instant with its offset as our own links
// have it. chosen is which of two it is, once the person was asked.
func (v *visit) readClock(f *bookForm, name, typed, chosen string) clockField {
	out := clockField{typed: clip(typed, 40)}
	if typed == "" {
		return out
	}
	zone := f.zone(v.now)
	at, err := period.Parse(typed, zone)
	if err == nil {
		out.at, out.typed = at, at.In(zone).Format(localTime)
		chosen = at.In(zone).Format(time.RFC3339)
		_, err = period.Parse(out.typed, zone) // an instant may be one of two too
	}
	if !problem.Has(err, period.CodeAmbiguousLocalTime) {
		if err != nil {
			f.errors[name] = problem.From(err).Text().In(v.lang)
		}
		return out
	}
	both, _ := problem.From(err).Details["choices"].([]string)
	for _, choice := range both {
		t, parseErr := time.Parse(time.RFC3339, choice)
		if parseErr != nil {
			continue
		}
		local := t.In(zone)
		out.choices = append(out.choices, option{Value: choice, Text: v.clock(local) + " " + offset(local), Selected: choice == chosen})
		if choice == chosen {
			out.at = t.UTC()
		}
	}
	if out.at.IsZero() {
		f.errors[name] = v.say("book.ambiguous")
		out.choices = append([]option{{Text: v.say("book.choose_one"), Selected: true}}, out.choices...)
	}
	return out
}

// approval is the policy for what is chosen.
func (f *bookForm) approval() facilities.Approval {
	if len(f.resources) == 0 {
		return f.facility.Approval
	}
	return facilities.Strictest(f.resources)
}

// filled tells whether there is enough to price.
func (f *bookForm) filled() bool {
	return len(f.resources) > 0 && !f.start.at.IsZero() && !f.end.at.IsZero() && f.project != ""
}

func (f *bookForm) period() period.Period { return period.New(f.start.at, f.end.at) }

func (f *bookForm) request() booking.Request {
	return booking.Request{
		Resources: f.names(), Project: id.Project(f.project), Period: f.period(), Purpose: f.purpose,
		Attendees: f.attendees, Override: f.override, Enquiry: id.Ref(f.enquiry),
	}
}

func (f *bookForm) names() (out []id.Resource) {
	for _, r := range f.resources {
		out = append(out, r.ID)
	}
	return out
}

// canonical is what makes two sendings of the form the same request.
func (f *bookForm) canonical() string {
	return fmt.Sprintf("%q %s %s %q %q %q %q %q %q", f.names(), f.period().Start.Format(time.RFC3339),
		f.period().End.Format(time.RFC3339), f.project, f.purpose, f.attendees, f.override, f.enquiry, f.repeat)
}

// path is the address of the form as it is filled in, but for who comes along:
// addresses are kept in many places.
func (f *bookForm) path() string {
	values := url.Values{"project": {f.project}, "start": {f.start.typed}, "end": {f.end.typed}, "facility": {string(f.facility.ID)}}
	if f.purpose != "" {
		values.Set("purpose", f.purpose)
	}
	if f.enquiry != "" {
		values.Set("enquiry", f.enquiry)
	}
	for _, name := range f.names() {
		values.Add("resource", string(name))
	}
	f.repeat.values(values)
	return "/book?" + values.Encode()
}

// formPath is the address of the booking form with a time. It is local time, as
// people read it, with the offset where the clocks show it twice.
func formPath(resources []id.Resource, p period.Period, zone *time.Location, project string) string {
	values := url.Values{"start": {localOr(p.Start, zone)}, "end": {localOr(p.End, zone)}}
	for _, r := range resources {
		values.Add("resource", string(r))
	}
	if project != "" {
		values.Set("project", project)
	}
	return "/book?" + values.Encode()
}

func localOr(t time.Time, zone *time.Location) string {
	local := t.In(zone).Format(localTime)
	if _, err := period.Parse(local, zone); err != nil {
		return t.In(zone).Format(time.RFC3339)
	}
	return local
}

// fieldNames are the form's names of what a service complains about.
var fieldNames = map[string]string{
	"resources": "resource", "start": "start", "end": "end", "project": "project", "purpose": "purpose",
	"attendees": "attendees", "override.reason": "override", "recurrence": "repeat", "accept": "repeat",
}

// complain puts what a service says of the input beside the fields. It tells
// whether it was such a complaint.
func (f *bookForm) complain(err error, lang text.Lang) bool {
	var e *problem.Error
	if !errors.As(err, &e) || e.Code.Kind != problem.Invalid && e.Code.Kind != problem.Refused {
		return false
	}
	for _, field := range e.Fields {
		path, _, _ := strings.Cut(field.Path, "[")
		name, known := fieldNames[path]
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

// timeField is a local time with what goes under it: the choice between two
// offsets, and what is wrong.
type timeField struct {
	Name, Value string
	StepSeconds int
	Offsets     []option
	Error       string
	Live        bool // a part of the live answer, which swaps what is under the field
}

func (f *bookForm) field(name string) timeField {
	clock := map[string]clockField{"start": f.start, "end": f.end}[name]
	return timeField{Name: name, Value: clock.typed, Offsets: clock.choices, Error: f.errors[name], StepSeconds: f.stepSeconds()}
}

// stepSeconds is the step of the time fields: the first resource's.
func (f *bookForm) stepSeconds() int {
	return int(max(f.first().Rules.Step.Duration(), time.Minute) / time.Second)
}

// first is the first resource that was chosen, or that there is.
func (f *bookForm) first() *facilities.Resource {
	if len(f.resources) > 0 {
		return f.resources[0]
	}
	return f.facility.Resources[0]
}
