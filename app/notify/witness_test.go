package notify_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"battlemap/app/notify"
)

const note = "battlemap.example/示例\n48\nGpjukuSmdJHS06UFsccoQuDdQPSD4MiwCnRR5PbSiKU=\nat 2023-03-13T00:54:00Z\n\n— battlemap.example/示例 AAAA\n"

// witness is a TLS server on loopback that keeps what it is sent.
type witness struct {
	*httptest.Server
	got    []string
	answer func(w http.ResponseWriter, r *http.Request)
}

func openWitness(t *testing.T) *witness {
	t.Helper()
	w := &witness{answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thanks") }}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.got = append(w.got, r.Method+" "+r.URL.Path+" "+r.Header.Get("Content-Type")+"\n"+string(body))
		w.answer(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *witness) host(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func (w *witness) client(t *testing.T, allowed ...string) *notify.Outbound {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(w.Certificate())
	o, err := notify.NewOutbound(notify.OutboundOptions{Allowed: allowed, RootCAs: roots, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestNoteArrivesByPost(t *testing.T) {
	w := openWitness(t)
	o := w.client(t, w.host(t))
	outcome, reply, err := o.Post(t.Context(), w.URL+"/add", "text/plain; charset=utf-8", []byte(note))
	wants(t, outcome, err, notify.Accepted)
	if len(w.got) != 1 || w.got[0] != "POST /add text/plain; charset=utf-8\n"+note || string(reply.Body) != "thanks" || reply.Status != 200 {
		t.Errorf("arrived %q, answered %d %q", w.got, reply.Status, reply.Body)
	}
	for status, want := range map[int]notify.Outcome{201: notify.Accepted, 302: notify.Failed, 400: notify.Failed, 404: notify.Failed, 429: notify.Retry, 500: notify.Retry, 503: notify.Retry} {
		w.answer = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Location", w.URL+"/inside")
			rw.WriteHeader(status)
		}
		before := len(w.got)
		if outcome, reply, err := o.Post(t.Context(), w.URL, "text/plain", []byte(note)); outcome != want || reply.Status != status || err != nil {
			t.Errorf("status %d: %s, %v", status, outcome, err)
		}
		if len(w.got) != before+1 {
			t.Errorf("status %d: %d requests, a redirect was followed", status, len(w.got)-before)
		}
	}
	w.answer = func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, strings.Repeat("x", 1<<20)) }
	if _, reply, err := o.Post(t.Context(), w.URL, "text/plain", nil); len(reply.Body) != 64<<10 || err != nil {
		t.Errorf("read %d bytes of a long answer, %v", len(reply.Body), err)
	}
	w.answer = func(rw http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	outcome, _, err = o.Post(t.Context(), w.URL, "text/plain", nil)
	wants(t, outcome, err, notify.Retry)
}

// Without a certificate that is believed nothing is handed over, and an error names no address of the network inside.
func TestUnbelievedWitness(t *testing.T) {
	w := openWitness(t)
	w.Config.ErrorLog = nil
	o, err := notify.NewOutbound(notify.OutboundOptions{Allowed: []string{w.host(t)}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	outcome, _, err := o.Post(t.Context(), w.URL, "text/plain", []byte(note))
	wants(t, outcome, err, notify.Retry)
	if len(w.got) != 0 || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("arrived %q, error %v", w.got, err)
	}
}

// Check 14 (ASVS 1.3.6, 15.3.2; of peers: Vikunja CVE-2026-33675 and -33679): whoever may enter a witness, the only address that people can make the server call,
// must not be able to make it call what only the server can reach.
func TestCheck14OutboundCallsNobodyInside(t *testing.T) {
	w := openWitness(t)
	names := map[string][]netip.Addr{
		"inside.example":  {netip.MustParseAddr("10.1.2.3")},
		"mixed.example":   {netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr("127.0.0.1")},
		"nothing.example": {},
	}
	asked := map[string]int{}
	roots := x509.NewCertPool()
	roots.AddCert(w.Certificate())
	o, err := notify.NewOutbound(notify.OutboundOptions{Allowed: []string{"friend.example"}, RootCAs: roots, Timeout: time.Minute,
		Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
			asked[host]++
			if a, ok := names[host]; ok {
				return a, nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}})
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
		"127.255.255.254", "10.255.255.255", "172.31.255.255", "192.168.255.255", "169.254.0.1", "100.127.255.255", "0.1.2.3", "192.0.0.170", "198.51.100.1", "203.0.113.1", "240.0.0.1", "192.88.99.1",
		"[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::7f00:1]", "[fe80::1%25lo]", "[2001:0:7f00:1::]", "[100::1]", "[5f00::1]", "[3fff::1]",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[fe80::1]", "[fc00::1]", "[fd00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[2002:7f00:1::]",
		"inside.example", "mixed.example", "nothing.example", "8.8.8.8:8443", "friend.example:8443", "127.0.0.1:" + strings.Split(w.host(t), ":")[1]}
	for _, host := range hosts {
		outcome, reply, err := o.Post(t.Context(), "https://"+host+"/", "text/plain", []byte(note))
		want := notify.Failed // refused before it was dialled, not for want of a listener
		if strings.HasPrefix(host, "nothing") || strings.HasPrefix(host, "friend") {
			want = notify.Retry // the name leads nowhere
		}
		if outcome != want || err == nil || reply.Status != 0 {
			t.Errorf("%s: %s, status %d, %v", host, outcome, reply.Status, err)
		}
	}
	// Other ways to write 127.0.0.1 are names to the resolver, which does not know them.
	for _, host := range []string{"2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "①②⑦.⓪.⓪.①", "localhost", "LOCALHOST", "localhost.localdomain", "ip6-localhost"} {
		if outcome, _, err := o.Post(t.Context(), "https://"+host+"/", "text/plain", nil); outcome == notify.Accepted || err == nil {
			t.Errorf("%s: %s", host, outcome)
		}
	}
	for _, address := range []string{"http://witness.example/", "file:///etc/passwd", "gopher://witness.example/", "https://user:secret@witness.example/", "https://witness.example@127.0.0.1/", "https://127.0.0.1#@witness.example/", "ftp://witness.example/", "ws://witness.example/", "unix:///run/x.sock", "data:text/plain,x", "dict://127.0.0.1:11211/", "https://\t127.0.0.1/", "https:\\\\127.0.0.1", "https://[::1/", "https:witness.example", "//witness.example", "", "https://"} {
		if outcome, _, err := o.Post(t.Context(), address, "text/plain", nil); outcome != notify.Failed || err == nil {
			t.Errorf("%q: %s, %v", address, outcome, err)
		}
	}
	if asked["inside.example"] != 1 || asked["mixed.example"] != 1 || len(w.got) != 0 {
		t.Errorf("look-ups %v, arrived %q", asked, w.got)
	}
}

// Check 14, rebinding: a name that leads elsewhere at a second look-up is dialled where it led at the first.
func TestCheck14NameIsResolvedOnce(t *testing.T) {
	w := openWitness(t)
	_, port, err := net.SplitHostPort(w.host(t))
	if err != nil {
		t.Fatal(err)
	}
	lookups := 0
	roots := x509.NewCertPool()
	roots.AddCert(w.Certificate()) // it is for example.com
	o, err := notify.NewOutbound(notify.OutboundOptions{Allowed: []string{"example.com:" + port}, RootCAs: roots, Timeout: time.Minute,
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			if lookups++; lookups > 1 {
				return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	outcome, _, err := o.Post(t.Context(), "https://example.com:"+port+"/", "text/plain", []byte(note))
	wants(t, outcome, err, notify.Accepted)
	if lookups != 1 || len(w.got) != 1 {
		t.Errorf("%d look-ups, arrived %q", lookups, w.got)
	}
}

// Check 14, redirects (of peers: Gitea CVE-2026-58418): whatever the other side answers, the server goes nowhere else, and nobody is shown what a place inside said.
func TestCheck14RedirectsAreNotFollowed(t *testing.T) {
	inside := openWitness(t)
	w := openWitness(t)
	o := w.client(t, w.host(t), inside.host(t)) // even to a host that may be called
	for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
		for _, to := range []string{inside.URL + "/secret", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "//127.0.0.1/"} {
			w.answer = func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Location", to)
				rw.WriteHeader(status)
			}
			if outcome, reply, err := o.Post(t.Context(), w.URL, "text/plain", []byte(note)); outcome != notify.Failed || reply.Status != status || len(reply.Body) != 0 || err != nil {
				t.Errorf("%d to %s: %s, %d %q, %v", status, to, outcome, reply.Status, reply.Body, err)
			}
		}
	}
	if len(inside.got) != 0 || len(w.got) != 28 {
		t.Errorf("the place inside was asked %q, the witness %d times", inside.got, len(w.got))
	}
}

// Check 14 (of peers: Vikunja CVE-2026-33675 and -33679): there is one client that calls addresses of people; nothing else in the product can make a request.
func TestCheck14OneOutboundClient(t *testing.T) {
	forbidden := regexp.MustCompile(`[^.\w]http\.(?:Get|Post|PostForm|Head|DefaultClient|DefaultTransport|Client\{|Transport\{)|net\.Dial|tls\.Dial|net\.Dialer\{`)
	allowed := map[string]int{"../../app/notify/witness.go": 3, "../../app/notify/smtp.go": 2} // the client, its transport and dialler; the operator's mail server
	found := map[string]int{}
	for _, root := range []string{"../../app", "../../cmd", "../../templates", "../../workflows"} {
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "apptest") {
				return err
			}
			text, err := os.ReadFile(path)
			if n := len(forbidden.FindAll(text, -1)); n > 0 {
				found[path] = n
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(found, allowed) {
		t.Errorf("places that call out: %v, want %v", found, allowed)
	}
}

func TestNoteIsPutIntoAFolder(t *testing.T) {
	dir := t.TempDir()
	f := notify.Folder{Folders: []string{dir, filepath.Join(dir, "gone")}}
	put := func(folder, name, text string) notify.Outcome {
		t.Helper()
		outcome, err := f.Put(folder, name, []byte(text))
		if (err == nil) != (outcome == notify.Accepted) {
			t.Errorf("%s: %s with error %v", name, outcome, err)
		}
		return outcome
	}
	if got := put(dir, "a.txt", note); got != notify.Accepted {
		t.Errorf("the first time: %s", got)
	}
	if err := os.WriteFile(filepath.Join(dir, ".b.txt.part"), []byte("half"), 0o600); err != nil { // of a process that died
		t.Fatal(err)
	}
	if got := put(dir, "b.txt", note); got != notify.Accepted {
		t.Errorf("after a death: %s", got)
	}
	if got := put(dir, "a.txt", note); got != notify.Accepted {
		t.Errorf("again: %s", got)
	}
	if got := put(dir, "a.txt", note+"x"); got != notify.Failed {
		t.Errorf("another note of the same name: %s", got)
	}
	if got := put(filepath.Join(dir, "gone"), "a.txt", note); got != notify.Retry {
		t.Errorf("a medium that is not in its drive: %s", got)
	}
	for _, c := range [][2]string{{t.TempDir(), "a.txt"}, {dir, "../a.txt"}, {dir, ".a"}, {dir, "sub/a.txt"}, {filepath.Join(dir, ".."), "a.txt"}} {
		if got := put(c[0], c[1], note); got != notify.Failed {
			t.Errorf("%v: %s", c, got)
		}
	}
	found, err := os.ReadDir(dir)
	if err != nil || len(found) != 2 {
		t.Fatalf("the folder holds %v, %v", found, err)
	}
	for _, name := range []string{"a.txt", "b.txt"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); string(text) != note || err != nil {
			t.Errorf("%s holds %q, %v", name, text, err)
		}
	}
}

// A note must arrive to the byte, or it is no evidence.
func TestAttachmentArrivesToTheByte(t *testing.T) {
	p := (&post{}).open(t, nil, false)
	m := letter()
	m.HTML, m.Files = "", []notify.File{{Name: "battlemap-000000000048.txt", Type: "text/plain", Data: []byte(note)}}
	outcome, err := sender(t, p.options()).Send(t.Context(), m)
	wants(t, outcome, err, notify.Accepted)
	got, err := netmail.ReadMessage(strings.NewReader(p.taken()[0].text))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatalf("no attachment: %v", err)
		}
		if part.FileName() != m.Files[0].Name {
			continue
		}
		text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil || string(text) != note {
			t.Errorf("arrived %q, %v", text, err)
		}
		break
	}
	m.Files[0].Name = "a\r\nBcc: x@example.cn"
	outcome, err = sender(t, p.options()).Send(t.Context(), m)
	wants(t, outcome, err, notify.Failed)
}
