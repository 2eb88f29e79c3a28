package booking

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Request is a wish to book.
type Request struct {
	Resources  []id.Resource // 1 to 10, of one facility
	Project    id.Project
	Period     period.Period // without buffers
	Purpose    string        // at most 2 000 characters
	Attendees  []Attendee    // at most 100
	OnBehalfOf string        // the booker's e-mail address, where that is somebody else
	Override   string        // a manager's reason for setting soft rules aside; empty: none is
}

// The limits of one booking.
const (
	maxResources = 10
	maxTogether  = 50 // with all that comes along
	maxAttendees = 100
	maxText      = 2000
	maxLength    = 366 * 24 * time.Hour
)

// plan is a request resolved against the facts: everything that can be known
// without the database.
type plan struct {
	Request
	facts     *Facts
	resources []*facilities.Resource    // those asked for, and what comes along
	along     []id.Resource             // the latter
	pinned    map[id.Resource][]id.Unit // settled before a move
	facility  *facilities.Facility
	zone      *time.Location
	project   *funding.Project // nil: there is none of that name
	cost      *funding.Cost    // nil: no rate covers it
	money     []*problem.Error // what funding says without looking at purses

	booker *access.Principal // once it is judged
}

// resolve checks the request's form and prices it. Codes: invalid.
func (f *Facts) resolve(in Request) (*plan, error) {
	p := &plan{Request: in, facts: f}
	var fields []problem.Field
	wrong := func(path, sv, en string, args ...any) {
		fields = append(fields, problem.Field{Path: path, Message: text.New(sv, en, args...)})
	}
	p.resolveResources(wrong)
	checkPeriod(in.Period, wrong)
	checkWords(in, wrong)
	if in.Project == "" {
		wrong("project", "Ange vilket projekt bokningen gäller.", "Say which project the booking is for.")
	}
	if len(fields) > 0 {
		e := problem.CodeInvalid.Say("Bokningen går inte att läsa; se varje uppgift.",
			"The booking cannot be read; see each part.")
		e.Fields = fields
		return nil, e
	}
	p.zone = p.facility.SiteAt(in.Period.Start).Zone
	if project, ok := f.Terms.Project(in.Project); ok {
		p.project = project
		p.cost, p.money = f.Terms.Price(project, in.Period.Start, p.items(in.Period))
	}
	return p, nil
}

type wrongFunc func(path, sv, en string, args ...any)

func (p *plan) resolveResources(wrong wrongFunc) {
	if len(p.Resources) == 0 || len(p.Resources) > maxResources {
		wrong("resources", "Ange en till %d resurser.", "Give one to %d resources.", maxResources)
	}
	for i, name := range p.Resources {
		path := fmt.Sprintf("resources[%d]", i)
		r, ok := p.facts.Catalogue.Resource(name)
		switch {
		case !ok:
			wrong(path, "Det finns ingen sådan resurs.", "There is no such resource.")
		case slices.Contains(p.resources, r):
			wrong(path, "Resursen nämns två gånger.", "The resource is named twice.")
		case p.facility != nil && r.Facility != p.facility:
			wrong(path, "Alla resurser i en bokning ska höra till samma anläggning; gör en bokning för varje.",
				"All resources of a booking belong to one facility; make a booking for each.")
		default:
			p.resources, p.facility = append(p.resources, r), r.Facility
		}
	}
	chosen := len(p.resources)
	p.resources = facilities.Together(p.resources)
	if len(p.resources) > maxTogether {
		wrong("resources", "Med allt som följer med blir det %d resurser; högst %d går att boka på en gång.",
			"With all that comes along it is %d resources; at most %d can be booked at once.", len(p.resources), maxTogether)
	}
	p.along = namesOf(p.resources[chosen:])
}

func namesOf(resources []*facilities.Resource) (out []id.Resource) {
	for _, r := range resources {
		out = append(out, r.ID)
	}
	return out
}

func checkPeriod(p period.Period, wrong wrongFunc) {
	whole := func(t time.Time) bool { return t.Equal(t.Truncate(time.Minute)) }
	switch {
	case p.Start.Before(period.Earliest) || p.End.After(period.Latest):
		wrong("start", "Tiderna måste ligga mellan 2000 och 2099.", "The times must lie between 2000 and 2099.")
	case p.Empty():
		wrong("end", "Sluttiden måste vara efter starttiden.", "The end must be after the start.")
	case !whole(p.Start) || !whole(p.End):
		wrong("start", "Tider anges i hela minuter.", "Times are given in whole minutes.")
	case p.End.Sub(p.Start) > maxLength:
		wrong("end", "En bokning får vara högst ett år lång.", "A booking is at most one year long.")
	}
}

func checkWords(in Request, wrong wrongFunc) {
	if !plainText(in.Purpose, maxText) {
		wrong("purpose", "Syftet får ha högst %d tecken.", "The purpose has at most %d characters.", maxText)
	}
	if !plainText(in.Override, maxText) {
		wrong("override.reason", "Skälet får ha högst %d tecken.", "The reason has at most %d characters.", maxText)
	}
	if len(in.Attendees) > maxAttendees {
		wrong("attendees", "Ange högst %d deltagare.", "Give at most %d attendees.", maxAttendees)
	}
	for i, a := range in.Attendees {
		path := fmt.Sprintf("attendees[%d]", i)
		if strings.TrimSpace(a.Name) == "" || !plainText(a.Name, 200) || strings.ContainsFunc(a.Name, unicode.IsControl) {
			wrong(path+".name", "Ange deltagarens namn på en rad, högst 200 tecken.",
				"Give the attendee's name on one line, at most 200 characters.")
		}
		if a.Email != "" && !validEmail(a.Email) {
			wrong(path+".email", "E-postadressen går inte att läsa.", "The e-mail address cannot be read.")
		}
	}
}

func validEmail(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s && len(s) <= 254
}

// plainText holds for valid UTF-8 of at most limit characters without NUL,
// which PostgreSQL can't store.
func plainText(s string, limit int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= limit && !strings.ContainsRune(s, 0)
}

// items are what the booking would be charged for over a period.
func (p *plan) items(over period.Period) []funding.Item {
	out := make([]funding.Item, len(p.resources))
	for i, r := range p.resources {
		out[i] = funding.Item{Resource: r.ID, Name: r.Name, Period: over, Zone: p.zone}
	}
	return out
}

// units are all that could be taken, ascending: the rows to lock.
func (p *plan) units() []id.Unit { return facilities.Units(p.resources) }

// years are the local calendar years that the booking touches.
func (p *plan) years() []int {
	first := period.DateOf(p.Period.Start, p.zone).Year
	last := period.DateOf(p.Period.End.Add(-time.Minute), p.zone).Year
	out := []int{first}
	for y := first + 1; y <= last; y++ {
		out = append(out, y)
	}
	return out
}

// needs are the qualifications that the booker must hold.
func (p *plan) needs() []id.Qualification {
	var out []id.Qualification
	for _, r := range p.resources {
		out = append(out, r.Requires...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
