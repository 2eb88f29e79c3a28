package load

import (
	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// writer writes items in one transaction. An item that is broken, or refers to
// one, is left out, so that what is told are causes and not their consequences.
type writer struct {
	tx     *database.Tx
	found  *mistakes
	known  map[thing]bool // in the database or in the files
	failed map[thing]bool
	closed map[string]bool   // the closures that the files have, by key
	counts map[string]*Count // by section

	marked        bool // there is a savepoint
	people        map[string]id.Person
	organisations map[id.Organisation]access.Organisation
	catalogue     *facilities.Catalogue
}

func newWriter(tx *database.Tx, items []*item, found *mistakes) (*writer, error) {
	known, err := selectThings(tx)
	if err != nil {
		return nil, err
	}
	w := &writer{
		tx: tx, found: found, known: known, failed: map[thing]bool{}, closed: map[string]bool{},
		counts: map[string]*Count{}, people: map[string]id.Person{},
	}
	for _, it := range items {
		w.closed[it.key] = w.closed[it.key] || it.section == "closures"
		if it.names != (thing{}) {
			known[it.names] = true
		}
	}
	return w, nil
}

// putAll writes the items in their order. What is refused as things stand is
// tried again after the others: an award may only have room once another has
// been lowered.
func (w *writer) putAll(items []*item) error {
	for len(items) > 0 {
		var refused []*item
		var refusals []*problem.Error
		for _, it := range items {
			changed, refusal, err := w.put(it)
			switch {
			case err != nil:
				return err
			case refusal != nil:
				refused, refusals = append(refused, it), append(refusals, refusal)
			default:
				w.count(it, changed)
			}
		}
		if len(refused) == len(items) {
			for i, it := range refused {
				w.note(it, refusals[i])
			}
			return nil
		}
		items = refused
	}
	return nil
}

func (w *writer) count(it *item, changed bool) {
	c := w.counts[it.section]
	if c == nil {
		c = &Count{Section: it.section}
		w.counts[it.section] = c
	}
	c.Loaded++
	if changed {
		c.Changed++
	}
}

// put writes one item. An error ends the load; a mistake is noted, what the item
// has written is undone, and the load goes on to find the other mistakes. A
// refusal may turn out otherwise later.
func (w *writer) put(it *item) (changed bool, refusal *problem.Error, err error) {
	if !w.ready(it) {
		w.failed[it.names] = true
		return false, nil, nil
	}
	if err := w.savepoint(); err != nil {
		return false, nil, err
	}
	changed, err = it.put(w)
	p, theirs := told(err)
	if !theirs {
		return changed, nil, err
	}
	if err := w.rollback(); err != nil {
		return false, nil, err
	}
	if it.names == (thing{}) && p.Code.Kind != problem.Invalid {
		return false, p, nil
	}
	w.failed[it.names] = true
	w.note(it, p)
	return false, nil, nil
}

// ready holds when the item and all that it refers to can be written.
func (w *writer) ready(it *item) bool {
	ready := !it.broken
	for _, r := range it.refers {
		if !w.known[r.to] {
			kind := kinds[r.to.kind]
			w.found.add(it.file, r.line, named(r.path, text.New(
				kind.SV+" %q finns varken i filerna eller i databasen.",
				"There is no "+kind.EN+" %q, neither in the files nor in the database.", r.to.id)))
			ready = false
		}
		ready = ready && !w.failed[r.to]
	}
	return ready
}

var kinds = map[string]text.Text{
	"organisation":  {SV: "Organisationen", EN: "organisation"},
	"person":        {SV: "Personen", EN: "person"},
	"qualification": {SV: "Behörigheten", EN: "qualification"},
	"site":          {SV: "Platsen", EN: "site"},
	"facility":      {SV: "Anläggningen", EN: "facility"},
	"resource":      {SV: "Resursen", EN: "resource"},
	"programme":     {SV: "Programmet", EN: "programme"},
	"project":       {SV: "Projektet", EN: "project"},
}

// note turns what a domain refused into mistakes, each where its field stands.
func (w *writer) note(it *item, p *problem.Error) {
	for _, f := range p.Fields {
		w.found.add(it.file, it.lineOf(f.Path), named(f.Path, f.Message))
	}
	if len(p.Fields) == 0 {
		w.found.add(it.file, it.line, p.Text())
	}
}

// savepoint marks where to come back to and lets go of the mark before, in one
// round trip.
func (w *writer) savepoint() error {
	mark := "savepoint item"
	if w.marked {
		mark = "release savepoint item; savepoint item"
	}
	w.marked = true
	_, err := database.Exec(w.tx, mark)
	return err
}

func (w *writer) rollback() error {
	_, err := database.Exec(w.tx, "rollback to savepoint item")
	return err
}

// person gives the id of somebody that an item refers to.
func (w *writer) person(email string) (id.Person, error) {
	if found, ok := w.people[email]; ok {
		return found, nil
	}
	p, err := access.FindPerson(w.tx, email)
	if err != nil {
		return 0, err
	}
	w.people[email] = p.ID
	return p.ID, nil
}

// grants gives people a role on a scope.
func (w *writer) grants(emails []string, role access.Role, scope string) (changed bool, err error) {
	for _, email := range emails {
		person, err := w.person(email)
		if err != nil {
			return false, err
		}
		one, err := access.PutGrant(w.tx, person, access.Grant{Role: role, Scope: scope})
		if err != nil {
			return false, err
		}
		changed = changed || one
	}
	return changed, nil
}

// organisation gives one that an item refers to; all are written by then.
func (w *writer) organisation(o id.Organisation) (access.Organisation, error) {
	if w.organisations == nil {
		list, err := access.ListOrganisations(w.tx)
		if err != nil {
			return access.Organisation{}, err
		}
		w.organisations = map[id.Organisation]access.Organisation{}
		for _, one := range list {
			w.organisations[one.ID] = one
		}
	}
	return w.organisations[o], nil
}

// all gives the catalogue as it is written so far; first asked for when sites,
// facilities and resources are.
func (w *writer) all() (*facilities.Catalogue, error) {
	if w.catalogue == nil {
		c, err := facilities.Load(w.tx)
		if err != nil {
			return nil, err
		}
		w.catalogue = c
	}
	return w.catalogue, nil
}
