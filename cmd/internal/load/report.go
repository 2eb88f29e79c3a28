package load

import (
	"fmt"
	"strings"

	"rigg/internal/text"
)

// Count is what became of one section's entries.
type Count struct {
	Section string `json:"section"`
	Loaded  int    `json:"loaded"`
	Changed int    `json:"changed"`
}

// Report says what a load did. Changed is how many entries differed from what
// was in the database.
type Report struct {
	Changed  int     `json:"changed"`
	Sections []Count `json:"sections"` // those that the files have
}

// summed makes the report of the sections' counts.
func summed(counts map[string]*Count) Report {
	r := Report{Sections: []Count{}}
	for _, s := range sections {
		if c := counts[s.name]; c != nil {
			r.Sections = append(r.Sections, *c)
			r.Changed += c.Changed
		}
	}
	return r
}

// details are the changes by section, for the audit.
func (r Report) details() map[string]int {
	out := map[string]int{}
	for _, c := range r.Sections {
		if c.Changed > 0 {
			out[c.Section] = c.Changed
		}
	}
	return out
}

// Text is the report in one line: "loaded: 38 facilities, 137 resources; 3 changed".
func (r Report) Text() text.Text {
	if len(r.Sections) == 0 {
		return text.New("inget att läsa in", "nothing to load")
	}
	var sv, en []string
	for _, c := range r.Sections {
		s := sections[sectionIndex(c.Section)]
		noun := s.many
		if c.Loaded == 1 {
			noun = s.one
		}
		sv = append(sv, fmt.Sprintf("%d %s", c.Loaded, noun.SV))
		en = append(en, fmt.Sprintf("%d %s", c.Loaded, noun.EN))
	}
	end := text.New("; ändrat: %d", "; %d changed", r.Changed)
	if r.Changed == 0 {
		end = text.New("; inget ändrat", "; nothing changed")
	}
	return text.Text{SV: "inläst: " + strings.Join(sv, ", ") + end.SV, EN: "loaded: " + strings.Join(en, ", ") + end.EN}
}
