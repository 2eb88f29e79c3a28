package web

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

const (
	askedCookie  = "rigg_asked" // the address that asked for a link, and where to go afterwards
	linkMinutes  = 15           // as access gives a link
	sessionLife  = 7 * 24 * time.Hour
	browserLife  = 365 * 24 * time.Hour
	languageLife = 365 * 24 * time.Hour
)

type signInPage struct {
	shell
	Email string
	To    string // where to go afterwards
	Error string
}

type signInSentPage struct {
	shell
	Email   string
	Minutes int
	Held    bool // there is no mail server, so no link will come
}

type signInLinkPage struct {
	shell
	Secret string
	Error  string
}

// asked is what the browser remembers between the request and the link.
type asked struct {
	Email string `json:"email"`
	To    string `json:"to"`
}

func signInPath(back string) string { return "/sign-in?" + url.Values{"back": {back}}.Encode() }

func (s *Server) pageSignIn(c *fiber.Ctx, v *visit) error {
	return s.showSignIn(c, v, signInPage{To: ours(c.Query("back", "/"))}, fiber.StatusOK)
}

func (s *Server) showSignIn(c *fiber.Ctx, v *visit, page signInPage, status int) (err error) {
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	page.Back = signInPath(page.To)
	return s.page(c, v, status, "sign_in", page)
}

// postSignIn asks for a link. The answer is the same whether anybody has the
// address or not.
func (s *Server) postSignIn(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	page := signInPage{Email: clip(values.Get("email"), 254), To: ours(values.Get("to"))}
	browser := c.Cookies(browserCookie)
	if browser == "" {
		browser = id.NewSecret()
		s.remember(c, browserCookie, browser, browserLife)
	}
	if err := s.Access.RequestSignIn(v.ctx, page.Email, browser); err != nil {
		e := known(err)
		if e.Code.Kind != problem.Invalid && e.Code.Kind != problem.TooMany {
			return err
		}
		page.Error = e.Text().In(v.lang)
		return s.showSignIn(c, v, page, statusOf(e))
	}
	s.rememberAsked(c, asked{Email: page.Email, To: page.To})
	return c.Redirect("/sign-in/sent", fiber.StatusSeeOther)
}

func (s *Server) rememberAsked(c *fiber.Ctx, a asked) {
	raw, _ := json.Marshal(a) // two strings always marshal
	s.remember(c, askedCookie, base64.RawURLEncoding.EncodeToString(raw), linkMinutes*time.Minute)
}

// readAsked gives what the browser remembers; nothing where it cannot be read.
func readAsked(c *fiber.Ctx) (out asked) {
	raw, err := base64.RawURLEncoding.DecodeString(c.Cookies(askedCookie))
	if err != nil || json.Unmarshal(raw, &out) != nil {
		return asked{To: "/"}
	}
	out.To = ours(out.To)
	return out
}

func (s *Server) pageSignInSent(c *fiber.Ctx, v *visit) (err error) {
	a := readAsked(c)
	if a.Email == "" {
		return c.Redirect("/sign-in", fiber.StatusSeeOther)
	}
	page := signInSentPage{Email: a.Email, Minutes: linkMinutes, Held: !s.Notify.Sends()}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "sign_in_sent", page)
}

// pageSignInLink shows a button and uses nothing up: mail filters open links too.
func (s *Server) pageSignInLink(c *fiber.Ctx, v *visit) error {
	return s.showSignInLink(c, v, signInLinkPage{Secret: c.Params("secret")}, fiber.StatusOK)
}

func (s *Server) showSignInLink(c *fiber.Ctx, v *visit, page signInLinkPage, status int) (err error) {
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, status, "sign_in_link", page)
}

// postSignInLink signs in with the link, once.
func (s *Server) postSignInLink(c *fiber.Ctx, v *visit) error {
	session, err := s.Access.UseLink(v.ctx, c.Params("secret"), c.Cookies(browserCookie))
	if problem.Has(err, access.CodeLinkNotValid) {
		page := signInLinkPage{Error: problem.From(err).Text().In(v.lang)}
		return s.showSignInLink(c, v, page, fiber.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	to := readAsked(c).To
	s.remember(c, askedCookie, "", -time.Second)
	return s.signIn(c, v, session, to)
}

// signIn takes the new session instead of the one that the browser had.
func (s *Server) signIn(c *fiber.Ctx, v *visit, session, to string) error {
	if old := c.Cookies(sessionCookie); old != "" {
		if err := s.Access.SignOut(v.ctx, old); err != nil {
			return err
		}
	}
	s.remember(c, sessionCookie, session, sessionLife)
	return s.leave(c, ours(to), "flash.signed_in")
}

func (s *Server) postSignOut(c *fiber.Ctx, v *visit) error {
	if session := c.Cookies(sessionCookie); session != "" {
		if err := s.Access.SignOut(v.ctx, session); err != nil {
			return err
		}
	}
	s.forget(c)
	return s.leave(c, "/", "flash.signed_out")
}

// postLanguage chooses the language of this browser, whoever is signed in.
func (s *Server) postLanguage(c *fiber.Ctx, _ *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	s.remember(c, languageCookie, string(text.ParseLang(values.Get("lang"))), languageLife)
	return c.Redirect(ours(values.Get("back")), fiber.StatusSeeOther)
}

// postTheme chooses light or dark; anything else follows the system again.
func (s *Server) postTheme(c *fiber.Ctx, _ *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	switch theme := values.Get("theme"); theme {
	case "light", "dark":
		s.remember(c, themeCookie, theme, languageLife)
	default:
		s.remember(c, themeCookie, "", -time.Second)
	}
	return c.Redirect(ours(values.Get("back")), fiber.StatusSeeOther)
}
