package booking

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"rigg/access"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// insertFile goes past GORM, which would look through every byte.
func insertFile(tx *database.Tx, f *File, at *attachedTo, sum, content []byte) error {
	_, err := tx.SQL().ExecContext(tx.Context(), `
		insert into files (ref, booking_id, enquiry_id, resource_id, project_id, name, media_type, visible,
			size_bytes, sha256, content, person_id, at)
		values ($1, nullif($2::bigint, 0), nullif($3::bigint, 0), nullif($4, ''), nullif($5, ''), $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(f.Ref), int64(at.booking), int64(at.enquiry), string(at.resource), string(at.project), f.Name, f.MediaType,
		string(f.Visible), f.Size, sum, content, int64(f.By), f.At)
	if err != nil {
		return fmt.Errorf("insert file: %w", err)
	}
	return nil
}

// lockForFiles has those who add files to one object, or to one project, wait for
// each other.
func lockForFiles(tx *database.Tx, at *attachedTo) error {
	for _, one := range []struct {
		lock string
		key  any
		have bool
	}{
		{`select id from bookings where id = $1 for no key update`, int64(at.booking), at.booking != 0},
		{`select id from enquiries where id = $1 for no key update`, int64(at.enquiry), at.enquiry != 0},
		{`select id from resources where id = $1 for no key update`, string(at.resource), at.resource != ""},
		{`select id from projects where id = $1 for no key update`, string(at.project), at.project != ""},
	} {
		if !one.have {
			continue
		}
		if _, err := database.Exec(tx, one.lock, one.key); err != nil {
			return fmt.Errorf("lock for files: %w", err)
		}
	}
	return nil
}

// measureFiles counts the object's files and sums up the bytes of the project's.
func measureFiles(tx *database.Tx, at *attachedTo) (count int, used int64, err error) {
	type row struct {
		Count int
		Used  int64
	}
	rows, err := database.Select[row](tx, `
		select (select count(*) from files where booking_id = $1 or enquiry_id = $2 or resource_id = $3) as count,
			(select coalesce(sum(size_bytes), 0) from files where project_id = $4) as used`,
		int64(at.booking), int64(at.enquiry), string(at.resource), string(at.project))
	if err != nil {
		return 0, 0, fmt.Errorf("measure files: %w", err)
	}
	return rows[0].Count, rows[0].Used, nil
}

type fileRow struct {
	Ref        id.Ref
	BookingRef id.Ref
	EnquiryRef id.Ref
	ResourceID id.Resource
	Name       string
	MediaType  string
	Visible    Visible
	SizeBytes  int64
	Sum        []byte
	PersonID   id.Person
	At         time.Time
}

const selectFile = `
	select f.ref, coalesce(b.ref, '') as booking_ref, coalesce(e.ref, '') as enquiry_ref, coalesce(f.resource_id, '') as resource_id,
		f.name, f.media_type, f.visible, f.size_bytes, f.sha256 as sum, f.person_id, f.at
	from files f left join bookings b on b.id = f.booking_id left join enquiries e on e.id = f.enquiry_id where `

func (r fileRow) file() File {
	return File{
		Ref: r.Ref, Of: Attached{r.BookingRef, r.EnquiryRef, r.ResourceID}, Name: r.Name, MediaType: r.MediaType,
		Visible: r.Visible, Size: r.SizeBytes, SHA256: hex.EncodeToString(r.Sum), By: r.PersonID, At: r.At.UTC(),
	}
}

func listFiles(tx *database.Tx, at *attachedTo, by *access.Principal) ([]File, error) {
	rows, err := database.Select[fileRow](tx, selectFile+fmt.Sprintf(`(f.booking_id = $1 or f.enquiry_id = $2 or f.resource_id = $3)
		and (f.visible <> 'managers' or $4) order by f.id desc limit %d`, maxListed),
		int64(at.booking), int64(at.enquiry), string(at.resource), at.manage)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	out := make([]File, len(rows))
	for i, r := range rows {
		out[i] = r.file()
		out[i].Mine = deletes(by, at, r.PersonID)
	}
	return out, nil
}

func findFile(tx *database.Tx, ref id.Ref) (*File, error) {
	rows, err := database.Select[fileRow](tx, selectFile+`f.ref = $1`, string(ref))
	if err != nil {
		return nil, fmt.Errorf("find file: %w", err)
	}
	if len(rows) == 0 {
		return nil, problem.Absent()
	}
	f := rows[0].file()
	return &f, nil
}

func fileContent(tx *database.Tx, ref id.Ref) (content []byte, err error) {
	err = tx.SQL().QueryRowContext(tx.Context(), `select content from files where ref = $1`, string(ref)).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.Absent()
	}
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return content, nil
}

func deleteFile(tx *database.Tx, ref id.Ref) (bool, error) {
	n, err := database.Exec(tx, `delete from files where ref = $1`, string(ref))
	if err != nil {
		return false, fmt.Errorf("delete file: %w", err)
	}
	return n > 0, nil
}
