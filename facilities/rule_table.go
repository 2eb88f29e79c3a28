package facilities

import (
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Rule is one row of the table of rules: all that `rigg load`, the refusals, the
// API and the pages know of a rule. Just one of Span, Yes and Word is set: where
// it is stated.
type Rule struct {
	Key   string         // as rigg load writes it
	Name  text.Text      // as people call it
	Codes []problem.Code // with which it refuses; none: it refuses nothing
	Soft  bool           // a manager may override it, with a reason

	Span  func(*Stated) **period.Span
	Yes   func(*Stated) **bool
	Word  func(*Stated, string)
	Words []string // the choices of Word

	says func(Rules) text.Text // empty: it is off, or as everybody expects
}

// RuleTable is every rule that a resource can have, in the order in which they
// are shown.
var RuleTable = []Rule{
	{
		Key: "min", Name: text.Text{SV: "Kortaste bokning", EN: "Shortest booking"},
		Codes: []problem.Code{CodeTooShort}, Soft: true,
		Span: func(s *Stated) **period.Span { return &s.Min },
		says: lengthSays,
	},
	{
		Key: "max", Name: text.Text{SV: "Längsta bokning", EN: "Longest booking"},
		Codes: []problem.Code{CodeTooLong}, Soft: true,
		Span: func(s *Stated) **period.Span { return &s.Max },
	},
	{
		Key: "step", Name: text.Text{SV: "Bokningssteg", EN: "Booking step"},
		Codes: []problem.Code{CodeNotOnGrid}, Soft: true,
		Span: func(s *Stated) **period.Span { return &s.Step },
		says: spanSays(func(r Rules) period.Span { return r.Step }, "Bokas i steg om %s", "Booked in steps of %s"),
	},
	{
		Key: "notice", Name: text.Text{SV: "Framförhållning", EN: "Notice"},
		Codes: []problem.Code{CodeTooSoon}, Soft: true,
		Span: func(s *Stated) **period.Span { return &s.Notice },
		says: spanSays(func(r Rules) period.Span { return r.Notice }, "Minst %s i förväg", "At least %s ahead"),
	},
	{
		Key: "horizon", Name: text.Text{SV: "Hur långt fram det går att boka", EN: "How far ahead one can book"},
		Codes: []problem.Code{CodeTooFarAhead}, Soft: true,
		Span: func(s *Stated) **period.Span { return &s.Horizon },
		says: spanSays(func(r Rules) period.Span { return r.Horizon }, "Högst %s i förväg", "At most %s ahead"),
	},
	{
		Key: "set_up", Name: text.Text{SV: "Förberedelse", EN: "Set-up"},
		Span: func(s *Stated) **period.Span { return &s.SetUp },
		says: spanSays(func(r Rules) period.Span { return r.SetUp }, "%s förberedelse före", "%s of set-up before"),
	},
	{
		Key: "clean_up", Name: text.Text{SV: "Efterarbete", EN: "Clean-up"},
		Span: func(s *Stated) **period.Span { return &s.CleanUp },
		says: spanSays(func(r Rules) period.Span { return r.CleanUp }, "%s efterarbete", "%s of clean-up after"),
	},
	{
		Key: "free_cancel", Name: text.Text{SV: "Fri avbokning", EN: "Free cancellation"},
		Span: func(s *Stated) **period.Span { return &s.FreeCancel },
		says: spanSays(func(r Rules) period.Span { return r.FreeCancel },
			"Fri avbokning fram till %s före start", "Free cancellation until %s before the start"),
	},
	{
		Key: "latest_change", Name: text.Text{SV: "Senaste ändring", EN: "Latest change"},
		Span: func(s *Stated) **period.Span { return &s.LatestChange },
	},
	{
		Key: "gap", Name: text.Text{SV: "Mellanrum mellan egna bokningar", EN: "Gap between one's own bookings"},
		Span: func(s *Stated) **period.Span { return &s.Gap },
	},
	{
		Key: "closed", Name: text.Text{SV: "Stängd tid", EN: "Closed time"},
		Codes: []problem.Code{CodeClosed}, Soft: true,
		Word:  func(s *Stated, word string) { s.Closed = (*Closed)(&word) },
		Words: []string{string(Refuse), string(Span)},
		says: func(r Rules) text.Text {
			if r.Closed != Span {
				return text.Text{}
			}
			return text.Text{SV: "Körningar får gå över natt och helg", EN: "Runs may go through nights and weekends"}
		},
	},
	{
		Key: "check_in", Name: text.Text{SV: "Incheckning", EN: "Check-in"},
		Yes: func(s *Stated) **bool { return &s.CheckIn },
		says: func(r Rules) text.Text {
			if !r.CheckIn {
				return text.Text{}
			}
			return text.Text{SV: "Ni checkar in när ni kommer", EN: "You check in when you arrive"}
		},
	},
	{
		Key: "no_show_after", Name: text.Text{SV: "Utebliven efter", EN: "No-show after"},
		Span: func(s *Stated) **period.Span { return &s.NoShowAfter },
		says: spanSays(func(r Rules) period.Span { return r.NoShowAfter },
			"Tiden släpps %s efter start om ingen har checkat in", "The time is released %s after the start if nobody has checked in"),
	},
	{
		Key: "reconfirm", Name: text.Text{SV: "Fråga om tiden behövs", EN: "Ask whether the time is needed"},
		Span: func(s *Stated) **period.Span { return &s.Reconfirm },
		says: spanSays(func(r Rules) period.Span { return r.Reconfirm },
			"Ni får bekräfta att ni behöver tiden %s före start", "You are asked to confirm that you need the time %s before the start"),
	},
	{
		Key: "reconfirm_by", Name: text.Text{SV: "Släpps utan bekräftelse", EN: "Released without confirmation"},
		Span: func(s *Stated) **period.Span { return &s.ReconfirmBy },
	},
	{
		Key: "escalate_after", Name: text.Text{SV: "Förfrågan skickas vidare efter", EN: "Request is passed on after"},
		Span: func(s *Stated) **period.Span { return &s.EscalateAfter },
	},
	{
		Key: "answer_within", Name: text.Text{SV: "Förfrågan förfaller efter", EN: "Request expires after"},
		Span: func(s *Stated) **period.Span { return &s.AnswerWithin },
		says: spanSays(func(r Rules) period.Span { return r.AnswerWithin },
			"En förfrågan som ingen svarar på förfaller efter %s", "A request that nobody answers expires after %s"),
	},
	{
		Key: "charge", Name: text.Text{SV: "Debiterad tid", EN: "Time that is charged"},
		Word:  func(s *Stated, word string) { s.Charge = (*Basis)(&word) },
		Words: []string{string(Booked), string(Used), string(Greater)},
	},
}

// Says are the rules in force as sentences for a reader, in the table's order.
func (r Rules) Says() (out []text.Text) {
	for _, rule := range RuleTable {
		if rule.says == nil {
			continue
		}
		if said := rule.says(r); !said.Empty() {
			out = append(out, said)
		}
	}
	return out
}

// spanSays is the sentence of a rule that is off when its span is zero.
func spanSays(get func(Rules) period.Span, sv, en string) func(Rules) text.Text {
	return func(r Rules) text.Text {
		if get(r).Zero() {
			return text.Text{}
		}
		return text.New(sv, en, get(r))
	}
}

// lengthSays tells the shortest and the longest booking in one sentence.
func lengthSays(r Rules) text.Text {
	switch {
	case !r.Min.Zero() && !r.Max.Zero():
		return text.New("%s till %s åt gången", "%s to %s at a time", r.Min, r.Max)
	case !r.Min.Zero():
		return text.New("Minst %s åt gången", "At least %s at a time", r.Min)
	case !r.Max.Zero():
		return text.New("Högst %s åt gången", "At most %s at a time", r.Max)
	}
	return text.Text{}
}
