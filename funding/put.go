package funding

import (
	"slices"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// The refusals of a change to programmes, projects, awards and budgets.
var (
	CodeAppropriationExceeded = problem.Declare(problem.Refused, "appropriation-exceeded",
		"Anslaget räcker inte", "The appropriation does not cover it")
	CodeLimitInUse = problem.Declare(problem.Conflict, "limit-in-use",
		"Beloppet är lägre än det som är använt och reserverat", "The amount is below what is spent and reserved")
	CodeVersionInUse = problem.Declare(problem.Conflict, "version-in-use",
		"Versionen används och kan inte ändras", "The version is in use and cannot be changed")
	CodeVersionsOverlap = problem.Declare(problem.Conflict, "versions-overlap",
		"Versionerna överlappar varandra", "The versions overlap")
)

const (
	firstYear = 2000
	lastYear  = 2099
	maxName   = 200 // characters
)

// Award is how much of its stream's appropriation a project may use of a funder.
type Award struct {
	Project id.Project
	Year    int
	Funder  id.Organisation
	Amount  money.Ore
}

// Budget is what a participant has set aside for a project and year.
type Budget struct {
	Project id.Project
	Year    int
	Party   id.Organisation
	Amount  money.Ore
}

// PutProgramme makes the programme what it says and tells whether anything
// changed. Appropriations are added to those on file, or corrected by stream and
// year. Codes: invalid; appropriation-exceeded when one would fall below its
// awards.
func PutProgramme(tx *database.Tx, p Programme) (changed bool, err error) {
	switch {
	case !id.ValidSlug(string(p.ID)):
		return false, badSlug("id", string(p.ID))
	case !named(p.Name):
		return false, badName()
	case len(p.Diarienummer) > 100:
		return false, invalid("diarienummer", "Diarienumret är för långt.", "The diarienummer is too long.")
	case p.MaxPublicShare < 0 || p.MaxPublicShare > whole:
		return false, invalid("max_public_share", "Andelen ska ligga mellan 0 och 100\u00a0%.", "The share lies between 0 and 100\u00a0%.")
	}
	if changed, err = putProgramme(tx, p); err != nil {
		return false, err
	}
	for _, a := range p.Appropriations {
		if err := a.check(); err != nil {
			return false, err
		}
		put, err := putAppropriation(tx, p.ID, a)
		if err != nil {
			return false, err
		}
		changed = changed || put
	}
	return changed, nil
}

func (a Appropriation) check() error {
	if a.Stream != Platform && a.Stream != Collaboration {
		return badChoice("stream", string(a.Stream), Platform, Collaboration)
	}
	return checkMoney("appropriations", a.Year, a.Amount)
}

// PutProject makes the project what it says, its agreements aside, and tells
// whether anything changed. Codes: invalid; version-in-use when it would leave a
// programme or stream that has awarded it money.
func PutProject(tx *database.Tx, p Project) (changed bool, err error) {
	switch {
	case !id.ValidSlug(string(p.ID)):
		return false, badSlug("id", string(p.ID))
	case !named(p.Name):
		return false, badName()
	case (p.Programme == "") != (p.Stream == ""):
		return false, invalid("stream", "Ange både program och inriktning, eller inget av dem.",
			"Give both the programme and the stream, or neither.")
	case p.Stream != "" && p.Stream != Platform && p.Stream != Collaboration:
		return false, badChoice("stream", string(p.Stream), Platform, Collaboration)
	case !slices.Contains(aidBases, p.AidBasis):
		return false, badChoice("aid_basis", string(p.AidBasis), aidBases...)
	case p.To.Before(p.From):
		return false, invalid("period", "Projektet slutar %s, innan det börjar %s.",
			"The project ends on %s, before it begins on %s.", p.To, p.From)
	case p.LeadAbove != nil && (*p.LeadAbove < 0 || *p.LeadAbove > money.Max):
		return false, invalid("lead_above", "Beloppet kan inte vara negativt.", "The amount cannot be negative.")
	}
	return putProject(tx, p)
}

var aidBases = []AidBasis{Decided, MarketPrice, DeMinimis, GBER28, GBER25}

// PutAward gives the project the award in its purse, through the ledger, and
// tells whether anything changed. Codes: invalid, appropriation-exceeded,
// limit-in-use.
func PutAward(tx *database.Tx, a Award) (changed bool, err error) {
	if err := checkMoney("awards", a.Year, a.Amount); err != nil {
		return false, err
	}
	if err := checkAppropriation(tx, a); err != nil {
		return false, err
	}
	p, err := lockPurse(tx, a.Project, a.Year, a.Funder, kindGrant)
	if err != nil {
		return false, err
	}
	if err := p.allows(a.Amount); err != nil {
		return false, err
	}
	// The award first: the database compares it with the limit that follows.
	if changed, err = putAward(tx, a); err != nil {
		return false, err
	}
	return changed, setLimit(tx, p, a.Amount)
}

// PutBudget gives a participant's purse its limit, through the ledger, and tells
// whether anything changed. Codes: invalid, limit-in-use.
func PutBudget(tx *database.Tx, b Budget) (changed bool, err error) {
	if err := checkMoney("budgets", b.Year, b.Amount); err != nil {
		return false, err
	}
	p, err := lockPurse(tx, b.Project, b.Year, b.Party, kindOwn)
	if err != nil {
		return false, err
	}
	if err := p.allows(b.Amount); err != nil {
		return false, err
	}
	return p.Limit != b.Amount, setLimit(tx, p, b.Amount)
}

// allows refuses a limit below what the purse has paid and holds.
func (p Purse) allows(limit money.Ore) error {
	if limit >= p.Reserved+p.Spent {
		return nil
	}
	return CodeLimitInUse.Say(
		"Av det som %s har avsatt för %d är %s använt och %s reserverat, så beloppet kan inte bli %s. Avboka först, eller välj ett högre belopp.",
		"Of what %s has set aside for %d, %s is spent and %s reserved, so the amount cannot become %s. Cancel bookings first, or choose a higher amount.",
		p.Name, p.Year, p.Spent, p.Reserved, limit).
		With("spent_ore", p.Spent).With("reserved_ore", p.Reserved).With("limit_ore", limit)
}

func checkMoney(path string, year int, amount money.Ore) error {
	switch {
	case year < firstYear || year > lastYear:
		return invalid(path+".year", "Året %d ligger inte mellan %d och %d.", "The year %d is not between %d and %d.",
			year, firstYear, lastYear)
	case amount < 0 || amount > money.Max:
		return invalid(path+".amount", "Beloppet ska ligga mellan noll och %s.", "The amount lies between zero and %s.", money.Max)
	}
	return nil
}

// invalid is the error of one part of the input.
func invalid(path, sv, en string, args ...any) error {
	e := problem.CodeInvalid.New(text.New(sv, en, args...))
	e.Fields = []problem.Field{{Path: path, Message: e.Message}}
	return e
}

func badSlug(path, value string) error {
	return invalid(path, "%q går inte att använda som id: skriv 1 till 63 bokstäver, siffror, punkter och streck.",
		"%q cannot be an id: write 1 to 63 letters, digits, dots and hyphens.", value)
}

func badName() error {
	return invalid("name", "Ange ett namn, högst %d tecken.", "Give a name of at most %d characters.", maxName)
}

func named(s string) bool { return s != "" && len([]rune(s)) <= maxName }

func badChoice[T ~string](path, value string, choices ...T) error {
	return invalid(path, "%q finns inte; välj bland %v.", "There is no %q; choose among %v.", value, choices)
}

// covered lists the days from a first to a last as they are said to a person.
func covered(from, to period.Date) text.Text {
	if (to == period.Date{}) {
		return text.New("från och med %s", "from %s on", from)
	}
	return text.New("från och med %s till och med %s", "from %s to %s, both days included", from, to)
}
