package facilities_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/text"
)

// shelf adds resources to the house that a search has to tell apart.
func (h *house) shelf(t *testing.T) {
	t.Helper()
	h.update(t, func(tx *database.Tx) error {
		site := molndal()
		site.ID, site.Name, site.City, site.County = "kth-main", "KTH Campus", "Stockholm", "01"
		_, err := facilities.PutSite(tx, site)
		return err
	}, func(tx *database.Tx) error {
		lab := additive()
		lab.ID, lab.Kind, lab.About = "kth-lab", facilities.Lab, text.Text{}
		lab.Name, lab.Places[0].Site = text.Text{SV: "Provningslabb", EN: "Testing lab"}, "kth-main"
		_, err := facilities.PutFacility(tx, lab)
		return err
	})
	for i, r := range []struct {
		id, facility, sv, en, about string
		capabilities                []string
	}{
		{"sinter-oven", "am-molndal", "Sintringsugn", "Sintering furnace", "Tar detaljer från robotextruder.", []string{"sintering"}},
		{"weld-cell", "am-molndal", "Svetsrobot", "Robotic cell", "En maskin för plåt.", []string{"laser-welding"}},
		{"tensile", "kth-lab", "Dragprovare", "Tensile tester", "", []string{"tensile-testing"}},
		{"tem-200", "kth-lab", "TEM 200 kV", "TEM 200 kV", "Elektronmikroskopet i källaren.", []string{"electron-microscopy", "tem"}},
		{"rig", "kth-lab", "Systemrigg", "System rig", "Skannar maskiner.", nil},
	} {
		h.update(t, func(tx *database.Tx) error {
			stated := facilities.ResourceStated{
				ID: id.Resource(r.id), Facility: id.Facility(r.facility), Name: text.Text{SV: r.sv, EN: r.en},
				About: text.Text{SV: r.about, EN: r.about}, Capabilities: r.capabilities, Units: []string{r.id}, Position: i + 1,
			}
			_, err := facilities.PutResource(tx, stated)
			return err
		})
	}
}

// finds gives the resources that hold the words, best first.
func (h *house) finds(t *testing.T, words string) string {
	t.Helper()
	var ranks facilities.Ranks
	h.update(t, func(tx *database.Tx) (err error) {
		ranks, err = facilities.Find(tx, words)
		return err
	})
	list := slices.SortedFunc(maps.Keys(ranks), func(a, b id.Resource) int {
		return cmp.Or(cmp.Compare(ranks[a], ranks[b]), cmp.Compare(a, b))
	})
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = string(r)
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.shelf(t)
	for _, c := range []struct{ name, words, want string }{
		{"a name before a mention", "robotextruder", "robot-extruder sinter-oven"},
		{"the other language", "Furnace", "sinter-oven"},
		{"without diacritics", "molndal", "robot-extruder sinter-oven weld-cell"},
		{"with diacritics in any case", "PLÅT", "weld-cell"},
		{"decomposed", "Mo\u0308lndal", "robot-extruder sinter-oven weld-cell"},
		{"words of two fields", "stockholm drag", "tensile"},
		{"in the other order", "drag stockholm", "tensile"},
		{"a capability in words", "large format", "robot-extruder"},
		{"a capability in Swedish", "storformatsextrudering", "robot-extruder"},
		{"a hyphen as written", "tensile-testing", "tensile"},
		{"the facility", "additive", "robot-extruder sinter-oven weld-cell"},
		{"the host", "RISE", "rig robot-extruder sinter-oven tem-200 tensile weld-cell"},
		{"the facility's name", "provning", "rig tem-200 tensile"},
		{"plural", "maskiner", "rig weld-cell"},
		{"singular", "maskin", "rig weld-cell"},
		{"definite", "maskinen", "rig weld-cell"},
		{"English plural", "furnaces", "sinter-oven"},
		{"what is done, by what does it", "svetsning", "weld-cell"},
		{"what does it, by what is done", "svets", "weld-cell"},
		{"English verb", "welded", "weld-cell"},
		{"as far as it is typed", "sintr", "sinter-oven"},
		{"only the last word is open", "sint ugn", "sinter-oven"}, // by its spelling
		{"the end of a compound", "mikroskop", "tem-200"},
		{"a short end of a compound, which may be chance", "ugn", "sinter-oven"},
		{"an abbreviation before chance", "tem", "tem-200 rig"},
		{"a small word that is a name", "am", ""},
		{"small words may be missing", "en ugn för sintring", "sinter-oven"},
		{"misspelt", "elktronmikroskop", "tem-200"},
		{"misspelt capability", "aditiv", "robot-extruder sinter-oven weld-cell"},
		{"misspelt city", "stokholm", "rig tem-200 tensile"},
		{"one of two misspelt", "svetsrobt molndal", "weld-cell"},
		{"misspelt in English", "tensle", "tensile"},
		{"no misspelling of anything", "violin", ""},
		{"a word too much", "svetsrobot violin", ""},
		{"no word", "%", ""},
		{"operators", "'sintr:* & | ! <-> ugn\\", "sinter-oven"},
		{"not text", "\xff\xfe ugn\x00", "sinter-oven"},
		{"many words", strings.Repeat("ugn ", 60), "sinter-oven"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := h.finds(t, c.words); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// What is written is found at once, wherever its words stand, and what it was
// called before no longer.
func TestFindFollowsTheCatalogue(t *testing.T) {
	t.Parallel()
	h := setup(t)
	mustFind := func(words, want string) {
		t.Helper()
		if got := h.finds(t, words); got != want {
			t.Errorf("%s finds %q, want %q", words, got, want)
		}
	}
	h.update(t, func(tx *database.Tx) error {
		r := extruder()
		r.Name, r.Capabilities = text.Text{SV: "Karusell", EN: "Carousel"}, []string{"milling"}
		_, err := facilities.PutResource(tx, r)
		return err
	}, func(tx *database.Tx) error {
		f := additive()
		f.Name = text.Text{SV: "Grottan", EN: "The cave"}
		_, err := facilities.PutFacility(tx, f)
		return err
	}, func(tx *database.Tx) error {
		s := molndal()
		s.City = "Kiruna"
		_, err := facilities.PutSite(tx, s)
		return err
	}, func(tx *database.Tx) error {
		_, err := access.PutOrganisation(tx, access.Organisation{ID: "rise", Name: "Institutet", Kind: "institute"})
		return err
	}, func(tx *database.Tx) error {
		_, err := database.Exec(tx, `update capability_names set name_sv = 'krossverk'`)
		return err
	})
	for _, now := range []string{"karusell", "milling", "grottan", "kiruna", "institutet", "krossverk"} {
		mustFind(now, "robot-extruder")
	}
	for _, before := range []string{"polymer", "additiv", "malning"} {
		mustFind(before, "")
	}
	h.update(t, facilities.NameCapabilities)
	mustFind("malning", "robot-extruder")
	mustFind("krossverk", "")
	for _, i := range facilities.Invariants() {
		var n int
		if err := h.db.Pool().QueryRow(t.Context(), `select count(*) from (`+i.Query+`) o`).Scan(&n); err != nil || n > 0 {
			t.Errorf("%s: %d, %v", i.Name, n, err)
		}
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.shelf(t)
	c := h.catalogue(t)
	for _, s := range []struct {
		name   string
		filter facilities.Filter
		want   string
	}{
		{"everything", facilities.Filter{}, "robot-extruder sinter-oven weld-cell tensile tem-200 rig"},
		{"any of two capabilities", facilities.Filter{Capabilities: []string{"sintering", "tem"}}, "sinter-oven tem-200"},
		{"a capability that is none", facilities.Filter{Capabilities: []string{"sinter"}}, ""},
		{"county", facilities.Filter{County: "01"}, "tensile tem-200 rig"},
		{"site", facilities.Filter{Site: "kth-main"}, "tensile tem-200 rig"},
		{"facility", facilities.Filter{Facility: "am-molndal"}, "robot-extruder sinter-oven weld-cell"},
		{"kind", facilities.Filter{Kind: facilities.Lab}, "tensile tem-200 rig"},
		{"all at once", facilities.Filter{Capabilities: []string{"tem", "polymer"}, County: "14", Kind: facilities.PilotLine}, "robot-extruder"},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range c.Matching(s.filter, local(t, "2026-03-02T09:00")) {
				got = append(got, string(r.ID))
			}
			if strings.Join(got, " ") != s.want {
				t.Errorf("found %v, want %s", got, s.want)
			}
		})
	}
}

func TestEquivalentsCanDoAsMuch(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.shelf(t)
	h.update(t, func(tx *database.Tx) error {
		r := extruder()
		r.ID, r.Facility, r.Capabilities, r.Requires = "big-line", "kth-lab", []string{"tem", "polymer", "large-format-extrusion"}, nil
		_, err := facilities.PutResource(tx, r)
		return err
	})
	c := h.catalogue(t)
	for name, want := range map[id.Resource]string{"robot-extruder": "big-line", "big-line": "", "rig": "", "tem-200": ""} {
		r, _ := c.Resource(name)
		var got []string
		for _, other := range c.Equivalents(r) {
			got = append(got, string(other.ID))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %q", name, got, want)
		}
	}
}
