package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// newsAge is how old the end of a booking may be to be told of: after a long
// stop of the program nobody wants a heap of it.
const newsAge = 7 * 24 * time.Hour

// news is what happened to a booking, as it is now.
type news struct {
	*booking.Booking
	event booking.Event // what is told; zero: nothing happened, a moment has come
	facts *booking.Facts
	at    *facilities.Facility // nil: gone from the catalogue
	names map[id.Person]access.Person
	held  *booking.Hold // for a displaced booking; nil: nothing, or it is not one

	series *booking.Series // of news of several of its bookings; nil: of one
	times  []period.Period // of each
}

func (s *Service) news(ctx context.Context, b id.Booking, version int) (*news, error) {
	facts, err := s.booking.Facts(ctx)
	if err != nil {
		return nil, err
	}
	n := &news{facts: facts}
	if n.Booking, err = s.booking.FindByID(ctx, b); err != nil {
		return nil, err
	}
	if r, ok := facts.Catalogue.Resource(n.Resources[0]); ok {
		n.at = r.Facility
	}
	for _, e := range n.History {
		if e.Version == version {
			n.event = e
		}
	}
	return n, nil
}

// holds tells whether a kind of message would still be true and of use: what has
// been cancelled is not announced as confirmed, of two moves or questions only
// the latter is told, and nobody is told what to do about time that has passed.
func (n *news) holds(k Kind, now time.Time) bool {
	if !slices.Contains(rules[k].states, n.State) {
		return false
	}
	for _, later := range n.History {
		if later.Version > n.event.Version && n.event.Version > 0 && later.Action == n.event.Action {
			return false
		}
		if k == LogDue && later.Action == booking.ActLog {
			return false
		}
	}
	if useful, known := n.answered(k); known && !useful {
		return false
	}
	switch n.State {
	case booking.Requested, booking.Confirmed, booking.InUse:
		open := n.Question != ""
		switch k {
		case Asked: // and not answered
			return open && n.Period.Start.After(now)
		case Answered, ApprovalReminder: // and not asked again: the managers wait
			return !open && n.Period.Start.After(now)
		case Reminder:
			return n.Period.Start.After(now)
		case Proposed, MoveAsked:
			return n.Proposal.Expires.After(now)
		case Reconfirm:
			return n.AsksReconfirm(now)
		default:
		}
		return n.Period.End.After(now)
	default:
		return now.Sub(n.Changed) < newsAge
	}
}

// readers are the people that a kind of message goes to, each of whom may see
// the booking now.
func (n *news) readers(tx *database.Tx, k Kind) ([]*access.Principal, error) {
	people, err := n.audience(tx, rules[k].to)
	if err != nil {
		return nil, err
	}
	var out []*access.Principal
	for _, person := range people {
		if rules[k].others && person == n.event.By {
			continue
		}
		p, may, err := n.reader(tx, person)
		if err != nil {
			return nil, err
		}
		if may {
			out = append(out, p)
		}
	}
	return out, nil
}

// reader is a person as they are now, and whether they may see the booking.
func (n *news) reader(tx *database.Tx, person id.Person) (p *access.Principal, may bool, err error) {
	p, err = access.PrincipalOf(tx, person)
	return p, access.Allowed(p, access.SeeBooking, n.facts.ObjectOf(n.Booking)), err
}

// managers are the facility's and the site's; where there are none, the
// administrators, so that nothing waits for nobody.
func (n *news) managers(tx *database.Tx) (out []id.Person, err error) {
	return managersOf(tx, n.facts.ObjectOf(n.Booking))
}

// managersOf are the facility's and the site's managers; where there are none, the
// administrators.
func managersOf(tx *database.Tx, o access.Object) (out []id.Person, err error) {
	return holders(tx, access.Grant{Role: access.Admin},
		access.Grant{Role: access.FacilityManager, Scope: string(o.Facility)},
		access.Grant{Role: access.HostManager, Scope: string(o.Site)})
}

// letter says the news to one reader.
func (n *news) letter(k Kind, to *access.Principal, baseURL string) letter {
	lang, zone := to.Language, n.facts.ZoneOf(n.Booking)
	l := letter{
		Kind: k, Lang: lang, Link: baseURL + "/bookings/" + string(n.Ref),
		Words: words{
			Name: oneLine(to.Name), What: n.what(n.Resources, lang),
			Short: brief(n.Period.Start.In(zone)).In(lang), Starts: moment(n.Period.Start.In(zone)).In(lang),
			Booker: n.person(n.Person), Waiting: n.State == booking.Requested, Was: n.was(lang),
			Change: n.change(lang), Until: n.until(lang), Deciders: n.deciders(lang),
		},
	}
	// Who booked on another's behalf and had it confirmed at once did not approve it.
	if n.event.By != 0 && n.event.By != to.ID && (k != Confirmed || n.event.Action == booking.ActApprove) {
		l.Words.By = oneLine(n.names[n.event.By].Name)
	}
	if n.series != nil {
		n.ofMany(&l, baseURL)
	}
	l.Facts = n.booked(lang, zone)
	if rules[k].to != bookers {
		l.add(text.New("Bokare", "Booker"), n.person(n.Person))
	}
	switch k {
	case Declined, Asked, Answered, Proposed:
		l.Quote = n.event.Reason
	default:
		l.add(text.New("Meddelande", "Message"), oneLine(n.event.Reason))
	}
	n.displaced(&l, zone)
	if rules[k].enter && n.State != booking.Requested {
		n.arrival(&l)
	}
	n.money(&l, to)
	return l
}

// add puts one more line to the facts, unless it says nothing.
func (l *letter) add(label text.Text, value string) {
	if value != "" {
		l.Facts = append(l.Facts, fact{label.In(l.Lang), value})
	}
}

// what names the resources and their facility.
func (n *news) what(resources []id.Resource, lang text.Lang) string {
	var names []string
	for _, name := range resources {
		if r, ok := n.facts.Catalogue.Resource(name); ok {
			names = append(names, r.Name.In(lang))
		} else {
			names = append(names, string(name))
		}
	}
	out := strings.Join(names, " + ")
	if n.at != nil {
		out += ", " + n.at.Name.In(lang)
	}
	return oneLine(out)
}

// person is a name with the organisations.
func (n *news) person(who id.Person) string {
	p, known := n.names[who]
	if !known {
		return ""
	}
	var of []string
	for _, o := range p.Organisations {
		of = append(of, n.facts.Terms.OrganisationName(o))
	}
	if len(of) == 0 {
		return oneLine(p.Name)
	}
	return oneLine(p.Name + " (" + strings.Join(of, ", ") + ")")
}

// booked are the facts that everybody who may see a booking is told.
func (n *news) booked(lang text.Lang, zone *time.Location) []fact {
	l := letter{Lang: lang}
	l.add(text.New("Resurs", "Resource"), n.what(n.Resources, lang))
	if n.series != nil {
		n.occurrences(&l)
	} else {
		l.add(text.New("Tid", "Time"), stretch{n.Period, zone}.In(lang))
	}
	blocked := n.Blocked()
	clock := func(t time.Time) string { return t.In(zone).Format("15:04") }
	if blocked.Start.Before(n.Period.Start) {
		l.add(text.New("Ställtid", "Set-up"), clock(blocked.Start)+"–"+clock(n.Period.Start))
	}
	if blocked.End.After(n.Period.End) {
		l.add(text.New("Efterarbete", "Clean-up"), clock(n.Period.End)+"–"+clock(blocked.End))
	}
	project := string(n.Project)
	if p, ok := n.facts.Terms.Project(n.Project); ok {
		project += ", " + p.Name
	}
	l.add(text.New("Projekt", "Project"), oneLine(project))
	l.add(text.New("Syfte", "Purpose"), oneLine(n.Purpose))
	return l.Facts
}

// arrival is what one needs on the day.
func (n *news) arrival(l *letter) {
	if n.at == nil {
		return
	}
	site := n.at.SiteAt(n.Period.Start)
	address := n.at.Address
	if address == "" {
		address = site.Name + ", " + site.City
	}
	l.add(text.New("Adress", "Address"), oneLine(address))
	l.add(text.New("Så kommer du in", "Getting in"), oneLine(n.at.Entrance.In(l.Lang)))
	a := n.at.Arrival
	l.add(text.New("Kontakt", "Contact"), oneLine(a.Contact))
	l.add(text.New("Telefon", "Telephone"), oneLine(a.Phone))
	l.add(text.New("Skyddsutrustning", "Safety gear"), oneLine(a.Safety.In(l.Lang)))
	l.add(text.New("Parkering och gods", "Parking and goods"), oneLine(a.Parking.In(l.Lang)))
}

// money tells what the reader may see of it today.
func (n *news) money(l *letter, to *access.Principal) {
	o, r := n.facts.ObjectOf(n.Booking), rules[l.Kind]
	if !r.cost || n.Cost == nil || !access.Allowed(to, access.SeeProjectMoney, o) {
		return
	}
	l.add(text.New("Kostnad utan moms", "Cost excluding VAT"), n.Cost.Total.In(l.Lang))
	if !r.shares {
		return
	}
	for _, share := range booking.SharesSeen(to, o, n.Cost.Shares) {
		l.Shares = append(l.Shares, fact{n.party(share, l.Lang), share.Amount.In(l.Lang)})
	}
}

// kinds of share, as people say them.
var kinds = map[string]text.Text{
	"grant":   {SV: "bidrag", EN: "grant"},
	"cash":    {SV: "kontant", EN: "cash"},
	"in_kind": {SV: "naturainsats", EN: "in kind"},
	"overrun": {SV: "utöver budget", EN: "beyond the budget"},
}

// party says who pays and how; and the year, where the cost falls in two.
func (n *news) party(s funding.Share, lang text.Lang) string {
	out := n.facts.Terms.OrganisationName(s.Party) + ", " + kinds[s.Kind].In(lang)
	if len(n.Cost.Years()) > 1 {
		out += fmt.Sprintf(", %d", s.Year)
	}
	return oneLine(out)
}

// was is what a moved booking was before, from its history.
func (n *news) was(lang text.Lang) string {
	switch n.event.Action {
	case booking.ActMove, booking.ActAccept, booking.ActApproveMove:
		return n.told(lang)
	default:
		return ""
	}
}

// told is the time in an event's details, with the resources where they are others
// than the booking's now.
func (n *news) told(lang text.Lang) string {
	zone := n.facts.ZoneOf(n.Booking)
	at := func(key string) time.Time {
		written, _ := n.event.Details[key].(string)
		t, _ := time.Parse(time.RFC3339, written) // the history is ours: it can be read
		return t
	}
	out := stretch{period.New(at("start"), at("end")), zone}.In(lang)
	var resources []id.Resource
	list, _ := n.event.Details["resources"].([]any)
	for _, name := range list {
		slug, _ := name.(string)
		resources = append(resources, id.Resource(slug))
	}
	if !slices.Equal(resources, n.Resources) {
		out = n.what(resources, lang) + ", " + out
	}
	return out
}
