package apptest

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"battlemap/app"
)

// Projects makes n projects in the small district of a world on SQLite: one goes through the door, the others are copies of it behind the program's back, with its
// assignment and milestone, spread over ten task forces, all stages and lights. No record tells of the copies, so a doctor finds them.
func (w *World) Projects(t testing.TB, s *Small, n int) {
	t.Helper()
	const wan = 10_000 * 100 // fen
	ctx, tf1 := context.Background(), w.As(t, "tf1")
	p, err := w.App.AddProject(ctx, tf1, app.AddProject{Name: "示例产业园基础设施项目", TaskForceID: s.Forces["1"], Level: "city", Year: 2023, InPlan: true, InvestFen: 30000 * wan, YearPlanFen: 12000 * wan, Stage: "signed"})
	Must(t, err, "add the pattern")
	Must(t, w.App.Assign(ctx, tf1, app.Assign{Project: p.ID, LeadUnitID: s.Units["gxj"], UnitID: s.Units["gxj"], ResponsibleID: s.Users["gxj.hand"]}), "assign")
	Must(t, w.App.AddMilestone(ctx, tf1, app.AddMilestone{Project: p.ID, Name: "主体封顶", BaselineOn: p.StageSince + 90}), "add a milestone")
	db, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(w.Options.Database, "sqlite:")+"?_busy_timeout=5000")
	Must(t, err, "open the database")
	defer db.Close()
	copies := copier{t, db, n - 1}
	copies.insert("projects", map[string]string{"code": "printf('P-%05d', i + 1)", "name": "printf('示例第%d号产业园区项目', i)", "task_force_id": "1 + i % 10",
		"stage":        "CASE i / 10 % 5 WHEN 0 THEN 'signed' WHEN 1 THEN 'landed' WHEN 2 THEN 'started' WHEN 3 THEN 'building' ELSE 'completed' END",
		"light":        "CASE i % 7 WHEN 0 THEN 'red' WHEN 1 THEN 'yellow' WHEN 2 THEN '' ELSE 'green' END",
		"verified_fen": "year_plan_fen / 100 * (i % 60)"})
	copies.insert("assignments", map[string]string{"project_id": "i + 1"})
	copies.insert("milestones", map[string]string{"project_id": "i + 1"})
}

// copier makes copies of the only row of a table.
type copier struct {
	t    testing.TB
	db   *sql.DB
	many int
}

func (c copier) insert(table string, other map[string]string) {
	c.t.Helper()
	var columns string
	Must(c.t, c.db.QueryRow("SELECT group_concat(name) FROM pragma_table_info(?) WHERE name <> 'id'", table).Scan(&columns), "read columns")
	names := strings.Split(columns, ",")
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = name
		if v, ok := other[name]; ok {
			values[i] = v
		}
	}
	_, err := c.db.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO "+table+" ("+strings.Join(names, ", ")+") SELECT "+
		strings.Join(values, ", ")+" FROM n, (SELECT * FROM "+table+" LIMIT 1)", c.many)
	Must(c.t, err, "multiply %s", table)
}
