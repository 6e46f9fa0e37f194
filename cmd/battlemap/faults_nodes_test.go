package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// F5: two and three nodes on one PostgreSQL database. One is stopped past its lease, the link to the database is damaged, the database ends connections, dies and
// comes again, or refuses to commit, while people write on all nodes.

// nodes is a district with several servers, each at its own end of a cable.
type nodes struct {
	*district
	load    *load
	dice    *rand.Rand
	servers []*server
	cables  []*cable
	name    string // of the nodes' connections at the database
	seen    []stepsSeen
}

// atWork starts n servers and lets people write on them.
func (d *district) atWork(seed uint64, n, clients int) *nodes {
	d.t.Helper()
	k := &nodes{district: d, load: newLoad(d, seed, clients), dice: rand.New(rand.NewPCG(5, seed)), name: fmt.Sprintf("fault%d_%d", os.Getpid(), seed)}
	for range n {
		c, near := lay(d.t, d.database)
		u, err := url.Parse(near)
		apptest.Must(d.t, err, "database")
		q := u.Query()
		q.Set("application_name", k.name)
		q.Set("idle_in_transaction_session_timeout", "400")
		u.RawQuery = q.Encode()
		d.env = []string{"BATTLEMAP_DATABASE=" + u.String()}
		k.cables = append(k.cables, c)
		k.servers = append(k.servers, d.up())
	}
	k.servers[0].signInAll()
	k.see()
	k.load.serve(k.servers...)
	k.load.begin()
	return k
}

// pace is how many writes may go by between two faults.
func (k *nodes) pace() int {
	if long() {
		return 25
	}
	return 8
}

func (k *nodes) see() { k.seen = append(k.seen, k.load.seeSteps()) }

// finish lets what is left be done, ends the load and the servers, and holds everything against what people were told.
func (k *nodes) finish(fault string, times int) {
	k.t.Helper()
	k.acknowledges(2 * k.pace())
	k.load.end()
	k.sweepAll(k.servers[0])
	k.see()
	for _, s := range k.servers {
		s.stop()
	}
	r := result{fault: fault, engine: "postgres", times: times, doctor: k.sound()}
	k.load.hold(&r)
	k.raisedOnce(&r)
	r.linearizable = k.load.fits(k.seen)
	report(k.t, r)
}

// acknowledges waits until so many more writes were acknowledged: the nodes work again without anybody's help.
func (k *nodes) acknowledges(n int) {
	k.t.Helper()
	want := k.load.counts()["acknowledged"] + n
	for range 200 {
		<-k.load.after(n)
		if k.load.counts()["acknowledged"] >= want {
			return
		}
	}
	k.t.Fatalf("nothing is acknowledged any more: %v\n%s", k.load.counts(), k.servers[0].log.String())
}

// due counts what the next sweep has to look at.
func (d *district) due() (n int) {
	d.t.Helper()
	d.aside(func(db *sql.DB) {
		apptest.Must(d.t, db.QueryRow(`SELECT (SELECT COUNT(*) FROM tickets WHERE next_check_at > 0 AND next_check_at <= $1) + (SELECT COUNT(*) FROM projects WHERE next_check_at > 0 AND next_check_at <= $1)
+ (SELECT COUNT(*) FROM ticket_units WHERE next_check_at > 0 AND next_check_at <= $1) + (SELECT COUNT(*) FROM stuck_items)`, d.shows().Unix()).Scan(&n), "count what is due")
	})
	return n
}

// ringing lets a server run a job without waiting for it.
func (s *server) ringing(job string) <-chan string {
	said := make(chan string, 1)
	go func() { said <- s.ring(job) }()
	return said
}

// In the short form one district goes through all of them; in the long form each has its own.
func TestFault05Nodes(t *testing.T) {
	if !long() {
		k := newDistrict(t, "postgres").atWork(5, 3, 9)
		k.finish("F5 nodes, link, database", k.stops(2)+k.links(9)+k.conflicts(40))
		return
	}
	t.Run("stopped", func(t *testing.T) {
		k := newDistrict(t, "postgres").atWork(6, 3, 9)
		k.finish("F5 leader stopped past its lease", k.stops(60))
	})
	t.Run("link", func(t *testing.T) {
		k := newDistrict(t, "postgres").atWork(7, 2, 8)
		k.finish("F5 database link damaged", k.links(180))
	})
	t.Run("conflicts", func(t *testing.T) {
		k := newDistrict(t, "postgres").atWork(8, 2, 8)
		k.finish("F5 serialisation failures, deadlocks", k.conflicts(5000))
	})
}

// stops stops the leader (SIGSTOP) in the middle of its sweep past its lease; another node takes over; the leader wakes and goes on, and the fence refuses what it writes.
func (k *nodes) stops(times int) int {
	k.t.Helper()
	woke := map[string]int{}
	for i := range times {
		<-k.load.after(5 + k.dice.IntN(k.pace()))
		leader, next := k.servers[i%3], k.servers[(i+1)%3]
		stopped := make(chan struct{})
		k.cables[i%3].set("sweep", k.dice.IntN(30), func() { // after it has asked for its lease
			_ = syscall.Kill(leader.pid, syscall.SIGSTOP)
			close(stopped)
		})
		k.wind(k.shows().Add(26 * time.Hour))
		said := leader.ringing("sweep")
		<-stopped
		k.takenOver(next)
		apptest.Must(k.t, syscall.Kill(leader.pid, syscall.SIGCONT), "wake the leader")
		what, _, _ := strings.Cut(<-said, " ")
		woke[what]++
		k.see()
	}
	k.t.Logf("what the leaders said when they woke: %v; put off: %v", woke, k.putOff())
	return times
}

// takenOver rings a node until it has done the sweep that another one began.
func (k *nodes) takenOver(next *server) {
	k.t.Helper()
	said := ""
	for range 20 {
		k.wind(k.shows().Add(6 * time.Minute))
		if said = next.ring("sweep"); said == "ok" {
			return
		}
	}
	k.t.Fatalf("the sweep was not taken over: %s\n%s", said, next.log.String())
}

// links damages the link between a node and its database, or lets the database end the nodes' connections, at moments of a seed; the others work on meanwhile.
// Nobody restarts anything.
func (k *nodes) links(times int) int {
	k.t.Helper()
	for i, fault := range deal(k.dice, times, append(cableFaults(), "ended by the database")) {
		<-k.load.after(3 + k.dice.IntN(k.pace()))
		k.wind(k.shows().Add(13 * time.Hour))
		at := k.dice.IntN(len(k.servers))
		said := k.servers[at].ringing("sweep")
		if fault == "ended by the database" {
			k.endBackends()
		} else {
			k.cables[at].damage(fault)
		}
		<-k.load.after(3 + k.dice.IntN(k.pace())) // by those who work on the other nodes
		k.cables[at].repair()
		<-said
		if i%8 == 0 {
			k.see()
		}
	}
	return times
}

// endBackends ends every connection of the nodes from the database's side.
func (k *nodes) endBackends() {
	k.t.Helper()
	k.aside(func(db *sql.DB) {
		_, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", k.name)
		apptest.Must(k.t, err, "end the connections")
	})
}

// conflicts lets the database refuse to go on, as it does for a serialisation failure or a deadlock: within a transaction, or when it is committed. The door tries
// again, up to five times, and nothing is written twice.
func (k *nodes) conflicts(times int) int {
	k.t.Helper()
	had := func() (n int) {
		k.aside(func(db *sql.DB) {
			apptest.Must(k.t, db.QueryRow("SELECT last_value / 7 + last_value / 11 FROM fault_turn").Scan(&n), "count")
		})
		return n
	}
	k.aside(func(db *sql.DB) {
		for _, statement := range []string{
			"CREATE SEQUENCE fault_turn", // its numbers don't go back with the transaction, so the next try is another turn
			`CREATE FUNCTION fault_raise() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE turn bigint := nextval('fault_turn'); BEGIN
IF turn % 7 = 3 THEN RAISE EXCEPTION 'injected' USING ERRCODE = '40001'; END IF;
IF turn % 11 = 5 THEN RAISE EXCEPTION 'injected' USING ERRCODE = '40P01'; END IF;
RETURN NULL; END $$`,
			"CREATE TRIGGER fault_now AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION fault_raise()",
			"CREATE CONSTRAINT TRIGGER fault_late AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fault_raise()",
		} {
			_, err := db.Exec(statement)
			apptest.Must(k.t, err, "%s", statement)
		}
	})
	before := k.load.counts()["unknown"]
	for had() < times {
		<-k.load.after(min(50, times))
		k.wind(k.shows().Add(13 * time.Hour))
		k.servers[k.dice.IntN(2)].ring("sweep")
	}
	n, failed := had(), k.load.counts()["unknown"]-before
	k.aside(func(db *sql.DB) {
		_, err := db.Exec("DROP TRIGGER fault_now ON journal; DROP TRIGGER fault_late ON journal; DROP FUNCTION fault_raise; DROP SEQUENCE fault_turn")
		apptest.Must(k.t, err, "heal the database")
	})
	k.t.Logf("%d conflicts, %d writes failed of them", n, failed)
	return n
}
