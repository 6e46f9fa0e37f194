package main

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"battlemap/app/apptest"
	"battlemap/workflows"
)

// F1: the server is killed (kill -9) at random moments while sixteen clients write and the bells ring, and started again each time. The long form kills it 200
// times on each database; every so many times everybody rests, and what happened until then is held against the model, so that a history stays short.
func TestFault01KilledWhileWriting(t *testing.T) {
	times, together := 4, 2
	if long() {
		times, together = 200, 8
	}
	onBoth(t, func(t *testing.T, d *district) {
		dice := rand.New(rand.NewPCG(1, uint64(times)))
		l := newLoad(d, 1, 16)
		r := result{fault: "F1 kill -9 while writing", engine: d.engine, times: times, linearizable: "yes"}
		s := d.up()
		s.signInAll()
		for killed := 0; killed < times; {
			l.again(s)
			seen := []stepsSeen{l.seeSteps()}
			for range together {
				l.serve(s)
				d.wind(d.shows().Add(max(13, 104/time.Duration(times)) * time.Hour)) // a bell that is slow has something to raise, too
				<-l.after(1 + dice.IntN(120))
				stop := l.ringing(s)
				killLater(s, dice)
				stop()
				s = d.again(dice)
				seen = append(seen, l.seeSteps())
				killed++
			}
			l.serve(s)
			<-l.after(50)
			l.end()
			d.sweepAll(s)
			if l.fits(append(seen, l.seeSteps())) == "NO" {
				r.linearizable = "NO"
			}
		}
		s.stop()
		t.Logf("%d operations on tickets held against the model", l.operations)
		r.doctor = d.sound()
		l.hold(&r)
		d.raisedOnce(&r)
		report(t, r)
	})
}

// sweepAll rings the sweep until nothing is due: whoever was killed has left the lease behind.
func (d *district) sweepAll(s *server) {
	d.t.Helper()
	var said []string
	for range 20 {
		said = append(said, s.ring("sweep"))
		if said[len(said)-1] == "ok" && d.due() == 0 {
			return
		}
		d.wind(d.shows().Add(6 * time.Minute))
	}
	d.t.Errorf("%d items are still due; the bells said %q; put off: %v", d.due(), said, d.putOff())
}

// putOff tells what jobs could not do.
func (d *district) putOff() []string {
	d.t.Helper()
	return d.lines("SELECT job, kind, item_id, failures, first_at, last_at, next_at, error FROM stuck_items ORDER BY job, kind, item_id")
}

// killLater kills a server within its next two milliseconds or so, whatever it does then.
func killLater(s *server, dice *rand.Rand) {
	time.AfterFunc(time.Duration(dice.IntN(2000))*time.Microsecond, s.kill)
	<-s.ended
}

// again starts a server once more; now and then it is killed while it starts.
func (d *district) again(dice *rand.Rand) *server {
	d.t.Helper()
	for dice.IntN(8) == 0 {
		s := d.start()
		time.AfterFunc(time.Duration(dice.IntN(400))*time.Millisecond, s.kill)
		<-s.ended
	}
	return d.up()
}

// ringing lets the bells of a server ring, with the clock going forward, until the server is gone.
func (l *load) ringing(s *server) (stop func()) {
	var wait sync.WaitGroup
	wait.Go(func() {
		for !s.gone() {
			l.d.wind(l.d.shows().Add(40 * time.Minute))
			for _, job := range []string{"sweep", "deliver", "checkpoint"} {
				if s.ring(job) == "dead" {
					return
				}
			}
		}
	})
	return wait.Wait
}

// fits tells for the table whether the histories of the tickets are linearizable.
func (l *load) fits(seen []stepsSeen) string {
	l.d.t.Helper()
	machines, err := workflows.LoadMachines(workflows.Definitions(), "definitions")
	apptest.Must(l.d.t, err, "definitions")
	if l.linearizable(machines["ticket"], seen) {
		return "yes"
	}
	return "NO"
}
