package main

import (
	"database/sql"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// F5: the link to the database is held: nothing arrives, and nobody hears of it. People get an answer within the limit, and it says what is known; nothing that was acknowledged is
// lost; once the link carries again, everything goes on without anybody's help.
func TestFault05HeldLink(t *testing.T) {
	times := 1
	if long() {
		times = 20
	}
	d := newDistrict(t, "postgres")
	s := d.up() // a sign-in may take longer than the limit that is to come
	s.signInAll()
	s.stop()
	d.flags = []string{"--answer-within", "10s"}
	k := d.atWork(9, 1, 8)
	for range times {
		<-k.load.after(3 + k.dice.IntN(k.pace()))
		k.cables[0].damage("held")
		answered := k.load.after(k.load.clients)
		var both sync.WaitGroup
		both.Go(func() { k.toldUnsaved("没有保存") })
		both.Go(func() {
			if status, text := k.servers[0].get("/tickets"); status != http.StatusServiceUnavailable || !strings.Contains(text, "系统出错") {
				t.Errorf("a page behind a held link is answered %d\n%.2000s", status, text)
			}
		})
		both.Wait()
		<-answered
		k.cables[0].repair()
		k.acknowledges(k.pace())
	}
	k.load.end()
	k.heldInCommit()
	k.load.again(k.servers[0])
	k.wind(k.shows().Add(104 * time.Hour)) // so that the last sweep has something to raise
	k.finish("F5 database link held", times)
}

// toldUnsaved lets somebody write and wants an answer in certain words.
func (k *nodes) toldUnsaved(words string) {
	k.t.Helper()
	if status, text := k.servers[0].tryComment(); status != http.StatusServiceUnavailable || !strings.Contains(text, words) {
		k.t.Errorf("a write behind a held link is answered %d, not %s\n%.2000s\n%s", status, words, text, k.servers[0].log.String())
	}
}

// heldInCommit holds the link when a write asks for its commit: it is made, and nobody hears of it.
func (k *nodes) heldInCommit() {
	k.t.Helper()
	comments := func() (n int) {
		k.aside(func(db *sql.DB) {
			apptest.Must(k.t, db.QueryRow("SELECT COUNT(*) FROM journal WHERE action = 'comment.add'").Scan(&n), "count")
		})
		return n
	}
	before, c := comments(), k.cables[0]
	if status, text := k.servers[0].tryComment(); status != http.StatusSeeOther { // the visit is on record for a while
		k.t.Fatalf("a comment is answered %d\n%.2000s", status, text)
	}
	c.set("commit", 0, func() { c.state = "held" }) // c is locked
	k.toldUnsaved("不能确定是否已保存")
	c.repair()
	if n := comments() - before; n != 2 {
		k.t.Errorf("%d comments of two", n)
	}
}
