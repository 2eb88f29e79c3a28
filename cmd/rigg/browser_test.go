package main_test

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"rigg/access"
	"rigg/internal/database"
)

// browser is somebody's window in a real Chromium, signed in.
type browser struct {
	*testing.T
	ctx  context.Context
	base string

	lock     sync.Mutex
	complain []string
}

// chromium starts one browser process for the test; each person gets a window
// with cookies of its own.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("the browser tests need Chromium: apt-get install chromium")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.NoFirstRun, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1400, 1000),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "sv"))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// window opens a person's, with a session that the program's own code starts.
func window(chrome context.Context, w *whole, email string) *browser {
	w.Helper()
	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	w.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 40*time.Second)
	w.Cleanup(cancel)
	b := &browser{T: w.T, ctx: ctx, base: "http://" + w.served.address}
	b.do(chromedp.Navigate("about:blank"))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return // the window is closed
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning || m.IsException() {
				b.lock.Lock()
				b.complain = append(b.complain, m.String())
				b.lock.Unlock()
			}
		}
	}()
	_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{
		Name: "rigg_session", Value: session(w, email), URL: b.base, HTTPOnly: new(true),
	})
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// session starts a session in the program's database, at the program's time.
func session(w *whole, email string) string {
	w.Helper()
	var now time.Time
	if err := w.db.QueryRow(w.Context(), `select max(created_at) from people`).Scan(&now); err != nil {
		w.Fatal(err)
	}
	db, err := database.Open(w.Context(), database.Config{
		URL: w.db.Config().ConnString(), MaxConns: 3, Now: func() time.Time { return now },
	})
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	var person access.Person
	err = db.View(w.Context(), func(tx *database.Tx) (err error) {
		person, err = access.FindPerson(tx, email)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	secret, err := access.New(db).StartSession(w.Context(), person.ID)
	if err != nil {
		w.Fatal(err)
	}
	return secret
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatalf("%v\n%s", err, b.text())
	}
}

func (b *browser) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

func (b *browser) text() string {
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return out
}

// until waits for a condition of the page, in JavaScript.
func (b *browser) until(condition string) {
	b.Helper()
	for end := time.Now().Add(12 * time.Second); ; {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			b.Fatalf("still not %s (%v)\n%s", condition, err, b.text())
		}
	}
}

func (b *browser) says(text string) {
	b.Helper()
	b.until(fmt.Sprintf("document.querySelector('main').innerText.includes(%q)", text))
}

// types changes a field as somebody who types in it does.
func (b *browser) types(id, value string) {
	b.Helper()
	b.run(fmt.Sprintf(`const f = document.getElementById(%q); f.value = %q;
		f.dispatchEvent(new Event("input", {bubbles: true})); f.dispatchEvent(new Event("change", {bubbles: true}))`, id, value))
}

func (b *browser) run(script string) {
	b.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("(() => {"+script+"; return true})()")); err != nil {
		b.Fatal(err)
	}
}

// quiet holds when nothing was written to the console: no violation of the
// content policy, no exception, nothing that could not be loaded.
func (b *browser) quiet() {
	b.Helper()
	b.lock.Lock()
	defer b.lock.Unlock()
	if len(b.complain) > 0 {
		b.Errorf("the console says\n%s", strings.Join(b.complain, "\n"))
	}
}

// TestInTheBrowser goes the whole way of a request as people do: search, price,
// refusal, request, approval by keyboard, the other language, the timeline.
func TestInTheBrowser(t *testing.T) {
	t.Parallel()
	w := mustRun(t, "2026-09-01T06:00:00Z")
	chrome := chromium(t)
	anna, mia := window(chrome, w, annaEk), window(chrome, w, miaLund)

	anna.open("/?" + url.Values{"q": {"pulverskrivare"}, "from": {"2026-09-07"}, "to": {"2026-09-11"}, "minutes": {"120"}, "project": {"P-1001"}}.Encode())
	anna.do(chromedp.WaitVisible(".r-slot"), chromedp.Click(".r-slot"))
	anna.says("Tiden går att boka")
	anna.until(`document.querySelector("#quote").innerText.includes("Grönstål Komponent AB")`)
	anna.until(`document.readyState === "complete" && window.htmx`)
	end, err := chromedp.Run(anna.ctx, chromedp.Value("#end"))
	if err != nil {
		t.Fatal(err)
	}
	anna.types("end", end[:len(end)-2]+"10")
	anna.until(`document.querySelector('#quote a[href="/problems/not-on-grid"]')`)
	anna.types("end", end)
	anna.says("Tiden går att boka")
	anna.types("purpose", "Provkörning av ny kvalitet")
	anna.do(chromedp.Click("#booking button.btn-primary"))
	anna.until(`location.pathname.startsWith("/bookings/")`)
	anna.says("Förfrågan")
	booked, err := chromedp.Run(anna.ctx, chromedp.Evaluate[string](`location.pathname`))
	if err != nil {
		t.Fatal(err)
	}

	mia.open("/inbox")
	mia.says("Provkörning av ny kvalitet")
	mia.until(`document.readyState === "complete"`)
	mia.do(chromedp.KeyEvent("j"), chromedp.KeyEvent("a"))
	mia.until(`!document.querySelector("main").innerText.includes("Provkörning av ny kvalitet")`)

	anna.do(chromedp.Reload())
	anna.says("Bekräftad")
	anna.do(chromedp.Click(`form[action="/language"] button`))
	anna.says("Confirmed")
	anna.open("/facilities/am-molndal?date=2026-09-14")
	anna.clickOnFreeTime()
	anna.until(`location.pathname === "/book" && new URLSearchParams(location.search).get("resource")`)
	mia.dragInTheTimeline(booked)
	anna.quiet()
	mia.quiet()
}

// dragInTheTimeline drags a booking slowly, as people do: it asks before anything
// is saved, with the answer to the new time, and puts the booking back on "no".
func (b *browser) dragInTheTimeline(booked string) {
	b.Helper()
	b.open(booked)
	b.run(`const day = document.querySelector("main time").dateTime.slice(0, 10);
		location.href = document.querySelector(".r-crumb a").href + "?view=day&date=" + day`)
	link := fmt.Sprintf(`.ec-event a[href="%s"]`, booked)
	b.until(fmt.Sprintf(`location.pathname.startsWith("/facilities/") && document.querySelector('%s')`, link))
	b.run(fmt.Sprintf(`document.querySelector('%s').scrollIntoView({block: "center", inline: "center"})`, link))
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](fmt.Sprintf(`(() => {
		const r = document.querySelector('%s').getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2] })()`, link)))
	if err != nil || len(at) != 2 {
		b.Fatalf("the booking in the timeline: %v, %v\n%s", at, err, b.text())
	}
	b.do(chromedp.DragAndDropXY(at[0], at[1], at[0]+60, at[1], 20))
	b.until(`document.querySelector("#drag[open] .r-verdict")`)
	b.run(`document.querySelector('#drag button[formmethod="dialog"]').click()`)
	b.until(fmt.Sprintf(`!document.querySelector("#drag[open]") &&
		Math.abs(document.querySelector('%s').getBoundingClientRect().left + document.querySelector('%s').getBoundingClientRect().width / 2 - %f) < 2`, link, link, at[0]))
}

// clickOnFreeTime clicks in the timeline's middle, where nothing is booked.
func (b *browser) clickOnFreeTime() {
	b.Helper()
	b.until(`document.querySelector(".ec-timeline .ec-day")`)
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](`(() => {
		const c = [...document.querySelectorAll(".ec-timeline .ec-body .ec-day")].map(d => d.getBoundingClientRect())
			.find(r => r.left > 250 && r.width > 20) ?? document.querySelector(".ec-timeline .ec-body").getBoundingClientRect();
		return [c.left + c.width / 2, c.top + c.height / 2] })()`))
	if err != nil || len(at) != 2 {
		b.Fatalf("the timeline: %v, %v\n%s", at, err, b.text())
	}
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}
