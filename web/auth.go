package web

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/internal/text"
)

// The cookies, and the keys of what the middleware leaves for handlers.
const (
	sessionCookie  = "rigg_session"
	browserCookie  = "rigg_browser" // binds a sign-in link to the browser that asked
	languageCookie = "rigg_language"
	themeCookie    = "rigg_theme"

	localRequest = "request"
)

type (
	principalKey struct{}
	languageKey  struct{}
)

// who gives the principal of a request, or nil.
func who(ctx context.Context) *access.Principal {
	p, _ := ctx.Value(principalKey{}).(*access.Principal)
	return p
}

// signedIn gives the principal, or the problem unauthenticated.
func signedIn(ctx context.Context) (*access.Principal, error) {
	if p := who(ctx); p != nil {
		return p, nil
	}
	return nil, access.CodeUnauthenticated.Say("Logga in först.", "Sign in first.")
}

// language is what the person chose on the page, else their own, else the
// browser's, else Swedish.
func (s *Server) language(c *fiber.Ctx) text.Lang {
	if chosen := c.Cookies(languageCookie); chosen != "" {
		return text.ParseLang(chosen)
	}
	if p := who(c.UserContext()); p != nil {
		return p.Language
	}
	return headerLanguage(c.Get("Accept-Language"))
}

// headerLanguage is the first of our languages that a browser asks for.
func headerLanguage(header string) text.Lang {
	for part := range strings.SplitSeq(header, ",") {
		switch tag := strings.TrimSpace(part); {
		case strings.HasPrefix(tag, "sv"):
			return text.SV
		case strings.HasPrefix(tag, "en"):
			return text.EN
		}
	}
	return text.SV
}

// remember sets a cookie that scripts can't read and other sites don't send.
func (s *Server) remember(c *fiber.Ctx, name, value string, life time.Duration) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: strings.HasPrefix(s.Config.BaseURL, "https://"), MaxAge: int(life / time.Second),
	})
}

func (s *Server) forget(c *fiber.Ctx) { s.remember(c, sessionCookie, "", -time.Second) }
