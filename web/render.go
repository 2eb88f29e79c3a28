package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"rigg/internal/money"
	"rigg/internal/text"
)

//go:embed templates text static/css static/js static/vendor static/logo.svg
var files embed.FS

// pages is all that a page is made of, read and checked at start.
type pages struct {
	texts  texts
	static *static
	sets   map[text.Lang]map[string]*template.Template // by the page's name
}

func loadPages() (*pages, error) {
	p := &pages{sets: map[text.Lang]map[string]*template.Template{}}
	var err error
	if p.texts, err = loadTexts(); err != nil {
		return nil, err
	}
	if p.static, err = loadStatic(); err != nil {
		return nil, err
	}
	for _, lang := range []text.Lang{text.SV, text.EN} {
		if p.sets[lang], err = p.parse(lang); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// parse makes a set for each page: the frame, all parts and the page itself.
func (p *pages) parse(lang text.Lang) (map[string]*template.Template, error) {
	frame, err := template.New("").Option("missingkey=zero").Funcs(p.functions(lang)).
		ParseFS(files, "templates/layout.html", "templates/parts/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the frame: %w", err)
	}
	names, err := files.ReadDir("templates/pages")
	if err != nil {
		return nil, fmt.Errorf("list the pages: %w", err)
	}
	sets := map[string]*template.Template{}
	for _, file := range names {
		set, err := frame.Clone()
		if err == nil {
			set, err = set.ParseFS(files, path.Join("templates/pages", file.Name()))
		}
		if err != nil {
			return nil, fmt.Errorf("parse the page %s: %w", file.Name(), err)
		}
		sets[strings.TrimSuffix(file.Name(), ".html")] = set
	}
	return sets, nil
}

// functions are what templates may call; layout.html tells what each gives.
func (p *pages) functions(lang text.Lang) template.FuncMap {
	w := words{lang: lang, texts: p.texts}
	return template.FuncMap{
		"t":      w.find,
		"ore":    func(n money.Ore) string { return n.In(lang) },
		"date":   w.date,
		"day":    w.day,
		"clock":  w.clock,
		"when":   w.when,
		"length": w.length,
		"asset":  p.static.address,
		"icon": func(name string) (template.HTML, error) {
			sheet, err := p.static.address("vendor/tabler-icons/icons.svg")
			// The names stand in the templates, so they are safe.
			return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false"><use href="` + sheet + `#i-` + name + `"/></svg>`), err //nolint:gosec // both are our own
		},
	}
}

// page answers with a whole page.
func (s *Server) page(c *fiber.Ctx, v *visit, status int, name string, data any) error {
	body, err := s.write(v, name, "layout", data)
	if err != nil {
		return err
	}
	return sendHTML(c, status, body)
}

// write executes one template of a page's set.
func (s *Server) write(v *visit, page, name string, data any) ([]byte, error) {
	set, ok := s.pages.sets[v.lang][page]
	if !ok {
		return nil, fmt.Errorf("there is no page %q", page)
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, name, data); err != nil {
		return nil, fmt.Errorf("write the page %s: %w", page, err)
	}
	return out.Bytes(), nil
}

// sendHTML answers with what a shared cache must not keep: pages differ by who
// asks and in which language. A page that nobody may keep has said so already.
func sendHTML(c *fiber.Ctx, status int, body []byte) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
	}
	c.Set(fiber.HeaderVary, "Cookie, Accept-Language")
	return c.Status(status).Send(body)
}
