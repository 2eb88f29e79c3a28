package web

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// runView is what is told of a run, or the form to tell it.
type runView struct {
	Path      string // where the form is sent; empty: it is told, or not the visitor's to tell
	Action    string // key run.ACTION
	Version   int
	Questions []questionField
	Notes     string
	Error     string
	Said      []fact // what was told
	Who       string
	At        time.Time
	Open      bool // it is over, and nobody has told
}

// questionField is one question as a form has it.
type questionField struct {
	ID, Label, Kind, Unit, Value, Error string
	Required                            bool
	Choices                             []option
}

// correctView is the managers' form for actual times, and for what was told.
type correctView struct {
	Path, In, Out, Reason string
	Version               int
	Completed, Told       bool
	Questions             []questionField
	Notes                 string
	Errors                map[string]string
}

// run makes the part of the booking's page about its use.
func (s *Server) run(v *visit, b *booking.Booking) (*runView, error) {
	l, err := s.Booking.LogOf(v.ctx, b)
	if err != nil {
		return nil, err
	}
	out := &runView{Version: b.Version, At: v.now}
	questions := v.facts.Asks(b)
	use := v.allowed(access.UseBooking, v.facts.ObjectOf(b))
	switch {
	case l != nil:
		names, err := s.peopleNamed(v.ctx, []id.Person{l.By})
		if err != nil {
			return nil, err
		}
		out.Who, out.At, out.Notes = names[l.By].Name, l.At.In(v.facts.ZoneOf(b)), l.Notes
		for _, q := range l.Questions {
			if said := q.Says(l.Answers[q.ID], v.lang); said != "" {
				out.Said = append(out.Said, fact{q.Label.In(v.lang), said})
			}
		}
		return out, nil
	case b.State == booking.InUse && use:
		out.Path, out.Action = "/bookings/"+string(b.Ref)+"/check-out", "check-out"
	case b.State == booking.Completed && use:
		out.Path, out.Action, out.Open = "/bookings/"+string(b.Ref)+"/log", "log", len(questions) > 0
	case b.State != booking.Completed || len(questions) == 0:
		return nil, nil
	}
	out.Open = out.Open || b.State == booking.Completed && len(questions) > 0
	out.Questions = v.questions(questions)
	return out, nil
}

func (v *visit) questions(list []facilities.Question) (out []questionField) {
	for _, q := range list {
		f := questionField{ID: q.ID, Label: q.Label.In(v.lang), Kind: string(q.Kind), Unit: q.Unit, Required: q.Required}
		for _, c := range q.Choices {
			f.Choices = append(f.Choices, option{Value: c.ID, Text: c.Label.In(v.lang)})
		}
		out = append(out, f)
	}
	return out
}

// useOf fills in what a booking's page has about its use.
func (s *Server) useOf(v *visit, b *booking.Booking, page *bookingPage, failed *tried) (err error) {
	o := v.facts.ObjectOf(b)
	if page.Run, err = s.run(v, b); err != nil {
		return err
	}
	if page.Correct, err = s.correction(v, b); err != nil {
		return err
	}
	if failed != nil && failed.wrong != nil {
		if failed.action == "correct" {
			page.Correct.typed(failed.values, failed.wrong, v)
		} else {
			page.Run.typed(failed.values, failed.wrong, v)
		}
	}
	path := "/bookings/" + string(b.Ref)
	if page.Files, err = s.filesOf(v, booking.Attached{Booking: b.Ref}, path+"/files", v.allowed(access.AttachFile, o)); err != nil {
		return err
	}
	if v.allowed(access.UseBooking, o) && (b.State == booking.InUse || b.State == booking.Completed || b.State == booking.Confirmed) {
		page.Report = path + "/report"
	}
	if b.Enquiry != "" {
		if _, err := s.Booking.FindEnquiry(v.ctx, v.who, b.Enquiry); err == nil {
			page.Enquiry = "/enquiries/" + string(b.Enquiry)
		}
	}
	return nil
}

// answered is an answer as its field has it.
func answered(answer any, v *visit) string {
	if choice, ok := answer.(string); ok {
		return choice
	}
	return new(facilities.Question).Says(answer, v.lang)
}

// fill puts an answer into the field.
func (q *questionField) fill(value string) {
	q.Value = value
	for i := range q.Choices {
		q.Choices[i].Selected = q.Choices[i].Value == value
	}
}

// typed puts what was sent back into the form, with what is wrong beside it.
func (r *runView) typed(values url.Values, e *problem.Error, v *visit) {
	if r == nil || r.Path == "" {
		return
	}
	r.Notes, r.Error = values.Get("notes"), e.Text().In(v.lang)
	retyped(r.Questions, values, e, v)
}

func retyped(questions []questionField, values url.Values, e *problem.Error, v *visit) {
	for i := range questions {
		q := &questions[i]
		q.fill(values.Get("answer." + q.ID))
		for _, wrong := range e.Fields {
			if wrong.Path == "answers."+q.ID {
				q.Error = wrong.Message.In(v.lang)
			}
		}
	}
}

// entryOf reads the form of a run.
func entryOf(values url.Values) booking.Entry {
	e := booking.Entry{Notes: strings.ReplaceAll(strings.TrimSpace(values.Get("notes")), "\r\n", "\n"), Answers: map[string]any{}}
	for key := range values {
		if name, ok := strings.CutPrefix(key, "answer."); ok && values.Get(key) != "" {
			e.Answers[name] = values.Get(key)
		}
	}
	return e
}

// changeOf reads which version of which booking a form is about.
func changeOf(c *fiber.Ctx, values url.Values) (booking.Change, error) {
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil || version < 1 {
		return booking.Change{}, problem.CodeInvalid.Say("Läs om sidan och försök igen.", "Reload the page and try again.")
	}
	if !id.ValidRef(c.Params("ref")) {
		return booking.Change{}, problem.Absent()
	}
	return booking.Change{Ref: id.Ref(c.Params("ref")), Version: version, Reason: values.Get("reason")}, nil
}

// postRun takes the form of a run: at check-out, or afterwards.
func (s *Server) postRun(name string, do entryFunc) pageFunc {
	return func(c *fiber.Ctx, v *visit) error {
		values, err := formValues(c)
		if err != nil {
			return err
		}
		change, err := changeOf(c, values)
		if err != nil {
			return err
		}
		if _, err := do(v.ctx, v.who, change, entryOf(values)); err != nil {
			return s.runRefused(c, v, name, change, values, err)
		}
		back := "/bookings/" + string(change.Ref)
		if to := values.Get("back"); to != "" {
			back = ours(to)
		}
		return s.leave(c, back, "flash."+name)
	}
}

func (s *Server) runRefused(c *fiber.Ctx, v *visit, name string, change booking.Change, values url.Values, err error) error {
	e := known(err)
	if e.Code.Kind != problem.Invalid || len(e.Fields) == 0 {
		return s.actionRefused(c, v, name, change, err)
	}
	b, err := s.Booking.Find(v.ctx, v.who, change.Ref)
	if err != nil {
		return err
	}
	return s.showBooking(c, v, b, statusOf(e), &tried{action: name, wrong: e, values: values})
}

// correction is the form for managers; nil where nothing can be corrected.
func (s *Server) correction(v *visit, b *booking.Booking) (*correctView, error) {
	if b.State != booking.InUse && b.State != booking.Completed || !v.allowed(access.OperateBooking, v.facts.ObjectOf(b)) {
		return nil, nil
	}
	l, err := s.Booking.LogOf(v.ctx, b)
	if err != nil {
		return nil, err
	}
	zone := v.facts.ZoneOf(b)
	out := &correctView{Path: "/bookings/" + string(b.Ref) + "/correct", Version: b.Version, Completed: b.State == booking.Completed}
	if !b.CheckedIn.IsZero() {
		out.In = b.CheckedIn.In(zone).Format(localTime)
	}
	if !b.CheckedOut.IsZero() {
		out.Out = b.CheckedOut.In(zone).Format(localTime)
	}
	if l == nil {
		return out, nil
	}
	out.Told, out.Notes, out.Questions = true, l.Notes, v.questions(l.Questions)
	for i := range out.Questions {
		out.Questions[i].fill(answered(l.Answers[out.Questions[i].ID], v))
	}
	return out, nil
}

// postCorrect takes the corrected times. A field that still says what it said
// keeps the seconds that the page does not show.
func (s *Server) postCorrect(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	change, err := changeOf(c, values)
	if err != nil {
		return err
	}
	b, err := s.Booking.Find(v.ctx, v.who, change.Ref)
	if err != nil {
		return err
	}
	zone := v.facts.ZoneOf(b)
	var to booking.Correction
	for _, field := range []struct {
		name string
		was  time.Time
		into *time.Time
	}{{"checked_in", b.CheckedIn, &to.CheckedIn}, {"checked_out", b.CheckedOut, &to.CheckedOut}} {
		typed := values.Get(field.name)
		if !field.was.IsZero() && typed == field.was.In(zone).Format(localTime) {
			continue
		}
		if *field.into, err = timeAt(field.name, typed, zone); err != nil {
			break
		}
	}
	if values.Get("told") != "" {
		told := entryOf(values)
		to.Log = &told
	}
	if err == nil {
		_, err = s.Booking.Correct(v.ctx, v.who, change, to)
	}
	if err != nil {
		return s.runRefused(c, v, "correct", change, values, err)
	}
	return s.leave(c, "/bookings/"+string(change.Ref), "flash.correct")
}

// typed puts what was sent back into the form.
func (f *correctView) typed(values url.Values, e *problem.Error, v *visit) {
	if f == nil {
		return
	}
	f.Notes = values.Get("notes")
	retyped(f.Questions, values, e, v)
	f.In, f.Out, f.Reason, f.Errors = values.Get("checked_in"), values.Get("checked_out"), values.Get("reason"), map[string]string{}
	for _, wrong := range e.Fields {
		f.Errors[wrong.Path] = wrong.Message.In(v.lang)
	}
}
