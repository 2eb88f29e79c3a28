package access_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rigg/access"
)

func TestParseOrgNo(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, want string }{
		{"559000-0013", "5590000013"},
		{"5590000013", "5590000013"},
		{"202100-5216", "2021005216"}, // Vinnova
		{"556464-6874", "5564646874"}, // RISE
		{"559000-0014", ""},
		{"559000-001", ""},
		{"559000-00133", ""},
		{"55900-00013", ""},
		{"559000--0013", ""},
		{"559000 0013", ""},
		{"165590000013", ""},
		{"559000-001٣", ""}, // another script's digit
		{"-5590000013", ""},
		{"", ""},
	}
	for _, c := range cases {
		got, err := access.ParseOrgNo(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v", c.in, got, err)
		}
	}
}

// TestOrgNoCheckDigit: of the ten numbers with the same first nine digits just
// one is right, and no change of one digit or swap of neighbours (0 and 9
// apart) keeps it right. That is what the check digit is for.
func TestOrgNoCheckDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.StringMatching(`[0-9]{9}`).Draw(t, "first nine")
		var right []string
		for d := range 10 {
			if n, err := access.ParseOrgNo(first + strconv.Itoa(d)); err == nil {
				right = append(right, n)
			}
		}
		if len(right) != 1 {
			t.Fatalf("right numbers: %v", right)
		}
		number := []byte(right[0])
		i := rapid.IntRange(0, 8).Draw(t, "position")
		number[i], number[i+1] = number[i+1], number[i]
		same := number[i] == number[i+1]
		blind := number[i]+number[i+1] == '0'+'9' && (number[i] == '0' || number[i] == '9')
		if _, err := access.ParseOrgNo(string(number)); err == nil && !same && !blind {
			t.Fatalf("%s and %s are both right", right[0], number)
		}
	})
}

func TestParseEmail(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, want string }{
		{"anna@gronstal.example", "anna@gronstal.example"},
		{"  Anna.Ek+rigg@Gronstal.EXAMPLE ", "anna.ek+rigg@gronstal.example"},
		{"root@localhost", "root@localhost"},
		{"o'brien@a-b.example", "o'brien@a-b.example"},
		{"", ""},
		{"anna", ""},
		{"@gronstal.example", ""},
		{"anna@", ""},
		{"anna@-gronstal.example", ""},
		{"anna@gronstal..example", ""},
		{"a@b@c.example", ""},
		{"Anna Ek <anna@gronstal.example>", ""},
		{"anna@gronstal.example\nBcc: all@gronstal.example", ""},
		{"anna\x00@gronstal.example", ""},
		{"аnna@gronstal.example", ""}, // a Cyrillic letter
		{"anna@grönstål.example", ""},
		{strings.Repeat("a", 64) + "@" + strings.Repeat("b", 189), strings.Repeat("a", 64) + "@" + strings.Repeat("b", 189)},
		{strings.Repeat("a", 64) + "@" + strings.Repeat("b", 190), ""},
		{strings.Repeat("a", 65) + "@b.example", ""},
	}
	for _, c := range cases {
		got, err := access.ParseEmail(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v", c.in, got, err)
		}
	}
}
