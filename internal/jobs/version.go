package jobs

import (
	"fmt"

	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// TablesVersion is the version of the queue's tables that Migrate makes. It
// changes only with the library.
func TablesVersion() (int, error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return 0, fmt.Errorf("read the queue's migrations: %w", err)
	}
	version := 0
	for _, m := range migrator.AllVersions() {
		version = max(version, m.Version)
	}
	return version, nil
}
