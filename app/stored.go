package app

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// What a transaction does most: read a row by its number, store a new one, store what changed of one. The statements are made from gorm's mapping of the type,
// without its builders, which took longer than the database: they run as gorm's own raw statements.

// columnsOf are the columns of a type's table.
func columnsOf(db *gorm.DB, row any) (*schema.Schema, error) {
	s := gorm.Statement{DB: db}
	err := s.Parse(row)
	return s.Schema, err
}

// readRow reads the row with a number, or gorm.ErrRecordNotFound, and locks it where the database has several writers.
func readRow[T any](ctx context.Context, db *gorm.DB, id int64, lock bool) (T, error) {
	rest := "id = ?"
	if lock && db.Name() == "postgres" {
		rest += " FOR UPDATE"
	}
	rows, err := readRows[T](ctx, db, rest, id)
	if err == nil && len(rows) == 0 {
		err = gorm.ErrRecordNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return rows[0], nil
}

// readRows reads the rows that meet a condition; rest is what follows WHERE.
func readRows[T any](ctx context.Context, db *gorm.DB, rest string, args ...any) (list []T, err error) {
	s, err := columnsOf(db, new(T))
	if err != nil {
		return nil, err
	}
	rows, err := db.Session(&gorm.Session{NewDB: true, Context: ctx}).Raw("SELECT "+strings.Join(s.DBNames, ", ")+" FROM "+s.Table+" WHERE "+rest, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	into := make([]any, len(s.DBNames))
	for rows.Next() {
		list = append(list, *new(T))
		row := reflect.ValueOf(&list[len(list)-1]).Elem()
		for i, name := range s.DBNames {
			into[i] = s.FieldsByDBName[name].ReflectValueOf(ctx, row).Addr().Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}

// storeNew stores a new row, and fills in its number where the database gives it.
func storeNew(ctx context.Context, db *gorm.DB, row any) error {
	insert, args, number, err := insertion(ctx, db, row)
	if err != nil {
		return err
	}
	if number != nil {
		return scanOne(db.Session(&gorm.Session{NewDB: true, Context: ctx}).Raw(insert+" RETURNING id", args...), number)
	}
	return execute(ctx, db, insert, args...)
}

// storeAll stores new rows whose numbers are given: many in one statement, few each by the statement that is prepared for one.
func storeAll[T any](ctx context.Context, db *gorm.DB, rows []T) error {
	const few = 8
	if len(rows) > few || db.Name() == "postgres" {
		return table[T](db).CreateInBatches(ctx, &rows, 100)
	}
	for i := range rows {
		if err := storeNew(ctx, db, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// insertion is the statement that stores a new row; number is where its number goes when the database gives it.
func insertion(ctx context.Context, db *gorm.DB, row any) (statement string, args []any, number any, err error) {
	s, err := columnsOf(db, row)
	if err != nil {
		return "", nil, nil, err
	}
	v := reflect.ValueOf(row).Elem()
	var names []string
	for _, name := range s.DBNames {
		f := s.FieldsByDBName[name]
		value, zero := f.ValueOf(ctx, v)
		if zero && f == s.PrioritizedPrimaryField && f.AutoIncrement {
			number = f.ReflectValueOf(ctx, v).Addr().Interface()
			continue
		}
		names, args = append(names, name), append(args, value)
	}
	return "INSERT INTO " + s.Table + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")", args, number, nil
}

// storeChanged stores the columns in which the row differs from what it was, or all of them when was is nil, if the stored row still has that version, and
// returns how many rows there were: 1 or 0.
func storeChanged(ctx context.Context, db *gorm.DB, row, was any, id, version int64) (int64, error) {
	s, err := columnsOf(db, row)
	if err != nil {
		return 0, err
	}
	v := reflect.ValueOf(row).Elem()
	var sets []string
	var args []any
	for _, name := range s.DBNames {
		f := s.FieldsByDBName[name]
		value, _ := f.ValueOf(ctx, v)
		if f.PrimaryKey {
			continue
		}
		if was != nil {
			if old, _ := f.ValueOf(ctx, reflect.ValueOf(was).Elem()); reflect.DeepEqual(old, value) {
				continue
			}
		}
		sets, args = append(sets, name+" = ?"), append(args, value)
	}
	if len(sets) == 0 {
		return 1, nil // locked since it was read
	}
	done := db.Session(&gorm.Session{NewDB: true, Context: ctx}).Exec("UPDATE "+s.Table+" SET "+strings.Join(sets, ", ")+" WHERE id = ? AND version = ?", append(args, id, version)...)
	return done.RowsAffected, done.Error
}

// readKey names a row that a transaction has read and locked.
type readKey struct {
	table reflect.Type
	id    int64
}

// before is the row as this transaction read it, nil when it did not read it alone.
func (t *tx) before(row any, id int64) any { return t.read[readKey{reflect.TypeOf(row), id}] }

// noteRead keeps what a row was, so that an update stores what changed and nothing else.
func noteRead[T any](t *tx, id int64, row T) {
	if t.read == nil {
		t.read = map[readKey]any{}
	}
	t.read[readKey{reflect.TypeFor[*T](), id}] = &row
}

// locked reads a row and locks it until the end of the transaction.
func locked[T any](t *tx, id int64) (T, error) {
	row, err := readRow[T](t.ctx, t.db, id, true)
	if err == nil {
		noteRead(t, id, row)
	}
	return row, err
}
