package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/valyala/fasthttp"

	"rigg/access"
	"rigg/booking"
	"rigg/internal/id"
)

const (
	// What a form around a file may take beside it.
	formRoom = 64 << 10
	// To receive a file over a slow line.
	uploadTimeout = 5 * time.Minute
)

// uploads holds for the addresses that take files. They alone read more than
// web.body_limit, and only from who shows that they have signed in.
func uploads(header *fasthttp.RequestHeader) bool {
	path, _, _ := strings.Cut(string(header.RequestURI()), "?")
	return string(header.Method()) == http.MethodPost && strings.HasSuffix(path, "/files") &&
		(len(header.Peek("Authorization")) > 0 || len(header.Cookie(sessionCookie)) > 0)
}

// roomForFiles lets the addresses that take files read as much as a file may have.
func (s *Server) roomForFiles() {
	limit := fasthttp.RequestConfig{MaxRequestBodySize: s.Config.Files.MaxSize + formRoom, ReadTimeout: uploadTimeout}
	s.app.Server().HeaderReceived = func(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
		if uploads(header) {
			return limit
		}
		return fasthttp.RequestConfig{}
	}
}

type uploadForm struct {
	File    huma.FormFile `form:"file" required:"true" doc:"The file; its name has an ending that is taken"`
	Visible string        `form:"visible" required:"false" enum:"public,managers" doc:"Of a resource's file"`
}

type fileOutput struct{ Body FileBody }

type filesOutput struct {
	Body struct {
		Items []FileBody `json:"items"`
		Next  string     `json:"next"`
	}
}

type refUpload struct {
	Ref     string `path:"ref" maxLength:"63"`
	RawBody huma.MultipartFormFiles[uploadForm]
}

type idUpload struct {
	ID      string `path:"id" maxLength:"63"`
	RawBody huma.MultipartFormFiles[uploadForm]
}

type contentOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Policy             string `header:"Content-Security-Policy"`
	Body               []byte
}

func (s *Server) fileAPI(api huma.API) {
	const tag = "Files"
	for _, of := range []struct {
		path, what string
		attached   func(string) booking.Attached
	}{
		{"/bookings/{ref}/files", "a booking", func(ref string) booking.Attached { return booking.Attached{Booking: id.Ref(ref)} }},
		{"/enquiries/{ref}/files", "an enquiry", func(ref string) booking.Attached { return booking.Attached{Enquiry: id.Ref(ref)} }},
	} {
		huma.Register(api, s.uploadOperation(of.path, of.what, tag), answer(s, access.ScopeBook,
			func(ctx context.Context, p *access.Principal, in *refUpload) (*fileOutput, error) {
				return s.upload(ctx, p, of.attached(in.Ref), in.RawBody.Data())
			}))
		huma.Register(api, operation(http.MethodGet, of.path, "Files of "+of.what, tag, http.StatusNotFound), answer(s, access.ScopeRead,
			func(ctx context.Context, p *access.Principal, in *bookingInput) (*filesOutput, error) {
				return s.files(ctx, p, of.attached(in.Ref))
			}))
	}
	huma.Register(api, s.uploadOperation("/resources/{id}/files", "a resource", tag), answer(s, access.ScopeAdmin,
		func(ctx context.Context, p *access.Principal, in *idUpload) (*fileOutput, error) {
			return s.upload(ctx, p, booking.Attached{Resource: id.Resource(in.ID)}, in.RawBody.Data())
		}))
	huma.Register(api, operation(http.MethodGet, "/resources/{id}/files", "Files of a resource", tag, http.StatusNotFound), answer(s, access.ScopeRead,
		func(ctx context.Context, p *access.Principal, in *idInput) (*filesOutput, error) {
			return s.files(ctx, p, booking.Attached{Resource: id.Resource(in.ID)})
		}))
	huma.Register(api, operation(http.MethodGet, "/files/{ref}", "What is in a file", tag, http.StatusNotFound),
		answer(s, access.ScopeRead, s.getFile))
	gone := operation(http.MethodDelete, "/files/{ref}", "Delete a file", tag, http.StatusNotFound)
	gone.DefaultStatus = http.StatusNoContent
	huma.Register(api, gone, answer(s, access.ScopeBook, s.deleteFile))
}

func (s *Server) uploadOperation(path, what, tag string) huma.Operation {
	o := operation(http.MethodPost, path, "Put a file to "+what, tag, http.StatusNotFound, http.StatusRequestEntityTooLarge)
	o.DefaultStatus = http.StatusCreated
	o.MaxBodyBytes = int64(s.Config.Files.MaxSize + formRoom)
	return o
}

func (s *Server) upload(ctx context.Context, p *access.Principal, of booking.Attached, form *uploadForm) (*fileOutput, error) {
	content, err := io.ReadAll(form.File)
	if err != nil {
		return nil, fmt.Errorf("read the upload: %w", err)
	}
	f, err := s.Booking.AddFile(ctx, p, booking.Upload{
		Of: of, Name: form.File.Filename, Content: content, Visible: booking.Visible(form.Visible),
	})
	if err != nil {
		return nil, err
	}
	return &fileOutput{Body: fileBody(*f, p.Name)}, nil
}

func fileBody(f booking.File, by string) FileBody {
	return FileBody{
		Ref: string(f.Ref), Booking: string(f.Of.Booking), Enquiry: string(f.Of.Enquiry), Resource: string(f.Of.Resource),
		Name: f.Name, MediaType: f.MediaType, Visible: string(f.Visible), SizeBytes: f.Size, SHA256: f.SHA256, By: by, At: stamp(f.At, siteZone),
	}
}

func (s *Server) files(ctx context.Context, p *access.Principal, of booking.Attached) (*filesOutput, error) {
	list, err := s.Booking.ListFiles(ctx, p, of)
	if err != nil {
		return nil, err
	}
	var people []id.Person
	for _, f := range list {
		if f.Visible != booking.ToEverybody {
			people = append(people, f.By)
		}
	}
	names, err := s.peopleNamed(ctx, people)
	if err != nil {
		return nil, err
	}
	out := &filesOutput{}
	out.Body.Items = []FileBody{}
	for _, f := range list {
		by := ""
		if f.Visible != booking.ToEverybody {
			by = names[f.By].Name
		}
		out.Body.Items = append(out.Body.Items, fileBody(f, by))
	}
	return out, nil
}

func (s *Server) getFile(ctx context.Context, p *access.Principal, in *bookingInput) (*contentOutput, error) {
	f, content, err := s.Booking.FindFile(ctx, p, id.Ref(in.Ref))
	if err != nil {
		return nil, err
	}
	return &contentOutput{ContentType: f.MediaType, ContentDisposition: asAttachment(f.Name), Policy: sandbox, Body: content}, nil
}

// asAttachment has a browser save the file, never show it (RFC 6266, RFC 8187).
func asAttachment(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

func (s *Server) deleteFile(ctx context.Context, p *access.Principal, in *bookingInput) (*struct{}, error) {
	return &struct{}{}, s.Booking.DeleteFile(ctx, p, id.Ref(in.Ref))
}
