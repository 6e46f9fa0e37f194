package app

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// What a transaction does most: read a row by its number, store a new one, store what changed of one. The statements are made from gorm's mapping of the type,
// once for each type.

// shape is how a type lies in its table.
type shape struct {
	columns []column // in the order of gorm's mapping
	table   string
	number  *column // the key that the database may give; nil where the key is not a number
	read    string  // up to the condition
	insert  string  // of all columns
	unkeyed string  // of all columns but number
	update  string  // up to the columns
}

type column struct {
	name  string
	index []int // of the field
	key   bool
}

// in is where the column lies in a row.
func (c *column) in(row reflect.Value) reflect.Value {
	if len(c.index) == 1 {
		return row.Field(c.index[0])
	}
	return row.FieldByIndex(c.index)
}

// shapes are those of one database, kept with gorm's other parts.
type shapes struct{ known sync.Map }

const shapesName = "shapes"

// Name is the one by which gorm keeps them.
func (*shapes) Name() string { return shapesName }

// Initialize has nothing to do: shapes are made when they are first asked for.
func (*shapes) Initialize(*gorm.DB) error { return nil }

// shapeOf is the shape of a row's type; of is a struct.
func shapeOf(db *gorm.DB, of reflect.Type) (*shape, error) {
	all := db.Plugins[shapesName].(*shapes)
	if known, ok := all.known.Load(of); ok {
		return known.(*shape), nil
	}
	s := gorm.Statement{DB: db}
	if err := s.Parse(reflect.New(of).Interface()); err != nil {
		return nil, err
	}
	made := makeShape(s.Schema)
	all.known.Store(of, made)
	return made, nil
}

func makeShape(s *schema.Schema) *shape {
	out := &shape{table: s.Table, columns: make([]column, len(s.DBNames))}
	var unkeyed []string
	for i, name := range s.DBNames {
		f := s.FieldsByDBName[name]
		out.columns[i] = column{name: name, index: f.StructField.Index, key: f.PrimaryKey}
		if f == s.PrioritizedPrimaryField && f.AutoIncrement {
			out.number = &out.columns[i]
			continue
		}
		unkeyed = append(unkeyed, name)
	}
	out.read = "SELECT " + strings.Join(s.DBNames, ", ") + " FROM " + s.Table + " WHERE "
	out.insert = insertion(s.Table, s.DBNames)
	out.unkeyed = insertion(s.Table, unkeyed)
	out.update = "UPDATE " + s.Table + " SET "
	return out
}

func insertion(table string, columns []string) string {
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
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
	s, err := shapeOf(db, reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	rows, err := query(ctx, db, s.read+rest, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	into := make([]any, len(s.columns))
	for rows.Next() {
		list = append(list, *new(T))
		row := reflect.ValueOf(&list[len(list)-1]).Elem()
		for i := range s.columns {
			into[i] = s.columns[i].in(row).Addr().Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}

// storeNew stores a new row, and fills in its number where the database gives it.
func storeNew(ctx context.Context, db *gorm.DB, row any) error {
	v := reflect.ValueOf(row).Elem()
	s, err := shapeOf(db, v.Type())
	if err != nil {
		return err
	}
	given := s.number != nil && s.number.in(v).IsZero()
	args := make([]any, 0, len(s.columns))
	for i := range s.columns {
		if c := &s.columns[i]; c != s.number || !given {
			args = append(args, c.in(v).Interface())
		}
	}
	if given {
		return numbered(ctx, db, s.number.in(v), s.unkeyed, args)
	}
	return execute(ctx, db, s.insert, args...)
}

// numbered runs an insertion and fills in the number that the database gave. SQLite knows it without RETURNING, for which it makes a table of its own each time.
func numbered(ctx context.Context, db *gorm.DB, number reflect.Value, insert string, args []any) error {
	if db.Name() == "postgres" {
		return single(ctx, db, []any{number.Addr().Interface()}, insert+" RETURNING id", args...)
	}
	done, err := run(ctx, db, insert, args)
	if err != nil {
		return err
	}
	last, err := done.LastInsertId()
	number.SetInt(last)
	return err
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

// storeChanged stores the columns in which the row differs from what it was, or all of them when was is nil, if the stored row still has that version, and
// returns how many rows there were: 1 or 0.
func storeChanged(ctx context.Context, db *gorm.DB, row, was any, id, version int64) (int64, error) {
	v := reflect.ValueOf(row).Elem()
	s, err := shapeOf(db, v.Type())
	if err != nil {
		return 0, err
	}
	var sets strings.Builder
	var args []any
	for i := range s.columns {
		c := &s.columns[i]
		if c.key || was != nil && sameValue(c.in(reflect.ValueOf(was).Elem()), c.in(v)) {
			continue
		}
		if len(args) > 0 {
			sets.WriteString(", ")
		}
		sets.WriteString(c.name + " = ?")
		args = append(args, c.in(v).Interface())
	}
	if len(args) == 0 {
		return 1, nil // locked since it was read
	}
	return exec(ctx, db, s.update+sets.String()+" WHERE id = ? AND version = ?", append(args, id, version)...)
}

func sameValue(a, b reflect.Value) bool {
	if a.Comparable() && b.Comparable() {
		return a.Equal(b)
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
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
