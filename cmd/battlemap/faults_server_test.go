package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/app/jobs"
)

// The fault programme (make faults): the product's own `serve` runs in processes of its own, people write over HTTP, something is broken, and then the database is
// held against what they were told. This file has the district and its server, faults_load_test.go the people, faults_check_test.go the invariants and the
// table, faults_model_test.go the histories; each fault has a file of its own.

// What a server's process is told through its environment: its command line, one word a line, and the file that is its clock.
const serverLine, serverClock = "BATTLEMAP_TEST_SERVER", "BATTLEMAP_TEST_SERVER_CLOCK"

// long tells whether the long form runs, which takes its time (make faults); otherwise each fault is tried a few times.
func long() bool { return os.Getenv("BATTLEMAP_TEST_FAULTS") != "" }

// TestServer is not a test of its own: it is `battlemap serve` in a process of its own, on a clock in a file. It rings a job when it is told its name on the
// standard input, and answers like a node of the year; when that input ends, so does it.
func TestServer(t *testing.T) {
	line := os.Getenv(serverLine)
	if line == "" {
		t.Skip("runs only as the server of another test")
	}
	var c commands
	parser, err := kong.New(&c, kong.Name("battlemap"))
	apptest.Must(t, err, "command line")
	_, err = parser.Parse(strings.Split(line, "\n"))
	apptest.Must(t, err, "command line")
	ctx, stop := untilTold()
	defer stop()
	now := func() time.Time { return readClock(t, os.Getenv(serverClock)) }
	apptest.Must(t, c.Serve.run(ctx, slog.New(slog.NewJSONHandler(os.Stderr, nil)), now, func(b *jobs.Bells) {
		go func() {
			for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
				fmt.Println(answer(b.Once(context.Background(), lines.Text())))
			}
			os.Exit(3) // whoever started this process is gone
		}()
	}), "serve")
}

// district is a small district with work in it, on a database and a folder of its own.
type district struct {
	t        testing.TB
	engine   string // "sqlite" or "postgres"
	database string // of PostgreSQL; "" for the file in the folder
	data     string
	clock    string   // file that is the clock of its servers
	wrap     []string // command that a server is started by, such as strace
	env      []string // more of its environment
	flags    []string // more of its command line
	calendar *calendar.Calendar

	mu     *sync.Mutex
	now    time.Time
	cookie map[string]string // of whoever signed in, by account
	seeded int64             // records of the journal before anybody came
}

// onBoth runs f with a district on SQLite, and on PostgreSQL when there is a server.
func onBoth(t *testing.T, f func(*testing.T, *district)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newDistrict(t, "sqlite")) })
	t.Run("postgres", func(t *testing.T) { f(t, newDistrict(t, "postgres")) })
}

// folks are the accounts that people of the load sign in with.
func folks() []string {
	return []string{"sup", "dir", "tf1", "gxj.hand", "gxj.lead", "zjj.hand", "zjj.lead", "insp"}
}

const folksPassword = "eight dragons over the river"

// newDistrict founds a district: tickets that wait to be accepted, and projects that are reported on.
func newDistrict(t testing.TB, engine string) *district {
	t.Helper()
	d := &district{t: t, engine: engine, data: filepath.Join(t.TempDir(), "data"), clock: filepath.Join(t.TempDir(), "clock"), cookie: map[string]string{}, mu: &sync.Mutex{}}
	apptest.Must(t, os.MkdirAll(filepath.Join(d.data, "files"), 0o700), "make the folder")
	if engine == "postgres" {
		server := os.Getenv("BATTLEMAP_TEST_POSTGRES")
		if server == "" {
			t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
		}
		d.database = apptest.Schema(t, server)
		d.found()
		return d
	}
	founded.Lock()
	defer founded.Unlock()
	if founded.dir == "" {
		first := *d
		dir, err := os.MkdirTemp("", "battlemap-faults-")
		apptest.Must(t, err, "make a folder")
		founded.dir, first.data = dir, filepath.Join(dir, "data")
		apptest.Must(t, os.MkdirAll(filepath.Join(first.data, "files"), 0o700), "make the folder")
		first.found()
		s := first.up()
		s.signInAll()
		s.stop()
		founded.calendar, founded.now, founded.seeded, founded.cookie = first.calendar, first.now, first.seeded, first.cookie
	}
	d.calendar, d.seeded = founded.calendar, founded.seeded
	maps.Copy(d.cookie, founded.cookie)
	apptest.Must(t, os.CopyFS(d.data, os.DirFS(filepath.Join(founded.dir, "data"))), "copy the district")
	d.wind(founded.now)
	return d
}

// founded is a district on SQLite in which everybody has signed in: it is founded once, and each test gets a copy.
var founded struct {
	sync.Mutex
	dir      string
	calendar *calendar.Calendar
	now      time.Time
	seeded   int64
	cookie   map[string]string
}

func (d *district) found() {
	d.t.Helper()
	opt, clock := apptest.Options(d.t, d.dsn())
	opt.Files, opt.Mail = filepath.Join(d.data, "files"), true
	a, err := app.Open(context.Background(), opt)
	apptest.Must(d.t, err, "open")
	w := &apptest.World{App: a, Clock: clock, Options: opt}
	d.calendar = opt.Calendar
	d.seed(w, w.Seed(d.t))
	d.seeded, err = a.JournalSize(context.Background())
	apptest.Must(d.t, err, "journal size")
	apptest.Must(d.t, a.Close(), "close")
	d.wind(clock.Now())
}

func (d *district) seed(w *apptest.World, s *apptest.Small) {
	d.t.Helper()
	ctx, tf := context.Background(), w.As(d.t, "tf1")
	for _, account := range folks() {
		w.Password(d.t, account, folksPassword)
	}
	for i := range 4 {
		code, unit := fmt.Sprintf("P-%03d", i+1), []string{"gxj", "zjj"}[i%2]
		p, err := w.App.AddProject(ctx, tf, app.AddProject{Code: code, Name: "示例项目" + code, Level: "city", TaskForceID: s.Forces["1"], Sample: true, InPlan: true,
			InvestFen: 3_000_000_000_00, YearPlanFen: 1_200_000_000_00, Year: 2023, Stage: "building", PlannedStartOn: calendar.MakeDate(2023, 3, 1)})
		apptest.Must(d.t, err, "add project %s", code)
		apptest.Must(d.t, w.App.Assign(ctx, tf, app.Assign{Project: p.ID, UnitID: s.Units[unit], LeadUnitID: s.Units[unit],
			ResponsibleID: s.Users[unit+".hand"], GuaranteeLeaderID: s.Users["guar"]}), "assign %s", code)
	}
	for i := range 12 {
		lead, assist := s.Units[[]string{"gxj", "zjj"}[i%2]], s.Units[[]string{"zjj", "gxj"}[i%2]]
		k, err := w.App.DraftTicket(ctx, w.As(d.t, "sup"), app.DraftTicket{Kind: "assignment", Title: fmt.Sprint("示例事项", i), Basis: "示例依据", Instruction: "示例要求",
			TaskForceID: s.Forces["1"], LeadUnitID: lead, AssistUnitIDs: []int64{assist}, DueTerm: "5 workdays"})
		apptest.Must(d.t, err, "draft")
		for _, step := range []struct{ account, move string }{{"sup", "submit_draft"}, {"dir", "approve"}} {
			_, err := w.App.MoveTicket(ctx, w.As(d.t, step.account), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step.move})
			apptest.Must(d.t, err, "%s", step.move)
			k.Version++
		}
	}
}

// dsn is the database as package app names it.
func (d *district) dsn() string {
	if d.database != "" {
		return d.database
	}
	return "sqlite:" + filepath.Join(d.data, "battlemap.db")
}

// aside runs f with a look at the tables past the product. On SQLite that connection must not outlive f: a server that is killed meanwhile would leave it the
// log, and nobody would have to recover it.
func (d *district) aside(f func(*sql.DB)) {
	d.t.Helper()
	driver, dsn := "pgx", d.database
	if d.database == "" {
		driver, dsn = "sqlite3", "file:"+(&url.URL{Path: filepath.Join(d.data, "battlemap.db")}).EscapedPath()+"?_busy_timeout=5000&mode=ro"
	}
	db, err := sql.Open(driver, dsn)
	apptest.Must(d.t, err, "open")
	defer func() { apptest.Must(d.t, db.Close(), "close") }()
	f(db)
}

// lines are the rows of an answer, each as a line.
func (d *district) lines(query string) (out []string) {
	d.t.Helper()
	d.aside(func(db *sql.DB) {
		rows, err := db.Query(query)
		apptest.Must(d.t, err, "%s", query)
		defer rows.Close()
		names, err := rows.Columns()
		apptest.Must(d.t, err, "columns")
		for rows.Next() {
			values, into := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			apptest.Must(d.t, rows.Scan(into...), "scan")
			for i, v := range values {
				if text, ok := v.([]byte); ok {
					values[i] = string(text)
				}
			}
			out = append(out, strings.Trim(fmt.Sprint(values), "[]"))
		}
		apptest.Must(d.t, rows.Err(), "%s", query)
	})
	return out
}

// wind sets the clock of the servers, in one step, so that nobody reads half of it.
func (d *district) wind(to time.Time) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = to
	apptest.Must(d.t, os.WriteFile(d.clock+".new", []byte(strconv.FormatInt(to.Unix(), 10)), 0o600), "write the clock")
	apptest.Must(d.t, os.Rename(d.clock+".new", d.clock), "write the clock")
}

// shows is what the clock of the servers shows.
func (d *district) shows() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// server is one process that serves the district.
type server struct {
	d     *district
	cmd   *exec.Cmd
	in    io.WriteCloser
	pid   int // of the product's process, which a tracer may have started
	url   string
	heard chan string   // answers to the jobs it was told to ring
	ended chan struct{} // closed when the process is gone and all of its output was read
	ready chan struct{} // closed when it has printed its address
	state error         // how it ended
	log   logTail
}

// logTail keeps the end of what a process wrote to its log.
type logTail struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps the last 64 KB.
func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	if over := len(l.text) - 64<<10; over > 0 {
		l.text = l.text[over:]
	}
	return len(p), nil
}

func (l *logTail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// start starts a server and does not wait for it.
func (d *district) start() *server {
	d.t.Helper()
	program, err := os.Executable()
	apptest.Must(d.t, err, "executable")
	line := append([]string{"serve", "--data", d.data, "--listen", "127.0.0.1:0", "--session-idle", "10000h", "--session-max", "10000h", "--node", fmt.Sprint("node-", time.Now().UnixNano())}, d.flags...)
	args := append(append([]string{}, d.wrap...), program, "-test.run=^TestServer$", "-test.count=1", "-test.timeout=2h")
	s := &server{d: d, heard: make(chan string, 16), ended: make(chan struct{}), ready: make(chan struct{})}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env = append(os.Environ(), serverLine+"="+strings.Join(line, "\n"), serverClock+"="+d.clock, "BATTLEMAP_DATABASE="+d.database)
	s.cmd.Env = append(s.cmd.Env, d.env...)
	s.cmd.Stderr = &s.log
	s.in, err = s.cmd.StdinPipe()
	apptest.Must(d.t, err, "stdin")
	out, err := s.cmd.StdoutPipe()
	apptest.Must(d.t, err, "stdout")
	apptest.Must(d.t, s.cmd.Start(), "start a server")
	s.pid = s.cmd.Process.Pid
	go s.listen(out)
	d.t.Cleanup(s.kill)
	return s
}

// listen reads what the process says until it is gone.
func (s *server) listen(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		text := lines.Text()
		said, job := strings.CutPrefix(text, "@")
		switch {
		case job:
			s.heard <- said
		case strings.HasPrefix(text, "http://") && s.url == "":
			s.url = text
			close(s.ready)
		default:
			fmt.Fprintln(&s.log, text)
		}
	}
	s.state = s.cmd.Wait()
	close(s.ended)
}

// up starts a server and waits until it answers that it is ready.
func (d *district) up() *server {
	d.t.Helper()
	s := d.start()
	if err := s.await(); err != nil {
		d.t.Fatal(err)
	}
	return s
}

// await waits until the server is ready, or returns why it is not.
func (s *server) await() error {
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	select {
	case <-s.ready:
	case <-s.ended:
		return fmt.Errorf("the server ended before it was ready: %w\n%s", s.state, s.log.String())
	case <-limit.C:
		return fmt.Errorf("the server is not ready after two minutes\n%s", s.log.String())
	}
	status, text, err := s.health()
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("the server is not ready: %d %s\n%s", status, text, s.log.String())
	}
	return nil
}

// health asks the server how it is.
func (s *server) health() (int, string, error) {
	answer, err := http.Get(s.url + "/healthz")
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// ring lets the server run a job and waits for what becomes of it; "dead" when the process is gone first.
func (s *server) ring(job string) string {
	if _, err := fmt.Fprintln(s.in, job); err != nil {
		return "dead"
	}
	select {
	case said := <-s.heard:
		return said
	case <-s.ended:
		return "dead"
	}
}

// kill ends the process as the power switch would, and returns when it is gone.
func (s *server) kill() {
	_ = syscall.Kill(s.pid, syscall.SIGKILL)
	if s.pid != s.cmd.Process.Pid {
		_ = s.cmd.Process.Kill()
	}
	<-s.ended
}

// stop ends the process as an operator does, and fails unless it ends well.
func (s *server) stop() {
	s.d.t.Helper()
	_ = syscall.Kill(s.pid, syscall.SIGTERM)
	<-s.ended
	if s.state != nil {
		s.d.t.Errorf("the server ended with %v\n%s", s.state, s.log.String())
	}
}

// gone tells whether the process has ended.
func (s *server) gone() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// signIn signs a person in over HTTP, and keeps the cookie.
func (s *server) signIn(account string) {
	s.d.t.Helper()
	if err := s.trySignIn(account); err != nil {
		s.d.t.Fatalf("%v\n%s", err, s.log.String())
	}
}

// trySignIn is signIn where the server may be killed meanwhile.
func (s *server) trySignIn(account string) error {
	form := url.Values{"account": {account}, "password": {folksPassword}}
	r, err := http.NewRequest(http.MethodPost, s.url+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if c.Name == "battlemap" && answer.StatusCode == http.StatusSeeOther {
			s.d.cookie[account] = c.Name + "=" + c.Value
			return nil
		}
	}
	return fmt.Errorf("%s can't sign in: %s", account, answer.Status)
}

// signInAll signs everybody in who is not.
func (s *server) signInAll() {
	s.d.t.Helper()
	for _, account := range folks() {
		if s.d.cookie[account] == "" {
			s.signIn(account)
		}
	}
}
