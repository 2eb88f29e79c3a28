package facilities

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"rigg/internal/text"
)

// maxWords is how many words of a search are looked at.
const maxWords = 20

// Search lists the resources in which every word of the text occurs somewhere:
// in the names and descriptions of the resource and its facility, in both
// languages, in its capabilities, site or city. Case and diacritics do not
// count. An empty text, capability or county (code) does not restrict. Those
// whose own name holds all the words come first.
func (c *Catalogue) Search(words, capability, county string) []*Resource {
	wanted := strings.Fields(fold(words))
	wanted = wanted[:min(len(wanted), maxWords)]
	var named, others []*Resource
	for _, r := range c.resourceList {
		switch {
		case capability != "" && !slices.Contains(r.Capabilities, capability),
			county != "" && r.latestSite().County != county,
			!holds(r.words, wanted):
		case holds(fold(r.Name.SV+" "+r.Name.EN), wanted):
			named = append(named, r)
		default:
			others = append(others, r)
		}
	}
	return append(named, others...)
}

func holds(words string, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(words, w) })
}

// latestSite is where one who searches now and books ahead will come to.
func (r *Resource) latestSite() *Site { return r.Facility.Places[len(r.Facility.Places)-1].Site }

// searchWords is all that Search looks in, folded.
func (r *Resource) searchWords() string {
	f, site := r.Facility, r.latestSite()
	words := []string{site.Name, site.City, string(r.ID)}
	for _, t := range []text.Text{r.Name, r.About, f.Name, f.About} {
		words = append(words, t.SV, t.EN)
	}
	for _, slug := range r.Capabilities {
		name := CapabilityName(slug)
		words = append(words, slug, name.SV, name.EN)
	}
	return fold(strings.Join(words, "\n"))
}

// fold drops case and diacritics, and takes the hyphens of capabilities for
// spaces: "Mölndal" is found by "molndal", "large-format" by "large format".
func fold(s string) string {
	s = norm.NFKD.String(strings.ToLower(s))
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) || r == utf8.RuneError:
			return -1
		case r == '-':
			return ' '
		case r == 'ø':
			return 'o'
		case r == 'æ':
			return 'a'
		}
		return r
	}, s)
}
