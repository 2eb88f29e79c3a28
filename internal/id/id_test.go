package id_test

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"rigg/internal/id"
)

func TestValidSlug(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"a": true, "0": true, "rise-molndal": true, "P-1001": true, "a.b_c-d": true, strings.Repeat("a", 63): true,
		"": false, "-a": false, ".a": false, "_a": false, "å": false, "a b": false, "a/b": false, "a\n": false,
		"\na": false, "a\x00": false, "a'b": false, strings.Repeat("a", 64): false,
	} {
		if id.ValidSlug(s) != want {
			t.Errorf("ValidSlug(%q) = %v", s, !want)
		}
	}
}

func TestValidRef(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"abcdefghjkmnp": true, "0123456789abc": true,
		"": false, "abcdefghjkmn": false, "abcdefghjkmnpq": false, "abcdefghjkmå": false, "../../../../x": false,
	} {
		if id.ValidRef(s) != want {
			t.Errorf("ValidRef(%q) = %v", s, !want)
		}
	}
}

func TestNewRefIsRandomAndReadable(t *testing.T) {
	t.Parallel()
	readable := regexp.MustCompile(`^[a-hjkmnp-tv-z0-9]{13}$`) // no i, l, o, u
	seen, letters := map[id.Ref]bool{}, map[rune]bool{}
	for range 2000 {
		ref := id.NewRef()
		if seen[ref] || !readable.MatchString(string(ref)) || !id.ValidRef(string(ref)) {
			t.Fatalf("ref %q", ref)
		}
		seen[ref] = true
		for _, r := range ref {
			letters[r] = true
		}
	}
	if len(letters) != 32 {
		t.Errorf("%d different letters in 2 000 references; want all 32", len(letters))
	}
}

func TestNewSecretHas192Bits(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		s := id.NewSecret()
		raw, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil || len(raw) != 24 || seen[s] {
			t.Fatalf("secret of %d bytes, %v, seen: %v", len(raw), err, seen[s])
		}
		seen[s] = true
	}
}
