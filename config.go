// Package rigg holds what the program is shipped with: its default
// configuration. It has no code of its own.
package rigg

import _ "embed"

// DefaultConfig is config.yaml: every key with its default and its reason.
//
//go:embed config.yaml
var DefaultConfig []byte
