package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rigg/internal/problem"
)

// static are the files that pages use, and one version for them all: a sheet
// names its fonts beside it, so they must share the version in their paths.
type static struct {
	version string
	content map[string][]byte // by path below static/
}

// contentTypes by ending, so that they don't depend on the machine's own table.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".txt":   "text/plain; charset=utf-8",
	"":       "text/plain; charset=utf-8", // licences
}

func loadStatic() (*static, error) {
	out := &static{content: map[string][]byte{}}
	sum := sha256.New()
	err := fs.WalkDir(files, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if _, known := contentTypes[path.Ext(name)]; !known {
			return fmt.Errorf("%s has no content type", name)
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		short := strings.TrimPrefix(name, "static/")
		out.content[short] = body
		fmt.Fprintf(sum, "%s %d\n", short, len(body))
		sum.Write(body)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the static files: %w", err)
	}
	out.version = hex.EncodeToString(sum.Sum(nil))[:10]
	return out, nil
}

// address is where a file is served; a file that isn't there stops the page.
func (f *static) address(name string) (string, error) {
	if _, ok := f.content[name]; !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return "/static/" + f.version + "/" + name, nil
}

// serveStatic answers with a file. An address of another version, from a page
// that was read before an update, gets today's file, to be asked for again.
func (s *Server) serveStatic(c *fiber.Ctx) error {
	name := c.Params("*")
	body, ok := s.pages.static.content[name]
	if !ok {
		return problem.Absent()
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if c.Params("version") == s.pages.static.version {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	c.Set(fiber.HeaderContentType, contentTypes[path.Ext(name)])
	return c.Send(body)
}
