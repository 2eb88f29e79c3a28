package access

import (
	"slices"

	"rigg/internal/problem"
)

// CodeScopeMissing refuses a token that was not made for this.
var CodeScopeMissing = problem.Declare(problem.Forbidden, "scope-missing",
	"Nyckeln räcker inte till det här", "The token does not reach this far")

// The scopes of tokens. A scope narrows what its person may do and never adds to it.
const (
	ScopeAll      = "all"
	ScopeRead     = "read"     // see what the person sees
	ScopeBook     = "book"     // quote, request, change, cancel, check in and out
	ScopeApprove  = "approve"  // decide on requests
	ScopeCalendar = "calendar" // make and revoke calendar addresses
	ScopeAdmin    = "admin"    // change the catalogue
)

// reach says what each scope lets through: whoever may write may see the result.
var reach = map[string][]string{
	ScopeAll:      {ScopeRead, ScopeBook, ScopeApprove, ScopeCalendar, ScopeAdmin},
	ScopeRead:     {ScopeRead},
	ScopeBook:     {ScopeRead, ScopeBook},
	ScopeApprove:  {ScopeRead, ScopeApprove},
	ScopeCalendar: {ScopeCalendar},
	ScopeAdmin:    {ScopeRead, ScopeAdmin},
}

// Scope lets a principal through whose token reaches need (one of the scopes
// above). Code: scope-missing.
func (p *Principal) Scope(need string) error {
	for _, s := range p.Scopes {
		if slices.Contains(reach[s], need) {
			return nil
		}
	}
	return CodeScopeMissing.Say(
		"Åtkomstnyckeln saknar behörigheten %q. Skapa en ny nyckel som har den.",
		"The token lacks the scope %q. Make a new token that has it.", need).With("scope", need)
}
