package web_test

import (
	"context"
	"database/sql"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"rigg"
	"rigg/access"
	"rigg/booking"
	"rigg/calendar"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
	"rigg/notify"
	"rigg/web"
)

// place is a running server over a small example: two companies that compete for
// a hall whose manager is Mia, and a lab that is always open and confirms at once.
type place struct {
	*testing.T
	db      *database.DB
	booking *booking.Service
	url     string
	clock   atomic.Pointer[time.Time]
	log     logged
}

// logged is what the server has written to its log.
type logged struct {
	lock sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.String()
}

// monday is where the place's clock stands: 09:00 in Mölndal.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func openPlace(t *testing.T, settings ...func(*config.Config)) *place {
	t.Helper()
	p := &place{T: t}
	p.clock.Store(&monday)
	db, err := database.Open(t.Context(), database.Config{
		URL: dbtest.URL(t), MaxConns: 8, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return *p.clock.Load() },
	})
	p.must(err)
	t.Cleanup(db.Close)
	db.OnEnqueue(func(context.Context, *sql.Tx, []database.Enqueued) error { return nil }) // no message is read here
	p.db, p.booking = db, booking.New(db, nil)
	p.must(db.Update(t.Context(), fill))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	p.must(err)
	p.url = "http://" + listener.Addr().String()
	cfg, err := config.Load(config.Sources{Defaults: rigg.DefaultConfig})
	p.must(err)
	cfg.BaseURL = p.url
	for _, set := range settings {
		set(cfg)
	}
	messages, err := notify.New(db, p.booking, cfg.Mail, p.url, slog.New(slog.DiscardHandler))
	p.must(err)
	server, err := web.New(web.Services{
		DB: db, Access: access.New(db), Booking: p.booking, Calendar: calendar.New(db, p.booking, p.url), Notify: messages,
		Ready: func(context.Context) error { return nil }, Metrics: prometheus.NewRegistry(),
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), &p.log), nil)), Config: cfg, Demo: true,
	})
	p.must(err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *place) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func same(s string) text.Text { return text.Text{SV: s, EN: s} }

func length(s string) *period.Span {
	out, err := period.ParseSpan(s)
	if err != nil {
		panic(err)
	}
	return &out
}

func date(s string) period.Date {
	out, err := period.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return out
}

// fill puts the example into an empty database.
func fill(tx *database.Tx) error {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		return err
	}
	hours, err := facilities.ParseHours(map[string]string{"mon-fri": "07:00-19:00"})
	if err != nil {
		return err
	}
	put := func(_ bool, failed error) {
		if err == nil {
			err = failed
		}
	}
	for _, o := range []access.Organisation{
		{ID: "vinnova", Name: "Vinnova", Kind: "public_body"}, {ID: "rise", Name: "RISE", Kind: "institute"},
		{ID: "sme", Name: "Småverken AB", Kind: "company"}, {ID: "rival", Name: "Rivalen AB", Kind: "company"},
	} {
		put(access.PutOrganisation(tx, o))
	}
	put(access.PutQualification(tx, access.Qualification{ID: "safety", Name: text.Text{SV: "Säkerhetskurs", EN: "Safety course"}}))
	put(facilities.PutSite(tx, facilities.Site{
		ID: "molndal", Name: "RISE Mölndal", City: "Mölndal", County: "14", Zone: zone, Hosts: []facilities.DatedHost{{Host: "rise"}},
	}))
	put(facilities.PutFacility(tx, facilities.FacilityStated{
		ID: "hall", Name: text.Text{SV: "Hallen", EN: "The hall"}, Kind: facilities.PilotLine, Approval: facilities.Manual,
		Address: "Gatan 1", Hours: hours, Places: []facilities.PlaceStated{{Site: "molndal"}},
	}))
	put(facilities.PutFacility(tx, facilities.FacilityStated{
		ID: "lab", Name: text.Text{SV: "Labbet", EN: "The lab"}, Kind: facilities.Lab, Approval: facilities.Auto,
		Places: []facilities.PlaceStated{{Site: "molndal"}},
	}))
	rules := facilities.Stated{Min: length("1h"), Max: length("5d"), Step: length("30m"), SetUp: length("30m"), FreeCancel: length("48h")}
	put(facilities.PutResource(tx, facilities.ResourceStated{
		ID: "extruder", Facility: "hall", Name: text.Text{SV: "Robotextruder", EN: "Robot extruder"},
		Capabilities: []string{"large-format-extrusion"}, Units: []string{"x1"}, Rules: rules,
	}))
	put(facilities.PutResource(tx, facilities.ResourceStated{
		ID: "tower", Facility: "hall", Name: same("Tower"), Units: []string{"t1"}, Rules: rules,
		Requires: []id.Qualification{"safety"}, Position: 1,
	}))
	put(facilities.PutResource(tx, facilities.ResourceStated{
		ID: "furnace", Facility: "lab", Name: text.Text{SV: "Ugn", EN: "Furnace"}, Units: []string{"f1"},
	}))
	if err != nil {
		return err
	}
	return fillPeople(tx)
}

func fillPeople(tx *database.Tx) (err error) {
	put := func(_ bool, failed error) {
		if err == nil {
			err = failed
		}
	}
	put(funding.PutProgramme(tx, funding.Programme{ID: "green", Name: "Grön", MaxPublicShare: 5000, Appropriations: []funding.Appropriation{
		{Stream: funding.Collaboration, Year: 2026, Amount: 4_000_000_00}, {Stream: funding.Collaboration, Year: 2027, Amount: 4_000_000_00},
	}}))
	for project, lead := range map[id.Project]id.Organisation{"P-1001": "sme", "P-2002": "rival"} {
		put(funding.PutProject(tx, funding.Project{
			ID: project, Name: "Projekt " + string(project), Lead: lead, Programme: "green", Stream: funding.Collaboration,
			AidBasis: funding.Decided, From: date("2026-01-01"), To: date("2027-12-31"),
		}))
		put(funding.PutAgreement(tx, funding.Agreement{Project: project, From: date("2026-01-01"), Parties: []funding.Party{
			{Organisation: "vinnova", Funder: true, Kind: "grant", Parts: 50}, {Organisation: lead, Kind: "cash", Parts: 50},
		}}))
		for _, year := range []int{2026, 2027} {
			put(funding.PutAward(tx, funding.Award{Project: project, Year: year, Funder: "vinnova", Amount: 100_000_00}))
			put(funding.PutBudget(tx, funding.Budget{Project: project, Year: year, Party: lead, Amount: 100_000_00}))
		}
	}
	for _, resource := range []id.Resource{"extruder", "tower", "furnace"} {
		put(funding.PutRate(tx, funding.Rate{Resource: resource, Audience: "company", From: date("2026-01-01"), Per: funding.PerHour, Amount: 1250_00}))
	}
	for _, someone := range []struct {
		email, name, organisation string
		role                      access.Role
		scope                     string
	}{
		{"anna@sme.example", "Anna Ek", "sme", access.ProjectMember, "P-1001"},
		{"olle@sme.example", "Olle Krona", "sme", access.OrganisationController, "sme"},
		{"bo@rival.example", "Bo Alm", "rival", access.ProjectMember, "P-2002"},
		{"mia@rise.example", "Mia Lund", "rise", access.FacilityManager, "hall"},
		{"mats@rise.example", "Mats Berg", "rise", access.FacilityManager, "hall"},
		{"sam@vinnova.example", "Sam Ort", "vinnova", access.ProgrammeOfficer, "green"},
		{"ada@rise.example", "Ada Root", "rise", access.Admin, ""},
	} {
		put(access.PutPerson(tx, access.Person{Email: someone.email, Name: someone.name, Organisations: []id.Organisation{id.Organisation(someone.organisation)}}))
		if err != nil {
			return err
		}
		person, findErr := access.FindPerson(tx, someone.email)
		put(false, findErr)
		put(access.PutGrant(tx, person.ID, access.Grant{Role: someone.role, Scope: someone.scope}))
	}
	return err
}

// visitor is one browser.
type visitor struct {
	*place
	client *http.Client
}

// answer is what came back.
type answer struct {
	*testing.T
	status   int
	location string
	header   http.Header
	body     string // as a reader sees it, without character references
}

func (p *place) browser() *visitor {
	p.Helper()
	jar, err := cookiejar.New(nil)
	p.must(err)
	return &visitor{p, &http.Client{
		Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as is a browser in which somebody is signed in.
func (p *place) as(email string) *visitor {
	p.Helper()
	v := p.browser()
	v.post("/demo/people/"+email, nil).redirects("/")
	v.get("/") // takes the greeting
	return v
}

func (v *visitor) do(method, path string, body io.Reader, headers ...string) answer {
	v.Helper()
	request, err := http.NewRequestWithContext(v.Context(), method, v.url+path, body)
	v.must(err)
	request.Header.Set("Accept", "text/html")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := v.client.Do(request)
	v.must(err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	v.must(err)
	return answer{v.T, response.StatusCode, response.Header.Get("Location"), response.Header, html.UnescapeString(string(read))}
}

func (v *visitor) get(path string) answer {
	v.Helper()
	return v.do(http.MethodGet, path, nil)
}

func (v *visitor) post(path string, form url.Values) answer {
	v.Helper()
	return v.do(http.MethodPost, path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func (a answer) is(status int) answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("answered %d (to %q), want %d:\n%s", a.status, a.location, status, visible(a.body))
	}
	return a
}

func (a answer) redirects(to string) answer {
	a.Helper()
	if a.is(http.StatusSeeOther); a.location != to {
		a.Fatalf("went to %q, want %q", a.location, to)
	}
	return a
}

func (a answer) says(all ...string) answer {
	a.Helper()
	for _, s := range all {
		if !strings.Contains(a.body, s) {
			a.Errorf("does not say %q:\n%s", s, visible(a.body))
		}
	}
	return a
}

func (a answer) never(all ...string) answer {
	a.Helper()
	for _, s := range all {
		if strings.Contains(a.body, s) {
			a.Errorf("says %q:\n%s", s, visible(a.body))
		}
	}
	return a
}

var spaces = regexp.MustCompile(`\s+`)

func visible(body string) string {
	return spaces.ReplaceAllString(tag.ReplaceAllString(body, " "), " ")
}

// wish is a filled-in booking form.
func wish(resource, start, end string) url.Values {
	return url.Values{
		"resource": {resource}, "start": {start}, "end": {end}, "project": {"P-1001"}, "purpose": {"Provkörning av pulver"},
	}
}

// books sends the form and gives the booking's path.
func (v *visitor) books(form url.Values) string {
	v.Helper()
	a := v.post("/book", form).is(http.StatusSeeOther)
	if !strings.HasPrefix(a.location, "/bookings/") {
		v.Fatalf("booking went to %q", a.location)
	}
	return a.location
}
