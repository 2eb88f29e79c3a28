package load

import (
	"cmp"
	"fmt"
	"slices"

	"rigg/internal/problem"
	"rigg/internal/text"
)

// CodeFiles says that the files cannot be loaded; its fields name every mistake,
// each by file and line.
var CodeFiles = problem.Declare(problem.Invalid, "files-not-loaded",
	"Filerna gick inte att läsa in", "The files could not be loaded")

// maxMistakes is how many are told: a file of another kind has one on each line.
const maxMistakes = 500

// mistake is one thing that is wrong, where it stands.
type mistake struct {
	file    int // position among the files
	line    int
	message text.Text
}

// mistakes are everything that is wrong so far.
type mistakes struct {
	files []File
	list  []mistake
}

func (m *mistakes) add(file, line int, message text.Text) {
	m.list = append(m.list, mistake{file: file, line: max(line, 1), message: message})
}

// err gives all mistakes in the order in which a reader finds them; nil where
// there is none.
func (m *mistakes) err() error {
	if len(m.list) == 0 {
		return nil
	}
	list := slices.Clone(m.list)
	slices.SortStableFunc(list, func(a, b mistake) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	out := CodeFiles.Say("Inget har lästs in. Fel i filerna: %d.", "Nothing was loaded. Mistakes in the files: %d.", len(list)).
		With("mistakes", len(list))
	for _, one := range list[:min(len(list), maxMistakes)] {
		out.Fields = append(out.Fields, problem.Field{
			Path: fmt.Sprintf("%s:%d", m.files[one.file].Name, one.line), Message: one.message,
		})
	}
	return out
}

// named puts the key before a sentence about its value.
func named(key string, message text.Text) text.Text {
	return text.Text{SV: key + ": " + message.SV, EN: key + ": " + message.EN}
}
