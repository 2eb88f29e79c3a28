package notify_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"rigg/access"
	"rigg/internal/config"
	"rigg/internal/database"
	"rigg/notify"
)

func wantState(t *testing.T, m notify.Message, state notify.State, note notify.Note, attempts int) {
	t.Helper()
	if m.State != state || m.Note != note || m.Attempts != attempts || (state == notify.Sent) == m.Sent.IsZero() {
		t.Errorf("%s is %s, note %q, %d attempts, sent %v; want %s, %q, %d", m.Kind, m.State, m.Note, m.Attempts, m.Sent, state, note, attempts)
	}
	if note != "" && (note.Text().SV == "" || note.Text().SV == note.Text().EN) {
		t.Errorf("note %q reads %v", note, note.Text())
	}
}

// partsOf gives the parts of a multipart/alternative body by type.
func partsOf(t *testing.T, m taken) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	out := map[string]string{}
	for r := multipart.NewReader(strings.NewReader(m.body), params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		out[p.Header.Get("Content-Type")] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func TestAMessageIsSentOnce(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	w := setup(t, p.config())
	w.book(w.anna, "saw", monday.Add(days(2)))
	w.work() // each job twice
	m := w.wrote(t, "confirmed to Anna")[0]
	wantState(t, m, notify.Sent, "", 1)
	sent := p.letters()
	if len(sent) != 1 {
		t.Fatalf("%d mails", len(sent))
	}
	if sent[0].from != "rigg@host.example" || sent[0].to != "anna@gronstal.example" {
		t.Errorf("from %s to %s", sent[0].from, sent[0].to)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(sent[0].Header.Get("Subject"))
	if err != nil || subject != "Bekräftad: Såg, Additiv tillverkning, 4 mars kl. 09:00" {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := sent[0].Header.AddressList("From")
	if err != nil || from[0].Name != "Rigg på RISE" {
		t.Errorf("from %v, %v", from, err)
	}
	if at, err := sent[0].Header.Date(); err != nil || !at.Equal(monday) {
		t.Errorf("date %v, %v", at, err)
	}
	if id := sent[0].Header.Get("Message-Id"); !strings.HasSuffix(id, "@host.example>") {
		t.Errorf("message id %s", id)
	}
	parts := partsOf(t, sent[0])
	if parts["text/plain; charset=UTF-8"] != m.Text || parts["text/html; charset=UTF-8"] != m.HTML {
		t.Errorf("sent %q", parts)
	}
}

// A crash between sending and marking sends once more, under the same name.
func TestASecondSendingHasTheSameMessageID(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	w := setup(t, p.config())
	w.book(w.anna, "saw", monday.Add(days(2)))
	w.work()
	w.update(func(tx *database.Tx) error {
		_, err := database.Exec(tx, `update messages set state = 'waiting', sent_at = null`)
		return err
	})
	if err := w.notify.Deliver(t.Context(), notify.Deliver{Message: w.all()[0].ID}); err != nil {
		t.Fatal(err)
	}
	sent := p.letters()
	if len(sent) != 2 || sent[0].Header.Get("Message-Id") != sent[1].Header.Get("Message-Id") {
		t.Errorf("%d mails", len(sent))
	}
}

func TestWhatTheServerRefuses(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	w := setup(t, p.config())
	p.refuses("anna@gronstal.example", 550)
	w.book(w.anna, "saw", monday.Add(days(2)))
	w.work()
	wantState(t, w.wrote(t, "confirmed to Anna")[0], notify.Failed, "refused 550", 1)

	p.refuses("anna@gronstal.example", 451) // for now
	w.book(w.anna, "saw", monday.Add(days(3)))
	deliver := w.deliver(t)
	for attempt := 1; attempt <= notify.DeliverAttempts; attempt++ {
		err := w.notify.Deliver(t.Context(), deliver)
		m := w.all()[1]
		if attempt == notify.DeliverAttempts {
			wantState(t, m, notify.Failed, "refused 451", attempt)
			break
		}
		wantState(t, m, notify.Waiting, "refused 451", attempt)
		if err == nil || strings.Contains(err.Error(), "@") {
			t.Errorf("error %v", err)
		}
	}
	wantNobodyNamed(t, w)
	if sent := p.letters(); len(sent) != 0 {
		t.Errorf("%d mails", len(sent))
	}
}

// deliver does the jobs that write messages and gives the one that would send.
func (w *world) deliver(t *testing.T) notify.Deliver {
	t.Helper()
	for _, e := range w.take() {
		if e.At.After(w.clock()) {
			continue
		}
		if err := w.act(t.Context(), e.Job); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range w.take() {
		if d, ok := e.Job.(notify.Deliver); ok {
			return d
		}
	}
	t.Fatal("nothing to deliver")
	return notify.Deliver{}
}

func TestTheServerIsDownAndComesUp(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	address := p.addr.String()
	_ = p.server.Close()   // it may not serve yet,
	_ = p.listener.Close() // and then it leaves the port open
	w := setup(t, p.config())
	w.book(w.anna, "saw", monday.Add(days(2)))
	deliver := w.deliver(t)
	if err := w.notify.Deliver(t.Context(), deliver); err == nil || strings.Contains(err.Error(), "@") {
		t.Errorf("error %v", err)
	}
	wantState(t, w.all()[0], notify.Waiting, notify.NoteUnreachable, 1)
	p.listen(t, address)
	if err := w.notify.Deliver(t.Context(), deliver); err != nil {
		t.Fatal(err)
	}
	wantState(t, w.all()[0], notify.Sent, "", 2)
	if len(p.letters()) != 1 {
		t.Error("not one mail")
	}
	wantNobodyNamed(t, w)
}

// A queue that was held up must not confirm what is cancelled or remind of what
// has begun or was moved.
func TestWhatWasHeldUpTooLongIsNotSent(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	w := setup(t, p.config())
	b := w.book(w.anna, "saw", monday.Add(days(2)))
	deliver := w.deliver(t)
	w.change(w.booking.Cancel, w.anna, b, "")
	if err := w.notify.Deliver(t.Context(), deliver); err != nil {
		t.Fatal(err)
	}
	wantState(t, w.wrote(t, "confirmed to Anna")[0], notify.NotSent, notify.NoteOutdated, 0)
	w.take()
	b = w.book(w.anna, "saw", monday.Add(days(3)))
	w.work()
	w.at(monday.Add(days(2)))
	if err := w.notify.RemindSweep(t.Context(), notify.JobRemindSweep{}); err != nil {
		t.Fatal(err)
	}
	held := w.take()
	w.move(w.anna, b, time.Hour)
	w.take()
	w.again(held)
	w.work()
	wantState(t, w.all()[2], notify.NotSent, notify.NoteOutdated, 0)
	if sent := p.letters(); len(sent) != 1 {
		t.Errorf("%d mails, want the one confirmation", len(sent))
	}
}

// Mail that was held up does not tell somebody who may no longer see the booking.
func TestWhoHasLeftIsNotTold(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	w := setup(t, p.config())
	w.book(w.anna, "robot", monday.Add(days(2)))
	held := w.take()
	for _, e := range held {
		if err := w.act(t.Context(), e.Job); err != nil {
			t.Fatal(err)
		}
	}
	w.update(func(tx *database.Tx) error {
		_, err := database.Exec(tx, `delete from roles where person_id = $1`, w.mia.ID)
		return err
	})
	w.work()
	told := w.wrote(t, "received to Anna", "requested to Hugo", "requested to Mia")
	wantState(t, to(t, w.anna, told), notify.Sent, "", 1)
	wantState(t, to(t, w.mia, told), notify.NotSent, notify.NoteOutdated, 0)
}

func TestWithoutAServerMessagesStay(t *testing.T) {
	t.Parallel()
	w := setup(t, config.Mail{})
	w.book(w.anna, "saw", monday.Add(days(2)))
	w.work()
	m := w.wrote(t, "confirmed to Anna")[0]
	wantState(t, m, notify.NotSent, notify.NoteNoServer, 0)
	if m.Text == "" || w.notify.Sends() {
		t.Errorf("text %q, sends %v", m.Text, w.notify.Sends())
	}
}

// Where encryption is asked for, a server without it gets nothing.
func TestNothingIsSentInTheClear(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	for _, tls := range []string{"starttls", "tls"} {
		c := p.config()
		c.TLS = tls
		w := setup(t, c)
		w.book(w.anna, "saw", monday.Add(days(2)))
		if err := w.notify.Deliver(t.Context(), w.deliver(t)); err == nil {
			t.Errorf("%s: sent to a server without it", tls)
		}
		wantState(t, w.all()[0], notify.Waiting, notify.NoteUnreachable, 1)
	}
	if sent := p.letters(); len(sent) != 0 {
		t.Errorf("%d mails", len(sent))
	}
}

func TestASignInLinkIsInTheMailAlone(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	w := setup(t, p.config())
	for _, email := range []string{"anna@gronstal.example", "nobody@nowhere.example"} {
		if err := w.access.RequestSignIn(t.Context(), email, "browser"); err != nil {
			t.Fatal(err)
		}
	}
	w.work()
	m := w.wrote(t, "sign_in to Anna")[0]
	wantState(t, m, notify.Sent, "", 1)
	sent := p.letters()
	if len(sent) != 1 {
		t.Fatalf("%d mails", len(sent))
	}
	text := partsOf(t, sent[0])["text/plain; charset=UTF-8"]
	_, rest, found := strings.Cut(text, "https://rigg.example/sign-in/")
	secret, _, _ := strings.Cut(rest, "\n")
	if !found || m.Text != "" || m.HTML != "" || !strings.Contains(text, "15 minuter") {
		t.Fatalf("mail %q, in the outbox %q", text, m.Text)
	}
	var stored int
	err := w.db.Pool().QueryRow(t.Context(), `select (select count(*) from messages m where m::text like '%' || $1 || '%')
		+ (select count(*) from sign_in_links l where l::text like '%' || $1 || '%')`, secret).Scan(&stored)
	if err != nil || stored != 0 || strings.Contains(w.log.String(), secret) {
		t.Errorf("the secret is stored in %d rows or logged, %v", stored, err)
	}
	// The job ran twice: the link in the one mail still opens.
	if _, err := w.access.UseLink(t.Context(), secret, "browser"); err != nil {
		t.Errorf("the link does not open: %v", err)
	}
}

func TestASignInLinkThatIsTooOldIsNotSent(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	w := setup(t, p.config())
	if err := w.access.RequestSignIn(t.Context(), "anna@gronstal.example", "browser"); err != nil {
		t.Fatal(err)
	}
	deliver := w.deliver(t)
	w.at(monday.Add(access.LinkLife))
	if err := w.notify.Deliver(t.Context(), deliver); err != nil {
		t.Fatal(err)
	}
	wantState(t, w.wrote(t, "sign_in to Anna")[0], notify.NotSent, notify.NoteOutdated, 0)
	if sent := p.letters(); len(sent) != 0 {
		t.Errorf("%d mails", len(sent))
	}
}
