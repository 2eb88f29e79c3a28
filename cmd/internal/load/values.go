package load

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rigg/internal/money"
	"rigg/internal/period"
	"rigg/internal/problem"
)

// What is written wrongly, for the parsers below.
func unlike(sv, en string, args ...any) error { return problem.CodeInvalid.Say(sv, en, args...) }

func asWritten(s string) (string, error) { return s, nil }

// at says which value an error is about.
func at(path string, err error) error {
	p := problem.From(err)
	p.Fields = []problem.Field{{Path: path, Message: p.Text()}}
	return p
}

// instant reads a time in a zone.
func instant(zone *time.Location) func(string) (time.Time, error) {
	return func(s string) (time.Time, error) { return period.Parse(s, zone) }
}

// amount reads SEK with at most two decimals; no amount here is negative.
func amount(s string) (money.Ore, error) {
	out, err := money.Parse(s)
	if err != nil || out < 0 {
		return 0, unlike("Skriv beloppet i kronor med högst två decimaler, till exempel 1250.00.",
			"Write the amount in SEK with at most two decimals, such as 1250.00.")
	}
	return out, nil
}

// share reads "50%" or "33.33%" as hundredths of a percent.
func share(s string) (int64, error) {
	number, percent := strings.CutSuffix(s, "%")
	out, err := money.Parse(strings.TrimSpace(number)) // two decimals too
	if !percent || err != nil || out < 0 || out > 10000 {
		return 0, unlike("Skriv andelen i procent, till exempel 50%.", "Write the share in percent, such as 50%.")
	}
	return int64(out), nil
}

func between(least, most int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most || s[0] == '+' {
			return 0, unlike("Skriv ett heltal från %d till %d.", "Write a whole number from %d to %d.", least, most)
		}
		return n, nil
	}
}

// year has the limits of the schema.
var year = between(2000, 2099)

func truth(s string) (bool, error) {
	if s != "true" && s != "false" {
		return false, unlike("Skriv true eller false.", "Write true or false.")
	}
	return s == "true", nil
}

// oneOf reads one of a few words.
func oneOf(words []string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !slices.Contains(words, s) {
			return "", unlike("Skriv ett av %s.", "Write one of %s.", strings.Join(words, ", "))
		}
		return s, nil
	}
}

func zone(s string) (*time.Location, error) {
	out, err := time.LoadLocation(s)
	if err != nil || s == "" || s == "Local" {
		return nil, unlike("Skriv tidszonen som Europe/Stockholm.", "Write the time zone as Europe/Stockholm.")
	}
	return out, nil
}
