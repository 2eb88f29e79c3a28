package calendar

import (
	"crypto/sha256"
	"encoding/base64"
)

// ETag gives the strong validator of a body (RFC 9110 8.8.3), in its quotes.
// A body that is sent compressed is another representation and needs the ETag
// of its own bytes.
func ETag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}
