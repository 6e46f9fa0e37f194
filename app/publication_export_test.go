package app

import (
	"regexp"

	"gorm.io/gorm"
)

var writes = regexp.MustCompile(`^\s*(INSERT|UPDATE|DELETE)`)

// AfterWrite calls f after every statement that wrote something, still inside its transaction, with how many there were in this process.
func AfterWrite(a *App, f func(n int)) error {
	n := 0
	count := func(db *gorm.DB) {
		if db.Error == nil && writes.MatchString(db.Statement.SQL.String()) {
			n++
			f(n)
		}
	}
	callbacks := a.db.write.Callback()
	for _, err := range []error{
		callbacks.Create().After("gorm:create").Register("test:create", count), callbacks.Update().After("gorm:update").Register("test:update", count),
		callbacks.Delete().After("gorm:delete").Register("test:delete", count), callbacks.Raw().After("gorm:raw").Register("test:raw", count),
		callbacks.Row().After("gorm:row").Register("test:row", count), callbacks.Query().After("gorm:query").Register("test:query", count),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}
