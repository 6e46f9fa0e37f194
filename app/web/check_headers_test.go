package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"battlemap/app/apptest"
)

// oddities are requests that no route answers, or that are refused before one does: their error pages need the same headers.
func oddities(t *testing.T, b *browser) map[string]answer {
	t.Helper()
	out := map[string]answer{"a page that there is not": b.get("/nowhere"), "a path that climbs": b.get("/static/x/..%2f..%2fweb.go")}
	for name, change := range map[string]func(*http.Request){
		"a method that no route has": func(r *http.Request) { r.Method = http.MethodDelete },
		"a form of another site":     func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"a form that is none":        func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") },
	} {
		r, err := http.NewRequest(http.MethodPost, b.base+"/login", strings.NewReader("not a form"))
		apptest.Must(t, err, "ask")
		change(r)
		out[name] = b.do(r)
	}
	big, err := http.NewRequest(http.MethodPost, b.base+"/login", strings.NewReader("account="+strings.Repeat("a", 2<<20)))
	apptest.Must(t, err, "ask")
	big.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out["a form that is too large"] = b.do(big)
	return out
}

// Check 1 (ASVS 3.4.1): over https every answer asks browsers for https only, for a year and for what lies below; over plain http none does, since it would be ignored at best.
func TestCheck01StrictTransportSecurity(t *testing.T) {
	for _, s := range walk(t) {
		want := ""
		if s.who == overTLS {
			want = "max-age=31536000; includeSubDomains"
		}
		if got := strings.Join(s.header.Values("Strict-Transport-Security"), " and "); got != want {
			t.Errorf("%s: %q, want %q", s.where(), got, want)
		}
	}
}

// policy is what every answer but a file says.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// Check 2 (ASVS 3.4.3, 3.4.6): whatever is answered, nothing but this site's own files may run, be framed or be sent to. That no page needs more is seen by e2e:
// every browser there complains of a violation.
func TestCheck02ContentSecurityPolicy(t *testing.T) {
	for _, s := range walk(t) {
		want := policy
		if strings.HasPrefix(s.pattern, "/files/") && s.status == http.StatusOK {
			want = "sandbox; default-src 'none'"
		}
		if got := s.header.Values("Content-Security-Policy"); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", s.where(), got)
		}
	}
}

// Check 3 (ASVS 3.4.4, 4.1.1): every answer with a body says what it is, text with its letters, and forbids to guess. JSON has no letters to name (RFC 8259).
func TestCheck03ContentTypes(t *testing.T) {
	for _, s := range walk(t) {
		if got := s.header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", s.where(), got)
		}
		kind := s.header.Get("Content-Type")
		text := strings.HasPrefix(kind, "text/") || strings.Contains(kind, "xml") && !strings.Contains(kind, "svg")
		switch binary := kind == "application/json" || kind == "application/zip" || strings.HasPrefix(kind, "image/"); {
		case s.body == "" && kind == "", s.status == http.StatusSeeOther:
		case text && !strings.HasSuffix(strings.ToLower(kind), "; charset=utf-8"):
			t.Errorf("%s: %q names no letters", s.where(), kind)
		case !text && !binary:
			t.Errorf("%s: type %q of %d bytes", s.where(), kind, len(s.body))
		}
	}
}

// Check 4 (ASVS 3.4.5, 3.4.8, 3.5.8): no address of ours goes to other sites, no window of theirs keeps a hold on ours, and none may embed or read our answers.
func TestCheck04NothingLeaksToOtherSites(t *testing.T) {
	for _, s := range walk(t) {
		for name, want := range map[string]string{"Referrer-Policy": "same-origin no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := s.header.Values(name); len(got) != 1 || !slices.Contains(strings.Fields(want), got[0]) {
				t.Errorf("%s: %s %q", s.where(), name, got)
			}
		}
		if got := s.header.Values("Access-Control-Allow-Origin"); len(got) != 0 {
			t.Errorf("%s: other sites may read it: %q", s.where(), got)
		}
	}
}

// Check 34 (ASVS 14.3.2): nothing but the program's own files may be kept by a cache, photos and documents included.
func TestCheck34NothingIsStored(t *testing.T) {
	for _, s := range walk(t) {
		got, file := s.header.Get("Cache-Control"), strings.HasPrefix(s.pattern, "/static/") && s.status == http.StatusOK
		if file != strings.Contains(got, "immutable") || file == strings.Contains(got, "no-store") {
			t.Errorf("%s: Cache-Control %q", s.where(), got)
		}
	}
}
