package load

import (
	"strings"

	"rigg/internal/text"
)

// thing is what can be referred to: {"site", "rise-molndal"}.
type thing struct{ kind, id string }

// item is one entry of a file, to be written by itself.
type item struct {
	section string
	order   string // within the section; empty is as stated
	key     string // no two items of a section have the same
	file    int
	line    int
	lines   map[string]int // of each value, by its path

	names  thing       // what others can refer to by it, if anything
	refers []reference // to what has to be there
	broken bool
	put    func(*writer) (changed bool, err error)
}

// reference is where an item names something.
type reference struct {
	to   thing
	path string
	line int
}

// wrong notes a mistake in the item.
func (i *item) wrong(found *mistakes, line int, sv, en string, args ...any) {
	found.add(i.file, line, text.New(sv, en, args...))
	i.broken = true
}

// lineOf is where the value of a path stands, or what it is a part of.
func (i *item) lineOf(path string) int {
	for path != "" {
		if line, ok := i.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return i.line
}

// item makes an empty one.
func (r *reader) item(section string, line int) *item {
	it := &item{section: section, file: r.file, line: line, lines: map[string]int{}}
	r.items = append(r.items, it)
	return it
}

// is names the item, for those that refer to it and for whoever states it twice.
func (m *mapping) is(kind, name string) {
	m.item.key, m.item.names = name, thing{kind, name}
}

// refer reads a reference that must be there.
func (m *mapping) refer(kind, key string) string {
	return m.known(kind, key, m.word(key), m.lineOf(key))
}

// mayRefer reads a reference that may be there.
func (m *mapping) mayRefer(kind, key string) string {
	return m.known(kind, key, m.words(key), m.lineOf(key))
}

func (m *mapping) lineOf(key string) int { return m.item.lineOf(m.path + key) }

// known has what is referred to looked for before anything is written.
func (m *mapping) known(kind, key, name string, line int) string {
	if name != "" {
		m.item.refers = append(m.item.refers, reference{thing{kind, name}, m.path + key, line})
	}
	return name
}

// referAll reads a list of references that may be there.
func referAll[T ~string](m *mapping, kind, key string, parse func(string) (string, error)) (out []T) {
	names, lines := listOf(m, key, false, parse)
	for i, name := range names {
		out = append(out, T(m.known(kind, key, name, lines[i])))
	}
	return out
}
