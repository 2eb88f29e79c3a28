package notify

import (
	"maps"
	"slices"
	"time"

	"rigg/internal/period"
	"rigg/internal/text"
)

// What the tests see of the letters.
type (
	Letter = letter
	Words  = words
	Fact   = fact
)

// Render gives a letter's subject and its two forms.
func Render(l Letter) (subject, plain, html string, err error) {
	t, err := loadTemplates()
	if err != nil {
		return "", "", "", err
	}
	said, err := t.render(l)
	return said.Subject, said.Text, said.HTML, err
}

// Kinds lists every kind of message.
func Kinds() []Kind { return slices.Sorted(maps.Keys(rules)) }

// Said is a booking's time as messages have it.
func Said(p period.Period, zone *time.Location, lang text.Lang) string {
	return stretch{p, zone}.In(lang)
}
