package web

import (
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/money"
)

// seriesQuote is the preview of a series.
type seriesQuote struct {
	Count, Fit int
	Rows       []occurrenceRow
}

// occurrenceRow is one occurrence of a preview.
type occurrenceRow struct {
	Start, End time.Time // zero: the clocks skip it
	Day        string    // then
	Twice      bool
	OK         bool
	Sentences  []string // why not
	Priced     bool
	TotalOre   money.Ore
}

// quoteSeries prices and judges the form as a series.
func (s *Server) quoteSeries(v *visit, f *bookForm, out quoteView) (quoteView, error) {
	q, err := s.Booking.QuoteSeries(v.ctx, v.who, f.series())
	if err != nil {
		if !f.complain(err, v.lang) {
			return out, err
		}
		f.unreadable(v, &out)
		return out, nil
	}
	if q.Confirms {
		out.Approval = string(facilities.Auto)
	}
	zone := f.facility.SiteAt(f.start.at).Zone
	o := v.facts.ObjectOf(&booking.Booking{Resources: f.names(), Project: id.Project(f.project), Period: f.period()})
	out.Asked, out.Cost = true, v.costOf(o, q.Cost, false)
	if len(q.Occurrences) == 0 { // refused as a whole
		out.Verdict, out.Refusals = v.say("quote.no"), v.refusals(q.Refusals)
		return out, nil
	}
	view := &seriesQuote{Fit: q.Fit}
	seen := v.allowed(access.SeeProjectMoney, o)
	for _, one := range q.Occurrences {
		row := occurrenceRow{Twice: one.Twice, OK: len(one.Refusals) == 0, Priced: seen && one.Cost != nil}
		for _, e := range one.Refusals {
			row.Sentences = append(row.Sentences, e.Text().In(v.lang))
		}
		if one.Skips() {
			row.Day = one.Day.String()
		} else {
			view.Count++
			row.Start, row.End = one.Period.Start.In(zone), one.Period.End.In(zone)
		}
		if row.Priced {
			row.TotalOre = one.Cost.Total
		}
		view.Rows = append(view.Rows, row)
	}
	out.Series, out.Failing = view, len(q.Refusals) > 0
	out.Verdict = v.say("series.fits", view.Fit, view.Count)
	if out.Failing && view.Fit > 0 {
		out.Verdict += " " + v.say("series.choose_free")
	}
	return out, nil
}
