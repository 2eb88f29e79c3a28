// Package problem is the one way in which Rigg says no: a kind that the web
// turns into a status, a stable code, a sentence in both languages and the
// cause for the log. It must never carry the cause to a person.
package problem

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"rigg/internal/text"
)

// Kind is the family of an error; the web has one table from kind to status.
type Kind int

// The kinds.
const (
	Internal        Kind = iota // our fault
	Invalid                     // malformed or impossible input
	Refused                     // understood, but a rule says no
	Conflict                    // the state has moved on
	NotFound                    // absent, or not for this principal to know of
	Gone                        // was here, is withdrawn
	Unauthenticated             // nobody is signed in
	Forbidden                   // signed in, but may not
	TooLarge                    // above a limit of size
	TooMany                     // above a limit of rate
	Unavailable                 // try again soon
)

// Code is a stable slug that programs can match, with a title that people can
// read at /problems/<slug>. Codes are declared as variables beside the rule.
type Code struct {
	Slug  string
	Kind  Kind
	Title text.Text
}

var registry struct {
	sync.Mutex
	codes []Code
}

// Declare makes a code and lists it for /problems/<slug>. A slug declared twice
// is a programming error and panics at start.
func Declare(kind Kind, slug, sv, en string) Code {
	registry.Lock()
	defer registry.Unlock()
	if slices.ContainsFunc(registry.codes, func(c Code) bool { return c.Slug == slug }) {
		panic("problem code declared twice: " + slug)
	}
	c := Code{Slug: slug, Kind: kind, Title: text.Text{SV: sv, EN: en}}
	registry.codes = append(registry.codes, c)
	return c
}

// Codes lists every declared code, by slug.
func Codes() []Code {
	registry.Lock()
	defer registry.Unlock()
	out := slices.Clone(registry.codes)
	slices.SortFunc(out, func(a, b Code) int { return strings.Compare(a.Slug, b.Slug) })
	return out
}

// Codes that belong to no rule.
var (
	CodeInternal    = Declare(Internal, "internal", "Något gick fel hos oss", "Something went wrong on our side")
	CodeInvalid     = Declare(Invalid, "invalid", "Uppgifterna går inte att läsa", "The input cannot be read")
	CodeNotFound    = Declare(NotFound, "not-found", "Finns inte, eller är inte till för dig", "Not found, or not yours to see")
	CodeUnavailable = Declare(Unavailable, "unavailable", "Systemet är upptaget", "The system is busy")
)

// Field is an error in one named part of the input.
type Field struct {
	Path    string    `json:"path" doc:"Where in the input, such as body.start"`
	Message text.Text `json:"message"`
}

// Error is an error with a face. Err is for the log alone.
type Error struct {
	Code    Code
	Message text.Text      // what happened and what to do; the code's title where empty
	Fields  []Field        // by part of the input
	Details map[string]any // the numbers, and what a program can act on
	Err     error
}

// New makes an error of the code with a sentence that says what to do.
func (c Code) New(message text.Text) *Error { return &Error{Code: c, Message: message} }

// Say is New with both sentences given and formatted by text.New.
func (c Code) Say(sv, en string, args ...any) *Error { return c.New(text.New(sv, en, args...)) }

// Wrap makes an error of the code that keeps its cause for the log.
func (c Code) Wrap(err error) *Error { return &Error{Code: c, Err: err} }

// With adds one detail and returns the error itself.
func (e *Error) With(key string, value any) *Error {
	if e.Details == nil {
		e.Details = map[string]any{}
	}
	e.Details[key] = value
	return e
}

// Error is the text for the log, with the cause.
func (e *Error) Error() string {
	s := e.Code.Slug + ": " + e.Text().EN
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Text is the sentence for a person.
func (e *Error) Text() text.Text {
	if e.Message.Empty() {
		return e.Code.Title
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is holds when the other error has the same code.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code.Slug == e.Code.Slug
}

// Has tells whether err, or what it wraps, carries the code.
func Has(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code.Slug == code.Slug
}

// From gives the problem in err, or an internal one around it.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return CodeInternal.Wrap(err)
}

// Absent is the answer for all that is not there or not for the asker to know.
func Absent() *Error { return &Error{Code: CodeNotFound} }
