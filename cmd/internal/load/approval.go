package load

import (
	"rigg/facilities"
	"rigg/internal/money"
)

// approval reads a resource's own policy, which may be absent: then the facility's
// holds.
func (m *mapping) approval() (policy facilities.Approval, below money.Ore) {
	written, _ := maybe(m, "approval", oneOf([]string{
		string(facilities.Auto), string(facilities.Manual), string(facilities.AutoIf),
	}))
	policy = facilities.Approval(written)
	below, given := maybe(m, "auto_below", amount)
	if given != (policy == facilities.AutoIf) && !m.item.broken {
		m.wrong(m.lineOf("auto_below"), "auto_below", "Beloppet ska stå med approval: auto_if, och bara då.",
			"The amount goes with approval: auto_if, and only with it.")
	}
	return policy, below
}
