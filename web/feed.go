package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// feedCache lets a calendar program keep a feed for five minutes, and nobody
// between it and us.
const feedCache = "private, max-age=300"

// feed serves the calendar at a secret address, for GET and HEAD. Nobody is
// signed in there and no cookie is read or set: the secret is all that counts.
func (s *Server) feed(c *fiber.Ctx) error {
	found, err := s.Calendar.Render(c.UserContext(), c.Params("secret"))
	if err != nil {
		return err
	}
	body, etag := found.Body, found.ETag
	compress := takesGzip(c.Get(fiber.HeaderAcceptEncoding))
	if compress {
		etag = strings.TrimSuffix(etag, `"`) + `-gzip"` // other bytes, another tag (RFC 9110 8.8.3)
	}
	c.Set(fiber.HeaderETag, etag)
	c.Set(fiber.HeaderLastModified, found.LastModified.UTC().Format(http.TimeFormat))
	c.Set(fiber.HeaderCacheControl, feedCache)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if unchanged(c.Get(fiber.HeaderIfNoneMatch), c.Get(fiber.HeaderIfModifiedSince), etag, found.LastModified) {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	if compress {
		if body, err = gzipped(body); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentEncoding, "gzip")
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	return c.Send(body)
}

// unchanged holds when the client has what it asks for. A tag is compared
// weakly, and where one is sent the time does not count (RFC 9110 13.1).
func unchanged(tags, since, etag string, modified time.Time) bool {
	if tags != "" {
		for tag := range strings.SplitSeq(tags, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
				return true
			}
		}
		return false
	}
	at, err := http.ParseTime(since)
	return err == nil && !modified.Truncate(time.Second).After(at)
}

// takesGzip reads Accept-Encoding: gzip, by its name alone and not with q=0.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		quality = strings.ReplaceAll(strings.ToLower(quality), " ", "")
		return strings.Trim(strings.TrimPrefix(quality, "q="), "0.") != "" || quality == ""
	}
	return false
}

func gzipped(body []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(body); err != nil {
		return nil, fmt.Errorf("compress a feed: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress a feed: %w", err)
	}
	return out.Bytes(), nil
}
