package app_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// enact drafts a rule set of testdata/laws and has it approved; it takes effect the next day.
func enact(t *testing.T, w *apptest.World, file string) {
	t.Helper()
	ctx := context.Background()
	text, err := os.ReadFile(filepath.Join("testdata/laws", file))
	apptest.Must(t, err, "read %s", file)
	l, err := w.App.DraftLaw(ctx, w.As(t, "dir"), app.DraftLaw{Kind: "ruleset", Text: string(text), Reason: "示例", EffectiveFrom: w.App.Today().AddDays(1)})
	apptest.Must(t, err, "draft %s", file)
	_, err = w.App.DecideLaw(ctx, w.As(t, "leader"), app.DecideLaw{Law: l.ID, Version: l.Version, Decision: "approve"})
	apptest.Must(t, err, "approve %s", file)
}

func figures(force int64, source, reason string, edition int, value string) app.EnterFigures {
	return app.EnterFigures{Scope: "task_force", Input: "satisfied", Last: date("2023-03-31"), Source: source, Reason: reason,
		Cells: []app.FigureCell{{Subject: force, Edition: edition, Value: value}}}
}

func TestFiguresAreEnteredAndCorrected(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		if sheet, err := w.App.FigureSheet(ctx, w.As(t, "sup"), "", "", 0); err != nil || len(sheet.Inputs) > 0 {
			t.Fatalf("no rule set asks for figures: %v, %v", sheet.Inputs, err)
		}
		wantKind(t, "a unit's handler", second(w.App.FigureSheet(ctx, w.As(t, "gxj.hand"), "", "", 0)), app.Missing, "missing")
		enact(t, w, "figures.yaml")
		w.At(t, "2023-04-03 09:00")
		one, sup := s.Forces["1"], w.As(t, "sup")
		enter := func(as app.Actor, cmd app.EnterFigures) error { return w.App.EnterFigures(ctx, as, cmd) }

		wantKind(t, "another task force's", enter(w.As(t, "tf10"), figures(one, "示例报表", "", 0, "85")), app.Denied, "denied")
		wantKind(t, "a handler", enter(w.As(t, "gxj.hand"), figures(one, "示例报表", "", 0, "85")), app.Denied, "denied")
		wantKind(t, "without source", enter(sup, figures(one, " ", "", 0, "85")), app.Invalid, "required")
		wantKind(t, "no number", enter(sup, figures(one, "示例报表", "", 0, "八十五")), app.Invalid, "figure_percent")
		wantKind(t, "three decimals", enter(sup, figures(one, "示例报表", "", 0, "85.123")), app.Invalid, "figure_percent")
		wantKind(t, "nothing", enter(sup, figures(one, "示例报表", "", 0, "")), app.Invalid, "figure_nothing")
		future := figures(one, "示例报表", "", 0, "85")
		future.Last = date("2023-05-31")
		wantKind(t, "a month that has not begun", enter(sup, future), app.Invalid, "figure_future")
		future.Last = date("2023-04-29")
		wantKind(t, "no month's end", enter(sup, future), app.Invalid, "choose")
		wantKind(t, "nobody", enter(sup, figures(999, "示例报表", "", 0, "85")), app.Missing, "missing")

		apptest.Must(t, enter(w.As(t, "tf1"), figures(one, "示例报表", "", 0, " ７8.5％")), "enter")
		wantKind(t, "over what somebody entered", enter(sup, figures(one, "示例报表", "", 0, "90")), app.Stale, "stale_by")
		wantKind(t, "the same again", enter(sup, figures(one, "示例报表", "示例", 1, "78.50")), app.Invalid, "figure_nothing")
		wantKind(t, "without reason", enter(sup, figures(one, "示例报表", "", 1, "90")), app.Invalid, "figure_why")
		apptest.Must(t, enter(sup, figures(one, "示例更正函", "示例：漏报两户", 1, "90")), "correct")
		sheet, err := w.App.FigureSheet(ctx, sup, "task_force", "satisfied", 0)
		apptest.Must(t, err, "read")
		i := slices.IndexFunc(sheet.Rows, func(r app.FigureRow) bool { return r.Subject.ID == one })
		row := sheet.Rows[i]
		if sheet.Last != date("2023-03-31") || row.Now.Value != "90" || row.Now.Edition != 2 || len(row.Before) != 1 || row.Before[0].Value != "78.5" || row.Before[0].Reason != "" {
			t.Errorf("the sheet of %s says %+v", sheet.Last, row)
		}
		own, err := w.App.FigureSheet(ctx, w.As(t, "tf10"), "task_force", "satisfied", 0)
		if err != nil || len(own.Rows) != 1 || own.Rows[0].Subject.Name != "考评督导" {
			t.Errorf("task force 10 sees %+v, %v", own.Rows, err)
		}
		sound(t, w)
	})
}

func TestPastedTables(t *testing.T) {
	rows := []app.FigureRow{{Subject: app.FigureSubject{ID: 1, No: "1", Name: "扩工业"}}, {Subject: app.FigureSubject{ID: 10, No: "10", Name: "考评督导"}}}
	got := app.ReadPasted("专班\t满意率\r\n扩工业\t85.5\r\n10\t考评督导\t 90% \n\n扩工业\t1\n不存在\t3\n单列\n", rows)
	if want := (app.Pasted{Values: map[int64]string{1: "85.5", 10: "90%"}, Unknown: []string{"扩工业\t1", "不存在\t3", "单列"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := app.ReadPasted("扩工业，85", rows); got.Values[1] != "85" {
		t.Errorf("commas: %+v", got)
	}
}
