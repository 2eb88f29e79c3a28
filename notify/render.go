package notify

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io"
	"strings"
	texttemplate "text/template"
	"unicode"
	"unicode/utf8"

	"rigg/internal/text"
)

//go:embed templates
var files embed.FS

// templates holds the words of every kind in both languages, written once, and
// the two forms that they are put into.
type templates struct {
	words map[text.Lang]*texttemplate.Template
	plain *texttemplate.Template
	html  *htmltemplate.Template
}

// parts are what the words of each kind consist of.
var parts = []string{"subject", "body", "action"}

func loadTemplates() (*templates, error) {
	t := &templates{words: map[text.Lang]*texttemplate.Template{}}
	var err error
	for _, lang := range []text.Lang{text.SV, text.EN} {
		if t.words[lang], err = texttemplate.ParseFS(files, "templates/"+string(lang)+"*.txt"); err != nil {
			return nil, fmt.Errorf("parse: %w", err)
		}
		for kind := range rules {
			for _, part := range parts {
				if name := string(kind) + "." + part; t.words[lang].Lookup(name) == nil {
					return nil, fmt.Errorf("%s*.txt has no %q", lang, name)
				}
			}
		}
	}
	if t.plain, err = texttemplate.ParseFS(files, "templates/layout.txt"); err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	if t.html, err = htmltemplate.ParseFS(files, "templates/layout.html"); err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	return t, nil
}

// letter is what a message says to one person.
type letter struct {
	Kind   Kind
	Lang   text.Lang
	Words  words
	Quote  string // what somebody wrote
	Facts  []fact
	Shares []fact
	Link   string
}

// words are what the sentences are made with, in the reader's language already.
type words struct {
	Name    string // of the reader
	What    string // the resources and their facility
	Short   string // when, in few characters
	Starts  string
	Booker  string // with their organisation
	By      string // who did it; empty: the reader, or the program
	Was     string // what a moved booking was before
	Waiting bool   // it is a request
	Outage  string // what has displaced a booking
	Held    string // what is held for somebody instead; empty: nothing
	Until   string // until when
	Minutes int    // that a link is good for
}

// fact is one line of a table.
type fact struct{ Label, Value string }

// rendered is a message as it is sent.
type rendered struct{ Subject, Text, HTML string }

// maxSubject is in characters, as the schema has it.
const maxSubject = 300

func (t *templates) render(l letter) (rendered, error) {
	said := map[string]string{}
	for _, name := range []string{"greeting", "shares", "footer", "subject", "body", "action"} {
		from := name
		if name == "subject" || name == "body" || name == "action" {
			from = string(l.Kind) + "." + name
		}
		var out strings.Builder
		if err := t.words[l.Lang].ExecuteTemplate(&out, from, l.Words); err != nil {
			return rendered{}, fmt.Errorf("render %s: %w", from, err)
		}
		said[name] = out.String()
	}
	subject := shorten(oneLine(said["subject"]), maxSubject)
	page := struct {
		Lang, Subject, Greeting, SharesTitle, Action, Link, Footer string
		Paragraphs, Quote                                          []string
		Facts, Shares                                              []fact
	}{
		string(l.Lang), subject, oneLine(said["greeting"]), said["shares"], said["action"], l.Link, said["footer"],
		paragraphs(said["body"]), lines(l.Quote), l.Facts, l.Shares,
	}
	plain, err := execute(t.plain, page)
	if err != nil {
		return rendered{}, fmt.Errorf("render %s as text: %w", l.Kind, err)
	}
	html, err := execute(t.html, page)
	if err != nil {
		return rendered{}, fmt.Errorf("render %s as HTML: %w", l.Kind, err)
	}
	return rendered{Subject: subject, Text: plain, HTML: html}, nil
}

func execute(t interface{ Execute(io.Writer, any) error }, page any) (string, error) {
	var out strings.Builder
	err := t.Execute(&out, page)
	return out.String(), err
}

// paragraphs are the body's, each on one line; what people have called things
// cannot make new ones.
func paragraphs(body string) (out []string) {
	for p := range strings.SplitSeq(body, "\n\n") {
		out = append(out, oneLine(p))
	}
	return out
}

// lines are what somebody wrote, line by line.
func lines(s string) (out []string) {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	for line := range strings.Lines(strings.TrimSpace(s)) {
		out = append(out, oneLine(line))
	}
	return out
}

// oneLine makes every run of space and control characters one space; no-break
// spaces stay. A subject with a line break would be a header of its own.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r != '\u00a0' && r != '\u202f' && (unicode.IsSpace(r) || unicode.IsControl(r))
	}), " ")
}

func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}
