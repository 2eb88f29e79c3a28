package facilities_test

import (
	"strings"
	"testing"

	"rigg/facilities"
	"rigg/internal/text"
)

func question(name string, kind facilities.QuestionKind) facilities.Question {
	return facilities.Question{ID: name, Label: text.Text{SV: "Fråga " + name, EN: "Question " + name}, Kind: kind}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	powder, kilos, state := question("powder", facilities.AskText), question("kg", facilities.AskNumber), question("state", facilities.AskChoice)
	powder.Required, kilos.Unit = true, "kg"
	state.Choices = []facilities.Choice{{ID: "ok", Label: text.Text{SV: "Hel", EN: "Whole"}}, {ID: "worn", Label: text.Text{SV: "Sliten", EN: "Worn"}}}
	asked := []facilities.Question{powder, kilos, state}
	for name, c := range map[string]struct {
		answers map[string]any
		wrong   string // the path of the first mistake; empty: none
	}{
		"the least":            {map[string]any{"powder": "316L"}, ""},
		"all":                  {map[string]any{"powder": " 316L ", "kg": "12,5", "state": "worn"}, ""},
		"a number as such":     {map[string]any{"powder": "x", "kg": 1e15}, ""},
		"a number too large":   {map[string]any{"powder": "x", "kg": 1.1e15}, "answers.kg"},
		"not a number":         {map[string]any{"powder": "x", "kg": "NaN"}, "answers.kg"},
		"words for a number":   {map[string]any{"powder": "x", "kg": "många"}, "answers.kg"},
		"the longest text":     {map[string]any{"powder": strings.Repeat("å", facilities.MaxAnswer)}, ""},
		"a text too long":      {map[string]any{"powder": strings.Repeat("å", facilities.MaxAnswer+1)}, "answers.powder"},
		"required but missing": {map[string]any{"kg": 1.0}, "answers.powder"},
		"required but empty":   {map[string]any{"powder": "  "}, "answers.powder"},
		"no such choice":       {map[string]any{"powder": "x", "state": "broken"}, "answers.state"},
		"a list for a text":    {map[string]any{"powder": []any{"x"}}, "answers.powder"},
		"no such question":     {map[string]any{"powder": "x", "weather": "fine"}, "answers"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clean, wrong := facilities.Answer(asked, c.answers)
			switch {
			case c.wrong == "" && len(wrong) > 0:
				t.Errorf("refused: %v", wrong)
			case c.wrong != "" && (len(wrong) != 1 || wrong[0].Path != c.wrong || wrong[0].Message.SV == "" || wrong[0].Message.EN == ""):
				t.Errorf("said %v; want %s", wrong, c.wrong)
			}
			if name == "all" && (clean["powder"] != "316L" || clean["kg"] != 12.5) {
				t.Errorf("read %v", clean)
			}
		})
	}
	if said := kilos.Says(12.5, text.SV) + " " + state.Says("worn", text.EN); said != "12,5\u00a0kg Worn" {
		t.Errorf("says %q", said)
	}
}
