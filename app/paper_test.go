package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// Twenty supervisors issue at once on twenty matters: the numbers of the kind and year run from 1 to 20, each once, and a refused one leaves no gap.
func TestPaperNumbersHaveNoGaps(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
		var names []string
		for i := range 20 {
			name := fmt.Sprint("事项", i)
			names = append(names, name)
			for _, line := range []string{`ticket ` + name + ` term="3 months"`, "move " + name + " submit_draft as=sup", "move " + name + " approve as=dir"} {
				apptest.Must(t, st.line(line), "%s", line)
			}
		}
		sup := w.As(t, "sup")
		errs := together(40, func(i int) error { // every matter twice: the second is refused, as one matter is not supervised twice
			_, err := w.App.IssuePaper(context.Background(), sup, app.IssuePaper{ItemKind: "ticket", Item: st.tickets[names[i%20]], Form: "blue_slip", Facts: "示例"})
			return err
		})
		refused := 0
		for _, err := range errs {
			if err != nil && wantFault("paper_open", err) == nil {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		rows, err := w.App.Papers(context.Background(), app.System("test"), app.PaperFilter{})
		apptest.Must(t, err, "papers")
		var numbers []int64
		for _, r := range rows {
			numbers = append(numbers, r.Paper.Seq)
		}
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != int64(i+1) {
				t.Fatalf("numbers %v", numbers)
			}
		}
		if len(numbers) != 20 || refused != 20 {
			t.Errorf("%d papers, %d refused, want 20 and 20", len(numbers), refused)
		}
		sound(t, w)
	})
}

// A paper that falls in the holiday at the turn of the year carries the number of the year in which it goes out.
func TestPaperOfTheTurnOfTheYear(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
		for _, line := range []string{"at 2023-12-28", `ticket T term="3 months"`, "move T submit_draft as=sup", "move T approve as=dir", "issue T blue_slip facts=示例",
			"at 2023-12-31 20:00", "issue T orange_slip facts=示例 anyway=yes", "expect paper T kind=blue_slip no=督蓝〔2023〕1号 state=superseded", "expect paper T kind=orange_slip no=督橙〔2024〕1号 issued=2024-01-02 deadline=2024-01-09"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
	})
}

// A promise that passes while nobody rings the bell is recorded before anything else happens to the matter, and told once however often it rings.
func TestPromiseExpiresOnce(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := newStage(t, w)
		for _, line := range []string{"at 2023-04-26", `ticket T term="3 months"`, "move T submit_draft as=sup", "move T approve as=dir", "issue T red_slip facts=示例", "promise T 2023-04-28 next=示例",
			"at 2023-05-04 10:00", "answer T text=示例", "expect paper T state=answered expired=2023-05-04", "tick", "tick", "expect told 1 act=expire for=leader", "expect told 1 act=answer for=sup",
			"daily 2023-05-12", "expect told 1 act=expire for=leader", "expect unique", "expect sound"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		if got := w.App.Today(); got != calendar.MakeDate(2023, 5, 12) {
			t.Errorf("it is %s", got)
		}
	})
}
