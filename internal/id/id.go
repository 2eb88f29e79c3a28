// Package id has a distinct type for the name of each thing, so that a
// project's id can't be passed where a resource's is wanted, and one domain can
// name another's things without importing it. It must never look anything up.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"regexp"
)

// Slugs, chosen by people, stable for good.
type (
	Organisation  string
	Site          string
	Facility      string
	Resource      string
	Qualification string
	Programme     string
	Project       string
)

// Row numbers, given by the database; never shown to people.
type (
	Person     int64
	Token      int64
	Unit       int64
	Agreement  int64
	Purse      int64
	Charge     int64
	Booking    int64
	Outage     int64
	Hold       int64 // time that is held for somebody
	Wait       int64 // a place in a waiting list
	Feed       int64
	Message    int64
	Link       int64 // a sign-in link
	Delegation int64
	Report     int64 // of a problem
	Enquiry    int64
	Line       int64 // one message of an enquiry
	Note       int64 // between a facility's shifts
	Series     int64
)

// Ref is the public name of a booking or a series: random, so that it tells nothing.
type Ref string

var slug = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// ValidSlug tells whether s can name a thing: 1 to 63 letters, digits, dots,
// underscores and hyphens, with a letter or digit first.
func ValidSlug(s string) bool { return slug.MatchString(s) }

// ValidRef tells whether s could be a booking's reference.
func ValidRef(s string) bool { return len(s) == refLen && slug.MatchString(s) }

const refLen = 13

// refs avoid letters that are read as digits over a telephone.
var refs = base32.NewEncoding("abcdefghjkmnpqrstvwxyz0123456789").WithPadding(base32.NoPadding)

// NewRef makes a booking reference with 65 random bits.
func NewRef() Ref {
	return Ref(refs.EncodeToString(random(9))[:refLen])
}

// NewSecret makes a secret with 192 random bits, safe in a URL: tokens,
// sessions, calendar addresses, sign-in links.
func NewSecret() string { return base64.RawURLEncoding.EncodeToString(random(24)) }

func random(n int) []byte {
	b := make([]byte, n)
	// crypto/rand.Read never fails; it ends the program instead.
	_, _ = rand.Read(b)
	return b
}
