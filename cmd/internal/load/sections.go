package load

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"rigg/internal/text"
)

// section is a kind of entries. Those without read are parts of others' entries
// and not keys of a file.
type section struct {
	name      string
	one, many text.Text // as the report says them
	read      func(*mapping)
}

// sections are all there are, in the order in which they are written: each finds
// there what it refers to, and locks are taken as DESIGN.md 3 orders them (units
// before purses).
var sections = []section{
	{"organisations", text.Text{SV: "organisation", EN: "organisation"}, text.Text{SV: "organisationer", EN: "organisations"}, readOrganisation},
	{"people", text.Text{SV: "person", EN: "person"}, text.Text{SV: "personer", EN: "people"}, readPerson},
	{"qualifications", text.Text{SV: "behörighet", EN: "qualification"}, text.Text{SV: "behörigheter", EN: "qualifications"}, readQualification},
	{"held", text.Text{SV: "innehavd behörighet", EN: "held qualification"}, text.Text{SV: "innehavda behörigheter", EN: "held qualifications"}, readHeld},
	{"sites", text.Text{SV: "plats", EN: "site"}, text.Text{SV: "platser", EN: "sites"}, readSite},
	{"facilities", text.Text{SV: "anläggning", EN: "facility"}, text.Text{SV: "anläggningar", EN: "facilities"}, readFacility},
	{"resources", text.Text{SV: "resurs", EN: "resource"}, text.Text{SV: "resurser", EN: "resources"}, readResource},
	{"along", text.Text{SV: "medföljande resurs", EN: "companion"}, text.Text{SV: "medföljande resurser", EN: "companions"}, nil},
	{"closures", text.Text{SV: "stängd dag", EN: "closure"}, text.Text{SV: "stängda dagar", EN: "closures"}, readClosure},
	{"outages", text.Text{SV: "driftstopp", EN: "outage"}, text.Text{SV: "driftstopp", EN: "outages"}, readOutage},
	{"programmes", text.Text{SV: "program", EN: "programme"}, text.Text{SV: "program", EN: "programmes"}, readProgramme},
	{"projects", text.Text{SV: "projekt", EN: "project"}, text.Text{SV: "projekt", EN: "projects"}, readProject},
	{"agreements", text.Text{SV: "avtal", EN: "agreement"}, text.Text{SV: "avtal", EN: "agreements"}, nil},
	{"awards", text.Text{SV: "beviljat belopp", EN: "award"}, text.Text{SV: "beviljade belopp", EN: "awards"}, nil},
	{"budgets", text.Text{SV: "budget", EN: "budget"}, text.Text{SV: "budgetar", EN: "budgets"}, nil},
	{"rates", text.Text{SV: "pris", EN: "rate"}, text.Text{SV: "priser", EN: "rates"}, readRate},
	{"roles", text.Text{SV: "roll", EN: "role"}, text.Text{SV: "roller", EN: "roles"}, readRole},
}

func sectionIndex(name string) int {
	return slices.IndexFunc(sections, func(s section) bool { return s.name == name })
}

// read reads a file's sections.
func (r *reader) read(data []byte) {
	root := r.document(data)
	if root == nil || null(root) {
		return
	}
	whole := &item{lines: map[string]int{}} // never written
	m := r.mapping(whole, "", root)
	for _, s := range sections {
		if s.read == nil {
			continue
		}
		m.list(s.name, false, func(node *yaml.Node) { r.entry(s, node) })
	}
	if root.Kind == yaml.MappingNode {
		m.end()
	}
}

func (r *reader) entry(s section, node *yaml.Node) {
	m := r.mapping(r.item(s.name, node.Line), "", node)
	if node.Kind != yaml.MappingNode {
		return
	}
	s.read(m)
	m.end()
}

// keyed makes the key of an item that has no name of its own.
func (m *mapping) keyed(words ...string) { m.item.key = strings.Join(words, " ") }
