package web

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"

	"rigg/internal/text"
)

// texts is what the pages say, by key: text/*.yaml. Sentences that a rule makes
// come with the rule, as a problem or a name.
type texts map[string]text.Text

func loadTexts() (texts, error) {
	out := texts{}
	names, err := fs.Glob(files, "text/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the texts: %w", err)
	}
	var wrong []error
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the texts: %w", err)
		}
		found := texts{}
		if err := yaml.Unmarshal(raw, &found); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, t := range found {
			if _, twice := out[key]; twice {
				wrong = append(wrong, fmt.Errorf("%s: %s is there twice", name, key))
			}
			if err := complete(t); err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %s %w", name, key, err))
			}
			out[key] = t
		}
	}
	return out, errors.Join(wrong...)
}

// complete holds for a text in both languages that take the same arguments in
// the same order.
func complete(t text.Text) error {
	switch {
	case t.SV == "" || t.EN == "":
		return errors.New("lacks a language")
	case verbs(t.SV) != verbs(t.EN):
		return errors.New("takes other arguments in Swedish than in English")
	}
	return nil
}

// verbs are the text's arguments in order, such as "sd". A percent sign of its
// own is written %%, as ever in formats.
func verbs(s string) string {
	var out strings.Builder
	for _, part := range strings.Split(strings.ReplaceAll(s, "%%", ""), "%")[1:] {
		out.WriteString(part[:min(1, len(part))])
	}
	return out.String()
}
