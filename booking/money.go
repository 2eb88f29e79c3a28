package booking

import (
	"context"
	"slices"

	"rigg/access"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// Statement is a project's use of money over some days, as far as the asker may
// see it: with all shares, or with those of the parties that they speak for and
// the totals.
type Statement struct {
	*funding.Statement
	Refs map[id.Booking]id.Ref // of its rows
}

// Statement gives a project's statement; both days are included. Code: not-found
// for who may not see the project's money.
func (s *Service) Statement(ctx context.Context, by *access.Principal, project id.Project, from, to period.Date) (*Statement, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	p, ok := facts.Terms.Project(project)
	o := access.Object{Project: project}
	if ok {
		o.Parties, o.Programme = p.Parties(), p.Programme
	}
	if !ok || !access.Allowed(by, access.SeeProjectMoney, o) {
		return nil, problem.Absent()
	}
	out := &Statement{Refs: map[id.Booking]id.Ref{}}
	err = s.db.View(ctx, func(tx *database.Tx) (err error) {
		if out.Statement, err = funding.StatementOf(tx, project, from, to); err != nil {
			return err
		}
		var ids []id.Booking
		for _, row := range out.Rows {
			ids = append(ids, row.Booking)
		}
		out.Refs, err = refsOf(tx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !access.Allowed(by, access.SeeAllShares, o) {
		out.keep(func(party id.Organisation) bool { return SpeaksFor(by, o, party) })
	}
	return out, nil
}

// keep drops what belongs to other parties; the totals stay.
func (s *Statement) keep(own func(id.Organisation) bool) {
	others := func(share funding.Share) bool { return !own(share.Party) }
	for i := range s.Rows {
		s.Rows[i].Shares = slices.DeleteFunc(s.Rows[i].Shares, others)
	}
	s.Sums = slices.DeleteFunc(s.Sums, others)
	s.Purses = slices.DeleteFunc(s.Purses, func(p funding.Purse) bool { return !own(p.Party) })
}

// SharesSeen are the shares that a principal may see of a cost whose total they
// may see.
func SharesSeen(by *access.Principal, o access.Object, shares []funding.Share) []funding.Share {
	if access.Allowed(by, access.SeeAllShares, o) {
		return shares
	}
	return slices.DeleteFunc(slices.Clone(shares), func(share funding.Share) bool {
		return !SpeaksFor(by, o, share.Party)
	})
}

// SpeaksFor tells whether a principal may see the part of one of a project's
// parties.
func SpeaksFor(by *access.Principal, o access.Object, party id.Organisation) bool {
	o.Parties = []id.Organisation{party}
	return access.Allowed(by, access.SeeProjectMoney, o)
}

// Position gives where a programme's money of a year stands. Code: not-found for
// who may not see it.
func (s *Service) Position(ctx context.Context, by *access.Principal, programme id.Programme, year int) (out *funding.Position, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	if _, ok := facts.Terms.Programme(programme); !ok || !access.Allowed(by, access.SeePosition, access.Object{Programme: programme}) {
		return nil, problem.Absent()
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		out, err = funding.PositionOf(tx, programme, year)
		return err
	})
	return out, err
}
