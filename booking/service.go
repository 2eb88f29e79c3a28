package booking

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/funding"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Service does everything with bookings. Its methods are safe for concurrent
// use, in any number of instances on one database.
type Service struct {
	db     *database.DB
	remind []time.Duration // how long before a start people are reminded
	offer  time.Duration   // how long an offered time is held; 0: the default

	cached atomic.Pointer[Facts]
	reload sync.Mutex
}

// New makes the service. remind says how long before its start a confirmed
// booking's people are reminded.
func New(db *database.DB, remind []time.Duration) *Service {
	return &Service{db: db, remind: remind}
}

// Reminders are how long before the start people are reminded.
func (s *Service) Reminders() []time.Duration { return s.remind }

// Facts are what rarely changes, as of one number of catalogue_version: what can
// be booked and under which terms. They are shared and never written to.
type Facts struct {
	Version        int64
	Catalogue      *facilities.Catalogue
	Terms          *funding.Terms
	Qualifications map[id.Qualification]text.Text // their names
}

// current gives errStale when the database has newer facts.
func (f *Facts) current(tx *database.Tx) error {
	version, err := facilities.Version(tx)
	if err == nil && version != f.Version {
		err = errStale
	}
	return err
}

// errStale says that the facts changed after a plan was made with them.
var errStale = errors.New("the catalogue has changed")

// staleTries bounds the reloads within one request; more than a few in a row
// means that somebody loads data in a loop.
const staleTries = 5

// Facts gives the current facts; it asks the database for their number and
// reads them anew only when that has changed.
func (s *Service) Facts(ctx context.Context) (*Facts, error) {
	var version int64
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		version, err = facilities.Version(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.factsAt(ctx, version)
}

// factsAt gives facts at least as new as the version.
func (s *Service) factsAt(ctx context.Context, version int64) (*Facts, error) {
	if f := s.cached.Load(); f != nil && f.Version >= version {
		return f, nil
	}
	s.reload.Lock()
	defer s.reload.Unlock()
	if f := s.cached.Load(); f != nil && f.Version >= version {
		return f, nil
	}
	f := &Facts{Qualifications: map[id.Qualification]text.Text{}}
	err := s.db.View(ctx, func(tx *database.Tx) (err error) {
		if f.Version, err = facilities.Version(tx); err != nil {
			return err
		}
		if f.Catalogue, err = facilities.Load(tx); err != nil {
			return err
		}
		if f.Terms, err = funding.LoadTerms(tx); err != nil {
			return err
		}
		names, err := access.ListQualifications(tx)
		for _, q := range names {
			f.Qualifications[q.ID] = q.Name
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.cached.Store(f)
	return f, nil
}

// withFacts runs f with the cached facts, and again with newer ones when its
// transaction found that they had changed.
func withFacts[T any](ctx context.Context, s *Service, f func(*Facts) (T, error)) (T, error) {
	var zero T
	version := int64(0) // any cached facts will do: the transaction compares them
	for try := 1; ; try++ {
		facts, err := s.factsAt(ctx, version)
		if err != nil {
			return zero, err
		}
		out, err := f(facts)
		switch {
		case !errors.Is(err, errStale):
			return out, err
		case try == staleTries:
			return zero, problem.CodeUnavailable.Wrap(err)
		}
		version = facts.Version + 1
	}
}

// resolve is Facts.resolve for facts that may be old: what they do not know, or
// say otherwise, is only told when it is still so.
func (s *Service) resolve(ctx context.Context, f *Facts, in Request) (*plan, error) {
	p, err := f.resolve(in)
	if err == nil {
		return p, nil // the transaction compares the facts
	}
	if stale := s.db.View(ctx, f.current); stale != nil {
		return nil, stale
	}
	return nil, err
}
