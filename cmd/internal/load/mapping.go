package load

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"rigg/internal/problem"
	"rigg/internal/text"
)

// reader reads one file into items.
type reader struct {
	file     int
	mistakes *mistakes
	items    []*item
	position map[string]int // of the last resource so far, by facility; of all files
}

func (r *reader) fail(line int, message text.Text) { r.mistakes.add(r.file, line, message) }

// mapping is keys and values of an item, or of a part of one. Its methods read a
// value each and note what is wrong with it; what they give then is zero, and
// the item is not written.
type mapping struct {
	*reader
	item   *item
	path   string // before its keys, such as "rules."
	line   int
	keys   []string // as written
	values map[string]*yaml.Node
	asked  []string
}

// mapping opens keys and values; it has none where the node is something else.
func (r *reader) mapping(it *item, path string, node *yaml.Node) *mapping {
	m := &mapping{reader: r, item: it, path: path, line: node.Line, values: map[string]*yaml.Node{}}
	switch {
	case unread(node):
		it.broken = true
	case node.Kind != yaml.MappingNode:
		message := text.New("Här väntas nycklar och värden.", "Keys and values are expected here.")
		if path != "" {
			message = named(strings.TrimSuffix(path, "."), message)
		}
		m.fail(node.Line, message)
		it.broken = true
	}
	if node.Kind != yaml.MappingNode {
		return m
	}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			m.wrong(key.Line, "", "En nyckel är ett enda ord.", "A key is a single word.")
			continue
		}
		if m.values[key.Value] != nil {
			m.wrong(key.Line, key.Value, "Står två gånger.", "Is there twice.")
			continue
		}
		if value.Kind == yaml.ScalarNode && value.Value == "" {
			value.Line = key.Line // nothing has no line of its own
		}
		m.keys, m.values[key.Value] = append(m.keys, key.Value), value
		it.lines[path+key.Value] = key.Line
	}
	return m
}

// wrong notes a mistake about a key, which may be empty.
func (m *mapping) wrong(line int, key, sv, en string, args ...any) {
	message := text.New(sv, en, args...)
	if key != "" {
		message = named(m.path+key, message)
	}
	m.fail(line, message)
	m.item.broken = true
}

// refuse notes what a parser of the value said.
func (m *mapping) refuse(line int, key string, err error) {
	m.fail(line, named(m.path+key, problem.From(err).Text()))
	m.item.broken = true
}

// end notes the keys that nobody asked for.
func (m *mapping) end() {
	slices.Sort(m.asked)
	known := strings.Join(slices.Compact(m.asked), ", ")
	for _, key := range m.keys {
		if !slices.Contains(m.asked, key) {
			m.wrong(m.lineOf(key), key, "Nyckeln finns inte här. Det som går att skriva: %s.",
				"There is no such key here. What can be written: %s.", known)
		}
	}
}

// find gives the value of a key; not where it is absent or left empty.
func (m *mapping) find(key string, needed bool) (*yaml.Node, bool) {
	m.asked = append(m.asked, key)
	node := m.values[key]
	if node == nil || null(node) {
		if line, ok := m.item.lines[m.path+key]; needed && ok {
			m.wrong(line, key, "Värdet saknas.", "The value is missing.")
		} else if needed {
			m.wrong(m.line, key, "Saknas.", "Is missing.")
		}
		return nil, false
	}
	if unread(node) {
		m.item.broken = true
		return nil, false
	}
	return node, true
}

// scalar gives a single value as it is written.
func (m *mapping) scalar(key string, node *yaml.Node) (string, bool) {
	switch {
	case unread(node):
		m.item.broken = true
		return "", false
	case node.Kind != yaml.ScalarNode:
		m.wrong(node.Line, key, "Här väntas ett enda värde.", "A single value is expected here.")
		return "", false
	}
	return node.Value, true
}

// need reads a value that must be there.
func need[T any](m *mapping, key string, parse func(string) (T, error)) (out T) {
	if node, ok := m.find(key, true); ok {
		out, _ = parsed(m, key, node, parse)
	}
	return out
}

// maybe reads a value that may be there, and tells whether it was.
func maybe[T any](m *mapping, key string, parse func(string) (T, error)) (out T, given bool) {
	if node, ok := m.find(key, false); ok {
		return parsed(m, key, node, parse)
	}
	return out, false
}

func parsed[T any](m *mapping, key string, node *yaml.Node, parse func(string) (T, error)) (out T, ok bool) {
	written, ok := m.scalar(key, node)
	if !ok {
		return out, false
	}
	out, err := parse(written)
	if err != nil {
		m.refuse(node.Line, key, err)
		return out, false
	}
	return out, true
}

// word is a text that must be there.
func (m *mapping) word(key string) string { return need(m, key, asWritten) }

// words is a text that may be there.
func (m *mapping) words(key string) string {
	out, _ := maybe(m, key, asWritten)
	return out
}

// list calls f with each entry of a list.
func (m *mapping) list(key string, needed bool, f func(node *yaml.Node)) {
	node, ok := m.find(key, needed)
	if !ok {
		return
	}
	if node.Kind != yaml.SequenceNode {
		m.wrong(node.Line, key, "Här väntas en lista.", "A list is expected here.")
		return
	}
	for _, entry := range node.Content {
		f(entry)
	}
}

// listOf is a list of single values, none of them empty, and where each stands.
func listOf[T any](m *mapping, key string, needed bool, parse func(string) (T, error)) (out []T, lines []int) {
	m.list(key, needed, func(node *yaml.Node) {
		if null(node) {
			m.wrong(node.Line, key, "Värdet saknas.", "The value is missing.")
		} else if one, ok := parsed(m, key, node, parse); ok {
			out, lines = append(out, one), append(lines, node.Line)
		}
	})
	return out, lines
}

// wordList is a list of texts.
func wordList(m *mapping, key string, needed bool) []string {
	out, _ := listOf(m, key, needed, asWritten)
	return out
}

// entries opens each entry of a list, as parts of the same item.
func (m *mapping) entries(key string, needed bool, f func(in *mapping)) {
	n := 0
	m.list(key, needed, func(node *yaml.Node) {
		path := fmt.Sprintf("%s%s[%d]", m.path, key, n)
		m.item.lines[path] = node.Line
		in := m.mapping(m.item, path+".", node)
		n++
		if node.Kind == yaml.MappingNode {
			f(in)
			in.end()
		}
	})
}

// inner opens keys and values under a key.
func (m *mapping) inner(key string, needed bool) (*mapping, bool) {
	node, ok := m.find(key, needed)
	if !ok {
		return nil, false
	}
	in := m.mapping(m.item, m.path+key+".", node)
	return in, node.Kind == yaml.MappingNode
}

// text is a text in both languages: {sv: ..., en: ...}.
func (m *mapping) text(key string, needed bool) (out text.Text) {
	in, ok := m.inner(key, needed)
	if !ok {
		return out
	}
	out = text.Text{SV: in.word("sv"), EN: in.word("en")}
	in.end()
	return out
}

// properName is a text in both languages, or a name that is the same in both.
func (m *mapping) properName(key string) text.Text {
	if node := m.values[key]; node != nil && node.Kind == yaml.MappingNode {
		return m.text(key, true)
	}
	name := m.word(key)
	return text.Text{SV: name, EN: name}
}
