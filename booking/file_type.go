package booking

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"rigg/internal/problem"
)

const maxFileName = 200 // characters

// fileType is what a file with an ending must look like inside, as
// http.DetectContentType tells it, and how it is then served. Nothing that a
// browser would run is among them: no HTML, no SVG, no script.
type fileType struct {
	media  string
	looks  []string // beginnings of what is detected
	begins string   // of the content itself; empty: anything
}

const (
	plain  = "text/plain"
	binary = "application/octet-stream"
	packed = "application/zip"
	office = "application/vnd.openxmlformats-officedocument."
)

var fileTypes = map[string]fileType{
	"pdf":  {"application/pdf", []string{"application/pdf"}, "%PDF-"},
	"png":  {"image/png", []string{"image/png"}, ""},
	"jpg":  {"image/jpeg", []string{"image/jpeg"}, ""},
	"jpeg": {"image/jpeg", []string{"image/jpeg"}, ""},
	"txt":  {plain, []string{plain}, ""},
	"csv":  {"text/csv", []string{plain}, ""},
	"docx": {office + "wordprocessingml.document", []string{packed}, "PK"},
	"xlsx": {office + "spreadsheetml.sheet", []string{packed}, "PK"},
	"pptx": {office + "presentationml.presentation", []string{packed}, "PK"},
	"zip":  {packed, []string{packed}, "PK"},
	"3mf":  {"model/3mf", []string{packed}, "PK"},
	"step": {"model/step", []string{plain}, "ISO-10303-21"},
	"stp":  {"model/step", []string{plain}, "ISO-10303-21"},
	"stl":  {"model/stl", []string{plain, binary}, ""},
	"dxf":  {"image/vnd.dxf", []string{plain}, ""},
	"igs":  {"model/iges", []string{plain}, ""},
	"iges": {"model/iges", []string{plain}, ""},
}

// FileTypes lists the endings of all files that can be stored, in order.
func FileTypes() []string { return slices.Sorted(maps.Keys(fileTypes)) }

// accept gives the name and media type under which an upload is stored. Codes:
// invalid, file-too-large, file-type.
func (l FileLimits) accept(up Upload) (name, media string, err error) {
	name = cleanName(up.Name)
	dot := strings.LastIndexByte(name, '.')
	switch {
	case dot < 1 || !plainText(name, maxFileName):
		return "", "", problem.CodeInvalid.Say("Filen behöver ett namn med ändelse, högst %d tecken.",
			"The file needs a name with an ending, at most %d characters.", maxFileName)
	case len(up.Content) == 0:
		return "", "", problem.CodeInvalid.Say("Filen är tom.", "The file is empty.")
	case len(up.Content) > l.MaxSize:
		return "", "", CodeFileTooLarge.Say("Filen får vara högst %d MiB.", "The file can be at most %d MiB.", l.MaxSize>>20).
			With("limit_bytes", l.MaxSize).With("size_bytes", len(up.Content))
	}
	ending := strings.ToLower(name[dot+1:])
	kind, known := fileTypes[ending]
	if !known || !slices.Contains(l.Types, ending) {
		return "", "", CodeFileType.Say("Filer som slutar på .%s tas inte emot. Det som går: %s.",
			"Files that end in .%s are not taken. What is: %s.", shortEnding(ending), strings.Join(l.Types, ", ")).With("types", l.Types)
	}
	looks := http.DetectContentType(up.Content)
	if !slices.ContainsFunc(kind.looks, func(s string) bool { return strings.HasPrefix(looks, s) }) ||
		!bytes.HasPrefix(bytes.TrimLeft(up.Content, "\ufeff \t\r\n"), []byte(kind.begins)) {
		return "", "", CodeFileType.Say("Innehållet är inte en .%s-fil. Spara om filen och försök igen.",
			"What is inside is not a .%s file. Save it anew and try again.", ending)
	}
	return name, kind.media, nil
}

// cleanName is the last part of a path, in characters that any machine can show.
func cleanName(s string) string {
	s = strings.ToValidUTF8(s, "_")
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`"<>|:*?`, r) {
			return '_'
		}
		return r
	}, s))
}

func shortEnding(s string) string {
	if runes := []rune(s); len(runes) > 20 {
		return string(runes[:20]) + "…"
	}
	return s
}
