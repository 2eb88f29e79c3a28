package notify_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"rigg/internal/config"
)

// post is a mail server on the loopback address. It keeps what it takes, and
// refuses whom it is told to.
type post struct {
	server   *smtp.Server
	listener net.Listener
	addr     *net.TCPAddr

	mu     sync.Mutex
	refuse map[string]int // address -> SMTP code
	taken  []taken
}

type taken struct {
	from, to string
	*mail.Message
	body string
}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{refuse: map[string]int{}}
	p.listen(t, "127.0.0.1:0")
	return p
}

// listen starts the server, again after it was closed.
func (p *post) listen(t *testing.T, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	p.addr, p.listener = l.Addr().(*net.TCPAddr), l
	p.server = smtp.NewServer(p)
	p.server.Domain = "post.example"
	done := make(chan error, 1)
	server := p.server
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = server.Close() // a test may have closed both
		_ = l.Close()      // which the server does only once it serves
		if err := <-done; err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("mail server: %v", err)
		}
	})
}

func (p *post) config() config.Mail {
	return config.Mail{Host: "127.0.0.1", Port: p.addr.Port, TLS: "none", From: "rigg@host.example", FromName: "Rigg på RISE"}
}

func (p *post) refuses(address string, code int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse[address] = code
}

// letters gives what was taken since the last call.
func (p *post) letters() []taken {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.taken
	p.taken = nil
	return out
}

// NewSession is go-smtp's call for each connection.
func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }

type session struct {
	*post
	from, to string
}

func (s *session) Reset()        { s.from, s.to = "", "" }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code := s.refuse[to]; code > 0 {
		return &smtp.SMTPError{Code: code, Message: "mailbox " + to + " is not here"}
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, taken{s.from, s.to, m, string(body)})
	return nil
}

// wantNobodyNamed holds that the log has no address of a person.
func wantNobodyNamed(t *testing.T, w *world) {
	t.Helper()
	for _, word := range []string{"gronstal.example", "rise.example", "Anna"} {
		if strings.Contains(w.log.String(), word) {
			t.Errorf("the log names people: %s", w.log.String())
		}
	}
	if w.log.String() == "" {
		t.Error("nothing was logged")
	}
}

func deadPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
