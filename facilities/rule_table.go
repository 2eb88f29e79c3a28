package facilities

import (
	"slices"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Rule is one row of the table of rules: all that `rigg load`, the refusals, the
// API and the pages know of a rule. Just one of Span, Yes, Word, Hours, Quotas
// and Audiences is set: where it is stated.
type Rule struct {
	Key   string         // as rigg load writes it
	Name  text.Text      // as people call it
	Codes []problem.Code // with which it refuses; none: it refuses nothing
	Soft  bool           // a manager may override it, with a reason

	Span      func(*Stated) **period.Span
	Yes       func(*Stated) **bool
	Word      func(*Stated, string)
	Words     []string // the choices of Word
	Hours     func(*Stated) **Hours
	Quotas    func(*Stated) **[]Quota
	Audiences func(*Stated) **[]Audience

	says    func(Rules) text.Text   // empty: it is off, or as everybody expects
	saysAll func(Rules) []text.Text // of a rule that is a list
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
		Key: "set_up", Name: text.Text{SV: "Ställtid", EN: "Set-up"},
		Span: func(s *Stated) **period.Span { return &s.SetUp },
		says: spanSays(func(r Rules) period.Span { return r.SetUp }, "%s ställtid före", "%s of set-up before"),
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
		Codes: []problem.Code{CodeTooLateToChange}, Soft: true,
		Span: func(s *Stated) **period.Span { return &s.LatestChange },
		says: spanSays(func(r Rules) period.Span { return r.LatestChange },
			"Går att flytta och avboka fram till %s före start", "Can be moved and cancelled until %s before the start"),
	},
	{
		Key: "gap", Name: text.Text{SV: "Mellanrum mellan egna bokningar", EN: "Gap between one's own bookings"},
		Codes: []problem.Code{CodeGapTooShort}, Soft: true,
		Span: func(s *Stated) **period.Span { return &s.Gap },
		says: spanSays(func(r Rules) period.Span { return r.Gap },
			"Minst %s mellan en persons bokningar", "At least %s between one person's bookings"),
	},
	{
		Key: "quotas", Name: text.Text{SV: "Kvoter", EN: "Quotas"},
		Codes: []problem.Code{CodeQuotaCount, CodeQuotaHours}, Soft: true,
		Quotas:  func(s *Stated) **[]Quota { return &s.Quotas },
		saysAll: quotasSay,
	},
	{
		// Soft, as hours and horizon of an audience are too: a manager may let in a
		// guest for once.
		Key: "audiences", Name: text.Text{SV: "Vilka som får boka", EN: "Who may book"},
		Codes: []problem.Code{CodeNotAdmitted}, Soft: true,
		Audiences: func(s *Stated) **[]Audience { return &s.Audiences },
		saysAll:   audiencesSay,
	},
	{
		// Hard: it is there for somebody's life, and whoever takes the responsibility
		// can come along.
		Key: "buddy", Name: text.Text{SV: "Inget ensamarbete", EN: "Nobody works alone"},
		Codes: []problem.Code{CodeBuddyMissing},
		Hours: func(s *Stated) **Hours { return &s.Buddy },
		says:  buddySays,
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
		Key: "early", Name: text.Text{SV: "Tidig incheckning", EN: "Early check-in"},
		Span: func(s *Stated) **period.Span { return &s.Early },
		says: earlySays,
	},
	{
		Key: "use_logged", Name: text.Text{SV: "Utcheckning krävs", EN: "Check-out demanded"},
		Codes: []problem.Code{CodeUseNotLogged}, Soft: true,
		Yes: func(s *Stated) **bool { return &s.UseLogged },
		says: func(r Rules) text.Text {
			if !r.UseLogged {
				return text.Text{}
			}
			return text.Text{SV: "Checka ut efter användning, innan ni bokar igen", EN: "Check out after use, before you book again"}
		},
	},
	{
		Key: "no_show_after", Name: text.Text{SV: "Utebliven efter", EN: "No-show after"},
		Span: func(s *Stated) **period.Span { return &s.NoShowAfter },
		says: spanSays(func(r Rules) period.Span { return r.NoShowAfter },
			"Tiden släpps %s efter start om ingen har checkat in", "The time is released %s after the start if nobody has checked in"),
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
		if rule.saysAll != nil {
			out = append(out, rule.saysAll(r)...)
		}
		if rule.says == nil {
			continue
		}
		if said := rule.says(r); !said.Empty() {
			out = append(out, said)
		}
	}
	return out
}

// RuleOf gives the rule by which something was refused: the one that the refusal
// names, or the one that has its code.
func RuleOf(e *problem.Error) (Rule, bool) {
	at := slices.IndexFunc(RuleTable, func(r Rule) bool { return r.Key == e.Details[detailRule] })
	if at < 0 {
		at = slices.IndexFunc(RuleTable, func(r Rule) bool {
			return slices.ContainsFunc(r.Codes, func(c problem.Code) bool { return c.Slug == e.Code.Slug })
		})
	}
	if at < 0 {
		return Rule{}, false
	}
	return RuleTable[at], true
}

// detailRule is the detail of a refusal that names its rule.
const detailRule = "rule"

// NameRule adds to refusals which rule each is of, for programs to act on.
func NameRule(refusals []*problem.Error) []*problem.Error {
	for i, e := range refusals {
		if rule, ok := RuleOf(e); ok {
			refusals[i] = e.With(detailRule, rule.Key)
		}
	}
	return refusals
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

// earlySays is for where it is not as usual.
func earlySays(r Rules) text.Text {
	switch {
	case !r.CheckIn || r.Early == usualEarly:
		return text.Text{}
	case r.Early.Zero():
		return text.Text{SV: "Incheckningen öppnar vid start", EN: "Check-in opens at the start"}
	}
	return text.New("Incheckningen öppnar %s före start", "Check-in opens %s before the start", r.Early)
}
