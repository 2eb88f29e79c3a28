package booking

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// The refusals of files.
var (
	CodeFileTooLarge = problem.Declare(problem.TooLarge, "file-too-large",
		"Filen är för stor", "The file is too large")
	CodeFileType = problem.Declare(problem.Refused, "file-type",
		"Filtypen tas inte emot", "This type of file is not taken")
	CodeTooManyFiles = problem.Declare(problem.Refused, "too-many-files",
		"Det finns redan så många filer det får finnas", "There are as many files as there can be")
	CodeFileQuota = problem.Declare(problem.Refused, "file-quota",
		"Projektets utrymme för filer är slut", "The project's room for files is used up")
)

// FileLimits are what the operator lets people store.
type FileLimits struct {
	MaxSize    int      // bytes of one file
	Types      []string // endings without a dot
	PerObject  int      // files of one booking, enquiry or resource
	PerProject int      // bytes of all files of one project's bookings and enquiries
}

// usualLimits hold where nobody has set any.
var usualLimits = FileLimits{MaxSize: 20 << 20, Types: FileTypes(), PerObject: 50, PerProject: 1 << 30}

// LimitFiles sets what people may store. It is called before the service is used.
func (s *Service) LimitFiles(l FileLimits) { s.files = l }

// Visible says who sees a file of a resource.
type Visible string

// Who sees a file: whoever sees the booking or enquiry that it belongs to; a
// resource's anybody, or the facility's staff.
const (
	WithObject  Visible = "object"
	ToEverybody Visible = "public"
	ToManagers  Visible = "managers"
)

// Attached is what a file belongs to: one of the three.
type Attached struct {
	Booking  id.Ref
	Enquiry  id.Ref
	Resource id.Resource
}

// File is a stored file, without what is in it.
type File struct {
	Ref       id.Ref
	Of        Attached
	Name      string
	MediaType string
	Visible   Visible
	Size      int64
	SHA256    string // in hexadecimal
	By        id.Person
	At        time.Time
	Mine      bool // the asker may delete it
}

// Upload is a file to store.
type Upload struct {
	Of      Attached
	Name    string // as the person's machine calls it; only its last part counts
	Content []byte
	Visible Visible // of a resource: public or managers
}

// AddFile stores a file with a booking, an enquiry or a resource. Codes: invalid,
// file-too-large, file-type, too-many-files, file-quota, forbidden, not-found.
func (s *Service) AddFile(ctx context.Context, by *access.Principal, up Upload) (*File, error) {
	name, media, err := s.files.accept(up)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(up.Content)
	return withFacts(ctx, s, func(facts *Facts) (*File, error) {
		return access.Once(ctx, s.db, by, func(tx *database.Tx) (*File, error) {
			at, err := facts.attached(tx, by, up.Of)
			if err != nil {
				return nil, err
			}
			if !at.attach {
				return nil, access.CodeForbidden.Say("Du får läsa filerna här men inte lägga till fler.", "You may read the files here but not add any.")
			}
			f := &File{
				Ref: id.NewRef(), Of: up.Of, Name: name, MediaType: media, Visible: WithObject, Size: int64(len(up.Content)),
				SHA256: hex.EncodeToString(sum[:]), By: by.ID, At: tx.Now, Mine: true,
			}
			if up.Of.Resource != "" {
				if f.Visible = up.Visible; f.Visible != ToEverybody && f.Visible != ToManagers {
					return nil, problem.CodeInvalid.Say("Välj vem som ser filen: public eller managers.", "Choose who sees the file: public or managers.")
				}
			}
			if err := s.files.room(tx, at, f.Size); err != nil {
				return nil, err
			}
			return f, insertFile(tx, f, at, sum[:], up.Content)
		})
	})
}

// room refuses what would be too much, with the object and the project locked.
func (l FileLimits) room(tx *database.Tx, at *attachedTo, size int64) error {
	if err := lockForFiles(tx, at); err != nil {
		return err
	}
	count, used, err := measureFiles(tx, at)
	switch {
	case err != nil:
		return err
	case count >= l.PerObject:
		return CodeTooManyFiles.Say("Här får finnas högst %d filer, och det gör det. Ta bort någon först.",
			"There can be %d files here, and there are. Delete one first.", l.PerObject).With("files", count)
	case at.project != "" && used+size > int64(l.PerProject):
		return CodeFileQuota.Say("Projektet får ha filer på %d MiB; det har %d MiB. Ta bort några först.",
			"The project may have files of %d MiB; it has %d MiB. Delete some first.", l.PerProject/(1<<20), used/(1<<20)).
			With("limit_bytes", l.PerProject).With("used_bytes", used)
	}
	return nil
}

// attachedTo is what a file belongs to, and what a person may do there.
type attachedTo struct {
	booking  id.Booking
	enquiry  id.Enquiry
	resource id.Resource
	project  id.Project
	attach   bool // may add files
	manage   bool // may delete any, and sees those for managers
}

// attached finds what files belong to. What the person may not see is not found;
// a resource is public.
func (f *Facts) attached(tx *database.Tx, by *access.Principal, of Attached) (*attachedTo, error) {
	switch {
	case of.Booking != "":
		b, err := findByRef(tx, of.Booking)
		if err != nil {
			return nil, err
		}
		o := f.ObjectOf(b)
		return seenBy(by, access.SeeBooking, o, &attachedTo{booking: b.ID, project: b.Project})
	case of.Enquiry != "":
		e, err := findEnquiry(tx, `e.ref = $1`, string(of.Enquiry))
		if err != nil {
			return nil, err
		}
		return seenBy(by, access.SeeEnquiry, f.ObjectOfEnquiry(e, tx.Now), &attachedTo{enquiry: e.ID, project: e.Project})
	}
	r, ok := f.Catalogue.Resource(of.Resource)
	if !ok {
		return nil, problem.Absent()
	}
	o := f.object(r.Facility, "", tx.Now)
	manage := access.Allowed(by, access.ManageFacility, o)
	return &attachedTo{resource: r.ID, attach: manage, manage: manage || access.Allowed(by, access.SeeDesk, o)}, nil
}

func seenBy(by *access.Principal, see access.Action, o access.Object, at *attachedTo) (*attachedTo, error) {
	if !access.Allowed(by, see, o) {
		return nil, problem.Absent()
	}
	at.attach, at.manage = access.Allowed(by, access.AttachFile, o), access.Allowed(by, access.ManageFacility, o)
	return at, nil
}

// ListFiles gives the files of a booking, an enquiry or a resource that the person
// may see, the newest first. Code: not-found.
func (s *Service) ListFiles(ctx context.Context, by *access.Principal, of Attached) (out []File, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		at, err := facts.attached(tx, by, of)
		if err != nil {
			return err
		}
		out, err = listFiles(tx, at, by)
		return err
	})
	return out, err
}

// FindFile gives a file and what is in it. Code: not-found.
func (s *Service) FindFile(ctx context.Context, by *access.Principal, ref id.Ref) (f *File, content []byte, err error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, nil, err
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		if f, err = facts.file(tx, by, ref); err != nil {
			return err
		}
		content, err = fileContent(tx, ref)
		return err
	})
	return f, content, err
}

// file finds one that the person may see.
func (f *Facts) file(tx *database.Tx, by *access.Principal, ref id.Ref) (*File, error) {
	found, err := findFile(tx, ref)
	if err != nil {
		return nil, err
	}
	at, err := f.attached(tx, by, found.Of)
	if err != nil {
		return nil, err
	}
	if found.Visible == ToManagers && !at.manage {
		return nil, problem.Absent()
	}
	found.Mine = deletes(by, at, found.By)
	return found, nil
}

// deletes tells whether the person may delete a file that somebody put there.
func deletes(by *access.Principal, at *attachedTo, who id.Person) bool {
	return by != nil && at.attach && (at.manage || by.ID == who)
}

// DeleteFile takes a file away; that it was there stays in the audit. It is for
// who put it there and the facility's managers. Codes: not-found, forbidden.
func (s *Service) DeleteFile(ctx context.Context, by *access.Principal, ref id.Ref) error {
	facts, err := s.Facts(ctx)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *database.Tx) error {
		f, err := facts.file(tx, by, ref)
		if err != nil {
			return err
		}
		if !f.Mine {
			return access.CodeForbidden.Say("Bara den som lade upp filen och anläggningens ansvariga tar bort den.",
				"Only who put the file there and the facility's managers delete it.")
		}
		gone, err := deleteFile(tx, ref)
		if err != nil || !gone {
			return err
		}
		return access.Audit(tx, by.ID, "delete_file", fmt.Sprintf("file/%s", ref), map[string]any{
			"booking": f.Of.Booking, "enquiry": f.Of.Enquiry, "resource": f.Of.Resource,
			"uploaded_by": f.By, "uploaded_at": f.At, "size_bytes": f.Size, "sha256": f.SHA256, "media_type": f.MediaType,
		})
	})
}
