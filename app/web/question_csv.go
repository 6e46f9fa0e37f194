package web

import (
	"encoding/csv"
	"net/http"
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
	w, err := c.csvFile("question-" + q.kind.name + "-" + s.App.Today().String())
	if err != nil || w == nil {
		return err
	}
	if err := writePlain(w, append(head, q.T("questions.evidence"))); err != nil {
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
		if err := writePlain(w, append(row, strings.Join(records, " "))); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// csvFile begins a file for Excel: UTF-8 with a byte order mark. The writer is nil where only the head was asked for.
func (c *call) csvFile(name string) (*csv.Writer, error) {
	head := c.Response().Header()
	head.Set("Content-Type", "text/csv; charset=utf-8")
	head.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	head.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(statusPage)
	if c.Request().Method == http.MethodHead {
		return nil, nil
	}
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil {
		return nil, err
	}
	w := csv.NewWriter(c.Response())
	w.UseCRLF = true
	return w, nil
}

// writePlain writes a row in which no cell is a formula.
func writePlain(w *csv.Writer, row []string) error {
	for i := range row {
		row[i] = plainCell(row[i])
	}
	return w.Write(row)
}
