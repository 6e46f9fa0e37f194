package web

import (
	"strings"

	"battlemap/app"
)

// changesCSV sends what changed as a file for Excel: UTF-8 with a byte order mark, and no cell that a spreadsheet would take for a formula.
func (s *server) changesCSV(c *call) error {
	q, err := c.askChanges()
	if err != nil {
		return err
	}
	if len(q.faults) > 0 {
		return s.changesPage(c)
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	rows := [][]string{{c.T("map.corner"), c.T("time.kind"), c.T("time.no"), c.T("time.item"), c.T("time.was"), c.T("time.is"), c.T("time.csv_times"), c.T("time.rule"), c.T("time.reason"), c.T("time.records")}}
	for _, l := range q.Lines {
		rows = append(rows, q.record(l, dir))
	}
	return c.sendCSV("changes-"+q.from.String()+"-"+q.to.String(), rows)
}

// record is a change as a row of the file.
func (q *changeQuery) record(l app.Change, dir app.Directory) []string {
	row := q.row(l, dir)
	var records []string
	for _, r := range row.Records {
		records = append(records, r.Text)
	}
	side := func(light, text string) string {
		if text == "" {
			return light
		}
		return text
	}
	times := ""
	if l.Times > 0 {
		times = id64(int64(l.Times))
	}
	return []string{dir.TaskForces[l.TaskForceID].Name, q.T("change." + l.Kind), row.No, row.Name, side(row.Was.Light.Word, row.Was.Text), side(row.Is.Light.Word, row.Is.Text), times, row.Rule, row.Reason,
		strings.Join(records, " ")}
}
