package app

import (
	"regexp"

	"gorm.io/gorm"
)

var writes = regexp.MustCompile(`^\s*(INSERT|UPDATE|DELETE)`)

// AfterWrite calls f after every statement that wrote something, still inside its transaction, with how many there were in this process.
func AfterWrite(a *App, f func(n int)) {
	n := 0
	watched(a.db.writes(), func(gorm.ConnPool, string, []any) error { return nil }, func(text string) {
		if writes.MatchString(text) {
			n++
			f(n)
		}
	})
}
