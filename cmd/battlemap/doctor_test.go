package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/audit"
)

// examined runs the doctor on a folder and returns what it printed, and its exit code.
func examined(t *testing.T, c doctorCommand) (string, int) {
	t.Helper()
	var out bytes.Buffer
	err := c.write(context.Background(), slog.New(slog.DiscardHandler), &out)
	own, ok := errors.AsType[*exitError](err)
	switch {
	case err == nil:
		return out.String(), 0
	case !ok:
		t.Fatalf("an error without a code: %v", err)
	}
	return out.String() + own.Error(), own.code
}

// The doctor looks only, says what is wrong in both languages and as data, and its exit code tells sound, broken and could not look apart.
func TestDoctorAndArchiveOnTheExampleDistrict(t *testing.T) {
	dir := staged(t)
	before := contents(t, dir)
	at := reading{Data: dir, Lang: "zh"}
	if out, code := examined(t, doctorCommand{reading: at}); code != 0 || !strings.Contains(out, "完好：19 项检查均未发现问题") || !strings.Contains(out, "未与任何早先外发的检查点核对") {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, code := examined(t, doctorCommand{reading: at.in("en", false), Quick: true}); code != 0 || !strings.Contains(out, "Sound: 3 checks found nothing wrong") {
		t.Errorf("code %d\n%s", code, out)
	}
	if !reflect.DeepEqual(before, contents(t, dir)) {
		t.Error("looking changed the folder")
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "battlemap.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var note string
	if err := db.QueryRow("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1").Scan(&note); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(t.TempDir(), "note.txt")
	if err := os.WriteFile(left, []byte(note), 0o600); err != nil {
		t.Fatal(err)
	}
	against := doctorCommand{reading: at, Against: []string{left}, Key: filepath.Join(dir, "checkpoint.pub")}
	if out, code := examined(t, against); code != 0 || strings.Contains(out, "未与任何早先外发") {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, code := examined(t, doctorCommand{reading: at, Against: []string{left}}); code != 2 || !strings.Contains(out, "--key") {
		t.Errorf("code %d\n%s", code, out)
	}
	if out, code := examined(t, doctorCommand{reading: reading{Data: t.TempDir(), Lang: "zh"}}); code != 2 {
		t.Errorf("code %d\n%s", code, out)
	}
	archive := archiveCommand{storage: storage{Data: dir, KeyName: "x"}, Year: 2023, Out: filepath.Join(t.TempDir(), "out"), Lang: "zh"}
	if err := archive.Run(context.Background(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	pack, err := os.ReadFile(filepath.Join(archive.Out, "battlemap-archive-2023.zip"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := os.ReadFile(filepath.Join(dir, "checkpoint.pub"))
	if err != nil {
		t.Fatal(err)
	}
	report, err := audit.Verify(audit.Input{Key: string(public), Export: bytes.NewReader(pack), ExportSize: int64(len(pack))})
	if err != nil || !report.Sound || report.Records < 500 {
		t.Errorf("the package: %+v %v", report, err)
	}
	if _, err := db.Exec("UPDATE tickets SET due_on = '2023-12-31' WHERE no = '2023-004'"); err != nil {
		t.Fatal(err)
	}
	if out, code := examined(t, doctorCommand{reading: at.in("en", false)}); code != 1 || !strings.Contains(out, "2023-004") || !strings.Contains(out, "Broken: 1 checks failed") {
		t.Errorf("code %d\n%s", code, out)
	}
	out, code := examined(t, doctorCommand{reading: at.in("en", true)})
	var said examination
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&said); err != nil || code != 1 || said.Sound || app.Sound(said.Findings) {
		t.Errorf("code %d, %v: %s", code, err, out)
	}
}
