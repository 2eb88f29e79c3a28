package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// ForPart gives the context a key of its own for one part of a request that is
// done in several transactions, so that each part is done once. Without a key it
// changes nothing.
func ForPart(ctx context.Context, part string) context.Context {
	o, keyed := ctx.Value(onceKey{}).(once)
	if !keyed {
		return ctx
	}
	sum := sha256.Sum256([]byte(o.key + "\x00" + part))
	o.key = "part " + hex.EncodeToString(sum[:])
	return context.WithValue(ctx, onceKey{}, o)
}
