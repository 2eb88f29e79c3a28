package booking

import (
	"slices"
	"strconv"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// groups are the audiences of a facility that somebody belongs to. It goes by
// the organisations that they belong to themselves, whatever project they book on.
func (f *Facts) groups(who *access.Principal, at *facilities.Facility, when time.Time) (out []facilities.Who) {
	if who == nil {
		return nil
	}
	host := at.SiteAt(when).HostAt(when)
	for _, o := range who.Organisations {
		out = append(out, facilities.Who(f.Terms.Audience(o)))
		if o == host {
			out = append(out, facilities.Host)
		}
	}
	if who.Has(access.FacilityMember, string(at.ID)) {
		out = append(out, facilities.Members)
	}
	return out
}

// seenBy is a resource with the hours and horizon of somebody's audience.
func (f *Facts) seenBy(who *access.Principal, r *facilities.Resource, when time.Time) *facilities.Resource {
	return r.For(f.groups(who, r.Facility, when))
}

// seenAll is seenBy for several.
func (f *Facts) seenAll(who *access.Principal, resources []*facilities.Resource, when time.Time) []*facilities.Resource {
	out := make([]*facilities.Resource, len(resources))
	for i, r := range resources {
		out[i] = f.seenBy(who, r, when)
	}
	return out
}

// seen are the plan's resources as the booker may book them.
func (p *plan) seen() []*facilities.Resource {
	return p.facts.seenAll(p.booker, p.resources, p.Period.Start)
}

// subjects gives whose rows a quota locks and whose bookings it counts: none for a
// project of which the booker is no member, for its numbers are not for them.
func (p *plan) subjects(of facilities.Subject) (ids []string) {
	switch of {
	case facilities.PerPerson:
		ids = append(ids, strconv.FormatInt(int64(p.booker.ID), 10))
	case facilities.PerProject:
		if p.project != nil && mayBookOn(p.booker, p.project.ID) {
			ids = append(ids, string(p.project.ID))
		}
	case facilities.PerOrganisation:
		for _, o := range p.booker.Organisations {
			ids = append(ids, string(o))
		}
	}
	return ids
}

// lockSubjectsOf locks the rows of those whose quotas apply to any of the plans, after units and
// bookings and before purses, so that two requests cannot both take what is left
// of a quota. What it guards is read in a later statement.
func lockSubjectsOf(tx *database.Tx, plans ...*plan) error {
	if tx.ReadOnly {
		return nil // just asking
	}
	for _, of := range facilities.Subjects {
		var ids []string
		for _, p := range plans {
			if p.counts(of) {
				ids = append(ids, p.subjects(of)...)
			}
		}
		slices.Sort(ids)
		if err := lockSubjects(tx, of, slices.Compact(ids)); err != nil {
			return err
		}
	}
	return nil
}

// counts tells whether a quota on any of the plan's resources counts by the subject.
func (p *plan) counts(of facilities.Subject) bool {
	applies := func(q facilities.Quota) bool { return q.Per == of }
	return slices.ContainsFunc(p.resources, func(r *facilities.Resource) bool { return slices.ContainsFunc(r.Rules.Quotas, applies) })
}

// judgeOwn applies the rules about who the booker is, who comes along and what
// else they, their project or their organisation have booked.
func (v *verdict) judgeOwn(tx *database.Tx, by *access.Principal, p *plan, from sources) error {
	found := p.judgeBuddies()
	seen := map[string]bool{}
	for _, r := range p.resources {
		if e := r.Admit(p.facts.groups(p.booker, r.Facility, p.Period.Start)); e != nil {
			found = append(found, e)
		}
		unlogged, err := p.judgeLog(tx, by, r, from)
		if err != nil {
			return err
		}
		shared, err := p.judgeShared(tx, r, p.Period, from, p.tells(by))
		if err != nil {
			return err
		}
		for _, e := range slices.Concat(unlogged, shared) {
			if key := e.Code.Slug + e.Message.EN; !seen[key] { // a quota of the facility is one for all its resources
				seen[key] = true
				found = append(found, e)
			}
		}
	}
	v.refusals = append(v.refusals, facilities.NameRule(found)...)
	return nil
}

// tells holds for who may know what else the booker has booked there: the booker
// and the facility's managers.
func (p *plan) tells(by *access.Principal) bool {
	return by != nil && by.ID == p.booker.ID || access.Allowed(by, access.OperateBooking, p.object())
}

// judgeBuddies refuses to let somebody work alone where that is not allowed.
func (p *plan) judgeBuddies() (out []*problem.Error) {
	named := slices.ContainsFunc(p.Attendees, func(a Attendee) bool {
		return a.Email != "" && (p.booker == nil || !sameEmail(a.Email, p.booker.Email))
	})
	if named {
		return nil
	}
	for _, r := range p.resources {
		if e := r.JudgeBuddy(p.Period); e != nil {
			out = append(out, e)
		}
	}
	return facilities.NameRule(out)
}

// judgeLog refuses whoever has not checked out an old booking of the resource.
func (p *plan) judgeLog(tx *database.Tx, by *access.Principal, r *facilities.Resource, from sources) ([]*problem.Error, error) {
	if !r.Rules.UseLogged {
		return nil, nil
	}
	old, err := from.unlogged(tx, p.booker.ID, r.ID)
	if err != nil || old == "" {
		return nil, err
	}
	if !p.tells(by) {
		return []*problem.Error{facilities.CodeUseNotLogged.Say(
			"%s: den som bokar har en tidigare bokning som inte är utcheckad.",
			"%s: the booker has an earlier booking that is not checked out.", r.Name).With("resource", r.ID)}, nil
	}
	return []*problem.Error{facilities.CodeUseNotLogged.Say(
		"%s: bokningen %s är slut men inte utcheckad. Checka ut den först.",
		"%s: the booking %s is over but not checked out. Check it out first.", r.Name, old).
		With("resource", r.ID).With("booking", old)}, nil
}

// judgeShared applies to a booking of the period the rules that look at other
// bookings: the gap and the quotas.
func (p *plan) judgeShared(tx *database.Tx, r *facilities.Resource, over period.Period, from sources, tell bool) (out []*problem.Error, err error) {
	if !r.Rules.Gap.Zero() {
		person := facilities.Quota{Per: facilities.PerPerson}
		others, err := from.others(tx, ownUse{person, r, p.subjects(person.Per)[0], false, r.GapReach}, over)
		if err != nil {
			return nil, err
		}
		if e := r.JudgeGap(over, others, tell); e != nil {
			out = append(out, e)
		}
	}
	zone := r.Zone(over.Start)
	for _, q := range r.Rules.Quotas {
		reach := func(over period.Period) period.Period { return q.Reach(over, zone, tx.Now) }
		for _, subject := range p.subjects(q.Per) {
			others, err := from.others(tx, ownUse{q, r, subject, true, reach}, over)
			if err != nil {
				return nil, err
			}
			if e := r.JudgeQuota(q, over, others, tx.Now, tell); e != nil {
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// allowedOf keeps of some alternatives those that no gap and no quota refuses.
func (p *plan) allowedOf(tx *database.Tx, found []facilities.Alternative, from sources) (out []facilities.Alternative, err error) {
	if p.booker == nil {
		return found, nil
	}
	for _, a := range found {
		var refusals []*problem.Error
		for _, r := range p.resources {
			more, err := p.judgeShared(tx, r, a.Period, from, false)
			if err != nil {
				return nil, err
			}
			refusals = append(refusals, more...)
		}
		if len(refusals) == 0 {
			out = append(out, a)
		}
	}
	return out, nil
}

// tooLate refuses to move or cancel a booking later than its rules allow, but to
// the facility's managers.
func (s *step) tooLate() (out []*problem.Error) {
	if s.old.State == Displaced || access.Allowed(s.by, access.OperateBooking, s.facts.ObjectOf(&s.old)) {
		return nil // an outage has changed it already
	}
	for _, name := range s.old.Resources {
		r, ok := s.facts.Catalogue.Resource(name)
		if !ok {
			continue
		}
		if e := r.JudgeChange(s.old.Period.Start, s.tx.Now); e != nil && len(out) == 0 {
			out = append(out, e)
		}
	}
	return facilities.NameRule(out)
}
