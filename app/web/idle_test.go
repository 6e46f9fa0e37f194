package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// An open map refreshes itself; that keeps nobody signed in.
func TestAnOpenMapDoesNotKeepASessionAlive(t *testing.T) {
	w, _, srv := site(t)
	b := as(t, w, srv, "sup")
	refresh := func() int {
		r, err := http.NewRequest(http.MethodGet, srv.URL+"/map", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("HX-Request", "true")
		r.Header.Set("X-Background", "1")
		return b.do(r).status
	}
	for range 15 {
		w.Clock.Set(w.Clock.Now().Add(31 * time.Minute))
		refresh()
	}
	w.Clock.Set(w.Clock.Now().Add(16 * time.Minute))
	if a := b.get("/desk"); a.status != http.StatusSeeOther || a.location == "" {
		t.Errorf("after eight hours of an open map: status %d", a.status)
	}
	if page := as(t, w, srv, "dir").get("/map"); !strings.Contains(page.text, `"X-Background":"1"`) {
		t.Error("the map's refreshing element does not say that it asks by itself")
	}
}
