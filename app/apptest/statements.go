package apptest

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm/logger"
)

// Statements are the texts of all statements that the databases opened after Listen have run, without their arguments.
type Statements struct {
	mu   sync.Mutex
	said map[string]int
}

// Listen keeps every statement's text until the test ends. It takes the place of gorm's silent logger, so no test beside this one may run meanwhile.
func Listen(t testing.TB) *Statements {
	t.Helper()
	s := &Statements{said: map[string]int{}}
	before := logger.Discard
	logger.Discard = s
	t.Cleanup(func() { logger.Discard = before })
	return s
}

// With are the statements that hold a text, in any case.
func (s *Statements) With(text string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for one := range s.said {
		if strings.Contains(strings.ToLower(one), strings.ToLower(text)) {
			out = append(out, one)
		}
	}
	return out
}

// Count is how many different statements were run.
func (s *Statements) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.said)
}

// Forget begins anew.
func (s *Statements) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.said)
}

// Times are how often each statement was run.
func (s *Statements) Times() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.said)
}

// ParamsFilter takes the statement as it goes to the database; gorm calls it from Trace.
func (s *Statements) ParamsFilter(_ context.Context, text string, _ ...any) (string, []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said[text]++
	return text, nil
}

// Trace has gorm say the statement.
func (s *Statements) Trace(_ context.Context, _ time.Time, say func() (string, int64), _ error) {
	say()
}

// LogMode keeps listening.
func (s *Statements) LogMode(logger.LogLevel) logger.Interface { return s }

// Info is not of interest.
func (s *Statements) Info(context.Context, string, ...any) {}

// Warn is not of interest.
func (s *Statements) Warn(context.Context, string, ...any) {}

// Error is not of interest: errors are returned.
func (s *Statements) Error(context.Context, string, ...any) {}
