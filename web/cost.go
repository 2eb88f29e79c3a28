package web

import (
	"slices"
	"strings"

	"rigg/access"
	"rigg/booking"
	"rigg/funding"
	"rigg/internal/id"
	"rigg/internal/money"
	"rigg/internal/text"
)

// costView is money as its reader may see it, in öre without VAT.
type costView struct {
	TotalOre  money.Ore
	MineOre   money.Ore // the part of the reader's organisation
	MineParty string    // its name; empty when it has none
	Charged   bool      // posted, not only reserved
	Lines     []costLine
	Bar       []segment   // one a party, the years together; none unless all are seen
	Shares    []shareView // one a party and year
	ManyYears bool
}

// costLine is one step in how the price came about.
type costLine struct {
	Text, Rate string
	Minutes    int
	AmountOre  money.Ore
	Year       int
}

// segment is a party's part of the whole bar.
type segment struct {
	Letter                    string // the same as in the shares
	Colour                    int    // 1 to 6
	Party                     string
	FromPct, MidPct, WidthPct float64
}

type shareView struct {
	Letter, Party string
	Colour        int
	Kind          string // key share.KIND
	Percent       string
	Year          int
	AmountOre     money.Ore
	Mine          bool
}

const colours = 6

// costOf shows a cost as far as the visitor may see it; nil where they may not.
func (v *visit) costOf(o access.Object, c *funding.Cost, charged bool) *costView {
	if c == nil || !v.allowed(access.SeeProjectMoney, o) {
		return nil
	}
	seen := booking.SharesSeen(v.who, o, c.Shares)
	out := &costView{TotalOre: c.Total, Charged: charged, ManyYears: len(c.Years()) > 1}
	party, name, amount := v.mine(seen)
	out.MineParty, out.MineOre = name, amount
	for _, l := range c.Lines {
		out.Lines = append(out.Lines, costLine{
			Text: l.Text.In(v.lang), Rate: v.rate(l.RateOre, l.Per),
			Minutes: int(l.Minutes), AmountOre: l.Amount, Year: l.Year,
		})
	}
	parties := partiesOf(seen)
	for _, s := range seen {
		at := slices.Index(parties, s.Party)
		out.Shares = append(out.Shares, shareView{
			Letter: letter(at), Colour: at%colours + 1, Party: s.Name, Kind: s.Kind, Year: s.Year,
			Percent: v.percent(s.Amount, yearTotal(c, s.Year)), AmountOre: s.Amount, Mine: s.Party == party,
		})
	}
	if v.allowed(access.SeeAllShares, o) {
		out.Bar = bar(c, parties)
	}
	return out
}

// mine is the part of the first of the visitor's own organisations that pays.
func (v *visit) mine(seen []funding.Share) (party id.Organisation, name string, amount money.Ore) {
	for _, s := range seen {
		if party == "" && v.who != nil && slices.Contains(v.who.Organisations, s.Party) {
			party, name = s.Party, s.Name
		}
		if party != "" && s.Party == party {
			amount += s.Amount
		}
	}
	return party, name, amount
}

func partiesOf(shares []funding.Share) (out []id.Organisation) {
	for _, s := range shares {
		if !slices.Contains(out, s.Party) {
			out = append(out, s.Party)
		}
	}
	return out
}

func bar(c *funding.Cost, parties []id.Organisation) (out []segment) {
	if c.Total == 0 {
		return nil
	}
	from := 0.0
	for i, p := range parties {
		width := 100 * float64(c.Of(p)) / float64(c.Total)
		out = append(out, segment{
			Letter: letter(i), Colour: i%colours + 1, Party: string(p),
			FromPct: from, MidPct: from + width/2, WidthPct: width,
		})
		from += width
	}
	return out
}

func letter(n int) string { return string(rune('A' + n%26)) }

func yearTotal(c *funding.Cost, year int) (sum money.Ore) {
	for _, l := range c.Lines {
		if l.Year == year {
			sum += l.Amount
		}
	}
	return sum
}

// percent writes a part of a whole, with one decimal where it needs one.
func (w words) percent(part, whole money.Ore) string {
	sign := "%" // English writes it close up
	if w.lang == text.SV {
		sign = "\u00a0%"
	}
	if whole == 0 {
		return "0" + sign
	}
	tenths := money.HalfUp(part, 1000, int64(whole))
	out := strings.TrimSuffix((tenths * 10).String(), "0")
	out = strings.TrimSuffix(out, ".0")
	if w.lang == text.SV {
		out = strings.Replace(out, ".", ",", 1)
	}
	return out + sign
}

// rate writes "1 250,00 kr/h".
func (w words) rate(amount money.Ore, per funding.Per) string {
	if per == funding.PerDay {
		return w.say("rate.day", amount)
	}
	return w.say("rate.hour", amount)
}
