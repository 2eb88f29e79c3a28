package period_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/internal/period"
)

// The zones of the tests: two ordinary ones, a change by half an hour, a change at
// midnight, a whole day that was skipped, and far from UTC on either side.
var (
	stockholm = zone("Europe/Stockholm")
	azores    = zone("Atlantic/Azores") // goes back from 01:00 to 00:00: midnight twice
	lordHowe  = zone("Australia/Lord_Howe")
	saoPaulo  = zone("America/Sao_Paulo")
	apia      = zone("Pacific/Apia")
	zones     = []*time.Location{
		time.UTC, stockholm, azores, lordHowe, saoPaulo, apia,
		zone("Pacific/Kiritimati"), zone("Asia/Kathmandu"), zone("America/Havana"),
	}
)

// drawnZone draws by name: a zone printed whole is longer than all else.
func drawnZone(t *rapid.T) *time.Location {
	names := make([]string, len(zones))
	for i, z := range zones {
		names[i] = z.String()
	}
	return zone(rapid.SampledFrom(names).Draw(t, "zone"))
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

func utc(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return out.UTC()
}

func day(t *testing.T, s string) period.Date {
	t.Helper()
	d, err := period.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
