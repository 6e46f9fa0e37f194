package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// ownServer is a PostgreSQL server of one test, which may stop it.
type ownServer struct {
	t        testing.TB
	bin, dir string
	port     int
	url      string
	as       *syscall.Credential // PostgreSQL refuses to run as root
}

// ownPostgres starts a server that only this test uses. What it has acknowledged survives its own end, not that of the machine.
func ownPostgres(t testing.TB) *ownServer {
	t.Helper()
	p := &ownServer{t: t, bin: os.Getenv("BATTLEMAP_TEST_POSTGRES_BIN")}
	if p.bin == "" {
		t.Skip("no PostgreSQL programs given in BATTLEMAP_TEST_POSTGRES_BIN; make check gives them")
	}
	dir, err := os.MkdirTemp("/tmp", "battlemap-restart-") // its user may enter no other folder
	apptest.Must(t, err, "make a folder")
	p.dir = dir
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	password := rand.Text()
	apptest.Must(t, os.WriteFile(filepath.Join(dir, "password"), []byte(password+"\n"), 0o600), "write")
	p.become()
	p.run("initdb", "-D", p.data(), "-U", "battlemap", "--pwfile="+filepath.Join(dir, "password"), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	conf, err := os.OpenFile(filepath.Join(p.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	apptest.Must(t, err, "configure")
	_, err = fmt.Fprint(conf, "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\nshared_buffers = 16MB\n")
	apptest.Must(t, err, "configure")
	apptest.Must(t, conf.Close(), "configure")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "a free port")
	p.port = free.Addr().(*net.TCPAddr).Port
	apptest.Must(t, free.Close(), "a free port")
	p.url = fmt.Sprintf("postgres://battlemap:%s@127.0.0.1:%d/postgres?sslmode=disable", password, p.port)
	p.start()
	t.Cleanup(func() { _ = p.command("pg_ctl", "stop", "-m", "immediate", "-D", p.data()).Run() })
	return p
}

func (p *ownServer) data() string { return filepath.Join(p.dir, "data") }

// become finds a user who is not root, and gives the folder to that one.
func (p *ownServer) become() {
	p.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	apptest.Must(p.t, err, "a user for PostgreSQL")
	uid, err := strconv.Atoi(who.Uid)
	apptest.Must(p.t, err, "user")
	gid, err := strconv.Atoi(who.Gid)
	apptest.Must(p.t, err, "group")
	p.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for _, path := range []string{p.dir, filepath.Join(p.dir, "password")} {
		apptest.Must(p.t, os.Chown(path, uid, gid), "give the folder away")
	}
}

func (p *ownServer) command(program string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(p.bin, program), args...)
	c.Dir = p.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	return c
}

// run runs one of the server's programs. Its output goes to a file: the server keeps what it was started with.
func (p *ownServer) run(program string, args ...string) {
	p.t.Helper()
	out, err := os.Create(filepath.Join(p.dir, program+".out"))
	apptest.Must(p.t, err, "log")
	defer out.Close()
	c := p.command(program, args...)
	c.Stdout, c.Stderr = out, out
	if err := c.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		p.t.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, said)
	}
}

func (p *ownServer) start() {
	p.t.Helper()
	p.run("pg_ctl", "start", "-w", "-t", "120", "-D", p.data(), "-l", filepath.Join(p.dir, "data", "server.log"), "-o", "-p "+strconv.Itoa(p.port))
}

func (p *ownServer) stop(how string) {
	p.t.Helper()
	p.run("pg_ctl", "stop", "-w", "-t", "120", "-m", how, "-D", p.data())
}

// F5: the PostgreSQL server itself is stopped under load, at once (as if it had crashed) or with its connections ended, and started again. Meanwhile people are told that nothing was
// saved; afterwards the nodes work again without anybody's help, and nothing that was acknowledged is lost.
func TestFault05TheServerRestarts(t *testing.T) {
	times := 2
	if long() {
		times = 40
	}
	p := ownPostgres(t)
	t.Setenv("BATTLEMAP_TEST_POSTGRES", p.url)
	k := newDistrict(t, "postgres").atWork(10, 2, 8)
	for i := range times {
		<-k.load.after(5 + k.dice.IntN(k.pace()))
		k.wind(k.shows().Add(52 * time.Hour)) // so that the sweep has something to raise
		said := k.servers[i%2].ringing("sweep")
		p.stop([]string{"immediate", "fast"}[i%2])
		if status, text := k.servers[0].tryComment(); status != http.StatusServiceUnavailable || !strings.Contains(text, "没有保存") {
			t.Errorf("without the database a write is answered %d\n%.2000s\n%s", status, text, k.servers[0].log.String())
		}
		if status, _, err := k.servers[1].health(); err != nil || status != http.StatusServiceUnavailable {
			t.Errorf("without the database a node says of itself: %d, %v", status, err)
		}
		p.start()
		<-said
		k.acknowledges(k.pace())
		k.see()
	}
	k.finish("F5 PostgreSQL server restarts", times)
}
