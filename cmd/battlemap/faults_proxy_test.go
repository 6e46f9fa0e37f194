package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// cable is the network between one node and its database: a TCP proxy on loopback that can be cut, slowed, stopped and half closed while it carries.
type cable struct {
	far    string // host and port of the database
	at     net.Listener
	wait   sync.WaitGroup
	mu     sync.Mutex
	change *sync.Cond
	pairs  map[*pair]bool
	state  string // one of cableFaults, "" for a good cable
	closed bool
	word   []byte // what the node says when the trap is set off
	left   int    // pieces after it
	trap   func()
}

// pair is one connection with its two halves.
type pair struct{ node, database *net.TCPConn }

func cableFaults() []string {
	return []string{
		"cut",                  // every connection is reset, new ones are taken
		"down",                 // and new ones are refused until it is repaired
		"slow",                 // every piece waits a little
		"held",                 // nothing arrives, and nobody hears of it, until it is repaired: then everything does
		"held and cut",         // or until every connection is reset
		"one way lost",         // what the database says does not arrive, until every connection is reset
		"half closed outward",  // the database hears that the node has nothing more to say
		"half closed homeward", // the node hears that the database has nothing more to say
	}
}

// lay lays a cable to the database of a URL and returns the URL at its near end.
func lay(t testing.TB, database string) (*cable, string) {
	t.Helper()
	u, err := url.Parse(database)
	apptest.Must(t, err, "database")
	c := &cable{far: u.Host, pairs: map[*pair]bool{}}
	c.change = sync.NewCond(&c.mu)
	c.at, err = net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "listen")
	c.wait.Go(c.accept)
	t.Cleanup(func() {
		_ = c.at.Close()
		c.mu.Lock()
		c.closed = true
		c.change.Broadcast()
		c.mu.Unlock()
		c.reset()
		c.wait.Wait()
	})
	u.Host = c.at.Addr().String()
	return c, u.String()
}

func (c *cable) accept() {
	for {
		near, err := c.at.Accept()
		if err != nil {
			return
		}
		p := &pair{node: near.(*net.TCPConn)}
		far, err := net.Dial("tcp", c.far)
		if err != nil || c.is() == "down" {
			_ = drop(p.node)
			if err == nil {
				_ = far.Close()
			}
			continue
		}
		p.database = far.(*net.TCPConn)
		c.mu.Lock()
		c.pairs[p] = true
		c.mu.Unlock()
		var halves sync.WaitGroup
		halves.Go(func() { c.carry(p.database, p.node, false) })
		halves.Go(func() { c.carry(p.node, p.database, true) })
		c.wait.Go(func() {
			halves.Wait()
			_, _ = p.node.Close(), p.database.Close()
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.pairs, p)
		})
	}
}

// carry carries one direction, piece by piece, as the cable's state says.
func (c *cable) carry(to, from *net.TCPConn, homeward bool) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if err == io.EOF {
			_ = to.CloseWrite()
			return
		}
		if err != nil || !c.pass(homeward) {
			_ = drop(to)
			_ = drop(from)
			return
		}
		if !homeward {
			c.spring(buffer[:n])
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// pass waits as long as the cable makes a piece wait; false when the cable is taken away.
func (c *cable) pass(homeward bool) bool {
	if c.is() == "slow" {
		late := time.NewTimer(3 * time.Millisecond)
		<-late.C
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.closed && (c.state == "held" || c.state == "held and cut" || c.state == "one way lost" && homeward) {
		c.change.Wait()
	}
	return !c.closed
}

// set lets something happen at so many pieces after the node has said a word to the database.
func (c *cable) set(word string, left int, trap func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.word, c.left, c.trap = []byte(word), left, trap
}

func (c *cable) spring(said []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.trap == nil || c.word != nil && !bytes.Contains(said, c.word):
	case c.left > 0:
		c.word, c.left = nil, c.left-1
	default:
		trap := c.trap
		c.trap = nil
		trap()
	}
}

func (c *cable) is() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// damage begins a fault.
func (c *cable) damage(fault string) {
	c.mu.Lock()
	c.state = fault
	c.mu.Unlock()
	switch fault {
	case "cut", "down":
		c.reset()
	case "half closed outward", "half closed homeward":
		for _, p := range c.all() {
			if fault == "half closed outward" {
				_ = p.database.CloseWrite()
			} else {
				_ = p.node.CloseWrite()
			}
		}
	}
}

// repair ends it.
func (c *cable) repair() {
	c.mu.Lock()
	was := c.state
	c.state = ""
	c.mu.Unlock()
	if was == "held and cut" || was == "one way lost" {
		c.reset()
	}
	c.change.Broadcast()
}

func (c *cable) all() []*pair {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*pair
	for p := range c.pairs {
		out = append(out, p)
	}
	return out
}

// reset ends every connection without a goodbye.
func (c *cable) reset() {
	for _, p := range c.all() {
		_ = drop(p.node)
		_ = drop(p.database)
	}
}

func drop(conn *net.TCPConn) error {
	_ = conn.SetLinger(0)
	return conn.Close()
}

// deal draws the faults of a run: each once, in any order, before any comes again.
func deal(dice *rand.Rand, n int, faults []string) []string {
	var out []string
	for len(out) < n {
		for _, i := range dice.Perm(len(faults)) {
			out = append(out, faults[i])
		}
	}
	return out[:n]
}
