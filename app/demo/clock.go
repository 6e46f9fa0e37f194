package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"battlemap/app/calendar"
)

// Clock is the district's time in the demonstration: it stands at the present moment until it is wound on, and never goes back. Its Now is what
// app.Options.Now wants; safe for concurrent use.
type Clock struct {
	mu   sync.Mutex
	now  time.Time
	path string
}

// NewClock reads the clock's position from the file at path; without one it stands at 08:30 on the day of the ceremony. With an empty path
// nothing is kept.
func NewClock(cal *calendar.Calendar, path string) (*Clock, error) {
	d, err := parse()
	if err != nil {
		return nil, err
	}
	first := timetable()[0]
	c := &Clock{now: cal.At(d.Ceremony, first.hour, first.minute), path: path}
	if path == "" {
		return c, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the clock of the demonstration: %w", err)
	}
	c.now, err = time.ParseInLocation(time.RFC3339, string(bytes.TrimSpace(text)), cal.Location())
	if err != nil {
		return nil, fmt.Errorf("clock of the demonstration in %s (without the file it goes on from the newest record): %w", path, err)
	}
	return c, nil
}

// Now is the present moment.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// wind moves the clock on to t.
func (c *Clock) wind(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.Before(c.now) {
		return fmt.Errorf("the clock stands at %s and can't go back to %s", c.now.Format(time.RFC3339), t.Format(time.RFC3339))
	}
	c.now = t
	return nil
}

// save writes the position beside the database: a new file takes the old one's place, so that a crash leaves one or the other.
func (c *Clock) save() error {
	if c.path == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(c.path), filepath.Base(c.path)+".*")
	if err != nil {
		return fmt.Errorf("keep the clock's position: %w", err)
	}
	_, err = fmt.Fprintln(f, c.Now().Format(time.RFC3339))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), c.path)
	}
	if err != nil {
		return fmt.Errorf("keep the clock's position: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
