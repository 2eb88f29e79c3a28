package booking

import (
	"context"
	"strings"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// Note is what one shift tells the next. Nobody but the facility's staff sees it.
type Note struct {
	ID       id.Note
	Facility id.Facility
	Resource id.Resource // empty: of the facility as a whole
	By       id.Person
	Text     string
	At       time.Time
	Pinned   bool // stays first
}

// AddNote leaves a note for the next shift. Codes: not-found, forbidden, invalid.
func (s *Service) AddNote(ctx context.Context, by *access.Principal, n Note) (*Note, error) {
	if err := s.atDesk(ctx, by, n.Facility, access.ManageFacility); err != nil {
		return nil, err
	}
	if strings.TrimSpace(n.Text) == "" || !plainText(n.Text, maxNotes) {
		e := problem.CodeInvalid.Say("Skriv en anteckning på högst %d tecken.", "Write a note of at most %d characters.", maxNotes)
		e.Fields = []problem.Field{{Path: "text", Message: e.Message}}
		return nil, e
	}
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	if r, ok := facts.Catalogue.Resource(n.Resource); n.Resource != "" && (!ok || r.Facility.ID != n.Facility) {
		return nil, problem.Absent()
	}
	return access.Once(ctx, s.db, by, func(tx *database.Tx) (*Note, error) {
		made := n
		made.By, made.At = by.ID, tx.Now
		made.ID, err = insertNote(tx, made)
		return &made, err
	})
}

// PinNote keeps a note first, or lets it go. Codes: not-found, forbidden.
func (s *Service) PinNote(ctx context.Context, by *access.Principal, note id.Note, pinned bool) error {
	var at id.Facility
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		at, err = facilityOfNote(tx, note)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.atDesk(ctx, by, at, access.ManageFacility); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *database.Tx) error { return pinNote(tx, note, pinned) })
}

// ListNotes gives a facility's notes, the pinned first, then the newest, at most
// 200. Code: not-found for all but its staff.
func (s *Service) ListNotes(ctx context.Context, by *access.Principal, f id.Facility) (out []Note, err error) {
	if err := s.atDesk(ctx, by, f, access.SeeDesk); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		out, err = listNotes(tx, f)
		return err
	})
	return out, err
}
