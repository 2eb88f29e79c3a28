package load

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"rigg/internal/text"
)

// MaxFile and maxDepth are the limits of one file. The deepest place in the format is seven levels down.
const (
	MaxFile  = 10 << 20 // bytes of one file
	maxDepth = 12
)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// plainTags are the kinds of values that YAML itself tells apart; each is read
// as it is written, never as YAML would round or reformat it.
var plainTags = map[string]bool{
	"!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!timestamp": true, "!!null": true,
	"!!map": true, "!!seq": true,
}

// document gives the nodes of a file, which know their lines; nil where there is
// nothing to read in it.
func (r *reader) document(data []byte) *yaml.Node {
	if len(data) > MaxFile {
		r.fail(1, text.New("Filen är för stor: högst %d MB.", "The file is too large: at most %d MB.", MaxFile>>20))
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) { // an empty file says nothing, which is no mistake
			r.notYAML(err)
		}
		return nil
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		r.fail(second.Line, text.New("Det finns mer än ett dokument i filen: ta bort ---.", "There is more than one document in the file: take --- away."))
	} else if !errors.Is(err, io.EOF) {
		r.notYAML(err)
	}
	r.inspect(document.Content[0], 1)
	return document.Content[0]
}

func (r *reader) notYAML(err error) {
	line, found := 1, yamlLine.FindStringSubmatch(err.Error())
	if found != nil && found[1] != "" {
		line, _ = strconv.Atoi(found[1]) // digits, by the expression
	}
	cause := yamlLine.ReplaceAllString(err.Error(), "")
	r.fail(line, text.New("Filen går inte att läsa som YAML: %s.", "The file cannot be read as YAML: %s.", cause))
}

// inspect refuses what no file of this format needs. References (&x, *x) could
// make a small file endless; written out, each line also says what it means.
func (r *reader) inspect(node *yaml.Node, depth int) {
	switch {
	case depth > maxDepth:
		r.fail(node.Line, text.New("Så här djupt i filen finns inget att läsa.", "There is nothing to read this deep in the file."))
		return
	case node.Kind == yaml.AliasNode:
		r.fail(node.Line, text.New("Hänvisningar som *%s läses inte: skriv ut värdet.", "References such as *%s are not read: write the value out.", node.Value))
		return
	case !plainTags[node.ShortTag()]:
		r.fail(node.Line, text.New("Märkningen %s läses inte.", "The tag %s is not read.", node.ShortTag()))
		return
	case node.Kind == yaml.ScalarNode && strings.ContainsFunc(node.Value, unprintable):
		r.fail(node.Line, text.New("Värdet har tecken som inte går att skriva ut.", "The value has characters that cannot be printed."))
	}
	for _, child := range node.Content {
		r.inspect(child, depth+1)
	}
}

func unprintable(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }

// unread holds for what inspect has refused already, so that one mistake is not
// told twice.
func unread(node *yaml.Node) bool {
	return node.Kind == yaml.AliasNode || !plainTags[node.ShortTag()] ||
		node.Kind == yaml.ScalarNode && strings.ContainsFunc(node.Value, unprintable)
}

func null(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" }
