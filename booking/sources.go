package booking

import (
	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/period"
)

// sources are where judge learns what the database holds. For one booking each is
// a query; the occurrences of a series are judged by what was read for all of them
// at once (docket). They are asked in this order, which is that of the locks.
type sources struct {
	room     func(*database.Tx, *plan) (*room, error)
	subjects func(*database.Tx, *plan) error // locks those of quotas
	purses   pursesFunc
	missing  missingFunc
	unlogged func(*database.Tx, id.Person, id.Resource) (id.Ref, error)
	others   func(*database.Tx, ownUse, period.Period) ([]period.Period, error)
}

// missingFunc gives the qualifications that a person does not hold throughout.
type missingFunc func(tx *database.Tx, person id.Person, need []id.Qualification, first, last period.Date) ([]id.Qualification, error)

// ownUse asks for the times of one subject's bookings, around a booking as far as
// reach says.
type ownUse struct {
	quota    facilities.Quota // whose bookings, and on what
	resource *facilities.Resource
	subject  string
	absent   bool // also those that nobody came to
	reach    func(period.Period) period.Period
}

// readFor are the sources of one booking.
func readFor(own facilities.Except, purses pursesFunc) sources {
	moving := []id.Booking{own.Booking}
	return sources{
		room:     func(tx *database.Tx, p *plan) (*room, error) { return p.findRoom(tx, own) },
		subjects: func(tx *database.Tx, p *plan) error { return lockSubjectsOf(tx, p) },
		purses:   purses,
		missing:  access.MissingThroughout,
		unlogged: func(tx *database.Tx, person id.Person, r id.Resource) (id.Ref, error) {
			return findUnlogged(tx, person, r, moving)
		},
		others: func(tx *database.Tx, u ownUse, over period.Period) ([]period.Period, error) {
			return listOwn(tx, u, u.reach(over), moving)
		},
	}
}
