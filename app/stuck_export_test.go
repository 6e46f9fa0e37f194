package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// Poison is what befalls a statement.
type Poison struct {
	Table  string // that the statement is about
	ID     int64  // among its values
	Panics bool   // the program's fault; otherwise the database's, which ends the statement and, on PostgreSQL, what came before it
	Healed bool
}

// Spoil lets statements fail that read a row, until it is healed.
func Spoil(a *App, p *Poison) {
	spoil := func(pool gorm.ConnPool, text string, args []any) error {
		if p.Healed || !strings.HasPrefix(text, "SELECT") || !strings.Contains(text, p.Table) || !slices.Contains(args, any(p.ID)) {
			return nil
		}
		if p.Panics {
			panic(fmt.Sprint("poison in ", p.Table, " ", p.ID))
		}
		bad := "SELECT json('{')"
		if a.db.postgres {
			bad = "SELECT 1 / 0"
		}
		_, err := pool.ExecContext(context.Background(), bad)
		return err
	}
	none := func(string) {}
	watched(a.db.writes(), spoil, none)
	if a.db.read != a.db.write {
		watched(a.db.read, spoil, none)
	}
}
