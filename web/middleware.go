package web

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// CodeCrossSite refuses a change that another site's page has sent.
var CodeCrossSite = problem.Declare(problem.Forbidden, "cross-site",
	"Begäran kommer från en annan webbplats", "The request comes from another site")

// contentPolicy lets a page use what this server serves and nothing else.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
	"frame-ancestors 'none'; form-action 'self'"

func (s *Server) middleware() {
	s.app.Use(s.observe, s.bounded, headers, readable, s.sameOrigin, s.identify)
}

// observe gives the request its id, logs it without anything personal and keeps
// a panic from ending the process.
func (s *Server) observe(c *fiber.Ctx) (err error) {
	began := time.Now()
	requestID := id.NewSecret()[:12]
	c.Locals(localRequest, requestID)
	c.Set("X-Request-Id", requestID)
	defer func() {
		if r := recover(); r != nil {
			s.Log.Error("panic", "request", requestID, "value", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = problem.CodeInternal.Wrap(fmt.Errorf("panic: %v", r))
		}
		if err != nil {
			err = s.answerError(c, err)
		}
		route, status := c.Route().Path, c.Response().StatusCode()
		s.counted.count(c.Method(), route, status, time.Since(began))
		s.Log.Debug("request", "request", requestID, "method", c.Method(), "route", route,
			"status", status, "took_ms", time.Since(began).Milliseconds())
	}()
	return c.Next()
}

// bounded gives the request a deadline: a client that has gone cancels nothing
// in fasthttp.
func (s *Server) bounded(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), s.Config.Web.RequestTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

func headers(c *fiber.Ctx) error {
	guard(c)
	return c.Next()
}

// guard sets the headers of every answer: also of a refusal that comes before any
// middleware, such as of a request that is too long.
func guard(c *fiber.Ctx) {
	c.Set("Content-Security-Policy", contentPolicy)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

// readable refuses what nothing behind it should have to think of: an address
// that is not text (PostgreSQL takes neither NUL nor broken UTF-8), and a packed
// body, which Fiber would unpack to any size.
func readable(c *fiber.Ctx) error {
	if raw := bytes.ToLower(c.Request().Header.RawHeaders()); bytes.Contains(raw, []byte("transfer-encoding:")) {
		c.Context().SetConnectionClose() // with a length as well, it may hide another request (RFC 9112, 6.1)
	}
	if !legible(c.Path()) {
		return problem.Absent()
	}
	query := true
	for key, value := range c.Context().QueryArgs().All() {
		query = query && legible(string(key)) && legible(string(value))
	}
	if !query {
		return problem.CodeInvalid.Say("Adressens frågedel ska vara text i UTF-8.", "The query of the address must be text in UTF-8.")
	}
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && coding != "identity" {
		return codeMedia.Say("Skicka innehållet opackat, utan Content-Encoding.", "Send the body unpacked, without Content-Encoding.")
	}
	return c.Next()
}

func legible(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// sameOrigin is the protection against cross-site request forgery: a change with
// a browser's cookie must say that it comes from our own pages (Fetch Metadata;
// the Origin header in older browsers). A bearer token can't be forged so.
func (s *Server) sameOrigin(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	if c.Get("Authorization") != "" || c.Cookies(sessionCookie) == "" && !strings.HasPrefix(c.Path(), "/sign-in") {
		return c.Next()
	}
	site, origin := c.Get("Sec-Fetch-Site"), c.Get("Origin")
	ours := site == "same-origin" || site == "none" ||
		site == "" && (origin == "" || origin == s.Config.BaseURL || origin == c.Protocol()+"://"+c.Hostname())
	if !ours {
		return CodeCrossSite.Say("Öppna sidan här i Rigg och försök igen.", "Open the page here in Rigg and try again.")
	}
	return c.Next()
}

// anonymous holds for what is the same to everybody: files, calendars, whose secret
// is all that counts, and what monitors ask, whatever credentials they send along.
func anonymous(path string) bool {
	switch path {
	case "/healthz", "/readyz", "/metrics":
		return true
	}
	return strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/calendar/")
}

// identify finds who asks: by bearer token, or by the session's cookie. A bad
// token is refused; an ended session is just nobody.
func (s *Server) identify(c *fiber.Ctx) error {
	if anonymous(c.Path()) {
		return c.Next()
	}
	p, err := s.principal(c)
	if err != nil {
		return err
	}
	if p != nil {
		c.SetUserContext(context.WithValue(c.UserContext(), principalKey{}, p))
	}
	c.SetUserContext(context.WithValue(c.UserContext(), languageKey{}, s.language(c)))
	return c.Next()
}

func (s *Server) principal(c *fiber.Ctx) (*access.Principal, error) {
	if header := c.Get("Authorization"); header != "" {
		return s.bearer(c, header)
	}
	cookie := c.Cookies(sessionCookie)
	if cookie == "" {
		return nil, nil
	}
	p, _, err := s.Access.BySession(c.UserContext(), cookie)
	if problem.Has(err, access.CodeUnauthenticated) {
		s.forget(c)
		return nil, nil // an ended session is nobody
	}
	return p, err
}

// bearer gives who shows a token. Every call of the API asks for its own scope;
// pages ask for none, so only a token for everything opens them.
func (s *Server) bearer(c *fiber.Ctx, header string) (*access.Principal, error) {
	scheme, secret, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return nil, access.CodeUnauthenticated.Say("Skicka Authorization: Bearer och en åtkomstnyckel.",
			"Send Authorization: Bearer and a token.")
	}
	p, err := s.Access.ByToken(c.UserContext(), strings.TrimSpace(secret))
	if err != nil || strings.HasPrefix(c.Path(), apiPrefix+"/") || slices.Contains(p.Scopes, access.ScopeAll) {
		return p, err
	}
	return nil, access.CodeScopeMissing.Say("Sidorna kräver en åtkomstnyckel med behörigheten %q. Använd API:t.",
		"The pages need a token with the scope %q. Use the API.", access.ScopeAll).With("scope", access.ScopeAll)
}
