package facilities

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// Limits of what is put, as in the schema.
const (
	maxName         = 200
	maxAbout        = 4000
	maxEntrance     = 1000
	maxAddress      = 300
	maxCapabilities = 50
	maxUnits        = 100
	maxShifts       = 2000
)

var countyCode = regexp.MustCompile(`^[0-9]{2}$`)

// FacilityStated is a facility as somebody wrote it, for PutFacility.
type FacilityStated struct {
	ID                    id.Facility
	Name, About, Entrance text.Text
	Kind                  Kind
	Address               string
	Approval              Approval
	AutoBelow             money.Ore // of AutoIf alone
	Hours                 Hours
	Rules                 Stated        // defaults for its resources
	Places                []PlaceStated // at least one
}

// PlaceStated is where a facility is from a day on; a zero From is since always.
type PlaceStated struct {
	From period.Date
	Site id.Site
}

// ResourceStated is a resource as somebody wrote it, for PutResource.
type ResourceStated struct {
	ID           id.Resource
	Facility     id.Facility
	Name, About  text.Text
	Capabilities []string
	Units        []string // slugs within the facility, whose resources may share them
	Take         int      // how many of them a booking takes; 0 is all
	Rules        Stated
	Requires     []id.Qualification
	Position     int           // among the facility's resources
	Along        []id.Resource // what comes along, for PutCompanions once they are put too
	Hours        *Hours        // its own; nil: the facility's
	Shifts       []Shift       // days on which it keeps others
}

// Shift is when a resource is open on one day, whatever its hours; no ranges: not
// at all.
type Shift struct {
	Day    period.Date
	Ranges []Range
}

// Closure is a day on which a site, or a facility, is closed: one of the two.
type Closure struct {
	Site     id.Site
	Facility id.Facility
	Day      period.Date
	Name     text.Text
}

// PutSite makes the site what it says and tells whether anything changed. Its
// hosts replace those on file. Code: invalid, with the field.
func PutSite(tx *database.Tx, s Site) (changed bool, err error) {
	switch {
	case !id.ValidSlug(string(s.ID)):
		err = badSlug("id")
	case !named(s.Name, maxName):
		err = badName("name")
	case !named(s.City, maxName/2):
		err = badName("city")
	case !countyCode.MatchString(s.County):
		err = invalid("county", "Skriv länet som dess kod, till exempel 14.", "Write the county as its code, such as 14.")
	case s.Zone == nil:
		err = invalid("time_zone", "Tidszonen saknas.", "The time zone is missing.")
	case len(s.Hosts) == 0:
		err = invalid("host", "Platsen behöver en värd.", "The site needs a host.")
	}
	if err != nil {
		return false, err
	}
	return putSite(tx, s)
}

// PutFacility makes the facility what it says and tells whether anything
// changed. Its places replace those on file. Code: invalid, with the field.
func PutFacility(tx *database.Tx, f FacilityStated) (changed bool, err error) {
	switch {
	case !id.ValidSlug(string(f.ID)):
		err = badSlug("id")
	case !named(f.Name.SV, maxName) || !named(f.Name.EN, maxName):
		err = badName("name")
	case tooLong(f.About, maxAbout):
		err = badLength("description", maxAbout)
	case tooLong(f.Entrance, maxEntrance):
		err = badLength("entrance", maxEntrance)
	case utf8.RuneCountInString(f.Address) > maxAddress:
		err = badLength("address", maxAddress)
	case f.Kind != TestBed && f.Kind != PilotLine && f.Kind != Lab:
		err = invalid("kind", "Välj test_bed, pilot_line eller lab.", "Choose test_bed, pilot_line or lab.")
	case f.Approval != Auto && f.Approval != Manual && f.Approval != AutoIf:
		err = invalid("approval", "Välj auto, manual eller auto_if.", "Choose auto, manual or auto_if.")
	case f.AutoBelow < 0 || f.AutoBelow > money.Max || (f.Approval != AutoIf && f.AutoBelow != 0):
		err = invalid("auto_below", "Beloppet hör till auto_if och kan inte vara negativt.",
			"The amount belongs to auto_if and cannot be negative.")
	case len(f.Places) == 0:
		err = invalid("site", "Anläggningen behöver en plats.", "The facility needs a site.")
	default:
		err = f.Rules.validate(Stated{})
	}
	if err != nil {
		return false, err
	}
	return putFacility(tx, f)
}

// PutResource makes the resource what it says and tells whether anything
// changed. Units that the facility does not have are made; one that no resource
// names any more stays, with all that was ever booked on it. Code: invalid,
// with the field.
func PutResource(tx *database.Tx, r ResourceStated) (changed bool, err error) {
	switch {
	case !id.ValidSlug(string(r.ID)):
		err = badSlug("id")
	case !named(r.Name.SV, maxName) || !named(r.Name.EN, maxName):
		err = badName("name")
	case tooLong(r.About, maxAbout):
		err = badLength("description", maxAbout)
	case len(r.Capabilities) > maxCapabilities || !slugs(r.Capabilities):
		err = badSlug("capabilities")
	case len(r.Units) == 0 || len(r.Units) > maxUnits || !slugs(r.Units) || repeated(r.Units):
		err = invalid("units", "Ange mellan 1 och %d olika enheter.", "Name between 1 and %d different units.", maxUnits)
	case r.Take < 0 || r.Take > len(r.Units):
		err = invalid("units.any", "En bokning kan ta mellan 1 och %d av enheterna.",
			"A booking can take between 1 and %d of the units.", len(r.Units))
	case len(r.Shifts) > maxShifts:
		err = invalid("shifts", "Ange högst %d dagar.", "Give at most %d days.", maxShifts)
	}
	if err != nil {
		return false, err
	}
	facility, defaults, err := findRules(tx, r)
	if err != nil {
		return false, err
	}
	if facility != r.Facility {
		return false, invalid("facility", "Resursen hör till %s och kan inte byta anläggning.",
			"The resource belongs to %s and cannot change facility.", facility)
	}
	if err := r.Rules.validate(defaults); err != nil {
		return false, err
	}
	return putResource(tx, r)
}

// PutClosure makes the day a closure and tells whether anything changed. Code:
// invalid, with the field.
func PutClosure(tx *database.Tx, c Closure) (changed bool, err error) {
	switch {
	case (c.Site == "") == (c.Facility == ""):
		err = invalid("site", "Ange antingen plats eller anläggning.", "Name either a site or a facility.")
	case c.Day == period.Date{}:
		err = invalid("date", "Dagen saknas.", "The day is missing.")
	case !named(c.Name.SV, maxName) || !named(c.Name.EN, maxName):
		err = badName("name")
	}
	if err != nil {
		return false, err
	}
	return putClosure(tx, c)
}

// validate judges the rules as they will be in force over the defaults.
func (s Stated) validate(defaults Stated) error {
	rules, err := Effective(defaults, s)
	if err != nil {
		return err
	}
	return rules.Validate()
}

func invalid(field, sv, en string, args ...any) *problem.Error {
	e := problem.CodeInvalid.Say(sv, en, args...)
	e.Fields = []problem.Field{{Path: field, Message: e.Message}}
	return e
}

func badSlug(field string) *problem.Error {
	return invalid(field, "Ett id är 1–63 bokstäver (a–z), siffror, punkter och bindestreck.",
		"An id is 1–63 letters (a–z), digits, dots and hyphens.")
}

func badName(field string) *problem.Error {
	return invalid(field, "Namnet behövs på båda språken, på en rad med högst %d tecken.",
		"The name is needed in both languages, on one line of at most %d characters.", maxName)
}

func badLength(field string, most int) *problem.Error {
	return invalid(field, "Texten är för lång: högst %d tecken.", "The text is too long: at most %d characters.", most)
}

// named tells whether s can be read as a name: some text on one line.
func named(s string, most int) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most &&
		!strings.ContainsFunc(s, unicode.IsControl)
}

func tooLong(t text.Text, most int) bool {
	return utf8.RuneCountInString(t.SV) > most || utf8.RuneCountInString(t.EN) > most
}

func slugs(words []string) bool {
	for _, w := range words {
		if !id.ValidSlug(w) {
			return false
		}
	}
	return true
}

func repeated(words []string) bool {
	seen := map[string]bool{}
	for _, w := range words {
		if seen[w] {
			return true
		}
		seen[w] = true
	}
	return false
}
