// Package migrations holds the database's schema as SQL, in order. A file that
// has been released never changes: the next change is the next file.
package migrations

import "embed"

// Files are the migrations, one file each, named NNNNN_what.sql.
//
//go:embed *.sql
var Files embed.FS
