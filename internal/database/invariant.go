package database

// Invariant is something that holds over the whole database, whatever the code
// does: every row that Query returns is an offence. `rigg check` runs them all.
type Invariant struct {
	Name  string // a sentence that says what holds
	Query string // its columns say where the offence is
}
