package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"rigg/booking"
	"rigg/internal/text"
)

// maxTimes is how many occurrences one message lists; the series' page has all.
const maxTimes = 20

// seriesKinds are the messages about what was done to bookings of a series.
var seriesKinds = map[booking.Action][]Kind{
	booking.ActRequest: {Received, Requested, Confirmed},
	booking.ActApprove: {Confirmed},
	booking.ActDecline: {Declined},
	booking.ActMove:    {Moved, MovedNotice},
	booking.ActCancel:  {Cancelled, CancelledNotice},
}

// SeriesNews tells in one message to each reader what somebody did to bookings of
// a series, however many. Done again, it writes none.
func (s *Service) SeriesNews(ctx context.Context, j booking.JobSeriesNews) error {
	facts, err := s.booking.Facts(ctx)
	if err != nil {
		return err
	}
	series, err := s.booking.FindSeriesByRef(ctx, j.Series)
	if err != nil {
		return err
	}
	var list []*news
	for _, b := range series.Bookings() {
		i := slices.IndexFunc(b.History, func(e booking.Event) bool { return isAbout(j, e) })
		if i < 0 {
			continue
		}
		n := &news{Booking: b, event: b.History[i], facts: facts}
		if r, ok := facts.Catalogue.Resource(b.Resources[0]); ok {
			n.at = r.Facility
		}
		list = append(list, n)
	}
	key := seriesKey(j)
	for _, k := range seriesKinds[j.Action] {
		if told := s.together(list, k, series); told != nil {
			if err := s.tell(ctx, told, func(k Kind) string { return string(k) + key }, k); err != nil {
				return err
			}
		}
	}
	return nil
}

func isAbout(j booking.JobSeriesNews, e booking.Event) bool {
	return e.Action == j.Action && e.By == j.By && e.Reason == j.Reason && (j.State == "" || e.To == j.State) &&
		!e.At.Before(j.From) && e.At.Before(j.To)
}

// seriesKey is what all jobs about the same have in common. What one person says
// for one reason within one time is one message.
func seriesKey(j booking.JobSeriesNews) string {
	sum := sha256.Sum256([]byte(j.Reason))
	return fmt.Sprintf("%s%s/%s/%s/%d/%d/%s", ofSeries, j.Series, j.Action, j.State, j.From.UnixMicro(), j.By, hex.EncodeToString(sum[:6]))
}

const ofSeries = "/series/"

// isOfSeries tells whether a message's key is of a series.
func isOfSeries(m *messageRow) bool { return strings.HasPrefix(m.Key, string(m.Kind)+ofSeries) }

// together makes one news of those for which a kind of message holds: the first of
// them, with the times and the cost of all. Nil where it holds for none.
func (s *Service) together(list []*news, k Kind, series *booking.Series) *news {
	now := s.db.Now()
	var told []*news
	for _, n := range list {
		if n.holds(k, now) && (k != CancelledNotice || n.event.From == booking.Confirmed) {
			told = append(told, n)
		}
	}
	if len(told) == 0 {
		return nil
	}
	first := *told[0]
	if len(told) == 1 {
		return &first
	}
	sum := *first.Booking
	for i, n := range told {
		first.times = append(first.times, n.Period)
		if i > 0 && sum.Cost != nil && n.Cost != nil {
			sum.Cost = sum.Cost.Plus(n.Cost)
		}
	}
	first.Booking, first.series = &sum, series
	return &first
}

// occurrences are the times of a letter about many bookings.
func (n *news) occurrences(l *letter) {
	zone := n.facts.ZoneOf(n.Booking)
	for i, p := range n.times[:min(len(n.times), maxTimes)] {
		l.add(text.New("Tillfälle %d", "Occurrence %d", i+1), stretch{p, zone}.In(l.Lang))
	}
	if more := len(n.times) - maxTimes; more > 0 {
		l.add(text.New("Och", "And"), text.New("%d tillfällen till, se serien", "%d more, see the series", more).In(l.Lang))
	}
	if n.event.Action == booking.ActRequest {
		if skipped := len(n.series.Skipped()); skipped > 0 {
			l.add(text.New("Inte bokade", "Not booked"),
				text.New("%d, se serien för skälen", "%d, see the series for the reasons", skipped).In(l.Lang))
		}
	}
}

// ofMany says of a letter that it is about several bookings, and leads to all.
func (n *news) ofMany(l *letter, baseURL string) {
	count := text.New("%d tillfällen", "%d occurrences", len(n.times)).In(l.Lang)
	l.Link = baseURL + "/series/" + string(n.series.Ref)
	l.Words.What += " (" + count + ")"
	l.Words.Short = text.New("%s från %s", "%s from %s", count, l.Words.Short).In(l.Lang)
	if l.Words.Was != "" {
		l.Words.Was = text.New("det första %s", "the first %s", l.Words.Was).In(l.Lang)
	}
}
