package web

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"rigg/booking"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// filesView is the files of something, and the form to add one.
type filesView struct {
	Rows    []fileRow
	Back    string // of a resource: the page to come back to
	Path    string // where one is sent; empty: not the visitor's to add
	Visible bool   // the form asks who sees it
	Accept  string // as a file field has it
	MaxMiB  int
}

type fileRow struct {
	Name, Path, Size, By string
	At                   time.Time
	Managers             bool   // for the staff alone
	Delete, Back         string // paths; empty: not the visitor's to delete
}

// fileRows lists the files that the visitor may see.
func (s *Server) fileRows(v *visit, of booking.Attached) (out []fileRow, err error) {
	list, err := s.Booking.ListFiles(v.ctx, v.who, of)
	if err != nil {
		return nil, err
	}
	var people []id.Person
	for _, f := range list {
		people = append(people, f.By)
	}
	names, err := s.peopleNamed(v.ctx, people)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		row := fileRow{
			Name: f.Name, Path: "/files/" + string(f.Ref), Size: size(f.Size), At: f.At.In(siteZone), Managers: f.Visible == booking.ToManagers,
		}
		if f.Visible != booking.ToEverybody {
			row.By = names[f.By].Name
		}
		if f.Mine {
			row.Delete, row.Back = row.Path+"/delete", v.backFrom(of)
		}
		out = append(out, row)
	}
	return out, nil
}

// backFrom is the page that shows the files of something.
func (v *visit) backFrom(of booking.Attached) string {
	if r, ok := v.facts.Catalogue.Resource(of.Resource); ok {
		return "/facilities/" + string(r.Facility.ID) + "/desk#files"
	}
	if of.Enquiry != "" {
		return "/enquiries/" + string(of.Enquiry) + "#files"
	}
	return "/bookings/" + string(of.Booking) + "#files"
}

// size writes bytes as people read them; the units are the same in both languages.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d\u00a0MiB", (n+1<<19)>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d\u00a0KiB", (n+1<<9)>>10)
	}
	return fmt.Sprintf("%d\u00a0B", n)
}

// files makes the part of a page about files.
func (s *Server) filesOf(v *visit, of booking.Attached, path string, add bool) (*filesView, error) {
	rows, err := s.fileRows(v, of)
	if err != nil {
		return nil, err
	}
	out := &filesView{Rows: rows, Back: v.backFrom(of), MaxMiB: s.Config.Files.MaxSize >> 20, Visible: of.Resource != ""}
	if add {
		out.Path = path
	}
	var endings []string
	for _, e := range s.Config.Files.Types {
		endings = append(endings, "."+e)
	}
	out.Accept = strings.Join(endings, ",")
	if out.Path == "" && len(rows) == 0 {
		return nil, nil
	}
	return out, nil
}

// postFile stores a file that a page's form sends, and goes back to that page.
func (s *Server) postFile(of func(*fiber.Ctx) (booking.Attached, string)) pageFunc {
	return func(c *fiber.Ctx, v *visit) error {
		at, back := of(c)
		header, err := c.FormFile("file")
		if err != nil {
			return problem.CodeInvalid.Say("Välj en fil först.", "Choose a file first.")
		}
		file, err := header.Open()
		if err != nil {
			return fmt.Errorf("open the upload: %w", err)
		}
		defer func() { _ = file.Close() }() // it was only read
		content, err := io.ReadAll(file)
		if err != nil {
			return fmt.Errorf("read the upload: %w", err)
		}
		_, err = s.Booking.AddFile(v.ctx, v.who, booking.Upload{
			Of: at, Name: header.Filename, Content: content, Visible: booking.Visible(c.FormValue("visible")),
		})
		if err != nil {
			return err
		}
		return s.leave(c, back, "flash.file")
	}
}

func bookingFiles(c *fiber.Ctx) (booking.Attached, string) {
	return booking.Attached{Booking: id.Ref(c.Params("ref"))}, "/bookings/" + c.Params("ref") + "#files"
}

func enquiryFiles(c *fiber.Ctx) (booking.Attached, string) {
	return booking.Attached{Enquiry: id.Ref(c.Params("ref"))}, "/enquiries/" + c.Params("ref") + "#files"
}

func resourceFiles(c *fiber.Ctx) (booking.Attached, string) {
	return booking.Attached{Resource: id.Resource(c.Params("id"))}, ours(c.FormValue("back"))
}

// sandbox has a browser treat a file as from nowhere, should it show it after all.
const sandbox = "default-src 'none'; sandbox"

// download gives a file to keep, never to show.
func (s *Server) download(c *fiber.Ctx, v *visit) error {
	if !id.ValidRef(c.Params("ref")) {
		return problem.Absent()
	}
	f, content, err := s.Booking.FindFile(v.ctx, v.who, id.Ref(c.Params("ref")))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, f.MediaType)
	c.Set(fiber.HeaderContentDisposition, asAttachment(f.Name))
	c.Set(fiber.HeaderContentSecurityPolicy, sandbox)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(content)
}

func (s *Server) postDeleteFile(c *fiber.Ctx, v *visit) error {
	values, err := formValues(c)
	if err != nil {
		return err
	}
	if !id.ValidRef(c.Params("ref")) {
		return problem.Absent()
	}
	if err := s.Booking.DeleteFile(v.ctx, v.who, id.Ref(c.Params("ref"))); err != nil {
		return err
	}
	return s.leave(c, ours(values.Get("back")), "flash.file_gone")
}
