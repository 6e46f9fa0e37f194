package app_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// Who only looks can't write, makes nothing where nothing was, and leaves a database of another version as it is.
func TestOpenReading(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		ctx := context.Background()
		opt, _ := apptest.Options(t, w.Options.Database)
		a, err := app.OpenReading(ctx, opt)
		apptest.Must(t, err, "open for reading beside a running server")
		size, err := a.JournalSize(ctx)
		apptest.Must(t, err, "read")
		if size == 0 {
			t.Error("the journal is empty")
		}
		if _, err := a.AddUnit(ctx, app.Setup("reader"), app.AddUnit{Code: "x.1", Name: "示例单位", Kind: "bureau"}); err == nil {
			t.Error("a reader wrote")
		}
		apptest.Must(t, a.Close(), "close")
		other := lookAside(t, w)
		other.exec("UPDATE goose_db_version SET version_id = version_id + 1000 WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)")
		_, err = app.OpenReading(ctx, opt)
		if e, ok := errors.AsType[*app.SchemaError](err); !ok || e.Have != e.Want+1000 {
			t.Errorf("a newer database: %v", err)
		}
	})
	nowhere := filepath.Join(t.TempDir(), "none", "battlemap.db")
	opt, _ := apptest.Options(t, "sqlite:"+nowhere)
	if _, err := app.OpenReading(context.Background(), opt); !errors.Is(err, app.ErrNoDatabase) {
		t.Errorf("no database: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(nowhere)); err == nil {
		t.Error("looking made a folder")
	}
	empty := filepath.Join(t.TempDir(), "empty.db")
	apptest.Must(t, os.WriteFile(empty, nil, 0o600), "write an empty file")
	opt.Database = "sqlite:" + empty
	if _, err := app.OpenReading(context.Background(), opt); !errors.Is(err, app.ErrNoDatabase) {
		t.Errorf("an empty file: %v", err)
	}
}
