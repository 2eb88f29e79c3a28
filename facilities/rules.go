package facilities

import (
	"encoding/json"
	"fmt"
	"time"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Closed says what a booking has to do with closed time.
type Closed string

// The choices of the rule closed. Refuse: the booking lies inside open time.
// Span: it starts and ends in open time and may go through closed time.
const (
	Refuse Closed = "refuse"
	Span   Closed = "span"
)

// Basis is the time that a booking is charged for (FUNDING.md, arithmetic 6).
type Basis string

// The choices of the rule charge.
const (
	Booked  Basis = "booked"
	Used    Basis = "used"
	Greater Basis = "greater"
)

// Rules are the rules of time in force for a resource. A zero span is a rule
// that is off, or no buffer. Hours are elapsed time; days and months are local
// calendar days, except in buffers, where a day is 24 h: a buffer is work that
// takes as long over a clock change.
type Rules struct {
	Min          period.Span `json:"min,omitzero"`
	Max          period.Span `json:"max,omitzero"`
	Step         period.Span `json:"step,omitzero"`          // starts and ends lie on it, counted from local midnight
	Notice       period.Span `json:"notice,omitzero"`        // from now to the earliest start
	Horizon      period.Span `json:"horizon,omitzero"`       // from now to the latest start
	SetUp        period.Span `json:"set_up,omitzero"`        // buffer before
	CleanUp      period.Span `json:"clean_up,omitzero"`      // buffer after
	FreeCancel   period.Span `json:"free_cancel,omitzero"`   // before the start, until when cancelling is free
	LatestChange period.Span `json:"latest_change,omitzero"` // before the start, until when it may be changed
	Gap          period.Span `json:"gap,omitzero"`           // between two bookings of one person
	Early        period.Span `json:"early,omitzero"`         // before the start, from when one may check in
	NoShowAfter  period.Span `json:"no_show_after,omitzero"` // after the start, without a check-in
	CheckIn      bool        `json:"check_in"`
	UseLogged    bool        `json:"use_logged"` // who has not checked out an old booking may make no new one
	Closed       Closed      `json:"closed"`
	Charge       Basis       `json:"charge"`
	Quotas       []Quota     `json:"quotas,omitempty"`
	Audiences    []Audience  `json:"audiences,omitempty"` // who may book; none: everybody
	Buddy        Hours       `json:"buddy,omitzero"`      // outside of which nobody is there alone; no range: off
}

// Stated are rules as somebody wrote them, in rigg load's words: nil is not
// said, so that a facility's default holds; a zero span switches a default off.
type Stated struct {
	Min          *period.Span `json:"min,omitempty" yaml:"min,omitempty"`
	Max          *period.Span `json:"max,omitempty" yaml:"max,omitempty"`
	Step         *period.Span `json:"step,omitempty" yaml:"step,omitempty"`
	Notice       *period.Span `json:"notice,omitempty" yaml:"notice,omitempty"`
	Horizon      *period.Span `json:"horizon,omitempty" yaml:"horizon,omitempty"`
	SetUp        *period.Span `json:"set_up,omitempty" yaml:"set_up,omitempty"`
	CleanUp      *period.Span `json:"clean_up,omitempty" yaml:"clean_up,omitempty"`
	FreeCancel   *period.Span `json:"free_cancel,omitempty" yaml:"free_cancel,omitempty"`
	LatestChange *period.Span `json:"latest_change,omitempty" yaml:"latest_change,omitempty"`
	Gap          *period.Span `json:"gap,omitempty" yaml:"gap,omitempty"`
	Early        *period.Span `json:"early,omitempty" yaml:"early,omitempty"`
	NoShowAfter  *period.Span `json:"no_show_after,omitempty" yaml:"no_show_after,omitempty"`
	CheckIn      *bool        `json:"check_in,omitempty" yaml:"check_in,omitempty"`
	UseLogged    *bool        `json:"use_logged,omitempty" yaml:"use_logged,omitempty"`
	Closed       *Closed      `json:"closed,omitempty" yaml:"closed,omitempty"`
	Charge       *Basis       `json:"charge,omitempty" yaml:"charge,omitempty"`
	Quotas       *[]Quota     `json:"quotas,omitempty" yaml:"-"`
	Audiences    *[]Audience  `json:"audiences,omitempty" yaml:"-"`
	Buddy        *Hours       `json:"buddy,omitempty" yaml:"-"`
}

// Effective gives the rules in force: the resource's over the facility's over
// none.
func Effective(facility, resource Stated) (Rules, error) {
	rules := unruled()
	for _, stated := range []Stated{facility, resource} {
		written, err := json.Marshal(stated)
		if err != nil {
			return Rules{}, fmt.Errorf("write rules: %w", err)
		}
		if err := json.Unmarshal(written, &rules); err != nil {
			return Rules{}, fmt.Errorf("read rules: %w", err)
		}
	}
	return rules, nil
}

// usualEarly is how long before its start a booking may be checked in where
// nobody says otherwise.
var usualEarly = period.Span{Minutes: 15}

// unruled is where nobody has stated a rule.
func unruled() Rules { return Rules{Closed: Refuse, Charge: Greater, Early: usualEarly} }

// Limits that hold for every resource.
const (
	longestBuffer = 30 * 24 * time.Hour // as the schema says
	longestStep   = 24 * time.Hour
	longestEarly  = 24 * time.Hour
	longestGap    = 366 * 24 * time.Hour
)

// Validate says what is wrong with the rules taken together, naming the rule
// as Fields do. Code: invalid.
func (r Rules) Validate() error {
	var fields []problem.Field
	bad := func(rule string, wrong bool, sv, en string) {
		if wrong {
			fields = append(fields, problem.Field{Path: "rules." + rule, Message: text.Text{SV: sv, EN: en}})
		}
	}
	bad("step", r.Step.Duration() > longestStep, "Steget kan vara högst ett dygn.", "The step is at most a day.")
	bad("max", !r.Max.Zero() && r.Max.Duration() < r.Min.Duration(),
		"Längsta bokning är kortare än den kortaste.", "The longest booking is shorter than the shortest.")
	bad("horizon", !r.Horizon.Zero() && r.Horizon.Duration() < r.Notice.Duration(),
		"Bokningen öppnar senare än den måste vara gjord.", "Booking opens later than it has to be made.")
	bad("set_up", r.SetUp.Duration() > longestBuffer, "Förberedelsen kan vara högst 30 dygn.", "Set-up is at most 30 days.")
	bad("clean_up", r.CleanUp.Duration() > longestBuffer, "Efterarbetet kan vara högst 30 dygn.", "Clean-up is at most 30 days.")
	bad("early", r.Early.Duration() > longestEarly, "Incheckningen kan öppna högst ett dygn före start.",
		"Check-in opens at most a day before the start.")
	bad("gap", r.Gap.Duration() > longestGap, "Mellanrummet kan vara högst ett år.", "The gap is at most a year.")
	bad("use_logged", r.UseLogged && !r.CheckIn, "Utcheckning kan bara krävas där det finns incheckning: skriv check_in: true.",
		"Check-out can only be demanded where there is check-in: write check_in: true.")
	bad("closed", r.Closed != Refuse && r.Closed != Span, "Välj refuse eller span.", "Choose refuse or span.")
	bad("charge", r.Charge != Booked && r.Charge != Used && r.Charge != Greater,
		"Välj booked, used eller greater.", "Choose booked, used or greater.")
	r.validateQuotas(bad)
	r.validateAudiences(bad)
	if fields == nil {
		return nil
	}
	e := problem.CodeInvalid.Say("Reglerna går inte ihop.", "The rules do not fit together.")
	e.Fields = fields
	return e
}
