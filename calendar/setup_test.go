package calendar_test

import (
	"context"
	"database/sql"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/calendar"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// world is a hall with a line whose robot can be booked alone, two companies
// that compete and do not know each other, and a clock that the test sets.
type world struct {
	*testing.T
	db       *database.DB
	booking  *booking.Service
	calendar *calendar.Service

	anna, rita, mia, audit *access.Principal // of the companies, the manager, the auditor

	mu  sync.Mutex
	now time.Time
}

// monday is a working day, 09:00 in Stockholm.
var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, now: monday}
	var err error
	w.db, err = database.Open(t.Context(), database.Config{URL: dbtest.URL(t), Now: w.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.db.Close)
	w.db.OnEnqueue(func(context.Context, *sql.Tx, []database.Enqueued) error { return nil })
	w.booking = booking.New(w.db, nil)
	w.calendar = calendar.New(w.db, w.booking, "https://rigg.example")
	w.update(w.putOrganisations, w.putHall, w.putProjects)
	w.anna = w.person("anna@gronstal.example", "Anna Ek", text.SV, "gronstal", access.Grant{Role: access.ProjectMember, Scope: "P-1"})
	w.rita = w.person("rita@rival.example", "Rita Rask", text.EN, "rival", access.Grant{Role: access.ProjectMember, Scope: "P-2"})
	w.mia = w.person("mia@rise.example", "Mia Lund", text.SV, "rise", access.Grant{Role: access.FacilityManager, Scope: "hall"})
	w.audit = w.person("alva@audit.example", "Alva Revisor", text.SV, "rise", access.Grant{Role: access.Auditor})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) update(steps ...func(*database.Tx) error) {
	w.Helper()
	for _, step := range steps {
		if err := w.db.Update(w.Context(), step); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *world) putOrganisations(tx *database.Tx) error {
	for _, o := range []access.Organisation{
		{ID: "vinnova", Name: "Vinnova", Kind: "public_body", Undertaking: "vinnova"},
		{ID: "rise", Name: "RISE", Kind: "institute", Undertaking: "rise"},
		{ID: "gronstal", Name: "Grönstål Komponent AB", Kind: "company", Undertaking: "gronstal"},
		{ID: "rival", Name: "Rival Stål AB", Kind: "company", Undertaking: "rival"},
	} {
		if _, err := access.PutOrganisation(tx, o); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) putHall(tx *database.Tx) error {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return err
	}
	_, err = facilities.PutSite(tx, facilities.Site{
		ID: "molndal", Name: "RISE Mölndal", City: "Mölndal", County: "14", Zone: zone,
		Hosts: []facilities.DatedHost{{Host: "rise"}},
	})
	if err != nil {
		return err
	}
	half, hour := period.Span{Minutes: 30}, period.Span{Minutes: 60}
	_, err = facilities.PutFacility(tx, facilities.FacilityStated{
		ID: "hall", Name: text.Text{SV: "Additiv tillverkning", EN: "Additive manufacturing"}, Kind: facilities.PilotLine,
		Address: "Argongatan 30, Mölndal", Entrance: text.Text{SV: "Ring på vid port 3; fråga efter Mia.", EN: "Ring at gate 3; ask for Mia."},
		Approval: facilities.Manual, Rules: facilities.Stated{SetUp: &half, CleanUp: &hour},
		Places: []facilities.PlaceStated{{Site: "molndal"}},
	})
	if err != nil {
		return err
	}
	for i, r := range []facilities.ResourceStated{
		{ID: "line", Name: text.Text{SV: "Hela linan", EN: "The whole line"}, Units: []string{"extruder", "press"}},
		{ID: "robot", Name: text.Text{SV: "Robotextruder", EN: "Robot extruder"}, Units: []string{"extruder"}},
		{ID: "oven", Name: text.Text{SV: "Ugn", EN: "Oven"}, Units: []string{"oven"}},
	} {
		r.Facility, r.Position = "hall", i
		if _, err := facilities.PutResource(tx, r); err != nil {
			return err
		}
		if _, err := funding.PutRate(tx, funding.Rate{
			Resource: r.ID, Audience: "company", From: period.Date{Year: 2026, Month: 1, Day: 1}, Per: funding.PerHour, Amount: 1250_00,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) putProjects(tx *database.Tx) error {
	first, last := period.Date{Year: 2026, Month: 1, Day: 1}, period.Date{Year: 2027, Month: 12, Day: 31}
	for name, p := range map[id.Project]struct {
		lead  id.Organisation
		title string
	}{"P-1": {"gronstal", "Återvunnet pulver"}, "P-2": {"rival", "Hemlig legering"}} {
		if _, err := funding.PutProject(tx, funding.Project{
			ID: name, Name: p.title, Lead: p.lead, AidBasis: funding.Decided, From: first, To: last,
		}); err != nil {
			return err
		}
		if _, err := funding.PutAgreement(tx, funding.Agreement{Project: name, From: first, Parties: []funding.Party{
			{Organisation: p.lead, Kind: "cash", Parts: 1},
		}}); err != nil {
			return err
		}
		for _, year := range []int{2026, 2027} {
			if _, err := funding.PutBudget(tx, funding.Budget{Project: name, Year: year, Party: p.lead, Amount: 1_000_000_00}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) person(email, name string, lang text.Lang, of id.Organisation, g access.Grant) (p *access.Principal) {
	w.Helper()
	w.update(func(tx *database.Tx) error {
		_, err := access.PutPerson(tx, access.Person{Email: email, Name: name, Language: lang, Organisations: []id.Organisation{of}})
		if err != nil {
			return err
		}
		found, err := access.FindPerson(tx, email)
		if err != nil {
			return err
		}
		if _, err := access.PutGrant(tx, found.ID, g); err != nil {
			return err
		}
		p, err = access.PrincipalOf(tx, found.ID)
		return err
	})
	return p
}

// book requests a resource for four hours, so many days after monday.
func (w *world) book(by *access.Principal, r id.Resource, days int) *booking.Booking {
	w.Helper()
	project := id.Project("P-1")
	if by == w.rita {
		project = "P-2"
	}
	start := monday.AddDate(0, 0, days)
	b, err := w.booking.Request(w.Context(), by, booking.Request{
		Resources: []id.Resource{r}, Project: project, Period: period.New(start, start.Add(4*time.Hour)),
		Purpose: "Provkörning, " + by.Name + "; omgång 1",
	})
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// does is one of booking's changes.
type does func(context.Context, *access.Principal, booking.Change) (*booking.Booking, error)

func (w *world) change(do does, by *access.Principal, b *booking.Booking, reason string) *booking.Booking {
	w.Helper()
	out, err := do(w.Context(), by, booking.Change{Ref: b.Ref, Reason: reason})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

func (w *world) move(by *access.Principal, b *booking.Booking, later time.Duration) *booking.Booking {
	w.Helper()
	out, err := w.booking.Edit(w.Context(), by, booking.Change{Ref: b.Ref}, booking.Edit{
		Period: period.New(b.Period.Start.Add(later), b.Period.End.Add(later)),
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// feed makes a feed and gives its secret.
func (w *world) feed(by *access.Principal, kind calendar.Kind, target string) string {
	w.Helper()
	_, url, err := w.calendar.Create(w.Context(), by, kind, target)
	if err != nil {
		w.Fatal(err)
	}
	return secretOf(w.T, url)
}

var address = regexp.MustCompile(`^https://rigg\.example/calendar/([A-Za-z0-9_-]{32})\.ics$`)

func secretOf(t *testing.T, url string) string {
	t.Helper()
	found := address.FindStringSubmatch(url)
	if found == nil {
		t.Fatalf("address %q", url)
	}
	return found[1]
}

func (w *world) read(secret string) calendar.Rendered {
	w.Helper()
	out, err := w.calendar.Render(w.Context(), secret)
	if err != nil {
		w.Fatal(err)
	}
	checkForm(w.T, string(out.Body))
	return out
}

// events gives the lines of each event of a body by its UID.
func events(t *testing.T, body []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, part := range strings.Split(unfold(string(body)), "BEGIN:VEVENT\r\n")[1:] {
		event, _, _ := strings.Cut(part, "END:VEVENT")
		out[property(t, event, "UID")] = event
	}
	return out
}
