package demo

import (
	"context"
	"io"

	"rigg/internal/config"
)

// PrepareDays is Prepare with fewer days, for tests.
func PrepareDays(ctx context.Context, c *config.Config, back, ahead int, reset bool) error {
	return prepare(ctx, c, extent{back: back, ahead: ahead, lead: 3, perDay: 10}, reset, io.Discard)
}
