package demo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// metronome hands out waits that a test ends one by one; a beat is taken when the play waits for it, so the beat before has been played out.
type metronome struct {
	beats chan time.Time
	waits chan time.Duration
}

func newMetronome() *metronome {
	return &metronome{beats: make(chan time.Time), waits: make(chan time.Duration, 1000)}
}

func (m *metronome) after(d time.Duration) <-chan time.Time {
	m.waits <- d
	return m.beats
}

func (m *metronome) beat(n int) {
	for range n {
		m.beats <- time.Time{}
	}
}

// run starts the play and returns a function that ends it and waits.
func (st *stage) run(m *metronome) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.play.Run(ctx, 7*time.Second, m.after) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			st.t.Errorf("run: %v", err)
		}
	}
}

func clockShows(t *testing.T, p *Play, want string) {
	t.Helper()
	if got := p.Status().Now.Format("2006-01-02 15:04"); got != want {
		t.Errorf("the clock shows %s, want %s", got, want)
	}
}

func TestRunPauseStep(t *testing.T) {
	st := newStage(t)
	m := newMetronome()
	stop := st.run(m)
	if got := <-m.waits; got != time.Second { // a seventh of the day
		t.Errorf("a moment lasts %s", got)
	}
	m.beat(3)
	<-m.waits
	<-m.waits
	<-m.waits // it waits again: the third moment has been played
	clockShows(t, st.play, "2023-03-13 14:30")
	if got := st.dossier("P-001").Project.Stage; got != "started" {
		t.Errorf("after the verification P-001 is %s", got)
	}
	if err := st.play.Step(context.Background()); !errors.Is(err, ErrRunning) {
		t.Errorf("stepped while running: %v", err)
	}
	st.play.Pause()
	st.play.Pause() // twice is once
	for _, want := range []string{"2023-03-13 17:20", "2023-03-14 17:20"} {
		apptest.Must(t, st.play.Step(context.Background()), "step")
		clockShows(t, st.play, want)
	}
	if s := st.play.Status(); !s.Paused || s.Over || s.DayEvery != 7*time.Second || s.Day != day(time.March, 14) {
		t.Errorf("status: %+v", s)
	}
	st.play.Resume()
	m.beat(1)
	stop()
	if now := st.play.Status().Now; now.Before(st.app.Calendar().At(day(time.March, 15), 8, 30)) {
		t.Errorf("resumed, the clock shows %s", now)
	}
}

// TestRunPausesWhenTheScriptEnds lets the clock reach the last day: it pauses once, and goes on with bells only when it is told to.
func TestRunPausesWhenTheScriptEnds(t *testing.T) {
	st := newStage(t)
	apptest.Must(t, st.clock.wind(st.app.Calendar().At(day(time.December, 30), 17, 0)), "wind")
	m := newMetronome()
	stop := st.run(m)
	<-m.waits
	_, _, changed := st.play.pace()
	m.beat(1)
	<-changed
	clockShows(t, st.play, "2023-12-31 09:00")
	if s := st.play.Status(); !s.Paused || !s.Over {
		t.Errorf("status: %+v", s)
	}
	st.play.Resume()
	m.beat(2)
	<-m.waits
	<-m.waits
	<-m.waits
	stop()
	clockShows(t, st.play, "2024-01-01 09:00")
	if s := st.play.Status(); s.Paused {
		t.Errorf("it paused a second time: %+v", s)
	}
}

func TestMoments(t *testing.T) {
	st := newStage(t)
	for d, want := range map[calendar.Date]string{
		day(time.March, 13):  "08:30 bells, 09:30 units, 11:00 supervision, 14:30 verification, 16:00 feedback, 17:00 judgement, 17:20 evening",
		day(time.March, 18):  "09:00 bells",                                                                                                     // a Saturday
		day(time.April, 23):  "08:30 bells, 09:30 units, 11:00 supervision, 14:30 verification, 16:00 feedback, 17:00 judgement, 17:20 evening", // a Sunday that is worked
		day(time.April, 30):  "09:00 bells, 17:00 judgement",                                                                                    // a holiday that ends a month
		day(time.October, 2): "09:00 bells",
	} {
		var got []string
		for _, m := range st.play.Moments(d) {
			got = append(got, m.At.Format("15:04 ")+string(m.Part))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", d, got, want)
		}
	}
}

// TestPositionIsKept plays some days, and finds the place again from the file, from the journal when the file is gone, and not from a broken file.
func TestPositionIsKept(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	file := filepath.Join(st.dir, "clock")
	apptest.Must(t, st.play.FastForward(ctx, day(time.March, 19)), "play") // a Sunday: nothing is recorded on it
	st.restart()
	clockShows(t, st.play, "2023-03-19 09:00")
	apptest.Must(t, os.Remove(file), "lose the position")
	st.restart()
	if got := st.play.Status(); got.Day < day(time.March, 13) || got.Day > day(time.March, 17) || got.Now.Unix() != st.newest().At {
		t.Errorf("without its file the clock shows %s", got.Now)
	}
	apptest.Must(t, os.WriteFile(file, []byte("half past"), 0o600), "break the position")
	if _, err := NewClock(st.app.Calendar(), file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a broken position: %v", err)
	}
}

func (st *stage) newest() app.JournalRow {
	st.t.Helper()
	rows, err := st.app.Journal(context.Background(), app.System("test"), app.JournalFilter{Limit: 1})
	apptest.Must(st.t, err, "newest record")
	return rows[0]
}

func TestClockNeverGoesBack(t *testing.T) {
	st := newStage(t)
	apptest.Must(t, st.play.FastForward(context.Background(), day(time.March, 14)), "play")
	if err := st.play.Act(context.Background(), st.play.Moments(day(time.March, 13))[0]); err == nil {
		t.Error("a moment of yesterday was played")
	}
	clockShows(t, st.play, "2023-03-14 17:20")
}

// TestInterruptedMomentIsPlayedAgain ends the context in the middle of a moment: nothing is lost, and nothing is done twice.
func TestInterruptedMomentIsPlayedAgain(t *testing.T) {
	st, whole := newStage(t), newStage(t)
	apptest.Must(t, whole.play.FastForward(context.Background(), day(time.March, 13)), "play undisturbed")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	today := day(time.March, 13) // among the verifications of the collective start the power fails
	verifies := slices.IndexFunc(st.play.acts[today], func(a act) bool { return a.part == Verification && strings.HasPrefix(a.what, "P-016") })
	st.play.acts[today] = slices.Insert(st.play.acts[today], verifies, act{part: Verification, do: func(context.Context) error { cancel(); return nil }})
	if err := st.play.FastForward(ctx, day(time.March, 13)); err == nil {
		t.Fatal("it was not interrupted")
	}
	clockShows(t, st.play, "2023-03-13 14:30")
	if a, b := st.dossier("P-015").Project.Stage, st.dossier("P-016").Project.Stage; a != "started" || b != "landed" {
		t.Errorf("interrupted, P-015 is %s and P-016 %s", a, b)
	}
	st.restart()
	apptest.Must(t, st.play.FastForward(context.Background(), day(time.March, 13)), "play on")
	got, want := st.records(), whole.records()
	if len(got) != len(want) {
		t.Fatalf("%d records after the interruption, %d without one", len(got), len(want))
	}
	for i := range got {
		if string(got[i]) != string(want[i]) {
			t.Fatalf("record %d differs:\n%s\n%s", i+1, got[i], want[i])
		}
	}
}

// TestBellsOfAnotherNode lets the lease be held elsewhere: the play goes on; any other error of a bell ends it.
func TestBellsOfAnotherNode(t *testing.T) {
	st := newStage(t)
	st.play.ring = func(context.Context, string) error { return app.ErrLeaseHeld }
	apptest.Must(t, st.play.FastForward(context.Background(), day(time.March, 13)), "play")
	broken := errors.New("broken")
	st.play.ring = func(context.Context, string) error { return broken }
	if err := st.play.FastForward(context.Background(), day(time.March, 14)); !errors.Is(err, broken) {
		t.Errorf("a broken bell: %v", err)
	}
}
