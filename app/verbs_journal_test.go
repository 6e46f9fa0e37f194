package app_test

import (
	"context"

	"battlemap/app"
)

// journalVerbs are the recorded readings of the journal; RecordReading is everybody's own matter, and records that of inspectors.
func (c *scene) journalVerbs() []verb {
	return []verb{
		{"RecordExtract", "dir", func(as app.Actor) error { return c.w.App.RecordExtract(context.Background(), as, "/journal.csv") }},
	}
}
