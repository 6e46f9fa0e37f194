package app_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// BenchmarkDoor is moves of tickets behind the door, without HTTP: each client takes its own ticket round the part of the workflow that comes back to itself.
// bench/app/web measures goal P3 on the way that people take.
func BenchmarkDoor(b *testing.B) {
	for _, clients := range []int{1, 16} {
		b.Run(fmt.Sprint("clients=", clients), func(b *testing.B) {
			w := apptest.Open(b, "sqlite:"+filepath.Join(b.TempDir(), "test.db"))
			s, ctx := w.Seed(b), context.Background()
			hand, lead, sup := w.As(b, "gxj.hand"), w.As(b, "gxj.lead"), w.As(b, "sup")
			rounds := make([]round, clients)
			for i := range rounds {
				k, err := w.App.DraftTicket(ctx, sup, app.DraftTicket{Kind: "assignment", Title: "示例", Basis: "示例", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "3 months"})
				apptest.Must(b, err, "draft")
				for _, step := range []struct{ move, by string }{{"submit_draft", "sup"}, {"approve", "dir"}, {"accept", "gxj.hand"}, {"start", "gxj.hand"}} {
					k, err = w.App.MoveTicket(ctx, w.As(b, step.by), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step.move})
					apptest.Must(b, err, "%s", step.move)
				}
				rounds[i] = round{id: k.ID, version: k.Version}
			}
			b.ResetTimer()
			for _, err := range together(clients, func(c int) error {
				for n := c; n < b.N; n += clients {
					if err := rounds[c].move(w.App, hand, lead, sup); err != nil {
						return err
					}
				}
				return nil
			}) {
				apptest.Must(b, err, "move")
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "moves/s")
		})
	}
}

// round is a ticket on its way from 推进中 over 已反馈 and 退回重办 back to 推进中.
type round struct {
	id, version int64
	step        int
}

func (r *round) move(a *app.App, hand, lead, sup app.Actor) error {
	cmd := []app.MoveTicket{{Move: "submit", Feedback: "示例办结情况"}, {Move: "return", Reason: "示例退回理由"}, {Move: "resume_work"}}[r.step%3]
	cmd.Ticket, cmd.Version = r.id, r.version
	by := []app.Actor{lead, sup, hand}[r.step%3]
	k, err := a.MoveTicket(context.Background(), by, cmd)
	if err == nil {
		r.version, r.step = k.Version, r.step+1
	}
	return err
}
