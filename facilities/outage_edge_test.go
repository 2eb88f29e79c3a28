package facilities_test

import (
	"strings"
	"testing"
	"time"

	"rigg/facilities"
	"rigg/internal/problem"
)

func TestTheEdgesOfAnOutage(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, c := range []struct {
		field      string
		good, over func(*facilities.Outage)
	}{
		{"until_lifted", func(o *facilities.Outage) { o.UntilLifted = 15 * time.Minute }, func(o *facilities.Outage) { o.UntilLifted = 14 * time.Minute }},
		{"until_lifted", func(o *facilities.Outage) { o.UntilLifted = 30 * 24 * time.Hour }, func(o *facilities.Outage) { o.UntilLifted = 30*24*time.Hour + time.Minute }},
		{"note", func(o *facilities.Outage) { o.Note = strings.Repeat("å", 2000) }, func(o *facilities.Outage) { o.Note = strings.Repeat("å", 2001) }},
		{"kind", func(o *facilities.Outage) { o.Kind = facilities.Internal }, func(o *facilities.Outage) { o.Kind = "party" }},
		{"end", func(o *facilities.Outage) { o.Period.End = o.Period.Start.Add(5 * 366 * 24 * time.Hour) },
			func(o *facilities.Outage) { o.Period.End = o.Period.Start.Add(5*366*24*time.Hour + time.Minute) }},
	} {
		o := h.service(t)
		c.good(&o)
		if _, err := h.putOutage(t, o); err != nil {
			t.Errorf("%s at its edge: %v", c.field, err)
		}
		c.over(&o)
		_, err := h.putOutage(t, o)
		e := problem.From(err)
		if !problem.Has(err, problem.CodeInvalid) || len(e.Fields) != 1 || e.Fields[0].Path != c.field || e.Text().SV == "" || e.Text().EN == "" {
			t.Errorf("%s past its edge: %v", c.field, err)
		}
	}
}
