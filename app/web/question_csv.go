package web

import (
	"strconv"
	"strings"
)

// questionCSV sends an answer as a file for Excel, with every line and its records; that it was taken away is recorded first.
func (s *server) questionCSV(c *call) error {
	q, err := c.question()
	if err != nil {
		return err
	}
	if err := q.answer(); err != nil {
		return err
	}
	if len(q.faults) > 0 {
		return s.questionPage(c)
	}
	if err := s.App.RecordExtract(c.ctx(), c.actor, c.Request().URL.RequestURI()); err != nil {
		return err
	}
	var head []string
	for _, column := range q.columns {
		head = append(head, column.Text, q.T("questions.csv_note", "Column", column.Text))
	}
	f, err := c.openCSV("question-" + q.kind.name + "-" + s.App.Today().String())
	if err != nil {
		return err
	}
	if err := f.row(append(head, q.T("questions.evidence"))...); err != nil {
		return err
	}
	for _, line := range q.lines {
		var row, records []string
		for _, cell := range line.cells {
			text := cell.Text
			if text == "" {
				text = cell.Light.Word
			}
			row = append(row, text, cell.Note)
		}
		for _, no := range line.records {
			records = append(records, strconv.FormatInt(no, 10))
		}
		if err := f.row(append(row, strings.Join(records, " "))...); err != nil {
			return err
		}
	}
	return f.close()
}
