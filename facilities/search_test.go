package facilities_test

import (
	"slices"
	"testing"

	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/text"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.update(t, func(tx *database.Tx) error {
		oven := extruder()
		oven.ID, oven.Position = "sinter-oven", 1
		oven.Name = text.Text{SV: "Sintringsugn", EN: "Sintering furnace"}
		oven.About = text.Text{SV: "Tar detaljer från robotextruder och pulverbädd.", EN: "Takes parts of up to 30 cm."}
		oven.Capabilities = []string{"sintering"}
		_, err := facilities.PutResource(tx, oven)
		return err
	}, func(tx *database.Tx) error {
		site := molndal()
		site.ID, site.Name, site.City, site.County = "kth-main", "KTH Campus", "Stockholm", "01"
		_, err := facilities.PutSite(tx, site)
		return err
	}, func(tx *database.Tx) error {
		lab := additive()
		lab.ID, lab.Name, lab.Places[0].Site = "kth-lab", text.Text{SV: "Provningslabb", EN: "Testing lab"}, "kth-main"
		_, err := facilities.PutFacility(tx, lab)
		return err
	}, func(tx *database.Tx) error {
		tensile := extruder()
		tensile.ID, tensile.Facility, tensile.Capabilities = "tensile", "kth-lab", []string{"tensile-testing"}
		tensile.Name = text.Text{SV: "Dragprovare", EN: "Tensile tester"}
		_, err := facilities.PutResource(tx, tensile)
		return err
	})
	c := h.catalogue(t)
	cases := []struct {
		name, words, capability, county string
		want                            []string
	}{
		{"everything", "", "", "", []string{"robot-extruder", "sinter-oven", "tensile"}},
		{"a name before a mention", "robotextruder", "", "", []string{"robot-extruder", "sinter-oven"}},
		{"the other language", "Furnace", "", "", []string{"sinter-oven"}},
		{"without diacritics", "molndal", "", "", []string{"robot-extruder", "sinter-oven"}},
		{"with diacritics in any case", "PULVERBÄDD", "", "", []string{"sinter-oven"}},
		{"decomposed", "Mo\u0308lndal", "", "", []string{"robot-extruder", "sinter-oven"}},
		{"words of two fields", "stockholm drag", "", "", []string{"tensile"}},
		{"a capability in words", "large format", "", "", []string{"robot-extruder"}},
		{"a capability in Swedish", "storformatsextrudering", "", "", []string{"robot-extruder"}},
		{"a hyphen as written", "tensile-testing", "", "", []string{"tensile"}},
		{"the facility", "additive", "", "", []string{"robot-extruder", "sinter-oven"}},
		{"by capability", "", "sintering", "", []string{"sinter-oven"}},
		{"by county", "", "", "01", []string{"tensile"}},
		{"all at once", "extruder", "polymer", "14", []string{"robot-extruder"}},
		{"nothing", "violin", "", "", nil},
		{"no pattern", "%", "", "", nil},
		{"no such capability", "", "sinter", "", nil},
		{"spaces", "  \t\n", "", "", []string{"robot-extruder", "sinter-oven", "tensile"}},
		{"not text", "\xff\xfe ugn", "", "", []string{"sinter-oven"}},
	}
	for _, s := range cases {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range c.Search(s.words, s.capability, s.county) {
				got = append(got, string(r.ID))
			}
			if !slices.Equal(got, s.want) {
				t.Errorf("found %v, want %v", got, s.want)
			}
		})
	}
}
