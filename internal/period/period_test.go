package period_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigg/internal/period"
)

// The model is a strip of minutes, each taken or not.
const strip = 60

var origin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return origin.Add(time.Duration(n) * time.Minute) }

// drawn makes periods inside the strip, empty and backwards ones among them.
func drawn(t *rapid.T, label string) []period.Period {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) period.Period {
		start := rapid.IntRange(0, strip).Draw(t, "start")
		length := rapid.IntRange(-2, 12).Draw(t, "length")
		return period.New(minute(start), minute(min(strip, start+length)))
	}), 0, 8).Draw(t, label)
}

func model(ps []period.Period) (m [strip]bool) {
	for _, p := range ps {
		for i := range m {
			m[i] = m[i] || p.Has(minute(i))
		}
	}
	return m
}

// checkMerged fails unless the periods are sorted, not empty, and apart.
func checkMerged(t *rapid.T, ps []period.Period) {
	for i, p := range ps {
		if p.Empty() {
			t.Fatalf("%v is empty", p)
		}
		if i > 0 && !p.Start.After(ps[i-1].End) {
			t.Fatalf("%v overlaps or touches %v", p, ps[i-1])
		}
	}
}

func TestMergeIsTheSameTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t, "periods")
		before := slices.Clone(in)
		out := period.Merge(in)
		checkMerged(t, out)
		if model(out) != model(in) {
			t.Fatalf("Merge(%v) = %v", in, out)
		}
		if !slices.Equal(in, before) {
			t.Fatalf("Merge changed what it was given: %v was %v", in, before)
		}
		if again := period.Merge(out); !slices.Equal(again, out) {
			t.Fatalf("merging again gives %v after %v", again, out)
		}
	})
}

func TestSubtractLeavesWhatIsOutside(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from, others := drawn(t, "from"), drawn(t, "others")
		out := period.Subtract(from, others)
		checkMerged(t, out)
		want, away := model(from), model(others)
		for i := range want {
			want[i] = want[i] && !away[i]
		}
		if model(out) != want {
			t.Fatalf("Subtract(%v, %v) = %v", from, others, out)
		}
	})
}

func TestSplitCutsAndLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.IntRange(0, strip-1).Draw(t, "start")
		p := period.New(minute(start), minute(rapid.IntRange(start+1, strip).Draw(t, "end")))
		numbers := rapid.SliceOfN(rapid.IntRange(-5, strip+5), 0, 8).Draw(t, "cuts")
		slices.Sort(numbers)
		var cuts []time.Time
		for _, n := range numbers {
			cuts = append(cuts, minute(n))
		}
		parts, at := p.Split(cuts...), p.Start
		for _, part := range parts {
			if part.Empty() || !part.Start.Equal(at) {
				t.Fatalf("part %v of %v, cut at %v", part, p, cuts)
			}
			for _, c := range cuts {
				if c.After(part.Start) && c.Before(part.End) {
					t.Fatalf("part %v is not cut at %v", part, c)
				}
			}
			at = part.End
		}
		if !at.Equal(p.End) {
			t.Fatalf("the parts of %v end at %v", p, at)
		}
	})
}

func TestRelationsFollowTheMinutes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		two := rapid.Custom(func(t *rapid.T) period.Period {
			start := rapid.IntRange(0, strip-1).Draw(t, "start")
			return period.New(minute(start), minute(rapid.IntRange(start+1, strip).Draw(t, "end")))
		})
		p, q := two.Draw(t, "p"), two.Draw(t, "q")
		a, b := model([]period.Period{p}), model([]period.Period{q})
		common, inside, minutes := 0, true, int64(0)
		for i := range a {
			if a[i] && b[i] {
				common++
			}
			if a[i] {
				minutes++
			}
			inside = inside && (a[i] || !b[i])
		}
		if p.Overlaps(q) != (common > 0) || q.Overlaps(p) != (common > 0) {
			t.Fatalf("%v and %v overlap by %d min", p, q, common)
		}
		if p.Contains(q) != inside || p.Minutes() != minutes {
			t.Fatalf("%v contains %v: %v; minutes %d", p, q, inside, minutes)
		}
		if clip := p.Clip(q); clip.Empty() != (common == 0) || (common > 0 && clip.Minutes() != int64(common)) {
			t.Fatalf("%v in %v is %v", p, q, clip)
		}
	})
}

func TestTouchingPeriodsDoNotOverlapButMerge(t *testing.T) {
	t.Parallel()
	a, b := period.New(minute(0), minute(10)), period.New(minute(10), minute(20))
	if a.Overlaps(b) || b.Overlaps(a) || a.Has(minute(10)) || !b.Has(minute(10)) {
		t.Error("the end belongs to the next period")
	}
	if got := period.Merge([]period.Period{b, a}); len(got) != 1 || got[0] != period.New(minute(0), minute(20)) {
		t.Errorf("merged to %v", got)
	}
	if wide := a.Widen(5*time.Minute, time.Minute); wide != period.New(minute(-5), minute(11)) {
		t.Errorf("widened to %v", wide)
	}
}

func TestNewIsInUTC(t *testing.T) {
	t.Parallel()
	p := period.New(origin.In(stockholm), minute(5).In(apia))
	if p != (period.Period{Start: origin, End: minute(5)}) {
		t.Errorf("made %v", p)
	}
}
