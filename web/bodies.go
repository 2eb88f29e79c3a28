package web

import (
	"context"
	"slices"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/text"
)

// BookingBody is a booking as the API tells it. Cost is null for who may not
// see the project's money; a party that may see only its own part gets just that
// one share beside the total.
type BookingBody struct {
	Ref         string         `json:"ref"`
	UID         string         `json:"uid" doc:"In calendars"`
	Version     int            `json:"version"`
	State       string         `json:"state" enum:"requested,confirmed,declined,cancelled,expired,in_use,completed,no_show,displaced"`
	Series      string         `json:"series,omitempty" doc:"That it is an occurrence of"`
	Facility    string         `json:"facility"`
	Resources   []string       `json:"resources"`
	Along       []string       `json:"along" doc:"Of the resources, those that came along"`
	Units       []string       `json:"units" doc:"What the facility calls them"`
	Provisional []string       `json:"provisional" doc:"Of the units, those that may still be exchanged for others of their pool"`
	Start       string         `json:"start" format:"date-time"`
	End         string         `json:"end" format:"date-time"`
	SetUpMin    int            `json:"set_up_min" doc:"Before the start"`
	CleanUpMin  int            `json:"clean_up_min" doc:"After the end"`
	Project     string         `json:"project"`
	Booker      string         `json:"booker" doc:"Name"`
	Purpose     string         `json:"purpose"`
	Question    string         `json:"question,omitempty" doc:"A manager's, not yet answered"`
	Attendees   []AttendeeBody `json:"attendees"`
	CheckedIn   string         `json:"checked_in,omitempty" format:"date-time"`
	CheckedOut  string         `json:"checked_out,omitempty" format:"date-time"`
	Held        *HeldBody      `json:"held,omitempty" doc:"Of a displaced one: the time that is held for it instead"`
	Cost        *CostBody      `json:"cost"`
	History     []EventBody    `json:"history,omitempty"`

	Exceptions []ExceptionBody `json:"exceptions,omitempty" doc:"From the rules, by managers; told with the history"`

	Awaits       []string       `json:"awaits" doc:"Whose answers are awaited: booker, manager (the facility's), lead (the project's)"`
	Approvals    []ApprovalBody `json:"approvals" doc:"What the booking needs; empty: it was confirmed at once"`
	Proposal     *ProposalBody  `json:"proposal,omitempty" doc:"A change of it that awaits an answer; its time is held"`
	ReconfirmAsk string         `json:"reconfirm_ask,omitempty" format:"date-time" doc:"When the booker is asked whether the time is needed"`
	ReconfirmBy  string         `json:"reconfirm_by,omitempty" format:"date-time" doc:"When it is released without an answer"`
	BookedUntil  string         `json:"booked_until,omitempty" format:"date-time" doc:"Its end before it was ended early while in use"`

	// Of one booking alone, not in lists.
	Enquiry   string                `json:"enquiry,omitempty" doc:"That it came out of"`
	Questions []facilities.Question `json:"questions,omitempty" doc:"What its resources ask after use"`
	Log       *LogBody              `json:"log,omitempty" doc:"What was told of the run"`
	LogOpen   bool                  `json:"log_open,omitempty" doc:"It is over, and what is asked is not answered"`
	Arrival   *ArrivalBody          `json:"arrival,omitempty" doc:"While somebody is to come"`
}

// CostBody is what a booking costs and who pays it.
type CostBody struct {
	TotalOre int64       `json:"total_ore"`
	Lines    []LineBody  `json:"lines"`
	Shares   []ShareBody `json:"shares"`
}

// LineBody is one price line.
type LineBody struct {
	Text      text.Text `json:"text"`
	Rate      RateBody  `json:"rate"`
	Minutes   int64     `json:"minutes"`
	AmountOre int64     `json:"amount_ore"`
	Year      int       `json:"year"`
}

// RateBody is the version of the rate that a line was priced with.
type RateBody struct {
	ID        int64  `json:"id"`
	Per       string `json:"per" enum:"hour,day"`
	AmountOre int64  `json:"amount_ore"`
}

// ShareBody is what one party pays of one year.
type ShareBody struct {
	Party     string `json:"party"`
	Kind      string `json:"kind" enum:"grant,cash,in_kind,overrun"`
	Year      int    `json:"year"`
	AmountOre int64  `json:"amount_ore"`
}

// EventBody is one row of a booking's history.
type EventBody struct {
	Version int            `json:"version"`
	At      string         `json:"at" format:"date-time"`
	By      string         `json:"by,omitempty" doc:"Name; empty: the program itself"`
	Action  string         `json:"action"`
	From    string         `json:"from,omitempty"`
	To      string         `json:"to"`
	Reason  string         `json:"reason,omitempty"`
	Details map[string]any `json:"details,omitempty"`
}

// QuoteBody is what a booking would cost and what stands in its way.
type QuoteBody struct {
	Cost         *CostBody         `json:"cost" doc:"Null where no rate covers it"`
	Refusals     []RefusalBody     `json:"refusals" doc:"Empty: booking it now would succeed"`
	Awaits       []string          `json:"awaits" doc:"Whose approval it would wait for; empty: it would be confirmed at once"`
	Alternatives []AlternativeBody `json:"alternatives"`
	Occurrences  []OccurrenceBody  `json:"occurrences,omitempty" doc:"Of a series: each with its own cost and refusals; the cost above is that of those that fit"`
}

// bookingBodies tells bookings to a principal who may see them.
func (s *Server) bookingBodies(ctx context.Context, p *access.Principal, list ...*booking.Booking) ([]BookingBody, error) {
	out := make([]BookingBody, 0, len(list))
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx, list)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		body := bookingBody(facts, p, b, names)
		if b.State == booking.Displaced {
			h, ok, err := s.Booking.AlternativeOf(ctx, b.ID)
			if err != nil {
				return nil, err
			}
			if ok {
				body.Held = heldBody(h, facts.ZoneOf(b))
			}
		}
		out = append(out, body)
	}
	return out, nil
}

// names are the people's that bookings and their histories mention by id.
func (s *Server) names(ctx context.Context, list []*booking.Booking) (found map[id.Person]access.Person, err error) {
	var ids []id.Person
	for _, b := range list {
		ids = append(ids, b.Person, b.CreatedBy)
		for _, e := range b.History {
			ids = append(ids, e.By, e.HandedOver())
		}
		ids = append(ids, answerers(b)...)
	}
	slices.Sort(ids)
	err = s.DB.View(ctx, func(tx *database.Tx) error {
		found, err = access.Names(tx, slices.Compact(ids))
		return err
	})
	return found, err
}

func bookingBody(facts *booking.Facts, p *access.Principal, b *booking.Booking, names map[id.Person]access.Person) BookingBody {
	zone := facts.ZoneOf(b)
	out := BookingBody{
		Ref: string(b.Ref), UID: b.UID(), Version: b.Version, State: string(b.State), Series: string(b.Series),
		Start: stamp(b.Period.Start, zone), End: stamp(b.Period.End, zone),
		SetUpMin: int(b.SetUp() / time.Minute), CleanUpMin: int(b.CleanUp() / time.Minute),
		Project: string(b.Project), Booker: names[b.Person].Name, Purpose: b.Purpose, Question: b.Question,
		Units: []string{}, Provisional: []string{}, Along: []string{}, Attendees: []AttendeeBody{},
		Cost: costSeen(p, facts.ObjectOf(b), b.Cost),
	}
	for _, r := range b.Resources {
		out.Resources = append(out.Resources, string(r))
		if found, ok := facts.Catalogue.Resource(r); ok {
			out.Facility = string(found.Facility.ID)
		}
	}
	for _, u := range b.Units {
		out.Units = append(out.Units, facts.Catalogue.UnitName(u))
	}
	for _, u := range b.Provisional {
		out.Provisional = append(out.Provisional, facts.Catalogue.UnitName(u))
	}
	for _, r := range b.Along {
		out.Along = append(out.Along, string(r))
	}
	for _, a := range b.Attendees {
		out.Attendees = append(out.Attendees, AttendeeBody(a))
	}
	if !b.CheckedIn.IsZero() {
		out.CheckedIn = stamp(b.CheckedIn, zone)
	}
	if !b.CheckedOut.IsZero() {
		out.CheckedOut = stamp(b.CheckedOut, zone)
	}
	for _, e := range b.History {
		out.History = append(out.History, EventBody{
			Version: e.Version, At: stamp(e.At, zone), By: names[e.By].Name, Action: string(e.Action),
			From: string(e.From), To: string(e.To), Reason: e.Reason, Details: detailsSeen(e, names),
		})
	}
	out.Exceptions = exceptionBodies(b, zone, names)
	out.answers(b, zone, names)
	return out
}

// costSeen is the cost as far as a principal may see it: all shares, the total
// with those of parties that they speak for, or nothing.
func costSeen(p *access.Principal, o access.Object, c *funding.Cost) *CostBody {
	if c == nil || !access.Allowed(p, access.SeeProjectMoney, o) {
		return nil
	}
	return &CostBody{
		TotalOre: int64(c.Total), Lines: lineBodies(c.Lines), Shares: shareBodies(booking.SharesSeen(p, o, c.Shares)),
	}
}

func lineBodies(lines []funding.Line) []LineBody {
	out := make([]LineBody, len(lines))
	for i, l := range lines {
		out[i] = LineBody{
			Text: l.Text, Rate: RateBody{l.Rate, string(l.Per), int64(l.RateOre)},
			Minutes: l.Minutes, AmountOre: int64(l.Amount), Year: l.Year,
		}
	}
	return out
}

func shareBodies(shares []funding.Share) []ShareBody {
	out := make([]ShareBody, len(shares))
	for i, share := range shares {
		out[i] = ShareBody{string(share.Party), share.Kind, share.Year, int64(share.Amount)}
	}
	return out
}

func (s *Server) quoteBody(ctx context.Context, p *access.Principal, in booking.Request, q *booking.Quote) (QuoteBody, error) {
	facts, err := s.Booking.Facts(ctx)
	if err != nil {
		return QuoteBody{}, err
	}
	return QuoteBody{
		Cost:         costSeen(p, facts.ObjectOf(&booking.Booking{Resources: in.Resources, Project: in.Project, Period: in.Period}), q.Cost),
		Refusals:     refusalBodies(q.Refusals),
		Awaits:       sideWords(q.Awaits),
		Alternatives: alternativeBodies(q.Alternatives),
	}, nil
}
