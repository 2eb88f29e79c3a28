package facilities_test

import (
	"testing"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/dbtest"
	"rigg/internal/id"
	"rigg/internal/period"
	"rigg/internal/text"
)

// house is a database with one facility, in the way that rigg load makes one.
type house struct {
	db *database.DB
}

func setup(t *testing.T) *house {
	t.Helper()
	h := &house{db: dbtest.New(t)}
	h.update(t, func(tx *database.Tx) error {
		_, err := access.PutOrganisation(tx, access.Organisation{ID: "rise", Name: "RISE", Kind: "institute"})
		return err
	}, func(tx *database.Tx) error {
		_, err := access.PutQualification(tx, access.Qualification{ID: "am-safety", Name: text.Text{SV: "Säkerhetskurs", EN: "Safety course"}})
		return err
	}, func(tx *database.Tx) error {
		_, err := facilities.PutSite(tx, molndal())
		return err
	}, func(tx *database.Tx) error {
		_, err := facilities.PutFacility(tx, additive())
		return err
	}, func(tx *database.Tx) error {
		_, err := facilities.PutResource(tx, extruder())
		return err
	})
	return h
}

func (h *house) update(t *testing.T, steps ...func(*database.Tx) error) {
	t.Helper()
	if err := h.try(t, steps...); err != nil {
		t.Fatal(err)
	}
}

// try runs the steps in one transaction.
func (h *house) try(t *testing.T, steps ...func(*database.Tx) error) error {
	t.Helper()
	return h.db.Update(t.Context(), func(tx *database.Tx) error {
		for _, step := range steps {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) catalogue(t *testing.T) (c *facilities.Catalogue) {
	t.Helper()
	h.update(t, func(tx *database.Tx) (err error) {
		c, err = facilities.Load(tx)
		return err
	})
	return c
}

func (h *house) extruder(t *testing.T) *facilities.Resource {
	t.Helper()
	r, ok := h.catalogue(t).Resource("robot-extruder")
	if !ok {
		t.Fatal("no robot-extruder")
	}
	return r
}

func molndal() facilities.Site {
	return facilities.Site{
		ID: "rise-molndal", Name: "RISE Mölndal", City: "Mölndal", County: "14", Zone: stockholm(),
		Hosts: []facilities.DatedHost{{Host: "rise"}},
	}
}

func additive() facilities.FacilityStated {
	return facilities.FacilityStated{
		ID: "am-molndal", Kind: facilities.PilotLine, Approval: facilities.Manual,
		Name:     text.Text{SV: "Additiv tillverkning", EN: "Additive manufacturing"},
		About:    text.Text{SV: "Från pulver till färdig detalj.", EN: "From powder to finished part."},
		Entrance: text.Text{SV: "Grind B", EN: "Gate B"}, Address: "Argongatan 30, Mölndal",
		Hours:  facilities.Hours{1: {{From: 420, To: 1140}}, 2: {{From: 420, To: 1140}}},
		Rules:  facilities.Stated{Min: minutes(60), Notice: minutes(24 * 60), CheckIn: new(true)},
		Places: []facilities.PlaceStated{{Site: "rise-molndal"}},
	}
}

func extruder() facilities.ResourceStated {
	return facilities.ResourceStated{
		ID: "robot-extruder", Facility: "am-molndal",
		Name:         text.Text{SV: "Robotextruder", EN: "Robot extruder"},
		Capabilities: []string{"large-format-extrusion", "polymer"},
		Units:        []string{"extruder-2", "extruder-1"}, Take: 1,
		Rules:    facilities.Stated{Min: minutes(30), Notice: minutes(0), SetUp: minutes(15), Closed: new(facilities.Span)},
		Requires: []id.Qualification{"am-safety"},
	}
}

func minutes(n int) *period.Span { return &period.Span{Minutes: n} }
