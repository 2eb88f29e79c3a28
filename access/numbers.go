package access

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"rigg/internal/problem"
	"rigg/internal/text"
)

const (
	maxEmail = 254 // RFC 5321 4.5.3.1.3
	maxName  = 200
)

var (
	// address is what HTML takes as an e-mail address. Letters beyond a-z are
	// left out: nearly no mail server takes them, and they can look like others.
	address = regexp.MustCompile("^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$")
	orgNo   = regexp.MustCompile(`^[0-9]{6}-?[0-9]{4}$`)
)

// ParseEmail gives the address as it is stored: trimmed, in lower case. Code: invalid.
func ParseEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > maxEmail || !address.MatchString(s) || strings.Contains(s, "..") {
		return "", invalid("email", "Skriv en e-postadress, till exempel anna@foretag.example.",
			"Write an e-mail address, such as anna@company.example.")
	}
	return s, nil
}

// ParseOrgNo gives the ten digits of a Swedish organisation number, whose last
// is the Luhn check digit of the others; a dash before the last four is allowed.
// Code: invalid.
func ParseOrgNo(s string) (string, error) {
	if !orgNo.MatchString(s) {
		return "", invalid("org_no", "Ett organisationsnummer har tio siffror: 559000-0013.",
			"An organisation number has ten digits: 559000-0013.")
	}
	digits := strings.Replace(s, "-", "", 1)
	if luhn(digits)%10 != 0 {
		return "", invalid("org_no", "Kontrollsiffran i organisationsnumret %s stämmer inte.",
			"The check digit of the organisation number %s is wrong.", s)
	}
	return digits, nil
}

// luhn sums the digits after doubling the first, third, and so on; of a number
// with an even count of digits and a right check digit it is a multiple of ten.
func luhn(digits string) int {
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if i%2 == 0 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return sum
}

// named tells whether s can be read as a name: some text on one line.
func named(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxName &&
		!strings.ContainsFunc(s, unicode.IsControl)
}

func invalid(field, sv, en string, args ...any) *problem.Error {
	e := problem.CodeInvalid.Say(sv, en, args...)
	e.Fields = []problem.Field{{Path: field, Message: text.New(sv, en, args...)}}
	return e
}
