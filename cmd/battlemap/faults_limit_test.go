package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"battlemap/app/apptest"
)

// F2: the files of a process may not grow beyond a limit (RLIMIT_FSIZE). That does not end the process: what does not fit is refused as on a full disk, pages are read, and when
// more is allowed writing goes on.
func TestFault02FilesMayNotGrow(t *testing.T) {
	times := 1
	if long() {
		times = 10
	}
	d := newDistrict(t, "sqlite")
	s := d.up()
	s.signInAll()
	l := newLoad(d, 22, 8)
	seen := []stepsSeen{l.seeSteps()}
	l.serve(s)
	l.begin()
	for range times {
		<-l.after(20)
		info, err := os.Stat(filepath.Join(d.data, "battlemap.db-wal"))
		apptest.Must(t, err, "size of the log")
		s.limitFiles(uint64(info.Size()))
		<-l.refusals(3)
		if status, text := s.tryComment(); status != http.StatusServiceUnavailable || !strings.Contains(text, "磁盘已满") {
			t.Errorf("a write into a file that may not grow is answered %d\n%.3000s\n%s", status, text, s.log.String())
		}
		if status, _ := s.get("/tickets"); status != http.StatusOK {
			t.Errorf("a page is answered %d", status)
		}
		s.limitFiles(^uint64(0))
		if status, text := s.tryComment(); status != http.StatusSeeOther {
			t.Errorf("a write after it is answered %d\n%.3000s\n%s", status, text, s.log.String())
		}
	}
	<-l.after(20)
	l.end()
	s.stop()
	seen = append(seen, l.seeSteps())
	r := result{fault: "F2 files may not grow", engine: "sqlite", times: times, doctor: d.sound()}
	l.hold(&r)
	r.linearizable = l.fits(seen)
	report(t, r)
}

// refusals is closed when so many more writes were answered that there is no room.
func (l *load) refusals(n int) <-chan struct{} {
	done := make(chan struct{})
	had := l.refused()
	go func() {
		defer close(done)
		for l.refused() < had+n {
			<-l.after(1)
		}
	}()
	return done
}

func (l *load) refused() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.writes {
		if w.Status == http.StatusServiceUnavailable {
			n++
		}
	}
	return n
}

// limitFiles sets how large a file of the server's process may become.
func (s *server) limitFiles(bytes uint64) {
	s.d.t.Helper()
	limit := syscall.Rlimit{Cur: bytes, Max: ^uint64(0)}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(s.pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		s.d.t.Fatalf("limit the files of the server: %v", errno)
	}
}
