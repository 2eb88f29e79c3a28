package funding

import (
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/problem"
)

// The kinds of purses.
const (
	kindGrant = "grant" // of an award
	kindOwn   = "own"   // a participant's budget
)

// Purse is the running numbers of one (project, year, party). Kind is grant, own
// or overrun; an overrun purse has no limit.
type Purse struct {
	ID       id.Purse
	Year     int
	Party    id.Organisation
	Name     string // the party's
	Kind     string
	Limit    money.Ore
	Reserved money.Ore
	Spent    money.Ore
}

// Room is what a purse with a limit can still take.
func (p Purse) Room() money.Ore { return p.Limit - p.Reserved - p.Spent }

// purse is the kind of purse that a share is taken from.
func (s Share) purse() string {
	switch {
	case s.Kind == Overrun:
		return Overrun
	case s.Funder:
		return kindGrant
	}
	return kindOwn
}

// find gives the purse that a share is taken from; a zero one where there is none.
func (s Share) find(purses []Purse) (Purse, bool) {
	for _, p := range purses {
		if p.Year == s.Year && p.Party == s.Party && p.Kind == s.purse() {
			return p, true
		}
	}
	return Purse{}, false
}

// Cover gives a refusal for each share that its purse has no room for; a purse
// that does not exist has none. Members of a project see all its shares, so the
// numbers are theirs to see. Codes: grant-exceeded, budget-exceeded.
func (c *Cost) Cover(purses []Purse) (refusals []*problem.Error) {
	for _, s := range c.Shares {
		p, _ := s.find(purses)
		if s.Amount <= p.Room() {
			continue
		}
		refusals = append(refusals, s.exceeds(p).
			With("party", s.Party).With("year", s.Year).
			With("limit_ore", p.Limit).With("reserved_ore", p.Reserved).With("spent_ore", p.Spent).
			With("needed_ore", s.Amount).With("short_ore", s.Amount-p.Room()))
	}
	return refusals
}

func (s Share) exceeds(p Purse) *problem.Error {
	short := s.Amount - p.Room()
	if s.Funder {
		return CodeGrantExceeded.Say(
			"%s har beviljat projektet %s för %d. Av det är %s använt och %s reserverat, och bokningen behöver %s: det fattas %s. Korta tiden, eller be programmet om mer medel.",
			"%s has granted the project %s for %d. Of that %s is spent and %s reserved, and the booking needs %s: it is %s short. Shorten the time, or ask the programme for more.",
			s.Name, p.Limit, s.Year, p.Spent, p.Reserved, s.Amount, short)
	}
	return CodeBudgetExceeded.Say(
		"%s har en projektbudget på %s för %d. Av den är %s använt och %s reserverat, och bokningen behöver %s: det fattas %s. Korta tiden, eller be parten att höja sin budget.",
		"%s has a project budget of %s for %d. Of that %s is spent and %s reserved, and the booking needs %s: it is %s short. Shorten the time, or ask the party to raise its budget.",
		s.Name, p.Limit, s.Year, p.Spent, p.Reserved, s.Amount, short)
}
