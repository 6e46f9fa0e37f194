package main

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"battlemap/app/apptest"
)

// What testdata/disk.c can let fail, and for which file.
const (
	failsSync, failsWrite, failsOpen = 1, 2, 4
	anyFile, logFile, mainFile       = 0, 1, 2
)

// disk is a disk under a district's SQLite files that fails on request: a library between SQLite and the kernel. strace could inject the same faults, but counts by
// thread, sees no more than the calls, and may not be allowed to trace; what Go itself writes (uploaded files) passes this library by.
type disk struct {
	t       testing.TB
	control *os.File
	trace   string // file that records every write and sync; "" for none
}

// diskLibrary is that library, built once.
var diskLibrary struct {
	sync.Once
	file string
	err  error
}

func buildDisk() (string, error) {
	diskLibrary.Do(func() {
		dir, err := os.MkdirTemp("", "battlemap-disk-")
		if err != nil {
			diskLibrary.err = err
			return
		}
		diskLibrary.file = filepath.Join(dir, "disk.so")
		if out, err := exec.Command("cc", "-shared", "-fPIC", "-O2", "-o", diskLibrary.file, "testdata/disk.c", "-ldl").CombinedOutput(); err != nil {
			diskLibrary.err = fmt.Errorf("build disk.c: %w\n%s", err, out)
		}
	})
	return diskLibrary.file, diskLibrary.err
}

// onDisk puts the district's servers onto such a disk.
func (d *district) onDisk(traced bool) *disk {
	d.t.Helper()
	library, err := buildDisk()
	apptest.Must(d.t, err, "a disk that fails")
	k := &disk{t: d.t}
	k.control, err = os.Create(filepath.Join(d.t.TempDir(), "control"))
	apptest.Must(d.t, err, "control")
	_, err = k.control.Write(make([]byte, 72))
	apptest.Must(d.t, err, "control")
	d.t.Cleanup(func() { _ = k.control.Close() })
	d.env = append(d.env, "LD_PRELOAD="+library, "DISK_MATCH=battlemap.db", "DISK_CONTROL="+k.control.Name())
	if traced {
		k.trace = k.control.Name() + ".trace"
		d.env = append(d.env, "DISK_TRACE="+k.trace)
	}
	return k
}

// fail lets the n-th such call from now fail, and those after it too if it lasts.
func (k *disk) fail(what int, errno syscall.Errno, file, n int, lasts bool) {
	k.t.Helper()
	last := int64(0)
	if lasts {
		last = 1
	}
	// What fails is written last: before that nothing does.
	for i, v := range []int64{int64(errno), int64(n), last, int64(file), 0, 0} {
		k.set(i+1, v)
	}
	k.set(0, int64(what))
}

// calm lets the disk work again.
func (k *disk) calm() { k.set(0, 0) }

func (k *disk) set(i int, v int64) {
	k.t.Helper()
	_, err := k.control.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(v)), int64(8*i))
	apptest.Must(k.t, err, "control")
}

func (k *disk) get(i int) int64 {
	var raw [8]byte
	_, err := k.control.ReadAt(raw[:], int64(8*i))
	apptest.Must(k.t, err, "control")
	return int64(binary.NativeEndian.Uint64(raw[:]))
}

// failed is how many calls have failed.
func (k *disk) failed() int64 { return k.get(6) }

// recorded is how long the record of writes is.
func (k *disk) recorded() int64 { return k.get(7) }

// diskFault is one way in which a disk fails.
type diskFault struct {
	name  string
	what  int
	errno syscall.Errno
	file  int
	lasts bool
	ends  bool // the process may take no more writes, even when the disk works again
}

func diskFaults() []diskFault {
	return []diskFault{
		{name: "fsync of the log, once", what: failsSync, errno: syscall.EIO, file: logFile, ends: true},
		{name: "fsync, from then on", what: failsSync, errno: syscall.EIO, lasts: true, ends: true},
		{name: "fsync of the database, once", what: failsSync, errno: syscall.EIO, file: mainFile, ends: true},
		{name: "write to the log, once", what: failsWrite, errno: syscall.EIO, file: logFile, ends: true},
		{name: "write, from then on", what: failsWrite, errno: syscall.EIO, lasts: true, ends: true},
		{name: "full, once", what: failsWrite, errno: syscall.ENOSPC, file: logFile},
		{name: "full, from then on", what: failsWrite, errno: syscall.ENOSPC, lasts: true},
		{name: "no more is allowed, from then on", what: failsWrite, errno: syscall.EDQUOT, file: logFile, lasts: true},
		{name: "read-only, from then on", what: failsWrite | failsOpen, errno: syscall.EROFS, lasts: true, ends: true},
	}
}

// F2: a call to the disk fails, the n-th one, while people write. After a failed fsync or write the process takes no more writes and says so, also when the disk works
// again; a full disk refuses what does not fit and goes on when there is room. What was acknowledged is there after a restart, without exception.
func TestFault02TheDiskFails(t *testing.T) {
	for i, f := range diskFaults() {
		r := result{fault: "F2 " + f.name, engine: "sqlite", linearizable: "yes"}
		for n := range 1 + 9*truth(long()) {
			t.Run(fmt.Sprintf("%s/%d", strings.ReplaceAll(f.name, " ", "_"), n+1), func(t *testing.T) {
				d := newDistrict(t, "sqlite")
				r.times++
				d.breakDisk(&r, f, uint64(100*i+n), 1+7*n)
			})
		}
		report(t, r)
	}
}

// breakDisk lets the n-th call fail while people write, and looks at what they are told and what is left.
func (d *district) breakDisk(r *result, f diskFault, seed uint64, n int) {
	d.t.Helper()
	k := d.onDisk(false)
	s := d.up()
	s.signInAll()
	l := newLoad(d, seed, 8)
	seen := []stepsSeen{l.seeSteps()}
	l.serve(s)
	l.begin()
	<-l.after(20)
	k.fail(f.what, f.errno, f.file, n, f.lasts)
	for k.failed() == 0 {
		<-l.after(1)
	}
	<-l.after(20)
	l.end()
	d.afterFault(f, s, k)
	k.calm()
	status, text := s.tryComment()
	switch healthy, _, err := s.health(); {
	case err != nil:
		d.t.Errorf("health: %v", err)
	case f.ends && (status != http.StatusServiceUnavailable || !strings.Contains(text, "磁盘出错") || healthy != http.StatusServiceUnavailable):
		d.t.Errorf("after %s: a write is answered %d, health %d\n%.3000s\n%s", f.name, status, healthy, text, s.log.String())
	case !f.ends && (status != http.StatusSeeOther || healthy != http.StatusOK):
		d.t.Errorf("after %s was over: a write is answered %d, health %d\n%.3000s\n%s", f.name, status, healthy, text, s.log.String())
	}
	if status, _ := s.get("/tickets"); status != http.StatusOK {
		d.t.Errorf("after %s: a page is answered %d", f.name, status)
	}
	for page, says := range map[string]string{"/doctor": "磁盘出错，已停止保存", "/journal": `class="journal-no"`} { // an inspector reads on, though nothing can be recorded
		if status, text := s.ask("insp", http.MethodGet, page, nil); status != http.StatusOK || strings.Contains(text, says) != (f.ends || page == "/journal") {
			d.t.Errorf("after %s: %s is answered %d\n%.3000s", f.name, page, status, text)
		}
	}
	s.kill()
	l = l.more(d.up())
	seen = append(seen, l.seeSteps())
	if got := d.sound(); r.doctor != "broken" {
		r.doctor = got
	}
	l.hold(r)
	if l.fits(seen) == "NO" {
		r.linearizable = "NO"
	}
}

// afterFault looks at what people are told while the disk still fails.
func (d *district) afterFault(f diskFault, s *server, k *disk) {
	d.t.Helper()
	if !f.lasts {
		return
	}
	words := "磁盘出错"
	if !f.ends {
		words = "磁盘已满"
	}
	if status, text := s.tryComment(); status != http.StatusServiceUnavailable || !strings.Contains(text, words) {
		d.t.Errorf("during %s a write is answered %d\n%.3000s", f.name, status, text)
	}
	if status, _ := s.get("/tickets"); status != http.StatusOK {
		d.t.Errorf("during %s a page is answered %d", f.name, status)
	}
}

// more lets the same people write a little after a restart, in the same log.
func (l *load) more(s *server) *load {
	l.d.t.Helper()
	l.again(s)
	<-l.after(20)
	l.end()
	s.stop()
	return l
}

// tryComment lets the supervisor comment on the first ticket and returns the answer.
func (s *server) tryComment() (int, string) {
	s.d.t.Helper()
	return s.ask("sup", http.MethodPost, "/tickets/2023-001/comments", url.Values{"body": {"示例"}})
}

// get asks for a page as the supervisor.
func (s *server) get(path string) (int, string) {
	s.d.t.Helper()
	return s.ask("sup", http.MethodGet, path, nil)
}

func (s *server) ask(account, method, path string, form url.Values) (int, string) {
	s.d.t.Helper()
	c := &worker{load: &load{d: s.d, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, account: account}
	answer, text, _ := c.ask(s, method, path, formType, []byte(form.Encode()))
	if answer == nil {
		s.d.t.Errorf("%s %s is not answered\n%s", method, path, s.log.String())
		return 0, ""
	}
	return answer.StatusCode, text
}
