package web

import (
	"context"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// apiPrefix is where the API lives; its version is in the path.
const apiPrefix = "/api/v1"

// api registers every operation of the JSON API.
func (s *Server) api() {
	config := huma.DefaultConfig("Rigg", "1")
	config.Info.Description = "Books time on shared test beds and pilot lines. Times are RFC 3339 with offset, " +
		"money is whole öre without VAT, errors are application/problem+json with a stable code."
	config.OpenAPIPath = "/openapi"
	config.DocsPath = "" // our own page, under our own content policy
	config.SchemasPath = ""
	config.CreateHooks = nil // no $schema in answers
	config.Servers = []*huma.Server{{URL: apiPrefix}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "A token of `rigg token create`."},
	}
	config.Security = []map[string][]string{{"token": {}}}
	group := s.app.Group(apiPrefix, s.readJSON)
	api := humafiber.NewWithGroup(s.app, group, config)
	api.OpenAPI().Components.Schemas.RegisterTypeAlias(reflect.TypeFor[facilities.Hours](), reflect.TypeFor[HoursBody]())
	s.bookingAPI(api)
	s.seriesAPI(api)
	s.memberAPI(api)
	s.answerAPI(api)
	s.delegationAPI(api)
	s.catalogueAPI(api)
	s.outageAPI(api)
	s.waitAPI(api)
	s.useAPI(api)
	s.aroundAPI(api)
	s.fileAPI(api)
	s.moneyAPI(api)
	s.feedAPI(api)
}

func init() {
	// Go's decoder takes the names of properties in any case, so that of "version"
	// and "Version" one would be checked and the other used.
	huma.ValidateStrictCasing = true
	// Huma has one function for its own errors, for the whole program.
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		return humaProblem(ctx, status, message, errs)
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return humaProblem(nil, status, message, errs)
	}
}

// humaProblem turns what Huma refuses (a body that does not fit its schema), or
// an error of a handler, into our problem.
func humaProblem(ctx huma.Context, status int, message string, errs []error) *Problem {
	lang, request := text.EN, ""
	if ctx != nil {
		lang, _ = ctx.Context().Value(languageKey{}).(text.Lang)
		request, _ = ctx.Context().Value(localRequest).(string)
	}
	code := problem.CodeInvalid
	switch status {
	case http.StatusUnsupportedMediaType:
		code = codeMedia
	case http.StatusRequestEntityTooLarge:
		code = codeTooLarge
	case http.StatusRequestTimeout:
		code = codeTimeout
	case http.StatusInternalServerError:
		code = problem.CodeInternal
	}
	e := &problem.Error{Code: code}
	if code.Kind == problem.Invalid && status != http.StatusRequestTimeout {
		e.Message = text.New("Begäran stämmer inte med API-beskrivningen; se varje uppgift.",
			"The request does not fit the API's description; see each part.")
	}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			e.Fields = append(e.Fields, problem.Field{Path: detail.Location, Message: translated(detail.Message)})
		}
	}
	if len(e.Fields) == 0 && code.Kind == problem.Invalid && message != "" {
		e.Fields = []problem.Field{{Path: "body", Message: translated(message)}}
	}
	p := problemOf(e, lang, request)
	p.Status = status
	return p
}

// readJSON refuses a body that is not JSON before Huma looks at it, and makes
// the idempotency key known to the services. No answer of the API is anybody's to
// keep: it holds what one person may see, and some of it is told once.
func (s *Server) readJSON(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if c.Method() == fiber.MethodPost && strings.HasSuffix(c.Path(), "/files") {
		return readMultipart(c)
	}
	if len(c.Body()) > 0 && !isJSON(c.Get(fiber.HeaderContentType)) {
		return codeMedia.Say("Skicka innehållet som application/json.", "Send the body as application/json.")
	}
	if !utf8.Valid(c.Body()) { // Go's decoder would put question marks in its place
		return problem.CodeInvalid.Say("Innehållet ska vara text i UTF-8.", "The body must be text in UTF-8.")
	}
	key := c.Get("Idempotency-Key")
	if len(key) > access.MaxKey || strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		return problem.CodeInvalid.Say("Idempotency-Key ska vara 1 till %d skrivbara ASCII-tecken.",
			"Idempotency-Key must be 1 to %d printable ASCII characters.", access.MaxKey)
	}
	if c.Method() == fiber.MethodPost {
		c.SetUserContext(access.WithKey(c.UserContext(), key, c.Method(), c.Path(), string(c.Body())))
	}
	return c.Next()
}

// readMultipart refuses what is not a form with a file.
func readMultipart(c *fiber.Ctx) error {
	if kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); err != nil || kind != fiber.MIMEMultipartForm {
		return codeMedia.Say("Skicka filen som multipart/form-data.", "Send the file as multipart/form-data.")
	}
	return c.Next()
}

// isJSON holds for JSON in the one character encoding that it has (RFC 8259, 8.1).
func isJSON(contentType string) bool {
	kind, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	return err == nil && kind == fiber.MIMEApplicationJSON && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// answer wraps a handler: its errors become problems in the asker's language.
func answer[I, O any](s *Server, scope string, f func(context.Context, *access.Principal, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		p, err := signedIn(ctx)
		if err == nil {
			err = p.Scope(scope)
		}
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		out, err := f(ctx, p, in)
		if err != nil {
			return nil, s.apiError(ctx, err)
		}
		return out, nil
	}
}

func (s *Server) apiError(ctx context.Context, err error) error {
	request, _ := ctx.Value(localRequest).(string)
	lang, _ := ctx.Value(languageKey{}).(text.Lang)
	p := problemOf(err, lang, request)
	if p.Status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "request", request, "status", p.Status, "cause", err.Error())
	}
	if p.Status == http.StatusUnauthorized {
		return huma.ErrorWithHeaders(p, http.Header{"WWW-Authenticate": {`Bearer realm="rigg"`}})
	}
	if p.Status == http.StatusServiceUnavailable {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
	}
	return p
}

// stamp writes an instant with the site's offset.
func stamp(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.RFC3339) }

// operation describes one call.
func operation(method, path, summary, tag string, statuses ...int) huma.Operation {
	name := strings.ToLower(method) + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(path)
	o := huma.Operation{OperationID: name, Method: method, Path: path, Summary: summary, Tags: []string{tag}}
	o.Errors = append([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity,
		http.StatusServiceUnavailable}, statuses...)
	return o
}
