package app_test

import (
	"context"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// A wall shows what is red with the leader who answers, within the scope of its link, and a link remembers when its screen last asked.
func TestWallOfALink(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c := newScene(t, w)
		ctx, a := context.Background(), w.App
		link := func(force int64) app.WallLink {
			token, err := a.AddWallLink(ctx, w.As(t, "dir"), app.AddWallLink{Name: "示例大厅", Lang: "zh-CN", TaskForceID: force, ExpiresOn: a.Today().AddDays(366)})
			apptest.Must(t, err, "make a link")
			l, err := a.OpenWall(ctx, token)
			apptest.Must(t, err, "open the link")
			return l
		}
		read := func(l app.WallLink) app.Wall {
			got, err := a.LinkedWall(ctx, l)
			apptest.Must(t, err, "read the wall")
			return got
		}
		whole, other := link(0), link(c.s.Forces["10"])
		if got := read(whole); len(got.Rows) != 2 || got.Reds != 0 || len(got.Next) == 0 || len(got.Rates) != 4 {
			t.Errorf("the wall of a calm day: %d rows, %d red, %d coming, %d rates", len(got.Rows), got.Reds, len(got.Next), len(got.Rates))
		}
		lookAside(t, w).exec(`INSERT INTO escalations (id, version, item_kind, item_id, rule_id, step, due_on, ruleset, ruleset_version, task_force_id, project_id, ticket_id, light, paper, interview,
began_on, answer_by, finding, recorded_at, lifted_on, lifted_why, points, charge) SELECT 90001, 1, 'project', id, 'project.example', 'red', '2023-03-01', 'default', 1, task_force_id, id, 0, 'red', '', '',
'2023-03-10', '', '{}', 1, '', '', 0, '' FROM projects WHERE code = 'P-001'`)
		got := read(whole)
		if got.Reds != 1 || got.Red[0].No != "P-001" || got.Red[0].Days != int(a.Today()-date("2023-03-10"))+1 || got.Red[0].Leader == 0 {
			t.Errorf("the red list: %+v", got.Red)
		}
		if got := read(other); got.Reds != 0 || len(got.Rows) != 1 || got.Rows[0].TaskForce.Code != "10" {
			t.Errorf("the wall of another task force: %d red, rows %+v", got.Reds, got.Rows)
		}
		links, err := a.WallLinks(ctx, w.As(t, "tf1"))
		if err != nil || len(links) != 1 || links[0].TaskForceID != c.s.Forces["1"] {
			t.Errorf("links of the leader: %+v, %v", links, err)
		}
		if seen := lookAside(t, w).number("SELECT seen_at FROM wall_links WHERE id = ?", whole.ID); seen != a.Now().Unix() {
			t.Errorf("the screen was last seen at %d, want now", seen)
		}
	})
}
