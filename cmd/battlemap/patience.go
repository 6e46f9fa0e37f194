package main

import (
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"syscall"
	"time"
)

// writeLimit is how long a browser may take nothing of what it is sent; then its connection is closed. A page that is taken slowly, but is taken, may take any time.
const writeLimit = 10 * time.Second

// writePiece is how much of an answer has to be taken within the limit.
const writePiece = 16 << 10

// patience is a listener whose connections do not wait for ever for a browser that does not read.
type patience struct {
	net.Listener
	limit time.Duration
}

// Accept waits for the next connection.
func (p patience) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &patient{conn, p.limit}, nil
}

// patient is a connection that gives up on a browser which takes nothing.
type patient struct {
	net.Conn
	limit time.Duration
}

// Write sends piece by piece, each within the limit.
func (p *patient) Write(b []byte) (n int, err error) {
	for err == nil && n < len(b) {
		if err = p.SetWriteDeadline(time.Now().Add(p.limit)); err != nil {
			break
		}
		var some int
		some, err = p.Conn.Write(b[n:min(len(b), n+writePiece)])
		n += some
	}
	return n, err
}

// SetWriteBuffer is how much the system keeps for a browser that does not read.
func (p *patient) SetWriteBuffer(bytes int) error {
	conn, ok := p.Conn.(interface{ SetWriteBuffer(bytes int) error })
	if !ok {
		return nil
	}
	return conn.SetWriteBuffer(bytes)
}

// fewFiles is how many open files are few for a district: every open page holds a connection.
const fewFiles = 8192

// tellFiles says so when the system lets this process open few files. Go has raised the soft limit to the hard one already; more is for whoever starts the process.
func tellFiles(log *slog.Logger) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err == nil && limit.Cur < fewFiles {
		log.Warn("few files may be open at once, and every open page holds a connection: raise the hard limit (systemd: LimitNOFILE=65536; a shell: ulimit -Hn)", "limit", limit.Cur)
	}
}

// asideIn lets SQLite put what it can't keep in memory (a large sort) into the folder of the data, unless the operator has named another: a full /tmp is then no trouble, and
// there is one disk to look after. It must be told before a database is opened.
func asideIn(dir string) error {
	if os.Getenv("SQLITE_TMPDIR") != "" {
		return nil
	}
	return os.Setenv("SQLITE_TMPDIR", dir)
}

// thrift has garbage collected when it is half of what is in use, not as much again: a node with thousands of streams holds a fourth less, for a few hundredths of its time.
// Whoever sets GOGC decides otherwise.
func thrift() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}
