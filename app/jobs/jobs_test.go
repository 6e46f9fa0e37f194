package jobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

func each(t *testing.T, f func(*testing.T, *apptest.World)) {
	t.Helper()
	t.Parallel()
	apptest.Each(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"), f)
}

// bells makes a timetable that is rung by hand: every job under the chain that cron would ring it through.
func bells(t *testing.T, a *app.App, log io.Writer, jobs ...Job) (ring func(i int)) {
	t.Helper()
	b, err := New(a, slog.New(slog.NewTextHandler(log, nil)), jobs)
	apptest.Must(t, err, "make the timetable")
	entries := b.cron.Entries()
	if len(entries) != len(jobs) {
		t.Fatalf("%d of %d jobs are in the timetable", len(entries), len(jobs))
	}
	t.Cleanup(func() { b.Stop(context.Background()) })
	return func(i int) { entries[i].WrappedJob.Run() }
}

func job(name string, run func() error) Job {
	return Job{Name: name, Spec: "* * * * *", Lease: time.Minute, Run: func(context.Context, app.Actor) error { return run() }}
}

// A job that panics or fails rings again the next time: one panic must not leave it silent for ever.
func TestPanickingJobRingsAgain(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		var log bytes.Buffer
		panics, failures, others := 0, 0, 0
		ring := bells(t, w.App, &log,
			job("panics", func() error { panics++; panic("示例:脏数据") }),
			job("fails", func() error { failures++; return errors.New("disk is full") }),
			job("other", func() error { others++; return nil }))
		for range 3 {
			for i := range 3 {
				ring(i)
			}
		}
		if panics != 3 || failures != 3 || others != 3 {
			t.Errorf("rang %d, %d and %d times, want 3 each", panics, failures, others)
		}
		if text := log.String(); strings.Count(text, "示例:脏数据") < 3 || strings.Count(text, "disk is full") != 3 || !strings.Contains(text, "job=fails") {
			t.Errorf("the log says\n%s", text)
		}
	})
}

// A bell that rings while its job still runs is skipped, and the one after it is not.
func TestRunningJobIsNotRungTwice(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	begun, finish := make(chan struct{}), make(chan struct{})
	runs := 0
	ring := bells(t, w.App, io.Discard, job("slow", func() error {
		runs++
		begun <- struct{}{}
		<-finish
		return nil
	}))
	var wg sync.WaitGroup
	wg.Go(func() { ring(0) })
	<-begun
	ring(0) // comes back at once
	finish <- struct{}{}
	wg.Wait()
	wg.Go(func() { ring(0) })
	<-begun
	finish <- struct{}{}
	wg.Wait()
	if runs != 2 {
		t.Errorf("ran %d times, want 2", runs)
	}
}

// A job that another node holds is left alone without a word in the log; what goes wrong with the lease itself is said.
func TestJobOfAnotherNodeIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		var log bytes.Buffer
		runs := 0
		ring := bells(t, w.App, &log, job("mine", func() error { runs++; return nil }))
		opt := w.Options
		opt.Node = "other"
		other, err := app.Open(context.Background(), opt)
		apptest.Must(t, err, "open")
		defer func() { apptest.Must(t, other.Close(), "close") }()
		_, err = other.Acquire(context.Background(), "mine", 5*time.Minute)
		apptest.Must(t, err, "acquire")
		ring(0)
		if runs != 0 || log.Len() > 0 {
			t.Errorf("ran %d times while another node held the job, and said %q", runs, log.String())
		}
		w.Clock.Set(w.Clock.Now().Add(5 * time.Minute))
		ring(0)
		if runs != 1 || log.Len() > 0 {
			t.Errorf("ran %d times after the lease ran out, and said %q", runs, log.String())
		}
		if _, err := other.Acquire(context.Background(), "mine", time.Minute); !errors.Is(err, app.ErrLeaseHeld) {
			t.Errorf("the job does not hold its lease: %v", err)
		}
	})
}

func TestBadSpecsAreRefused(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	for _, spec := range []string{"TZ=UTC 0 3 * * *", "CRON_TZ=Asia/Shanghai 0 3 * * *", "TZ=0", "TZ=", "CRON_TZ=", " TZ=UTC 0 3 * * *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "", "never",
		"60 * * * *", "* 24 * * *", "* * * * 8", "* * * *", "0 * * * * *", "*/0 * * * *", "-1 * * * *", "@reboot", "@every banana"} {
		_, err := New(w.App, slog.New(slog.DiscardHandler), []Job{{Name: "sound", Spec: "0 3 * * *"}, {Name: "bad", Spec: spec}})
		if err == nil || !strings.Contains(err.Error(), "job bad") || strings.Contains(err.Error(), "sound") {
			t.Errorf("%q: %v, want an error that names the job", spec, err)
		}
	}
	for _, spec := range []string{"* * * * *", "0 0 29 2 *", "30 8 * * 1-5", "@daily"} {
		if _, err := New(w.App, slog.New(slog.DiscardHandler), []Job{{Name: "good", Spec: spec}}); err != nil {
			t.Errorf("%q: %v", spec, err)
		}
	}
}

// Bells ring by the district's clock, whatever the machine's zone is.
func TestBellsRingInTheDistrictsZone(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	loc := w.App.Calendar().Location()
	s, err := parse("30 3 * * *", w.App.Now().In(loc))
	apptest.Must(t, err, "parse")
	if got, want := s.Next(w.App.Now().In(loc)), time.Date(2023, 3, 14, 3, 30, 0, 0, loc); !got.Equal(want) {
		t.Errorf("rings at %s, want %s", got, want)
	}
	b, err := New(w.App, slog.New(slog.DiscardHandler), Timetable(w.App, nil))
	apptest.Must(t, err, "the product's own timetable")
	if b.cron.Location() != loc {
		t.Errorf("cron counts in %s", b.cron.Location())
	}
}

// The timetable's jobs can all be rung by name, twice in a row, in an empty district.
func TestEveryJobOfTheTimetable(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		b, err := New(w.App, slog.New(slog.DiscardHandler), Timetable(w.App, nil))
		apptest.Must(t, err, "timetable")
		names := b.Names()
		for _, want := range []string{"sweep", "deliver", "checkpoint", "tidy"} {
			if !slices.Contains(names, want) {
				t.Errorf("no job %s in %v", want, names)
			}
		}
		if sorted := slices.Sorted(slices.Values(names)); len(slices.Compact(sorted)) != len(names) {
			t.Errorf("two jobs of one name share a lease: %v", names)
		}
		for _, name := range append(names, names...) {
			apptest.Must(t, b.Once(context.Background(), name), "job %s", name)
		}
		if err := b.Once(context.Background(), "nonsense"); err == nil || !strings.Contains(err.Error(), "sweep") {
			t.Errorf("an unknown job: %v, want the names that there are", err)
		}
	})
}

// A bell that is late for the stop of its node does nothing and says nothing.
func TestNothingRunsAfterStop(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	var log bytes.Buffer
	runs := 0
	b, err := New(w.App, slog.New(slog.NewTextHandler(&log, nil)), []Job{job("late", func() error { runs++; return nil })})
	apptest.Must(t, err, "timetable")
	late := b.cron.Entries()[0].WrappedJob
	late.Run()
	b.Start()
	b.Stop(context.Background())
	late.Run()
	if runs != 1 || log.Len() > 0 {
		t.Errorf("ran %d times, want once before the stop; the log says %q", runs, log.String())
	}
}

// A job that waits for an answer that never comes is ended with its lease's time, and rings again.
func TestHangingJobIsEnded(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		runs := 0
		hangs := Job{Name: "hangs", Spec: "* * * * *", Lease: time.Second, Run: func(ctx context.Context, _ app.Actor) error {
			runs++
			<-ctx.Done()
			return ctx.Err()
		}}
		ring := bells(t, w.App, io.Discard, hangs)
		ring(0)
		ring(0)
		if runs != 2 {
			t.Errorf("ran %d times, want 2", runs)
		}
	})
}

// A job that fails as a whole again and again, or panics, is shown to people until it comes to its end.
func TestFailingJobIsShown(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		ctx, insp, fails := context.Background(), w.As(t, "insp"), 0
		broken := job("sweep", func() error {
			if fails++; fails%2 == 0 {
				panic("示例:脏数据")
			}
			return errors.New("disk is full")
		})
		ring := bells(t, w.App, io.Discard, broken, job("deliver", func() error { return errors.Join(errors.New("two of three"), errPart) }))
		for n := range 4 {
			shown, err := w.App.StuckItems(ctx, insp, 10)
			if err != nil || len(shown) != max(0, n-2) {
				t.Errorf("after %d failures are shown %+v, %v", n, shown, err)
			}
			ring(0)
			ring(1)
		}
		shown, err := w.App.StuckItems(ctx, insp, 10)
		if err != nil || len(shown) != 1 || shown[0].Job != "sweep" || shown[0].Kind != "job" || shown[0].Failures != 4 {
			t.Errorf("shown are %+v, %v", shown, err)
		}
		bells(t, w.App, io.Discard, job("sweep", func() error { return nil }))(0)
		if shown, err := w.App.StuckItems(ctx, insp, 10); err != nil || len(shown) != 0 {
			t.Errorf("shown after it came to its end: %+v, %v", shown, err)
		}
	})
}
