package facilities

import (
	"encoding/json"
	"fmt"
	"slices"

	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// CodeNotAdmitted refuses whoever is in none of a resource's audiences.
var CodeNotAdmitted = problem.Declare(problem.Refused, "not-admitted",
	"Inte öppet för den som bokar", "Not open to the booker")

// Who is a group of people that a resource may be open to: those whose
// organisation is of a kind, the facility's members, those of its host.
type Who string

// The groups.
const (
	Companies    Who = "company"
	Institutes   Who = "institute"
	Universities Who = "university"
	PublicBodies Who = "public_body"
	Members      Who = "member"
	Host         Who = "host"
)

// Whos lists every group.
var Whos = []Who{Companies, Institutes, Universities, PublicBodies, Members, Host}

var whoNames = map[Who]text.Text{
	Companies: {SV: "företag", EN: "companies"}, Institutes: {SV: "institut", EN: "institutes"},
	Universities: {SV: "lärosäten", EN: "universities"}, PublicBodies: {SV: "offentliga organ", EN: "public bodies"},
	Members: {SV: "anläggningens medlemmar", EN: "the facility's members"}, Host: {SV: "värdorganisationen", EN: "the host organisation"},
}

// Audience is who may book a resource, and within which horizon and hours where
// those are their own. Whoever is in several audiences is in the first of them.
type Audience struct {
	Who     []Who       `json:"who"`
	Horizon period.Span `json:"horizon,omitzero"` // zero: the resource's
	Hours   Hours       `json:"hours,omitzero"`   // none: the facility's
}

// UnmarshalJSON reads a whole audience, as Quota's does a quota.
func (a *Audience) UnmarshalJSON(b []byte) error {
	type plain Audience
	var read plain
	if err := json.Unmarshal(b, &read); err != nil {
		return fmt.Errorf("audience: %w", err)
	}
	*a = Audience(read)
	return nil
}

const maxAudiences = 20

func (r Rules) validateAudiences(bad badFunc) {
	bad("audiences", len(r.Audiences) > maxAudiences, "Ange högst 20 grupper.", "Give at most 20 audiences.")
	for i, a := range r.Audiences {
		unknown := slices.ContainsFunc(a.Who, func(w Who) bool { return !slices.Contains(Whos, w) })
		bad(fmt.Sprintf("audiences[%d].who", i), len(a.Who) == 0 || unknown || len(a.Who) > len(Whos),
			"Ange en eller flera av company, institute, university, public_body, member och host.",
			"Give one or more of company, institute, university, public_body, member and host.")
		bad(fmt.Sprintf("audiences[%d].horizon", i), !a.Horizon.Zero() && a.Horizon.Duration() < r.Notice.Duration(),
			"Bokningen öppnar senare än den måste vara gjord.", "Booking opens later than it has to be made.")
	}
}

// audienceOf gives the first audience that somebody of these groups is in; nil
// where they are in none, or everybody may book.
func (r *Resource) audienceOf(who []Who) *Audience {
	for i, a := range r.Rules.Audiences {
		if slices.ContainsFunc(a.Who, func(w Who) bool { return slices.Contains(who, w) }) {
			return &r.Rules.Audiences[i]
		}
	}
	return nil
}

// For is the resource as somebody of these groups may book it: with the horizon
// and hours of their audience. Whoever is in none sees the resource's own.
func (r *Resource) For(who []Who) *Resource {
	a := r.audienceOf(who)
	if a == nil || a.Horizon.Zero() && a.Hours.unsaid() {
		return r
	}
	out := *r
	out.audience = a
	if !a.Horizon.Zero() {
		out.Rules.Horizon = a.Horizon
	}
	if !a.Hours.unsaid() {
		out.Facility = r.Facility.within(a.Hours)
	}
	return &out
}

// within is the facility with other opening hours.
func (f *Facility) within(h Hours) *Facility {
	out := *f
	out.Hours = h
	return &out
}

// Admit refuses whoever is in no audience, where any is stated. Code:
// not-admitted.
func (r *Resource) Admit(who []Who) *problem.Error {
	if len(r.Rules.Audiences) == 0 || r.audienceOf(who) != nil {
		return nil
	}
	var groups []Who
	for _, a := range r.Rules.Audiences {
		groups = append(groups, a.Who...)
	}
	names := localised(groupNames(groups))
	return CodeNotAdmitted.Say(
		"%s får bara bokas av %s. Kontakta anläggningen för att bli medlem eller få ett undantag.",
		"%s may only be booked by %s. Contact the facility to become a member, or for an exception.",
		localised(r.Name), names).With("resource", r.ID).With("who", groups)
}

// groupNames lists groups for a reader, each once.
func groupNames(groups []Who) text.Text {
	var names []text.Text
	for _, w := range Whos {
		if slices.Contains(groups, w) {
			names = append(names, whoNames[w])
		}
	}
	return joined(names)
}

func audiencesSay(r Rules) (out []text.Text) {
	for _, a := range r.Audiences {
		say := text.New("Får bokas av %s", "May be booked by %s", localised(groupNames(a.Who)))
		if !a.Horizon.Zero() {
			say = text.New("%s, högst %s i förväg", "%s, at most %s ahead", localised(say), a.Horizon)
		}
		if !a.Hours.unsaid() {
			say = text.New("%s, %s", "%s, %s", localised(say), localised(a.Hours.words()))
		}
		out = append(out, say)
	}
	return out
}
