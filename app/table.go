package app

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// rowsOf is a question to the table of T, or a change of it. It does what gorm.G does, on gorm's plain interface: of gorm.G the compiler makes some three hundred
// functions for every row type, which were five sixths of this package's machine code and of the time to compile it.
type rowsOf[T any] struct {
	db    *gorm.DB
	steps []func(*gorm.DB) *gorm.DB
}

// table begins a question to the table of T; clauses are for locks.
func table[T any](db *gorm.DB, clauses ...clause.Expression) rowsOf[T] {
	q := rowsOf[T]{db: db}
	if len(clauses) > 0 {
		return q.with(func(db *gorm.DB) *gorm.DB { return db.Clauses(clauses...) })
	}
	return q
}

// with is the question with one more step; the shorter one stays as it is.
func (q rowsOf[T]) with(step func(*gorm.DB) *gorm.DB) rowsOf[T] {
	q.steps = append(q.steps[:len(q.steps):len(q.steps)], step)
	return q
}

// ready is the question put together.
func (q rowsOf[T]) ready(ctx context.Context) *gorm.DB {
	db := q.db.Session(&gorm.Session{NewDB: true, Context: ctx})
	for _, step := range q.steps {
		db = step(db)
	}
	return db
}

// Where narrows to rows that meet a condition.
func (q rowsOf[T]) Where(condition string, args ...any) rowsOf[T] {
	return q.with(func(db *gorm.DB) *gorm.DB { return db.Where(condition, args...) })
}

// Order sorts the rows.
func (q rowsOf[T]) Order(by string) rowsOf[T] {
	return q.with(func(db *gorm.DB) *gorm.DB { return db.Order(by) })
}

// Limit asks for at most n rows.
func (q rowsOf[T]) Limit(n int) rowsOf[T] {
	return q.with(func(db *gorm.DB) *gorm.DB { return db.Limit(n) })
}

// Offset passes over the first n rows.
func (q rowsOf[T]) Offset(n int) rowsOf[T] {
	return q.with(func(db *gorm.DB) *gorm.DB { return db.Offset(n) })
}

// Select names the columns to read, or to change; "*" changes all of them, empty values too.
func (q rowsOf[T]) Select(columns ...string) rowsOf[T] {
	return q.with(func(db *gorm.DB) *gorm.DB { return db.Select(columns) })
}

// Omit leaves columns out.
func (q rowsOf[T]) Omit(columns ...string) rowsOf[T] {
	return q.with(func(db *gorm.DB) *gorm.DB { return db.Omit(columns...) })
}

// Find reads all rows that match.
func (q rowsOf[T]) Find(ctx context.Context) ([]T, error) {
	var rows []T
	err := q.ready(ctx).Find(&rows).Error
	return rows, err
}

// First reads the row with the lowest key, or gorm.ErrRecordNotFound.
func (q rowsOf[T]) First(ctx context.Context) (T, error) {
	var row T
	err := q.ready(ctx).First(&row).Error
	return row, err
}

// Count counts the rows whose column is not NULL.
func (q rowsOf[T]) Count(ctx context.Context, column string) (int64, error) {
	var n int64
	err := q.ready(ctx).Model(new(T)).Select(column).Count(&n).Error
	return n, err
}

// Create stores a row.
func (q rowsOf[T]) Create(ctx context.Context, row *T) error { return q.ready(ctx).Create(row).Error }

// CreateInBatches stores rows, so many in one statement.
func (q rowsOf[T]) CreateInBatches(ctx context.Context, rows *[]T, size int) error {
	return q.ready(ctx).CreateInBatches(rows, size).Error
}

// Update changes one column of the rows that match and returns how many they were.
func (q rowsOf[T]) Update(ctx context.Context, column string, value any) (int, error) {
	done := q.ready(ctx).Model(new(T)).Update(column, value)
	return int(done.RowsAffected), done.Error
}

// Change sets columns of the rows that match and returns how many they were.
func (q rowsOf[T]) Change(ctx context.Context, columns map[string]any) (int, error) {
	done := q.ready(ctx).Model(new(T)).Updates(columns)
	return int(done.RowsAffected), done.Error
}

// Updates changes the selected columns of the rows that match to those of row, and returns how many they were.
func (q rowsOf[T]) Updates(ctx context.Context, row T) (int, error) {
	done := q.ready(ctx).Updates(row)
	return int(done.RowsAffected), done.Error
}

// Delete removes the rows that match and returns how many they were.
func (q rowsOf[T]) Delete(ctx context.Context) (int, error) {
	done := q.ready(ctx).Delete(new(T))
	return int(done.RowsAffected), done.Error
}
