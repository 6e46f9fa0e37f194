package media

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Document checks an uploaded document and returns its media type, by what is in it. Only types that an office works with are taken.
func Document(name string, data []byte) (string, error) {
	switch {
	case len(data) == 0:
		return "", refuse("file_empty")
	case len(data) > MaxBytes:
		return "", refuse("file_large", "Limit", MaxBytes>>20)
	}
	kind := documentKind(name, data)
	if kind == "" {
		return "", refuse("file_kind")
	}
	if mark := secretMark(name); mark != "" {
		return "", refuse("file_secret", "Mark", mark)
	}
	for _, text := range texts(kind, data) {
		if mark := secretMark(text); mark != "" {
			return "", refuse("file_secret", "Mark", mark)
		}
	}
	return kind, nil
}

// documentKind is the media type of a document, "" where it is none that is taken. The end of the name must agree with the bytes.
func documentKind(name string, data []byte) string {
	found := mimetype.Detect(data)
	end := strings.ToLower(path.Ext(name))
	office := map[string]string{
		".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	}
	switch {
	case end == ".pdf" && found.Is("application/pdf") && bytes.HasPrefix(data, []byte("%PDF-")): // some programs would take what stands before for a page
		return "application/pdf"
	case office[end] != "" && found.Is(office[end]):
		return office[end]
	case end == ".ofd" && has(data, "OFD.xml"):
		return "application/ofd"
	case (end == ".txt" || end == ".csv") && isPlain(data):
		return map[string]string{".txt": "text/plain", ".csv": "text/csv"}[end]
	}
	return ""
}

// has tells whether the bytes are an archive with a file of that name.
func has(data []byte, name string) bool {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	for _, f := range z.File {
		if f.Name == name {
			return true
		}
	}
	return false
}

func isPlain(data []byte) bool { return !bytes.ContainsRune(data, 0) && decoded(data) != "" }

// decoded is text in UTF-8, or as Chinese office programs write it.
func decoded(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return ""
	}
	return string(out)
}

const (
	maxPart  = 4 << 20 // of one file of an archive that is read for marks
	maxParts = 200
	maxAll   = 32 << 20
)

var xmlTag = regexp.MustCompile(`<[^>]*>`)

// texts are what can be read in a document without an office program.
func texts(kind string, data []byte) []string {
	if strings.HasPrefix(kind, "text/") {
		return []string{decoded(data)}
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	var out []string
	left := int64(maxAll)
	for i, f := range z.File {
		if i >= maxParts || left <= 0 {
			break
		}
		if !strings.HasSuffix(f.Name, ".xml") {
			continue
		}
		part := readPart(f, min(maxPart, left))
		left -= int64(len(part))
		out = append(out, xmlTag.ReplaceAllString(part, ""))
	}
	return out
}

func readPart(f *zip.File, limit int64) string {
	r, err := f.Open()
	if err != nil {
		return ""
	}
	defer r.Close()
	var part strings.Builder
	part.Grow(int(min(uint64(limit), f.UncompressedSize64))) // what the directory says may be a lie
	_, _ = io.Copy(&part, io.LimitReader(r, limit))          // of a damaged part, what can be read
	return part.String()
}

// secretMarks are how papers that are state secrets are marked: the level, alone or with a star and a term (《国家秘密定密管理规定》).
var secretMarks = regexp.MustCompile(`绝密|机密|秘密[★☆*]|[★☆]秘密|[（(\[【]秘密[）)\]】]|密级[:：]?秘密`)

// secretMark is the mark that a text bears, "" for none. Blanks between the letters of a mark, as letterheads have them, do not hide it.
func secretMark(text string) string {
	if !strings.Contains(text, "密") { // in every mark: most texts need no look of the pattern, which takes a second for ten megabytes
		return ""
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' {
			return -1
		}
		return r
	}, text)
	return secretMarks.FindString(text)
}

// Marked is the mark of secrecy that a name or a caption bears, "" for none.
func Marked(text string) string { return secretMark(text) }

// CleanName is the last part of a file's name without anything that a file system or a header could stumble over, at most 120 characters with its end kept.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.TrimLeft(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`/\:*?"<>|;`, r) {
			return -1
		}
		return r
	}, name), ". ")
	runes, end := []rune(name), []rune(path.Ext(name))
	if len(runes) > 120 && len(end) < 10 {
		return string(runes[:120-len(end)]) + string(end)
	}
	if len(runes) > 120 {
		return string(runes[:120])
	}
	return name
}
