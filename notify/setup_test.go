package notify_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"time"

	"rigg/access"
	"rigg/booking"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
	"rigg/notify"
)

// world is a hall with two managers, a funded project and a company that
// competes with its lead, a clock that the test sets and a queue that it works.
type world struct {
	*testing.T
	db      *database.DB
	booking *booking.Service
	access  *access.Service
	notify  *notify.Service
	log     safeBuffer

	anna, bo, rita, mia, hugo, audit *access.Principal // anna and bo book for one company, mia and hugo manage

	mu   sync.Mutex
	now  time.Time
	jobs []database.Enqueued
	seen int // messages that the test has looked at
}

// safeBuffer is a log that many may write to.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// monday is a working day, 09:00 in Stockholm.
var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func setup(t *testing.T, mail config.Mail) *world {
	t.Helper()
	w := &world{T: t, now: monday}
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if w.db, err = database.Open(t.Context(), database.Config{URL: dbtest.URL(t), Now: w.clock, Log: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.db.Close)
	w.db.OnEnqueue(func(_ context.Context, _ *sql.Tx, list []database.Enqueued) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.jobs = append(w.jobs, list...)
		return nil
	})
	w.booking = booking.New(w.db, []time.Duration{24 * time.Hour, 2 * time.Hour})
	w.access = access.New(w.db)
	if w.notify, err = notify.New(w.db, w.booking, mail, "https://rigg.example", log); err != nil {
		t.Fatal(err)
	}
	w.update(w.putOrganisations, w.putHall, w.putProjects)
	w.anna = w.person("anna@gronstal.example", "Anna Ek", text.SV, "gronstal", access.Grant{Role: access.ProjectMember, Scope: "P-1"})
	w.bo = w.person("bo@gronstal.example", "Bo Al", text.SV, "gronstal", access.Grant{Role: access.ProjectLead, Scope: "P-1"})
	w.rita = w.person("rita@rival.example", "Rita Rask", text.EN, "rival", access.Grant{Role: access.ProjectMember, Scope: "P-2"})
	w.mia = w.person("mia@rise.example", "Mia Lund", text.SV, "rise", access.Grant{Role: access.FacilityManager, Scope: "hall"})
	w.hugo = w.person("hugo@rise.example", "Hugo Värd", text.EN, "rise", access.Grant{Role: access.HostManager, Scope: "molndal"})
	w.audit = w.person("alva@audit.example", "Alva Revisor", text.SV, "rise", access.Grant{Role: access.Auditor})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
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
	half, checkIn := period.Span{Minutes: 30}, true
	for name, approval := range map[id.Facility]facilities.Approval{"hall": facilities.Manual, "shed": facilities.Auto} {
		_, err = facilities.PutFacility(tx, facilities.FacilityStated{
			ID: name, Name: text.Text{SV: "Additiv tillverkning", EN: "Additive manufacturing"}, Kind: facilities.PilotLine,
			Address: "Argongatan 30, Mölndal", Entrance: text.Text{SV: "Ring på vid port 3.", EN: "Ring at gate 3."},
			Approval: approval, Places: []facilities.PlaceStated{{Site: "molndal"}},
		})
		if err != nil {
			return err
		}
	}
	for _, r := range []facilities.ResourceStated{
		{ID: "robot", Facility: "hall", Name: text.Text{SV: "Robotextruder", EN: "Robot extruder"}, Rules: facilities.Stated{SetUp: &half}},
		{ID: "oven", Facility: "hall", Name: text.Text{SV: "Ugn", EN: "Oven"}, Rules: facilities.Stated{CheckIn: &checkIn, NoShowAfter: &half}},
		{ID: "saw", Facility: "shed", Name: text.Text{SV: "Såg", EN: "Saw"}},
	} {
		r.Units = []string{string(r.ID)}
		if _, err := facilities.PutResource(tx, r); err != nil {
			return err
		}
		if _, err := funding.PutRate(tx, funding.Rate{
			Resource: r.ID, Audience: "company", From: period.Date{Year: 2026, Month: 1, Day: 1}, Per: funding.PerHour, Amount: 1250_01,
		}); err != nil {
			return err
		}
	}
	return nil
}

// putProjects makes P-1, half of it paid by Vinnova, and the rival's P-2.
func (w *world) putProjects(tx *database.Tx) error {
	first, last := period.Date{Year: 2026, Month: 1, Day: 1}, period.Date{Year: 2026, Month: 12, Day: 31}
	_, err := funding.PutProgramme(tx, funding.Programme{
		ID: "green", Name: "Grön industriproduktion", MaxPublicShare: 50_00,
		Appropriations: []funding.Appropriation{{Stream: funding.Collaboration, Year: 2026, Amount: 4_000_000_00}},
	})
	if err != nil {
		return err
	}
	for name, p := range map[id.Project]struct {
		lead  id.Organisation
		title string
	}{"P-1": {"gronstal", "Återvunnet pulver"}, "P-2": {"rival", "Hemlig legering"}} {
		if _, err := funding.PutProject(tx, funding.Project{
			ID: name, Name: p.title, Lead: p.lead, Programme: "green", Stream: funding.Collaboration,
			AidBasis: funding.Decided, From: first, To: last,
		}); err != nil {
			return err
		}
		if _, err := funding.PutAgreement(tx, funding.Agreement{Project: name, From: first, Parties: []funding.Party{
			{Organisation: "vinnova", Funder: true, Kind: "grant", Parts: 1}, {Organisation: p.lead, Kind: "cash", Parts: 1},
		}}); err != nil {
			return err
		}
		if _, err := funding.PutAward(tx, funding.Award{Project: name, Year: 2026, Funder: "vinnova", Amount: 500_000_00}); err != nil {
			return err
		}
		if _, err := funding.PutBudget(tx, funding.Budget{Project: name, Year: 2026, Party: p.lead, Amount: 500_000_00}); err != nil {
			return err
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

// book requests a resource for four hours from a moment.
func (w *world) book(by *access.Principal, r id.Resource, start time.Time, behalf ...string) *booking.Booking {
	w.Helper()
	in := booking.Request{
		Resources: []id.Resource{r}, Project: "P-1", Period: period.New(start, start.Add(4*time.Hour)), Purpose: "Provkörning",
	}
	if by == w.rita {
		in.Project, in.Purpose = "P-2", "Hemligt prov"
	}
	for _, email := range behalf {
		in.OnBehalfOf = email
	}
	b, err := w.booking.Request(w.Context(), by, in)
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
