package booking

import (
	"context"
	"time"

	"rigg/access"
	"rigg/facilities"
	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
)

// maxNotes is in characters.
const maxNotes = 4000

// Entry is what somebody tells of a run.
type Entry struct {
	Notes   string         // at most 4 000 characters
	Answers map[string]any // to the questions of the booked resources, by id
}

// Log is what was told of a run, with the questions as they were then.
type Log struct {
	Notes     string
	Questions []facilities.Question
	Forms     map[id.Resource]int // the versions that the questions are of
	Answers   map[string]any
	By        id.Person
	At        time.Time
}

// Asks are the questions that the booking's resources ask after its use.
func (f *Facts) Asks(b *Booking) []facilities.Question { return f.asks(b) }

func (f *Facts) asks(b *Booking) []facilities.Question {
	questions, _ := facilities.Asked(f.resourcesOf(b.Resources))
	return questions
}

// log checks an entry against what the resources ask; nil where there is nothing
// to ask and nothing to tell. Code: invalid.
func (s *step) log(e Entry) (*Log, error) {
	questions, forms := facilities.Asked(s.facts.resourcesOf(s.Resources))
	return s.logOf(e, questions, forms)
}

func (s *step) logOf(e Entry, questions []facilities.Question, forms map[id.Resource]int) (*Log, error) {
	answers, wrong := facilities.Answer(questions, e.Answers)
	if !plainText(e.Notes, maxNotes) {
		wrong = append(wrong, problem.Field{Path: "notes", Message: problem.CodeInvalid.Say(
			"Anteckningarna får ha högst %d tecken.", "The notes have at most %d characters.", maxNotes).Message})
	}
	if len(wrong) > 0 {
		p := problem.CodeInvalid.Say("Något saknas eller går inte att läsa i beskrivningen av körningen; se varje fråga.",
			"Something is missing from the description of the run, or cannot be read; see each question.")
		p.Fields = wrong
		return nil, p
	}
	if len(questions) == 0 && e.Notes == "" {
		return nil, nil //nolint:nilnil // nothing told is no log
	}
	return &Log{Notes: e.Notes, Questions: questions, Forms: forms, Answers: answers, By: s.actor(), At: s.tx.Now}, nil
}

// WriteLog tells of a run that ended by itself, afterwards. What is told is
// corrected by the facility's managers alone. Codes: stale, wrong-state,
// forbidden, not-found, invalid with each question.
func (s *Service) WriteLog(ctx context.Context, by *access.Principal, c Change, e Entry) (*Booking, error) {
	return s.change(ctx, by, c, access.UseBooking, func(st *step) error {
		if st.State != Completed {
			return st.wrongState()
		}
		was, err := findLog(st.tx, st.ID)
		if err != nil {
			return err
		}
		if was != nil {
			return CodeWrongState.Say("Körningen är redan beskriven. Anläggningens ansvariga kan rätta det som blev fel.",
				"The run is already described. The facility's managers can correct what went wrong.").With("state", st.State)
		}
		l, err := st.log(e)
		if err != nil {
			return err
		}
		if l == nil {
			return problem.CodeInvalid.Say("Skriv något om körningen.", "Write something about the run.")
		}
		if err := insertLog(st.tx, st.ID, l); err != nil {
			return err
		}
		return st.save(ActLog, nil)
	})
}

// LogOf gives what was told of a booking's run; nil where nothing was. Whoever
// may see the booking may see it, and has been given the booking.
func (s *Service) LogOf(ctx context.Context, b *Booking) (l *Log, err error) {
	if b.State != Completed {
		return nil, nil //nolint:nilnil // there is no log yet
	}
	err = s.db.View(ctx, func(tx *database.Tx) error {
		l, err = findLog(tx, b.ID)
		return err
	})
	return l, err
}
