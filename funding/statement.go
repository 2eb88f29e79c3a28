package funding

import (
	"cmp"
	"slices"
	"time"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
)

// Statement is what a project has used from a day to a day, both included, by
// the day of use: a booking over New Year is in both years' statements with its
// part of each.
type Statement struct {
	Project  id.Project
	From, To period.Date
	Rows     []StatementRow // by day of use, then booking
	Total    money.Ore
	Sums     []Share // of the rows, by year, kind and party
	Purses   []Purse // of the years as they stand now
}

// StatementRow is one booking's use in one year, or a correction of it: then its
// lines take back those that were posted and say what is charged instead, and its
// shares and total are the difference, which may be below zero.
type StatementRow struct {
	Booking  id.Booking
	UsedOn   period.Date // the booking's first local day in the year
	Posted   time.Time
	Corrects bool
	Lines    []Line // the year's
	Shares   []Share
	Total    money.Ore
}

// StatementOf makes the project's statement from a day to a day.
func StatementOf(tx *database.Tx, project id.Project, from, to period.Date) (*Statement, error) {
	s := &Statement{Project: project, From: from, To: to}
	var err error
	if s.Rows, err = listUse(tx, project, from, to); err != nil {
		return nil, err
	}
	for _, r := range s.Rows {
		s.Total += r.Total
		for _, share := range r.Shares {
			s.add(share)
		}
	}
	slices.SortStableFunc(s.Sums, func(a, b Share) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), -cmp.Compare(order(a), order(b)), cmp.Compare(a.Party, b.Party))
	})
	var years []int
	for y := from.Year; y <= to.Year; y++ {
		years = append(years, y)
	}
	s.Purses, err = FindPurses(tx, project, years)
	return s, err
}

// order has public money first and the overrun last.
func order(s Share) int {
	return slices.Index([]string{Overrun, kindOwn, kindGrant}, s.purse())
}

func (s *Statement) add(share Share) {
	for i := range s.Sums {
		if sum := &s.Sums[i]; sum.Party == share.Party && sum.Kind == share.Kind && sum.Year == share.Year {
			sum.Amount += share.Amount
			return
		}
	}
	s.Sums = append(s.Sums, share)
}

// Of is a party's part of the statement, its overrun included.
func (s *Statement) Of(party id.Organisation) (sum money.Ore) {
	for _, share := range s.Sums {
		if share.Party == party {
			sum += share.Amount
		}
	}
	return sum
}

// Position is where a programme's money of a year stands, by stream.
type Position struct {
	Programme id.Programme
	Year      int
	Streams   []StreamPosition // collaboration, platform
}

// StreamPosition is one purse of the programme. Reserved and Spent are public
// money; Cost is what the same use cost all parties together.
type StreamPosition struct {
	Stream        Stream
	Appropriation money.Ore
	Awarded       money.Ore
	Reserved      money.Ore
	Spent         money.Ore
	Cost          money.Ore
}

// PositionOf makes the programme's position of a year.
func PositionOf(tx *database.Tx, programme id.Programme, year int) (*Position, error) {
	streams, err := listStreams(tx, programme, year)
	if err != nil {
		return nil, err
	}
	return &Position{Programme: programme, Year: year, Streams: streams}, nil
}
