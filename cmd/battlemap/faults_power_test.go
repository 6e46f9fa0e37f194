package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// platter is one file on a disk that loses its power: what the kernel shows of it, what is surely on the disk, and which sectors wait to be written.
type platter struct {
	shown, sure []byte
	dirty       map[int64]bool
}

// put is a write that the kernel has taken.
func (p *platter) put(at int64, bytes []byte) {
	if end := at + int64(len(bytes)); end > int64(len(p.shown)) {
		p.shown = append(p.shown, make([]byte, end-int64(len(p.shown)))...)
	}
	copy(p.shown[at:], bytes)
	for i := at / sector; i*sector < at+int64(len(bytes)); i++ {
		p.dirty[i] = true
	}
}

func (p *platter) cut(size int64) {
	for i := range p.dirty {
		if i*sector >= size {
			delete(p.dirty, i)
		}
	}
	for int64(len(p.shown)) < size {
		p.shown = append(p.shown, 0)
	}
	p.shown = p.shown[:size]
}

// sync brings all of it onto the disk.
func (p *platter) sync() {
	p.sure = p.lost(func() bool { return true })
	p.dirty = map[int64]bool{}
}

// fail is a sync that failed: the kernel has given up on what waited, some of which may have reached the disk, and calls it clean.
func (p *platter) fail(dice *rand.Rand) {
	p.sure = p.lost(func() bool { return dice.IntN(2) == 0 })
	p.dirty = map[int64]bool{}
}

// lost is the file after the power went: what is sure, and of what waited whatever reached the disk.
func (p *platter) lost(reached func() bool) []byte {
	out := slices.Clone(p.sure)
	if len(out) != len(p.shown) && reached() { // the new size
		for len(out) < len(p.shown) {
			out = append(out, 0)
		}
		out = out[:len(p.shown)]
	}
	waiting := make([]int64, 0, len(p.dirty))
	for i := range p.dirty {
		waiting = append(waiting, i)
	}
	slices.Sort(waiting) // the dice fall the same way each time
	for _, i := range waiting {
		if at := i * sector; reached() && at < int64(len(out)) {
			copy(out[at:], p.shown[at:min(at+sector, int64(len(p.shown)))])
		}
	}
	return out
}

// spell is one call in the record of what was written.
type spell struct {
	kind, file, at, length int64
	bytes                  []byte
	end                    int64 // length of the record up to here
}

// readRecord reads the record that disk.c has kept.
func (k *disk) readRecord() []spell {
	k.t.Helper()
	raw, err := os.ReadFile(k.trace)
	apptest.Must(k.t, err, "record of the disk")
	var out []spell
	for at := int64(0); at+32 <= int64(len(raw)); {
		n := func(i int64) int64 { return int64(binary.NativeEndian.Uint64(raw[at+8*i:])) }
		c := spell{kind: n(0), file: n(1), at: n(2), length: n(3)}
		at += 32
		if c.kind == 1 {
			if at+c.length > int64(len(raw)) {
				break // the process was killed while it wrote this down
			}
			c.bytes = raw[at : at+c.length]
			at += c.length
		}
		c.end = at
		out = append(out, c)
	}
	return out
}

// powerLost makes the two files as they may be when the power goes after so many calls.
func powerLost(base []byte, calls []spell, dice *rand.Rand) (main, log []byte) {
	files := map[int64]*platter{logFile: {dirty: map[int64]bool{}}, mainFile: {shown: slices.Clone(base), sure: base, dirty: map[int64]bool{}}}
	for _, c := range calls {
		p := files[c.file]
		switch c.kind {
		case 1:
			p.put(c.at, c.bytes)
		case 2:
			p.cut(c.at)
		case 3:
			p.sync()
		case 4:
			p.cut(0)
		case 5:
			p.fail(dice)
		}
	}
	odds := []int{0, 10, 50, 90, 100}[dice.IntN(5)] // of a waiting sector to have reached the disk
	reached := func() bool { return dice.IntN(100) < odds }
	return files[mainFile].lost(reached), files[logFile].lost(reached)
}

// F3: the power goes at any moment while people write: of what was not synced any 512 bytes may have reached the disk or not. Every acknowledged write is there when the
// product opens the files again, and they are sound. In the second part an fsync had failed before, and the process was killed and started again; in the third it was
// stopped as an operator does. Half of the images of these are taken in the short while from the failed fsync to the first start that has settled.
func TestFault03ThePowerGoes(t *testing.T) {
	images, writes := 12, 60
	if long() {
		images, writes = 300, 1500
	}
	for _, one := range []struct {
		name, ended string
		end         func(*server) // nil: no fsync fails
	}{
		{"F3 power lost", "", nil},
		{"F3 power lost after a failed fsync and a kill", "killed", (*server).kill},
		{"F3 power lost after a failed fsync and a stop", "stopped", (*server).stop},
	} {
		t.Run("failed="+one.ended, func(t *testing.T) {
			d := newDistrict(t, "sqlite")
			base, err := os.ReadFile(filepath.Join(d.data, "battlemap.db"))
			apptest.Must(t, err, "read the database")
			k := d.onDisk(true)
			s := d.up()
			s.signInAll()
			l := newLoad(d, 3, 8)
			l.stamp = k.recorded
			l.serve(s)
			l.begin()
			<-l.after(writes)
			if one.end != nil {
				s.kill() // so that the log is short: what fails then is not in it from before
				s = d.up()
				l.serve(s)
				<-l.after(1)
				k.fail(failsSync, syscall.EIO, logFile, 1, false)
				for k.failed() == 0 {
					<-l.after(1)
				}
				k.calm()
				one.end(s)
				s = d.up()
				l.serve(s)
				<-l.after(writes)
			}
			s.kill()
			l.end()
			r := result{fault: one.name, engine: "sqlite", times: images, doctor: "sound", linearizable: "-"}
			calls, dice := k.readRecord(), rand.New(rand.NewPCG(3, 512))
			from, settled := 0, len(calls)
			if one.end != nil {
				from, settled = afterFailure(calls)
			}
			moments := []int{len(calls)}
			for i := 1; i < images; i++ {
				until := len(calls)
				if i%2 == 1 {
					until = settled
				}
				moments = append(moments, from+1+dice.IntN(until-from))
			}
			t.Run("at", func(t *testing.T) { d.loses(t, l, &r, base, calls, moments) })
			acknowledged := l.counts()
			r.acknowledged, r.unknown, r.not = acknowledged["acknowledged"], acknowledged["unknown"], acknowledged["unknown"]
			report(t, r)
		})
	}
}

// afterFailure tells how many calls there had been when an fsync of the log failed, and when all of the log was in the database and that on the disk.
func afterFailure(calls []spell) (failed, settled int) {
	failed = slices.IndexFunc(calls, func(c spell) bool { return c.kind == 5 && c.file == logFile })
	settled = slices.IndexFunc(calls[failed:], func(c spell) bool { return c.kind == 3 && c.file == mainFile })
	return failed, failed + settled + 1
}

// loses lets the power go after so many calls, each time by itself.
func (d *district) loses(t *testing.T, l *load, r *result, base []byte, calls []spell, moments []int) {
	var mu sync.Mutex
	for i, n := range moments {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			main, log := powerLost(base, calls[:n], rand.New(rand.NewPCG(3, uint64(i))))
			left := *d
			left.t = t
			sound, lost, duplicated := left.openAfterLoss(l, calls[n-1].end, main, log)
			mu.Lock()
			defer mu.Unlock()
			r.lost, r.duplicated = r.lost+lost, r.duplicated+duplicated
			if !sound {
				r.doctor = "broken"
			}
		})
	}
}

// openAfterLoss opens what is left on the disk with the product, and holds it against what had been acknowledged by then.
func (d *district) openAfterLoss(l *load, at int64, main, log []byte) (sound bool, lost, duplicated int) {
	d.t.Helper()
	files := filepath.Join(d.data, "files")
	d.data = d.t.TempDir()
	apptest.Must(d.t, os.WriteFile(filepath.Join(d.data, "battlemap.db"), main, 0o600), "write")
	apptest.Must(d.t, os.WriteFile(filepath.Join(d.data, "battlemap.db-wal"), log, 0o600), "write")
	opt, err := storage{Data: d.data, Files: files, KeyName: "left", Node: "left"}.options(slog.New(slog.DiscardHandler), d.shows)
	apptest.Must(d.t, err, "options")
	a, err := app.Open(context.Background(), opt)
	apptest.Must(d.t, err, "open what is left at %d", at)
	found, _, err := a.Diagnose(context.Background(), true, "", nil)
	apptest.Must(d.t, errors.Join(err, a.Close()), "doctor")
	if sound = app.Sound(found); !sound {
		d.t.Errorf("power lost at %d: the doctor finds %+v", at, found)
	}
	byRequest := map[string]int{}
	for _, rec := range d.journal(d.seeded) {
		byRequest[rec.Action+" "+rec.Request]++
	}
	for _, w := range l.writes {
		if w.Outcome != "acknowledged" || w.Stamp > at {
			continue
		}
		if n := byRequest[w.Action+" "+w.Request]; n == 0 {
			lost++
			d.t.Errorf("power lost at %d: acknowledged at %d and gone: %+v", at, w.Stamp, w)
		} else if n > 1 {
			duplicated++
			d.t.Errorf("power lost at %d: on record %d times: %+v", at, n, w)
		}
	}
	return sound, lost, duplicated
}
