package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/templates"
)

// What a node is told through its environment: its name, the database, the file that is its clock, and the mail server.
const nodeName, nodeDatabase, nodeClock, nodePost = "BATTLEMAP_TEST_NODE", "BATTLEMAP_TEST_NODE_DATABASE", "BATTLEMAP_TEST_NODE_CLOCK", "BATTLEMAP_TEST_NODE_POST"

// TestNode is not a test of its own: it is one node, run in a process of its own, that rings the product's jobs when it is told to on its standard input
// ("JOB FAULT"), and answers "@ok", "@held", "@lost" or "@error …". FAULT is "-", or what it does to itself and at which message to the database: "stop:7".
func TestNode(t *testing.T) {
	name := os.Getenv(nodeName)
	if name == "" {
		t.Skip("runs only as a node of another test")
	}
	link, database := openLink(t, os.Getenv(nodeDatabase))
	opt, _ := apptest.Options(t, database)
	opt.Node, opt.Mail = fmt.Sprintf("%s-%d", name, os.Getpid()), true
	opt.Now = func() time.Time { return readClock(t, os.Getenv(nodeClock)) }
	a, err := app.Open(context.Background(), opt)
	apptest.Must(t, err, "open")
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "templates")
	host, port, err := net.SplitHostPort(os.Getenv(nodePost))
	apptest.Must(t, err, "mail server")
	number, err := strconv.Atoi(port)
	apptest.Must(t, err, "mail server's port")
	serve := serveCommand{mailing: mailing{SMTPHost: host, SMTPPort: number, SMTPTLS: "none", SMTPFrom: "battlemap@battlemap.example", SMTPTimeout: time.Minute}, witnessing: witnessing{WitnessWait: time.Minute}}
	bells, err := serve.bells(a, set, slog.New(slog.DiscardHandler))
	apptest.Must(t, err, "bells")
	fmt.Println("@ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		job, fault, _ := strings.Cut(lines.Text(), " ")
		link.arm(t, fault)
		err := bells.Once(context.Background(), job)
		link.left.Store(0)
		fmt.Println(answer(err))
	}
}

func answer(err error) string {
	switch {
	case err == nil:
		return "@ok"
	case errors.Is(err, app.ErrLeaseHeld):
		return "@held"
	case errors.Is(err, app.ErrLeaseLost):
		return "@lost"
	}
	return "@error " + strings.ReplaceAll(err.Error(), "\n", " ")
}

func readClock(t *testing.T, file string) time.Time {
	text, err := os.ReadFile(file)
	apptest.Must(t, err, "read the clock")
	seconds, err := strconv.ParseInt(string(text), 10, 64)
	apptest.Must(t, err, "read the clock")
	return time.Unix(seconds, 0)
}

// link carries a node's messages to the database, so that the process can be stopped or killed before or after any of them.
type link struct {
	left   atomic.Int64 // messages until the fault; 0 for none
	signal atomic.Int64
}

// arm prepares the fault "stop:N" or "kill:N": N counts the moments before and after each message.
func (l *link) arm(t *testing.T, fault string) {
	if fault == "-" {
		return
	}
	kind, n, _ := strings.Cut(fault, ":")
	at, err := strconv.ParseInt(n, 10, 64)
	apptest.Must(t, err, "fault %s", fault)
	l.signal.Store(int64(map[string]syscall.Signal{"stop": syscall.SIGSTOP, "kill": syscall.SIGKILL}[kind]))
	l.left.Store(at)
}

// moment passes by; the armed fault happens at its own.
func (l *link) moment() {
	if l.left.Load() > 0 && l.left.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.Signal(l.signal.Load()))
	}
}

// openLink listens on loopback and returns the database's URL through itself.
func openLink(t *testing.T, database string) (*link, string) {
	u, err := url.Parse(database)
	apptest.Must(t, err, "database")
	far := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "listen")
	l := &link{}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", far)
			if err != nil {
				near.Close()
				continue
			}
			go func() { _, _ = io.Copy(near, server); near.Close() }()
			go l.carry(server, near)
		}
	}()
	u.Host = listener.Addr().String()
	return l, u.String()
}

func (l *link) carry(server, near net.Conn) {
	defer server.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := near.Read(buffer)
		if err != nil {
			return
		}
		l.moment()
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		l.moment()
	}
}

// peer is a node as the test holds it: its process, and what is heard of it.
type peer struct {
	name   string
	skew   time.Duration
	cmd    *exec.Cmd
	in     io.WriteCloser
	heard  chan string // "ok", "held", "lost", "error …", and "stopped" or "dead"
	errors *strings.Builder
}

// spawn starts a node's process and waits until it is ready.
func (y *year) spawn(i int, skew time.Duration) *peer {
	y.t.Helper()
	name := fmt.Sprint("node", i+1)
	program, err := os.Executable()
	apptest.Must(y.t, err, "executable")
	p := &peer{name: name, skew: skew, heard: make(chan string, 16), errors: &strings.Builder{}}
	p.cmd = exec.Command(program, "-test.run=^TestNode$", "-test.count=1", "-test.timeout=60m")
	p.cmd.Env = append(os.Environ(), nodeName+"="+name, nodeDatabase+"="+y.world.Options.Database+"&idle_in_transaction_session_timeout=400",
		nodeClock+"="+y.clockFile(i), nodePost+"="+y.post.At, "TMPDIR="+y.t.TempDir()) // a killed process does not tidy up after itself
	p.cmd.Stderr = p.errors
	p.in, err = p.cmd.StdinPipe()
	apptest.Must(y.t, err, "stdin")
	out, err := p.cmd.StdoutPipe()
	apptest.Must(y.t, err, "stdout")
	apptest.Must(y.t, p.cmd.Start(), "start node %s", name)
	spoken := make(chan struct{})
	go func() {
		defer close(spoken)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if said, ok := strings.CutPrefix(lines.Text(), "@"); ok {
				p.heard <- said
			}
		}
	}()
	go p.watch(spoken)
	if said := y.hear(p); said != "ready" {
		y.t.Fatalf("node %s says %q: %s", name, said, p.errors)
	}
	return p
}

// watch tells of a process that was stopped or has ended. It is the only one that waits for it.
func (p *peer) watch(spoken chan struct{}) {
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(p.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil || status.Exited() || status.Signaled():
			<-spoken // what it said before counts
			p.heard <- "dead"
			return
		case status.Stopped():
			p.heard <- "stopped"
		}
	}
}

// hear waits for the next word of a node, for two minutes at most: then something hangs that must not.
func (y *year) hear(p *peer) string {
	y.t.Helper()
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	select {
	case said := <-p.heard:
		return said
	case <-limit.C:
		y.t.Fatalf("node %s has not been heard of for two minutes: %s", p.name, p.errors)
		return ""
	}
}

// send tells a node to ring a job and waits for what becomes of it.
func (y *year) send(p *peer, job, fault string) string {
	y.t.Helper()
	_, err := fmt.Fprintln(p.in, job+" "+fault)
	apptest.Must(y.t, err, "tell node %s", p.name)
	return y.hear(p)
}

// signal stops, wakes or kills a node's process, by its own number.
func (p *peer) signal(s syscall.Signal) { _ = syscall.Kill(p.cmd.Process.Pid, s) }
