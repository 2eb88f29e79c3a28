package booking

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// Override is a manager's exception from soft rules, as the history keeps it.
type Override struct {
	Reason string   `json:"reason"`
	Rules  []string `json:"rules"` // keys of facilities.RuleTable
}

// Exception is an override with who made it and when.
type Exception struct {
	Override
	By id.Person
	At time.Time
}

const detailOverride = "override"

// override sets the soft rules aside that a plan's manager gives a reason for.
// What takes units, money and qualifications are no rules of the table, or hard
// ones, and stay. Code: forbidden.
func (v *verdict) override(by *access.Principal, p *plan) error {
	if strings.TrimSpace(p.Override) == "" {
		return nil
	}
	if !access.Allowed(by, access.OperateBooking, p.object()) {
		return access.CodeForbidden.Say("Bara anläggningens ansvariga får göra undantag från reglerna.",
			"Only the facility's managers may make exceptions from the rules.")
	}
	v.refusals = slices.DeleteFunc(v.refusals, func(e *problem.Error) bool {
		rule, ok := facilities.RuleOf(e)
		if ok && rule.Soft {
			v.overridden = append(v.overridden, e)
		}
		return ok && rule.Soft
	})
	v.time = v.time && len(v.refusals) > 0
	return nil
}

// details adds to those of a history row which rules were set aside, and why.
func (v *verdict) details(p *plan, all map[string]any) map[string]any {
	if len(v.overridden) == 0 {
		return all
	}
	o := Override{Reason: strings.TrimSpace(p.Override)}
	for _, e := range v.overridden {
		if rule, ok := facilities.RuleOf(e); ok && !slices.Contains(o.Rules, rule.Key) {
			o.Rules = append(o.Rules, rule.Key)
		}
	}
	if all == nil {
		all = map[string]any{}
	}
	all[detailOverride] = o
	return all
}

// Exceptions are the managers' exceptions in the booking's history, oldest first.
// A list of bookings has no history, and so none.
func (b *Booking) Exceptions() (out []Exception) {
	for _, e := range b.History {
		stored, ok := e.Details[detailOverride]
		if !ok {
			continue
		}
		raw, err := json.Marshal(stored) // as it was made just now, or as it was read from JSON
		one := Exception{By: e.By, At: e.At}
		if err == nil && json.Unmarshal(raw, &one.Override) == nil {
			out = append(out, one)
		}
	}
	return out
}

// sameEmail compares addresses as people write them.
func sameEmail(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), b) }
