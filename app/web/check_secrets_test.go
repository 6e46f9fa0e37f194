package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"battlemap/app/apptest"
)

// secretColumn is what a column's name holds when its value could be a secret.
var secretColumn = regexp.MustCompile(`hash|token|secret|password|salt|private`)

// notSecret are columns of such names whose values may be shown, by table.
func notSecret() []string {
	return []string{"journal_hashes.hash"}
}

// secrets are the values that no answer may hold, each in the ways in which it could be written, by the column it is of.
func (a *arena) secrets(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range a.column("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") {
		for _, column := range a.column("SELECT name FROM pragma_table_info('" + table + "')") {
			name := table + "." + column
			if !secretColumn.MatchString(column) || slices.Contains(notSecret(), name) {
				continue
			}
			for _, value := range a.column("SELECT CAST(" + column + " AS TEXT) FROM " + table) {
				if len(value) >= 16 {
					raw := []byte(value)
					out[name] = append(out[name], value, hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw))
				}
			}
		}
	}
	return out
}

// unpacked is an answer as text: of an archive, all its files.
func unpacked(t *testing.T, body string) string {
	t.Helper()
	if !strings.HasPrefix(body, "PK") {
		return body
	}
	r, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	apptest.Must(t, err, "open an archive")
	var out bytes.Buffer
	for _, f := range r.File {
		file, err := f.Open()
		apptest.Must(t, err, "open %s", f.Name)
		_, err = io.Copy(&out, file)
		apptest.Must(t, err, "read %s", f.Name)
		apptest.Must(t, file.Close(), "close %s", f.Name)
	}
	return out.String()
}

// Check 37: no answer, of a page, a table for spreadsheets, a script's question or an archive, holds a value of a column of secrets, nor does the journal, which goes into all exports.
func TestCheck37NoAnswerHoldsASecret(t *testing.T) {
	people := []string{"admin", "dir", "insp", "gxj.hand"}
	a := newArena(t, "", people...)
	hidden := a.secrets(t)
	for _, want := range []string{"users.password_hash", "sessions.token_hash", "setup_tokens.token_hash", "wall_links.token_hash"} {
		if len(hidden[want]) == 0 {
			t.Errorf("there is no secret in %s to look for: %d columns have some", want, len(hidden))
		}
	}
	looked := 0
	search := func(where, text string) {
		t.Helper()
		looked++
		for column, values := range hidden {
			for _, value := range values {
				if strings.Contains(text, value) {
					t.Errorf("%s holds a value of %s", where, column)
				}
			}
		}
		if strings.Contains(text, "$argon2id$") || strings.Contains(text, "password_hash") || strings.Contains(text, "token_hash") {
			t.Errorf("%s holds a hash of a password, or the name of such a column", where)
		}
	}
	for _, b := range readMatrix(t) {
		archive := strings.HasSuffix(b.path, ".zip") || b.path == "/journal/export" || b.path == "/archive/package"
		if b.method != http.MethodGet && !archive {
			continue
		}
		path, form := b.at(a.words["own"])
		for _, account := range people {
			if got := a.ask(account, b.method, path, form); got.status == http.StatusOK {
				search(b.method+" "+path+" as "+account, unpacked(t, got.body))
			}
		}
	}
	search("the journal", strings.Join(a.lines("SELECT CAST(record AS TEXT) FROM journal"), "\n"))
	if looked < 200 {
		t.Errorf("only %d answers were looked at", looked)
	}
	if text := a.one("SELECT password_hash FROM users WHERE account = 'dir'"); !slices.Contains(hidden["users.password_hash"], text) {
		t.Error("the director's own hash would not be found")
	}
}
