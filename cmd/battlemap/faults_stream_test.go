package main

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// F8: a stream of events whose session expires by the clock ends by itself, and can't be opened again; one whose session was used meanwhile goes on.
func TestFault08TheSessionOfAStreamExpires(t *testing.T) {
	d := newDistrict(t, "sqlite")
	d.flags = []string{"--session-idle", "1h"}
	s := d.up()
	s.signInAll()
	left, stays := s.stream("dir"), s.stream("sup")
	for _, st := range []*bufio.Scanner{left, stays} {
		if !st.Scan() || !strings.HasPrefix(st.Text(), "event: hello") && !strings.HasPrefix(st.Text(), "id:") {
			t.Fatalf("a stream begins with %q: %v", st.Text(), st.Err())
		}
	}
	d.wind(d.shows().Add(40 * time.Minute))
	if status, _ := s.get("/tickets"); status != http.StatusOK {
		t.Fatalf("a page is answered %d", status)
	}
	d.wind(d.shows().Add(40 * time.Minute))
	for left.Scan() { // until the server ends it, at its next beat
	}
	for beats := 0; beats < 1; { // the other one still beats
		if !stays.Scan() {
			t.Fatalf("the stream of a session in use has ended: %v", stays.Err())
		}
		if stays.Text() == "event: beat" {
			beats++
		}
	}
	r, err := http.NewRequest(http.MethodGet, s.url+"/live", nil)
	apptest.Must(t, err, "stream")
	r.Header.Set("Cookie", d.cookie["dir"])
	answer, err := http.DefaultTransport.RoundTrip(r)
	apptest.Must(t, err, "stream")
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther {
		t.Errorf("a stream of a session that has expired is answered %s", answer.Status)
	}
	s.kill() // the stream that stays would hold it up
	report(t, result{fault: "F8 session of a stream expires", engine: "sqlite", times: 1, doctor: d.sound(), linearizable: "-"})
}

// stream opens a person's stream of events; each line of it is read as it comes.
func (s *server) stream(account string) *bufio.Scanner {
	s.d.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.url+"/live", nil)
	apptest.Must(s.d.t, err, "stream")
	r.Header.Set("Cookie", s.d.cookie[account])
	answer, err := http.DefaultTransport.RoundTrip(r)
	apptest.Must(s.d.t, err, "stream")
	s.d.t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		s.d.t.Fatalf("%s's stream is answered %s", account, answer.Status)
	}
	return bufio.NewScanner(answer.Body)
}
