package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// readYAML sets every key of a file. It walks the nodes itself, because they
// know their lines.
func (r *reader) readYAML(name string, text []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) { // an empty file sets nothing
			r.failYAML(name, err)
		}
		return
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.fail(name, "more than one document")
	}
	r.walk(name, "", document.Content[0], map[string]bool{})
}

func (r *reader) failYAML(name string, err error) {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		r.fail(name+":"+m[1], "%s", strings.TrimPrefix(err.Error(), m[0]))
		return
	}
	r.fail(name, "%w", err)
}

func (r *reader) walk(name, key string, node *yaml.Node, seen map[string]bool) {
	at := fmt.Sprintf("%s:%d", name, node.Line)
	if node.Kind == yaml.MappingNode {
		for i := 0; i < len(node.Content); i += 2 {
			k, v := node.Content[i], node.Content[i+1]
			inner := strings.TrimPrefix(key+"."+k.Value, ".")
			if seen[inner] {
				r.fail(fmt.Sprintf("%s:%d", name, k.Line), "%s is there twice", inner)
				continue
			}
			seen[inner] = true
			if v.Kind == yaml.ScalarNode && v.Value == "" {
				v.Line = k.Line // nothing has no line of its own
			}
			r.walk(name, inner, v, seen)
		}
		return
	}
	value, err := flat(node)
	switch {
	case key == "":
		r.fail(at, "want keys and values")
	case r.section(key):
		if node.Tag != "!!null" { // a section whose keys are all commented out
			r.fail(at, "%s is a section: its keys go under it", key)
		}
	case err != nil:
		r.fail(at, "%s: %w", key, err)
	case secret(key, value) != nil:
		r.fail(at, "%s: %w", key, secret(key, value))
	default:
		r.set(key, value, at)
	}
}

func (r *reader) section(key string) bool {
	for known := range r.settings {
		if strings.HasPrefix(known, key+".") {
			return true
		}
	}
	return false
}

// flat is a value as text; a list is written with commas, as in the environment.
func flat(node *yaml.Node) (string, error) {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return "", nil
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case node.Kind == yaml.SequenceNode:
		parts := make([]string, 0, len(node.Content))
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return "", errors.New("want a list of single values")
			}
			parts = append(parts, item.Value)
		}
		return strings.Join(parts, ","), nil
	default:
		return "", errors.New("want a value, not a reference")
	}
}
