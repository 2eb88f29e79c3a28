package funding

import (
	"slices"

	"rigg/internal/database"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// maxParts is the most that the parts of an agreement may add up to: the
// arithmetic of a split has room for them.
const maxParts = 1_000_000

// version is one of a dated row of agreements or rates; a zero last day is until
// further notice.
type version struct {
	id       int64
	from, to period.Date
}

// place finds the place of a version from a day on among the others, which are
// by start. One without a last day lasts until the next begins; and the one
// before, unless its own last day was chosen, ends the day before. fits is false
// where the two would overlap. same is the version that begins on that very day.
func place(others []version, from, to period.Date) (last period.Date, same, closing *version, fits bool) {
	last = to
	var beforeNext period.Date
	for i, v := range others {
		switch {
		case v.from == from:
			same = &others[i]
		case v.from.Before(from):
			closing = &others[i]
		case beforeNext == period.Date{}:
			beforeNext = v.from.Next(-1)
		}
	}
	if (to == period.Date{}) {
		last = beforeNext
	}
	overrunsNext := beforeNext != period.Date{} && beforeNext.Before(last)
	switch {
	case overrunsNext, to != period.Date{} && to.Before(from):
		return last, same, nil, false
	case closing == nil || !covers(closing.from, closing.to, from):
		return last, same, nil, true
	case closing.to == period.Date{} || closing.to == beforeNext:
		return last, same, closing, true
	}
	return last, same, nil, false
}

// PutAgreement adds a version of a project's cost share from its first day on and
// tells whether anything changed; the version before ends the day before. One
// that no booking has used may be replaced by another from the same day. The
// ID is not read. Codes: invalid, public-share-exceeded, versions-overlap,
// version-in-use.
func PutAgreement(tx *database.Tx, a Agreement) (changed bool, err error) {
	if err := a.check(); err != nil {
		return false, err
	}
	if err := checkPublicShare(tx, &a); err != nil {
		return false, err
	}
	others, err := listAgreements(tx, a.Project)
	if err != nil {
		return false, err
	}
	versions := make([]version, len(others))
	for i, o := range others {
		versions[i] = version{int64(o.ID), o.From, o.To}
	}
	last, same, closing, fits := place(versions, a.From, a.To)
	if !fits {
		return false, overlap("avtal", "agreement", a.From, a.To)
	}
	if same != nil {
		at := slices.IndexFunc(others, func(o *Agreement) bool { return int64(o.ID) == same.id })
		if slices.EqualFunc(others[at].Parties, a.Parties, sameParty) {
			return last != same.to, endVersion(tx, "agreements", same.id, last)
		}
		if err := deleteAgreement(tx, same.id); err != nil {
			return false, err
		}
	}
	if closing != nil {
		if err := endVersion(tx, "agreements", closing.id, a.From.Next(-1)); err != nil {
			return false, err
		}
	}
	a.To = last
	return true, insertAgreement(tx, &a)
}

func sameParty(a, b Party) bool {
	equal := (a.MaxShare == nil) == (b.MaxShare == nil) && (a.MaxShare == nil || *a.MaxShare == *b.MaxShare)
	a.MaxShare, b.MaxShare = nil, nil
	return equal && a == b
}

func (a *Agreement) check() error {
	if len(a.Parties) > 100 {
		return invalid("parties", "Ett avtal har högst 100 parter.", "An agreement has at most 100 parties.")
	}
	participants := 0
	for i, p := range a.Parties {
		if err := p.check(); err != nil {
			return err
		}
		if slices.ContainsFunc(a.Parties[:i], func(q Party) bool { return q.Organisation == p.Organisation }) {
			return invalid("parties", "%s nämns två gånger.", "%s is named twice.", p.Organisation)
		}
		if !p.Funder {
			participants++
		}
	}
	if participants == 0 {
		return invalid("parties", "Minst en part måste vara deltagare: någon ska bära det som finansiärerna inte betalar.",
			"At least one party is a participant: somebody bears what the funders do not pay.")
	}
	if _, all := a.parts(); all > maxParts {
		return invalid("parties", "Delarna får tillsammans vara högst %d.", "The parts add up to at most %d.", maxParts)
	}
	return nil
}

func (p Party) check() error {
	switch {
	case p.Funder != (p.Kind == "grant"):
		return invalid("parties.kind", "En finansiär ger bidrag (grant); en deltagare bidrar kontant (cash) eller in natura (in_kind).",
			"A funder gives a grant; a participant contributes cash or in_kind.")
	case !slices.Contains([]string{"grant", "cash", "in_kind"}, p.Kind):
		return badChoice("parties.kind", p.Kind, "grant", "cash", "in_kind")
	case p.Parts < 1 || p.Parts > maxParts:
		return invalid("parties.parts", "Antalet delar ska ligga mellan 1 och %d.", "The number of parts lies between 1 and %d.", maxParts)
	case p.MaxShare != nil && (p.Funder || *p.MaxShare < 0 || *p.MaxShare > whole):
		return invalid("parties.max_share", "En deltagares egen gräns för offentliga medel ligger mellan 0 och 100\u00a0%.",
			"A participant's own ceiling of public money lies between 0 and 100\u00a0%.")
	}
	return nil
}

// PutRate adds a price from its first day on and tells whether anything changed;
// the price before ends the day before. One that no booking has used may be
// corrected. The ID is not read. Codes: invalid, versions-overlap, version-in-use.
func PutRate(tx *database.Tx, r Rate) (changed bool, err error) {
	switch {
	case r.Per != PerHour && r.Per != PerDay:
		return false, badChoice("per", string(r.Per), PerHour, PerDay)
	case !slices.Contains(audiences, r.Audience):
		return false, badChoice("audience", r.Audience, audiences...)
	case r.Amount < 0 || r.Amount > money.Max:
		return false, invalid("amount", "Priset ska ligga mellan noll och %s.", "The price lies between zero and %s.", money.Max)
	}
	others, err := listRates(tx, r.Resource, r.Audience)
	if err != nil {
		return false, err
	}
	versions := make([]version, len(others))
	for i, o := range others {
		versions[i] = version{o.ID, o.From, o.To}
	}
	last, same, closing, fits := place(versions, r.From, r.To)
	if !fits {
		return false, overlap("pris", "rate", r.From, r.To)
	}
	r.To = last
	if same != nil {
		at := slices.IndexFunc(others, func(o Rate) bool { return o.ID == same.id })
		if r.ID = same.id; r == others[at] {
			return false, nil
		}
		if o := others[at]; r.Per == o.Per && r.Amount == o.Amount {
			return true, endVersion(tx, "rates", same.id, last)
		}
		return true, correctRate(tx, r)
	}
	if closing != nil {
		if err := endVersion(tx, "rates", closing.id, r.From.Next(-1)); err != nil {
			return false, err
		}
	}
	return true, insertRate(tx, r)
}

// audiences are the kinds of organisations.
var audiences = []string{"company", "institute", "university", "public_body"}

func overlap(sv, en string, from, to period.Date) error {
	return CodeVersionsOverlap.Say(
		"Ett %[1]s %[3]s skulle överlappa ett annat. Ändra den första eller den sista dagen.",
		"A version of the %[2]s %[3]s would overlap another. Change the first or the last day.",
		sv, en, covered(from, to))
}

func inUse(sv, en string) *problem.Error {
	return CodeVersionInUse.Say(
		"%[1]s är redan använt av bokningar och kan inte ändras. Lägg in en ny version från en senare dag.",
		"The %[2]s has been used by bookings and cannot be changed. Enter a new version from a later day.", sv, en)
}
