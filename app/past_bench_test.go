package app_test

import (
	"context"
	"fmt"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// benchRecords is how long the journal is that a past map is measured on: some years of a district.
const benchRecords = 100_000

// lengthen lets the story of one ticket, from its draft to its close, happen to thousands of others within 250 days. The copies are made past the door, by the database:
// what looks back reads the rows only.
func lengthen(b *testing.B, w *apptest.World) {
	b.Helper()
	s := w.Seed(b)
	w.At(b, "2023-03-13 09:00")
	k := issuedFor(b, w, s)
	side := lookAside(b, w)
	first := side.number(fmt.Sprintf("SELECT MIN(no) FROM journal WHERE ticket_id = %d", k.ID))
	size := side.number("SELECT MAX(no) FROM journal")
	each := size - first + 1
	copies := (benchRecords - size) / each
	series := fmt.Sprintf("WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < %d)", copies)
	object := "CASE WHEN object_kind = 'ticket' THEN object_id + n ELSE object_id END"
	side.exec(fmt.Sprintf(`INSERT INTO journal (no, at, actor_kind, actor_id, action, object_kind, object_id, task_force_id, project_id, ticket_id, record)
%s SELECT no + n * %d, at + n * %d, actor_kind, actor_id, action, object_kind, %s, task_force_id, project_id, ticket_id + n, record FROM series CROSS JOIN (SELECT * FROM journal WHERE no >= %d) AS one`,
		series, each, 250*86400/copies, object, first))
	side.exec("UPDATE journal_head SET size = (SELECT MAX(no) FROM journal), at = (SELECT MAX(at) FROM journal) WHERE id = 1")
	side.exec("ANALYZE")
	w.At(b, "2023-12-01 09:00")
}

// issuedFor brings a ticket from its draft to its close.
func issuedFor(b *testing.B, w *apptest.World, s *apptest.Small) *app.Ticket {
	b.Helper()
	ctx := context.Background()
	k, err := w.App.DraftTicket(ctx, w.As(b, "sup"), app.DraftTicket{Kind: "assignment", Title: "示例事项", Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "15 workdays"})
	apptest.Must(b, err, "draft")
	for _, step := range []app.MoveTicket{{Move: "submit_draft", Note: "sup"}, {Move: "approve", Note: "dir"}, {Move: "accept", Note: "gxj.hand"}, {Move: "start", Note: "gxj.hand"},
		{Move: "draft_feedback", Feedback: "示例", Note: "gxj.hand"}, {Move: "submit", Feedback: "示例", Note: "gxj.lead"}, {Move: "verify", Note: "sup"}, {Move: "close", Note: "dir"}} {
		who := w.As(b, step.Note)
		step.Ticket, step.Version, step.Note = k.ID, k.Version, "示例"
		k, err = w.App.MoveTicket(ctx, who, step)
		apptest.Must(b, err, "%s", step.Move)
	}
	return k
}

// BenchmarkPastMap measures the map of past days on a journal of benchRecords records.
func BenchmarkPastMap(b *testing.B) {
	benchDatabases(b, func(b *testing.B, w *apptest.World) {
		lengthen(b, w)
		ctx := context.Background()
		first, err := w.App.FirstDay(ctx)
		apptest.Must(b, err, "first day")
		days := w.App.Today() - first
		look := func(b *testing.B, day calendar.Date) {
			b.Helper()
			_, err := w.App.CardsAt(ctx, app.System("test"), day)
			apptest.Must(b, err, "the map of %s", day)
		}
		b.Run("after a restart", func(b *testing.B) { // the journal is folded from its beginning
			for b.Loop() {
				b.StopTimer()
				w.Reopen(b)
				b.StartTimer()
				look(b, first+days-1)
			}
		})
		b.Run("another day", func(b *testing.B) { // from the nearest past that is kept
			n := calendar.Date(0)
			for b.Loop() {
				n += 37
				look(b, first+1+n%(days-1))
			}
		})
		b.Run("the same day", func(b *testing.B) {
			for b.Loop() {
				look(b, first+days-1)
			}
		})
	})
}
