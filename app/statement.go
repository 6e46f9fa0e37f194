package app

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Statements of our own that run often go past gorm's builders, which took longer than the database: on gorm's connections, prepared by gorm's cache or the
// writer's, told to gorm's log, and with gorm's words for errors.

// query runs a query. A value that is a list stands for each of its members, as IN ? wants it.
func query(ctx context.Context, db *gorm.DB, text string, args ...any) (*sql.Rows, error) {
	text, args = placed(db, text, args)
	rows, err := db.Statement.ConnPool.QueryContext(ctx, text, args...)
	return rows, logged(ctx, db, text, args, err)
}

// exec runs a statement and returns how many rows it changed.
func exec(ctx context.Context, db *gorm.DB, text string, args ...any) (int64, error) {
	done, err := run(ctx, db, text, args)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

func run(ctx context.Context, db *gorm.DB, text string, args []any) (sql.Result, error) {
	text, args = placed(db, text, args)
	done, err := db.Statement.ConnPool.ExecContext(ctx, text, args...)
	return done, logged(ctx, db, text, args, err)
}

// execute runs a statement whose number of rows is of no interest.
func execute(ctx context.Context, db *gorm.DB, text string, args ...any) error {
	_, err := exec(ctx, db, text, args...)
	return err
}

// single reads the single row of a query; sql.ErrNoRows when there is none.
func single(ctx context.Context, db *gorm.DB, into []any, text string, args ...any) error {
	rows, err := query(ctx, db, text, args...)
	if err != nil {
		return err
	}
	return onlyRow(rows, into)
}

// placed is a statement as its database wants it: each member of a list has a place of its own, and PostgreSQL numbers the places.
func placed(db *gorm.DB, text string, args []any) (string, []any) {
	numbered := db.Name() == "postgres"
	if !numbered && !slices.ContainsFunc(args, isList) {
		return strings.ReplaceAll(text, "?", litePlace), args
	}
	var out strings.Builder
	var flat []any
	put := func(value any) {
		flat = append(flat, value)
		if !numbered {
			out.WriteString(litePlace)
			return
		}
		out.WriteString("$" + strconv.Itoa(len(flat)))
	}
	for _, arg := range args {
		before, after, _ := strings.Cut(text, "?")
		out.WriteString(before)
		text = after
		if !isList(arg) {
			put(arg)
			continue
		}
		out.WriteString("(")
		list := reflect.ValueOf(arg)
		if list.Len() == 0 {
			out.WriteString("NULL")
		}
		for i := range list.Len() {
			if i > 0 {
				out.WriteString(", ")
			}
			put(list.Index(i).Interface())
		}
		out.WriteString(")")
	}
	return out.String() + text, flat
}

// isList tells a list of values from a value: bytes are one.
func isList(arg any) bool {
	t := reflect.TypeOf(arg)
	return t != nil && t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
}

// logged tells gorm's log of a statement, and gives its error the name that gorm has for it.
func logged(ctx context.Context, db *gorm.DB, text string, args []any, err error) error {
	db.Logger.Trace(ctx, time.Time{}, func() (string, int64) {
		if filter, ok := db.Logger.(gorm.ParamsFilter); ok {
			text, args = filter.ParamsFilter(ctx, text, args...)
		}
		return db.Explain(text, args...), -1
	}, err)
	if translator, ok := db.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		return translator.Translate(err)
	}
	return err
}
