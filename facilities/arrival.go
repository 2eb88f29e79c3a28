package facilities

import (
	"unicode/utf8"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/text"
)

// Arrival is what one needs to know on the day, beside the address and the
// entrance. It is told to those who are to come.
type Arrival struct {
	Contact string    // whom to ask for
	Phone   string    // as people write it
	Safety  text.Text // gear and rules
	Parking text.Text // and where goods are taken in
}

// Limits of an arrival, as in the schema.
const (
	maxContact = 200
	maxPhone   = 50
	maxAdvice  = 1000
)

// PutArrival makes the facility's arrival information what it says, none where it
// is empty, and tells whether anything changed. Code: invalid, with the field.
func PutArrival(tx *database.Tx, f id.Facility, a Arrival) (changed bool, err error) {
	switch {
	case a.Contact != "" && !named(a.Contact, maxContact):
		err = badLength("arrival.contact", maxContact)
	case a.Phone != "" && (!named(a.Phone, maxPhone) || utf8.RuneCountInString(a.Phone) < 3):
		err = badLength("arrival.phone", maxPhone)
	case tooLong(a.Safety, maxAdvice):
		err = badLength("arrival.safety", maxAdvice)
	case tooLong(a.Parking, maxAdvice):
		err = badLength("arrival.parking", maxAdvice)
	}
	if err != nil {
		return false, err
	}
	return putArrival(tx, f, a)
}
