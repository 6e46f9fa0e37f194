package app

import (
	"fmt"
	"reflect"
)

// numberRow counts a new row in the transaction that stores it and writes its number to id. The journal's records name such numbers, and a sequence of
// PostgreSQL never gives the number of a transaction that was rolled back a second time: the same year would leave another journal if a process died in it.
// The counter's row stays locked until the end of the transaction, so who stores a row of the same table waits that long; a table whose numbers no record
// names (reminders, their attempts) is left to its sequence. A counter begins behind the rows that are there, and passes over rows brought in by hand.
func (t *tx) numberRow(row any, id *int64) error {
	s, err := shapeOf(t.db, reflect.TypeOf(row).Elem())
	if err != nil {
		return err
	}
	err = single(t.ctx, t.db, []any{id}, "INSERT INTO counters (name, value) VALUES (?, (SELECT COALESCE(MAX(id), 0) + 1 FROM "+s.table+")) ON CONFLICT (name) DO UPDATE SET value = "+
		"CASE WHEN counters.value < excluded.value THEN excluded.value ELSE counters.value + 1 END RETURNING value", "rows of "+s.table)
	if err != nil {
		return fmt.Errorf("count the rows of %s: %w", s.table, err)
	}
	return nil
}
