package text_test

import (
	"testing"

	"rigg/internal/text"
)

func TestParseLang(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]text.Lang{
		"sv": text.SV, "sv-SE": text.SV, "": text.SV, "e": text.SV, "de": text.SV, "se": text.SV, "x": text.SV,
		"en": text.EN, "en-GB": text.EN, "en_US": text.EN, "EN": text.EN, "En": text.EN, "eN-us": text.EN,
	} {
		if got := text.ParseLang(code); got != want {
			t.Errorf("ParseLang(%q) = %s; want %s", code, got, want)
		}
	}
}

// sum reads differently in the two languages.
type sum int

func (s sum) In(lang text.Lang) string {
	return map[text.Lang]string{text.SV: "1,5", text.EN: "1.5"}[lang]
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		got  text.Text
		want text.Text
	}{
		{"without arguments a percent sign stays", text.New("50 %", "50%"), text.Text{SV: "50 %", EN: "50%"}},
		{"the same arguments", text.New("%d av %s", "%d of %s", 2, "x"), text.Text{SV: "2 av x", EN: "2 of x"}},
		{"each in its language", text.New("%s kr", "SEK %s", sum(0)), text.Text{SV: "1,5 kr", EN: "SEK 1.5"}},
		{"a text in a text", text.New("(%s)", "(%s)", text.Text{SV: "ja", EN: "yes"}), text.Text{SV: "(ja)", EN: "(yes)"}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v; want %+v", c.name, c.got, c.want)
		}
	}
}

func TestInFallsBackToTheOtherLanguage(t *testing.T) {
	t.Parallel()
	both, sv, en := text.Text{SV: "ja", EN: "yes"}, text.Text{SV: "ja"}, text.Text{EN: "yes"}
	for _, c := range []struct {
		text text.Text
		lang text.Lang
		want string
	}{
		{both, text.SV, "ja"}, {both, text.EN, "yes"}, {both, "xx", "ja"},
		{sv, text.EN, "ja"}, {en, text.SV, "yes"}, {text.Text{}, text.SV, ""}, {text.Text{}, text.EN, ""},
	} {
		if got := c.text.In(c.lang); got != c.want {
			t.Errorf("%+v in %s is %q; want %q", c.text, c.lang, got, c.want)
		}
		if c.text.Empty() != (c.want == "") {
			t.Errorf("%+v: empty is %v", c.text, c.text.Empty())
		}
	}
}
