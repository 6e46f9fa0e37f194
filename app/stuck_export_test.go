package app

import (
	"errors"
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

// Spoil lets statements fail that read a row, until it is healed; it returns a count of how often.
func Spoil(a *App, p *Poison) (*int, error) {
	n := 0
	spoil := func(db *gorm.DB) {
		if p.Healed || !strings.Contains(db.Statement.SQL.String(), p.Table) || !slices.Contains(db.Statement.Vars, any(p.ID)) {
			return
		}
		n++
		if p.Panics {
			panic(fmt.Sprint("poison in ", p.Table, " ", p.ID))
		}
		bad := "SELECT json('{')"
		if a.db.postgres {
			bad = "SELECT 1 / 0"
		}
		_, err := db.Statement.ConnPool.ExecContext(db.Statement.Context, bad)
		_ = db.AddError(err)
	}
	for _, pool := range []*gorm.DB{a.db.write, a.db.read} {
		calls := pool.Callback()
		if err := errors.Join(calls.Query().After("gorm:query").Register("test:spoil", spoil), calls.Row().Before("gorm:row").Register("test:spoil", spoil)); err != nil {
			return nil, err
		}
		if a.db.postgres {
			break
		}
	}
	return &n, nil
}
