// Package demo holds the example that `rigg demo` loads: real Swedish test beds
// with their true names, hosts and places, and invented companies, people,
// projects and prices around them. README.md here says what is what.
//
// It is data only. Nothing in it may be read by code that runs outside the
// demo and the tests, and it must stay loadable by a plain `rigg load *.yaml`,
// so that a new platform can start from a copy of it.
package demo

import "embed"

// Files are the YAML files of this folder, in the format of `rigg load`. They
// refer to each other, so they are loaded together, in one transaction.
//
//go:embed *.yaml
var Files embed.FS
