package notify

import (
	"fmt"
	"time"

	"rigg/booking"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/text"
)

type messageRow struct {
	ID        id.Message
	Key       string
	Kind      Kind
	PersonID  id.Person
	Name      string // of the person
	BookingID *id.Booking
	Ref       *id.Ref
	Address   string
	Language  text.Lang
	Subject   string
	Body      string
	BodyHTML  string `gorm:"column:body_html"`
	State     State
	Note      string
	Attempts  int
	CreatedAt time.Time
	SentAt    *time.Time
}

func (r messageRow) message() Message {
	m := Message{
		ID: r.ID, Kind: r.Kind, To: r.PersonID, Name: r.Name, Address: r.Address, Language: r.Language,
		Subject: r.Subject, Text: r.Body, HTML: r.BodyHTML, State: r.State, Note: Note(r.Note),
		Attempts: r.Attempts, Created: r.CreatedAt.UTC(),
	}
	if r.Ref != nil {
		m.Ref = *r.Ref
	}
	if r.SentAt != nil {
		m.Sent = r.SentAt.UTC()
	}
	return m
}

// insertMessage gives 0 where a message of the key is there already.
func insertMessage(tx *database.Tx, m messageRow) (id.Message, error) {
	made, err := database.Select[id.Message](tx, `
		insert into messages (key, kind, person_id, booking_id, address, language, subject, body, body_html, state, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (key) do nothing returning id`,
		m.Key, m.Kind, int64(m.PersonID), m.BookingID, m.Address, m.Language, m.Subject, m.Body, m.BodyHTML, Waiting, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("insert message: %w", err)
	}
	if len(made) == 0 {
		return 0, nil
	}
	return made[0], nil
}

func hasMessage(tx *database.Tx, key string) (bool, error) {
	found, err := database.Select[bool](tx, `select exists (select from messages where key = $1)`, key)
	if err != nil {
		return false, fmt.Errorf("look for message: %w", err)
	}
	return found[0], nil
}

const selectMessage = `select m.*, p.name, b.ref from messages m
	join people p on p.id = m.person_id left join bookings b on b.id = m.booking_id `

func listMessages(tx *database.Tx, where string, args ...any) ([]messageRow, error) {
	rows, err := database.Select[messageRow](tx, selectMessage+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return rows, nil
}

// settle writes what became of a message that waits; attempted counts one more
// try. A message that is settled already stays as it is.
func settle(tx *database.Tx, m id.Message, state State, note Note, attempted bool) error {
	_, err := database.Exec(tx, `
		update messages set state = $2, note = $3, attempts = attempts + case when $4 then 1 else 0 end,
			sent_at = case when $2 = 'sent' then $5::timestamptz end
		where id = $1 and state = 'waiting'`, int64(m), state, note, attempted, tx.Now)
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	return nil
}

// listMissed finds the reminders whose moment has passed since the booking was
// confirmed or moved, whose start lies ahead, and that nobody has been sent. The
// key is reminderKey's.
func listMissed(tx *database.Tx, before []time.Duration, limit int) ([]booking.JobReminder, error) {
	minutes := make([]int32, len(before))
	for i, d := range before {
		minutes[i] = int32(d / time.Minute)
	}
	type row struct {
		ID       id.Booking
		StartsAt time.Time
		Minutes  int
	}
	rows, err := database.Select[row](tx, `
		select b.id, b.starts_at, x.minutes
		from unnest($1::int[]) x (minutes)
		join bookings b on b.state = 'confirmed' and b.starts_at > $2 and b.starts_at <= $2::timestamptz + x.minutes * interval '1 minute'
		where b.starts_at - x.minutes * interval '1 minute' >= (
				select max(h.at) from booking_history h where h.booking_id = b.id
					and h.to_state = 'confirmed' and h.action in ('request', 'approve', 'move', 'accept', 'approve-move'))
			and not exists (select from messages m where m.booking_id = b.id and m.key =
				'reminder/' || b.id || '/' || extract(epoch from b.starts_at)::bigint || '/' || x.minutes || '/' || b.person_id)
		order by b.starts_at, x.minutes limit $3`, minutes, tx.Now, limit)
	if err != nil {
		return nil, fmt.Errorf("list missed reminders: %w", err)
	}
	out := make([]booking.JobReminder, len(rows))
	for i, r := range rows {
		out[i] = booking.JobReminder{Booking: r.ID, Start: r.StartsAt.UTC(), BeforeMin: r.Minutes}
	}
	return out, nil
}

// waitingRow is a request that waits for its managers, and the moment that they
// are reminded of it for: part of the message's key.
type waitingRow struct {
	ID     id.Booking
	Moment string
}

// listWaiting finds the requests that managers are to be reminded of and have
// not been. They heard of each change when it was made, so patience counts from
// the last; one whose start is near has its second moment alone.
func listWaiting(tx *database.Tx, limit int) ([]waitingRow, error) {
	rows, err := database.Select[waitingRow](tx, `
		select w.id, w.moment from (
			select id, starts_at, case when starts_at > $2 then 'waited'
				else 'soon-' || extract(epoch from starts_at)::bigint end as moment
			from bookings
			where state = 'requested' and question = '' and starts_at > $1
				and not exists (select from holds h where h.booking_id = bookings.id and h.kind = 'change' and h.ended_at is null)
				and changed_at <=
				case when starts_at > $2 then $3::timestamptz else starts_at - $4 * interval '1 second' end
		) w
		where not exists (select from messages m where m.booking_id = w.id
			and m.key like 'approval_reminder/' || w.id || '/' || w.moment || '/%')
			and not (w.moment = 'waited' and exists ( -- the first of a series speaks for the others
				select from series_occurrences o join series_occurrences f on f.series_id = o.series_id
				join bookings x on x.id = f.booking_id and x.state = 'requested' and x.question = ''
				where o.booking_id = w.id and (x.starts_at, x.id) < (w.starts_at, w.id)))
		order by w.starts_at, w.id limit $5`,
		tx.Now, tx.Now.Add(patience), tx.Now.Add(-patience), int64(patience/time.Second), limit)
	if err != nil {
		return nil, fmt.Errorf("list waiting requests: %w", err)
	}
	return rows, nil
}

// deleteOld deletes a batch of messages made before the time, and tells how many.
func deleteOld(tx *database.Tx, before time.Time, limit int) (int64, error) {
	n, err := database.Exec(tx, `delete from messages where id in (
		select id from messages where created_at < $1 order by created_at limit $2 for update skip locked)`, before, limit)
	if err != nil {
		return 0, fmt.Errorf("delete old messages: %w", err)
	}
	return n, nil
}

// giveUp ends the wait of messages whose job is gone.
func giveUp(tx *database.Tx, before time.Time) error {
	_, err := database.Exec(tx, `update messages set state = 'failed', note = $2
		where state = 'waiting' and created_at < $1`, before, NoteGaveUp)
	if err != nil {
		return fmt.Errorf("give up messages: %w", err)
	}
	return nil
}
