package problem_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rigg/internal/problem"
	"rigg/internal/text"
)

var (
	codeFull  = problem.Declare(problem.Conflict, "test-full", "Fullt", "Full")
	codeOther = problem.Declare(problem.Refused, "test-other", "Annat", "Other")
)

func TestCodesAreListedBySlug(t *testing.T) {
	t.Parallel()
	codes := problem.Codes()
	if !slices.IsSortedFunc(codes, func(a, b problem.Code) int { return strings.Compare(a.Slug, b.Slug) }) {
		t.Errorf("not in order: %v", codes)
	}
	for _, want := range []problem.Code{codeFull, codeOther, problem.CodeInternal, problem.CodeInvalid, problem.CodeNotFound} {
		if !slices.Contains(codes, want) {
			t.Errorf("%s is not listed", want.Slug)
		}
	}
	codes[0].Slug = "changed"
	if problem.Codes()[0].Slug == "changed" {
		t.Error("the list is not a copy")
	}
}

func TestDeclaringTwicePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "test-full") {
			t.Errorf("recovered %v", r)
		}
	}()
	problem.Declare(problem.Invalid, "test-full", "Igen", "Again")
}

func TestErrorTellsPeopleTheSentenceAndTheLogTheCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("relation is on fire")
	e := &problem.Error{Code: codeFull, Message: text.New("Det är fullt.", "It is full."), Err: cause}
	if e.Text() != (text.Text{SV: "Det är fullt.", EN: "It is full."}) {
		t.Errorf("told %v", e.Text())
	}
	if got := e.Error(); got != "test-full: It is full.: relation is on fire" {
		t.Errorf("logged %q", got)
	}
	if got := codeFull.Wrap(cause).Text(); got != codeFull.Title {
		t.Errorf("without a sentence told %v; want the title", got)
	}
	if !errors.Is(e, cause) {
		t.Error("the cause is lost")
	}
}

func TestIsComparesCodesThroughWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("book: %w", codeFull.Say("Fullt till %d.", "Full until %d.", 4))
	for _, c := range []struct {
		name string
		got  bool
		want bool
	}{
		{"Has its code", problem.Has(err, codeFull), true},
		{"Has another", problem.Has(err, codeOther), false},
		{"Has on nil", problem.Has(nil, codeFull), false},
		{"Has on a plain error", problem.Has(errors.New("x"), codeFull), false},
		{"Is the same code, another sentence", errors.Is(err, &problem.Error{Code: codeFull}), true},
		{"Is another code", errors.Is(err, &problem.Error{Code: codeOther}), false},
		{"Is a plain error", errors.Is(err, errors.New("x")), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", c.name, c.got)
		}
	}
}

func TestFrom(t *testing.T) {
	t.Parallel()
	own := codeFull.New(text.Text{})
	if got := problem.From(fmt.Errorf("x: %w", own)); got != own {
		t.Errorf("From a wrapped problem gives %v", got)
	}
	secret := errors.New("password=hunter2")
	got := problem.From(secret)
	if !problem.Has(got, problem.CodeInternal) || !errors.Is(got, secret) {
		t.Errorf("From a plain error gives %v", got)
	}
	if told := got.Text(); strings.Contains(told.SV+told.EN, "hunter2") {
		t.Errorf("a person is told %v", told)
	}
}

func TestWithCollectsDetails(t *testing.T) {
	t.Parallel()
	e := codeFull.Say("Fullt.", "Full.").With("max", 3).With("have", 4)
	if len(e.Details) != 2 || e.Details["max"] != 3 || e.Details["have"] != 4 {
		t.Errorf("details %v", e.Details)
	}
	if other := codeFull.Say("Fullt.", "Full."); other.Details != nil {
		t.Errorf("another error of the code has %v", other.Details)
	}
}
