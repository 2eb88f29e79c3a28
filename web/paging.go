package web

import (
	"slices"

	"rigg/internal/problem"
)

// PageInput is what every list takes; exported, or Huma would not fill it in where
// it is embedded.
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" maxLength:"200" doc:"The next of the page before"`
}

// pageOf cuts a page out of a list that is in memory as a whole, in its own order,
// and gives the cursor of the next: the last item's id. Code: invalid.
func pageOf[T any](in PageInput, list []T, name func(T) string) (page []T, next string, err error) {
	if in.Cursor != "" {
		at := slices.IndexFunc(list, func(item T) bool { return name(item) == in.Cursor })
		if at < 0 {
			return nil, "", problem.CodeInvalid.Say("Sidmärket går inte att läsa; börja om från listans första sida.",
				"The cursor cannot be read; start again from the first page.")
		}
		list = list[at+1:]
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next = name(list[in.Limit-1])
	}
	return list, next, nil
}
