// Package text holds the two languages of everything that a person reads.
// Every sentence is made in Swedish and English at once, so none can be
// missing; it must never know what the sentences are about.
package text

import (
	"fmt"
	"strings"
)

// Lang is the language of a reader.
type Lang string

// The languages of Rigg.
const (
	SV Lang = "sv"
	EN Lang = "en"
)

// ParseLang gives the language of a code such as "sv" or "sv-SE"; anything but
// English is Swedish, the language of the trade here.
func ParseLang(code string) Lang {
	if len(code) >= 2 && strings.EqualFold(code[:2], "en") {
		return EN
	}
	return SV
}

// Text is one sentence in both languages.
type Text struct {
	SV string `json:"sv" yaml:"sv" doc:"Swedish"`
	EN string `json:"en" yaml:"en" doc:"English"`
}

// Localised is a value that reads differently in the two languages, such as an
// amount of money or a date.
type Localised interface {
	In(Lang) string
}

// New formats both sentences with the same arguments; an argument that is
// Localised is written in the sentence's own language.
func New(sv, en string, args ...any) Text {
	if len(args) == 0 {
		return Text{SV: sv, EN: en}
	}
	return Text{SV: fmt.Sprintf(sv, in(SV, args)...), EN: fmt.Sprintf(en, in(EN, args)...)}
}

// In gives the sentence in one language, or the other one where that is empty.
func (t Text) In(lang Lang) string {
	if (lang == EN && t.EN != "") || t.SV == "" {
		return t.EN
	}
	return t.SV
}

// Empty tells whether there is nothing to read in either language.
func (t Text) Empty() bool { return t.SV == "" && t.EN == "" }

func in(lang Lang, args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		if l, ok := a.(Localised); ok {
			out[i] = l.In(lang)
			continue
		}
		out[i] = a
	}
	return out
}
