package facilities

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"rigg/internal/database"
	"rigg/internal/id"
	"rigg/internal/problem"
	"rigg/internal/text"
)

// QuestionKind is what can be answered to a question.
type QuestionKind string

// The kinds of question.
const (
	AskText   QuestionKind = "text"
	AskNumber QuestionKind = "number"
	AskChoice QuestionKind = "choice"
)

// QuestionKinds lists every kind.
var QuestionKinds = []string{string(AskText), string(AskNumber), string(AskChoice)}

// Question is asked after each use of a resource.
type Question struct {
	ID       string       `json:"id"` // a slug; answers go by it
	Label    text.Text    `json:"label"`
	Kind     QuestionKind `json:"kind"`
	Choices  []Choice     `json:"choices,omitempty"` // of a choice
	Required bool         `json:"required"`
	Unit     string       `json:"unit,omitempty"` // of a number, such as kg
}

// Choice is one of the answers to choose from.
type Choice struct {
	ID    string    `json:"id"`
	Label text.Text `json:"label"`
}

// Form is what a resource asks after each use, in one version.
type Form struct {
	Version   int // 0: it never asked anything
	Questions []Question
}

// The limits of a form and of its answers.
const (
	maxQuestions = 20
	maxChoices   = 20
	maxUnit      = 20
	MaxAnswer    = 1000 // characters of a text
)

// PutForm makes the resource ask these questions after each use, none where the
// list is empty, and tells whether that is new. Each change is a version of its
// own: what was answered before keeps its questions. Code: invalid, with the field.
func PutForm(tx *database.Tx, r id.Resource, questions []Question) (changed bool, err error) {
	if len(questions) > maxQuestions {
		return false, invalid("form", "Ställ högst %d frågor.", "Ask at most %d questions.", maxQuestions)
	}
	seen := map[string]bool{}
	for i, q := range questions {
		if err := q.check(fmt.Sprintf("form[%d].", i), seen); err != nil {
			return false, err
		}
	}
	return putForm(tx, r, questions)
}

func (q *Question) check(path string, seen map[string]bool) error {
	switch {
	case !id.ValidSlug(q.ID):
		return badSlug(path + "id")
	case seen[q.ID]:
		return invalid(path+"id", "Frågan %s står två gånger.", "The question %s is there twice.", q.ID)
	case !named(q.Label.SV, maxName) || !named(q.Label.EN, maxName):
		return badName(path + "label")
	case !slices.Contains(QuestionKinds, string(q.Kind)):
		return invalid(path+"kind", "Välj text, number eller choice.", "Choose text, number or choice.")
	case q.Unit != "" && (q.Kind != AskNumber || !named(q.Unit, maxUnit)):
		return invalid(path+"unit", "En enhet hör till ett tal och har högst %d tecken.",
			"A unit belongs to a number and has at most %d characters.", maxUnit)
	case (q.Kind == AskChoice) != (len(q.Choices) > 1) || len(q.Choices) > maxChoices:
		return invalid(path+"choices", "Ett val har mellan 2 och %d svar att välja bland, andra frågor inga.",
			"A choice has 2 to %d answers to choose from, other questions none.", maxChoices)
	}
	seen[q.ID] = true
	ids := map[string]bool{}
	for i, c := range q.Choices {
		if at := fmt.Sprintf("%schoices[%d].", path, i); !id.ValidSlug(c.ID) || ids[c.ID] {
			return badSlug(at + "id")
		} else if !named(c.Label.SV, maxName) || !named(c.Label.EN, maxName) {
			return badName(at + "label")
		}
		ids[c.ID] = true
	}
	return nil
}

// Asked are the questions of resources that were used together, in their order;
// one that two of them ask is asked once. It also gives the form's version of each.
func Asked(resources []*Resource) (questions []Question, forms map[id.Resource]int) {
	forms = map[id.Resource]int{}
	for _, r := range resources {
		if len(r.Form.Questions) == 0 {
			continue
		}
		forms[r.ID] = r.Form.Version
		for _, q := range r.Form.Questions {
			if !slices.ContainsFunc(questions, func(other Question) bool { return other.ID == q.ID }) {
				questions = append(questions, q)
			}
		}
	}
	return questions, forms
}

// Answer reads the answers to questions: texts and the ids of choices as strings,
// numbers as numbers or in words with a point or a comma. What is empty is not
// answered. It gives them as they are stored, and what is wrong, each under
// "answers." and the question's id.
func Answer(questions []Question, answers map[string]any) (clean map[string]any, wrong []problem.Field) {
	clean = map[string]any{}
	for _, q := range questions {
		value, message := q.read(answers[q.ID])
		if message.Empty() && value == nil && q.Required {
			message = text.New("Svara på ”%s”.", "Answer “%s”.", localised(q.Label))
		}
		if !message.Empty() {
			wrong = append(wrong, problem.Field{Path: "answers." + q.ID, Message: message})
		} else if value != nil {
			clean[q.ID] = value
		}
	}
	for name := range answers {
		if !slices.ContainsFunc(questions, func(q Question) bool { return q.ID == name }) {
			wrong = append(wrong, problem.Field{Path: "answers", Message: text.New(
				"Det finns ingen fråga ”%s”.", "There is no question “%s”.", shortened(name))})
		}
	}
	slices.SortStableFunc(wrong, func(a, b problem.Field) int { return strings.Compare(a.Path+a.Message.EN, b.Path+b.Message.EN) })
	return clean, wrong
}

func shortened(s string) string {
	if runes := []rune(strings.ToValidUTF8(s, "?")); len(runes) > 63 {
		return string(runes[:63]) + "…"
	}
	return s
}

// read reads one answer; nil where there is none.
func (q *Question) read(answer any) (value any, wrong text.Text) {
	written, isText := answer.(string)
	written = strings.TrimSpace(strings.ReplaceAll(written, "\r\n", "\n"))
	switch {
	case answer == nil || isText && written == "":
		return nil, text.Text{}
	case q.Kind == AskNumber:
		return readNumber(answer, written)
	case !isText:
		return nil, text.New("Svaret ska vara en text.", "The answer should be a text.")
	case q.Kind == AskChoice:
		if !slices.ContainsFunc(q.Choices, func(c Choice) bool { return c.ID == written }) {
			return nil, text.New("Välj ett av svaren.", "Choose one of the answers.")
		}
	case !utf8.ValidString(written) || strings.ContainsRune(written, 0) || utf8.RuneCountInString(written) > MaxAnswer:
		return nil, text.New("Svaret får ha högst %d tecken.", "The answer has at most %d characters.", MaxAnswer)
	}
	return written, text.Text{}
}

// maxNumber keeps numbers where a float64 still tells whole ones apart.
const maxNumber = 1e15

func readNumber(answer any, written string) (any, text.Text) {
	number, ok := answer.(float64)
	if n, isJSON := answer.(json.Number); isJSON {
		written = n.String()
	}
	if !ok {
		var err error
		number, err = strconv.ParseFloat(strings.ReplaceAll(strings.ReplaceAll(written, ",", "."), " ", ""), 64)
		ok = err == nil
	}
	if !ok || math.IsNaN(number) || math.Abs(number) > maxNumber {
		return nil, text.New("Skriv ett tal, till exempel 12,5.", "Write a number, such as 12.5.")
	}
	return number, text.Text{}
}

// Says is an answer as people read it: with its unit, or the choice's words.
func (q *Question) Says(answer any, lang text.Lang) string {
	switch a := answer.(type) {
	case float64:
		out := strconv.FormatFloat(a, 'f', -1, 64)
		if lang == text.SV {
			out = strings.ReplaceAll(out, ".", ",")
		}
		return strings.TrimSpace(out + "\u00a0" + q.Unit)
	case string:
		for _, c := range q.Choices {
			if c.ID == a {
				return c.Label.In(lang)
			}
		}
		return a
	}
	return ""
}
