// Package load is `rigg load`: it reads the catalogue, people, projects and
// rates from YAML and puts them into the database, all or nothing. What is wrong
// is told all at once, each mistake by file and line. It must hold no rule of
// the domains: it reads, finds what is referred to, and calls their Put
// functions in an order in which each finds what it needs.
package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/problem"
)

// File is one file to load. Name is what mistakes are told by.
type File struct {
	Name string
	Data []byte
}

// Files puts what the files say into the database, in one transaction, and tells
// what changed. Loading the same again changes nothing. The order of files, of
// sections and of entries is free, except that resources are shown in theirs.
// Roles are given and never taken away. Codes: files-not-loaded, with every
// mistake among its fields; unavailable.
func Files(ctx context.Context, db *database.DB, files []File) (Report, error) {
	found := &mistakes{files: files}
	items := read(files, found)
	var report Report
	err := db.Update(ctx, func(tx *database.Tx) (err error) {
		report, err = write(tx, items, &mistakes{files: files, list: slices.Clone(found.list)})
		return err
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// read gives the items of all files in the order in which to write them.
func read(files []File, found *mistakes) []*item {
	var items []*item
	position := map[string]int{}
	for i, f := range files {
		r := &reader{file: i, mistakes: found, position: position}
		r.read(f.Data)
		items = append(items, r.items...)
	}
	refuseTwice(items, found)
	slices.SortStableFunc(items, func(a, b *item) int {
		return cmp.Or(cmp.Compare(sectionIndex(a.section), sectionIndex(b.section)), cmp.Compare(a.order, b.order))
	})
	return items
}

// refuseTwice notes what is stated twice: of two that differ each would undo the
// other at every load.
func refuseTwice(items []*item, found *mistakes) {
	type key struct{ section, key string }
	first := map[key]*item{}
	for _, it := range items {
		k := key{it.section, it.key}
		if it.key == "" {
			continue // broken, and told already
		}
		if other := first[k]; other != nil {
			it.wrong(found, it.line, "%s står redan på %s:%d.", "%s is already at %s:%d.",
				it.key, found.files[other.file].Name, other.line)
			continue
		}
		first[k] = it
	}
}

// loadLock lets one load at a time write, so that two of them wait for each
// other and never deadlock; any number that nobody else uses.
const loadLock = 7_446_745

func write(tx *database.Tx, items []*item, found *mistakes) (Report, error) {
	if _, err := database.Exec(tx, `select pg_advisory_xact_lock($1)`, loadLock); err != nil {
		return Report{}, fmt.Errorf("wait for another load: %w", err)
	}
	w, err := newWriter(tx, items, found)
	if err != nil {
		return Report{}, err
	}
	if err := w.putAll(items); err != nil {
		return Report{}, err
	}
	if err := found.err(); err != nil {
		return Report{}, err
	}
	report := summed(w.counts)
	if report.Changed > 0 {
		err = access.Audit(tx, 0, "load", "catalogue", map[string]any{"changed": report.details()})
	}
	return report, err
}

// told are the problems that are the files' fault; any other ends the load.
func told(err error) (*problem.Error, bool) {
	var p *problem.Error
	if !errors.As(err, &p) {
		return nil, false
	}
	switch p.Code.Kind {
	case problem.Invalid, problem.Refused, problem.Conflict, problem.NotFound, problem.TooLarge:
		return p, true
	default:
		return nil, false
	}
}
