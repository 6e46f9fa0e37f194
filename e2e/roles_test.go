package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"battlemap/app/audit"
)

// TestRoles plays a ticket's life through the hands of each role, and what else fills their days, in one district on one day.
func TestRoles(t *testing.T) {
	chromium := startChromium(t)
	battlemap, auditverify := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	title := "示例·浏览器验收事项"

	t.Run("visitor", func(t *testing.T) {
		b := open(t, chromium, s.url)
		b.expect("422")
		b.visit("/map")
		if !strings.HasPrefix(b.path(), "/login?next=") {
			t.Fatalf("a stranger sees %s", b.path())
		}
		b.send(`form[action="/login"]:has(input[type=password])`, map[string]string{"account": "nobody", "password": "wrong wrong wrong"})
		b.reads("账号或密码不正确")
		b.js(`document.querySelector('input[name=account]').value === 'nobody'`)
	})

	t.Run("administrator", func(t *testing.T) {
		b := s.as(t, chromium, "administrator")
		b.visit("/people")
		form := `form[action="/people/users"]`
		b.run()
		b.send(form, map[string]string{"account": "e2e.person", "name": "示例浏览员", "unit_id": firstOption(b, form, "unit_id")})
		b.reads("示例浏览员")
		b.visit("/journal")
		b.reads("示例浏览员")
	})

	t.Run("district leader", func(t *testing.T) {
		b := s.as(t, chromium, "district_leader")
		b.visit("/map")
		b.reads("30", "145.5", "48.3", "22", "20", "51.45", "10", "扩工业", "考评督导", "示例推演")
		b.js(`document.querySelectorAll('.card').length >= 20`)
		red := ask(b, evaluate[string](`(document.querySelector('.card-red a.card-link') || {getAttribute: () => ''}).getAttribute('href')`))
		if red == "" {
			t.Fatal("no red card at the end of June")
		}
		b.visit(red)
		b.reads("红", "为什么")
	})

	t.Run("task-force member drafts", func(t *testing.T) {
		b := s.as(t, chromium, "taskforce_member")
		b.visit("/tickets/new")
		form := `form[action="/tickets/new"]`
		unit := b.unitOf(s, chromium, "unit_handler")
		b.send(form, map[string]string{
			"kind": "assignment", "title": title, "basis": "示例依据", "task_force_id": firstOption(b, form, "task_force_id"),
			"lead_unit_id": b.option(form, "lead_unit_id", unit), "due_term": "15 workdays",
		})
		b.reads(title, "拟办")
		b.send(`form:has(input[name=move][value=submit_draft]), form:has(button[name=move][value=submit_draft])`, nil)
		b.reads("待审签")
	})
	ticket := s.ticketPath(t, chromium, title)

	move := func(role, id string, values map[string]string, want string) {
		t.Run(role+" "+id, func(t *testing.T) {
			b := s.as(t, chromium, role)
			b.visit(ticket)
			b.send(fmt.Sprintf(`form:has([name=move][value=%s])`, id), values)
			b.reads(title, want)
		})
	}
	move("taskforce_leader", "approve", nil, "已交办")
	move("unit_handler", "accept", nil, "已领办")
	move("unit_handler", "start", nil, "推进中")
	move("unit_handler", "draft_feedback", map[string]string{"feedback": "示例：已完成现场踏勘"}, "示例：已完成现场踏勘")
	move("unit_leader", "submit", map[string]string{"feedback": "示例：已全部办结"}, "已反馈")
	move("supervisor", "verify", nil, "核验通过")
	move("supervision_director", "close", nil, "销号")

	t.Run("stale move shows who was faster", func(t *testing.T) {
		b := s.as(t, chromium, "supervisor")
		b.expect("409")
		b.visit(ticket)
		b.run(setValue(`form:has([name=move][value=reopen]) input[name=version]`, "1"))
		b.send(`form:has([name=move][value=reopen])`, map[string]string{"reason": "示例：反弹"})
		b.reads("已有变动")
		b.js(`[...document.querySelectorAll('form:has([name=move][value=reopen]) [name=reason]')].some(e => e.value === '示例：反弹')`)
	})

	t.Run("inspector", func(t *testing.T) {
		b := s.as(t, chromium, "inspector")
		b.visit(ticket)
		b.js(`!document.querySelector('main form[method=post]:not([action$="/case.zip"])')`) // what an inspector may do is take the case away
		b.visit("/journal")
		b.reads("检查点")
		record := ask(b, evaluate[string](`document.querySelector('a[href^="/journal/"]').getAttribute('href')`))
		b.visit(record)
		b.reads("sha256")
		exported := s.export(t, "inspector")
		verify(t, auditverify, filepath.Join(s.data, "checkpoint.pub"), exported, 0, "")
		damage(t, auditverify, filepath.Join(s.data, "checkpoint.pub"), exported)
	})
}

// unitOf is the name of the unit of the demo's person with a role, as that person's own page says.
func (b *browser) unitOf(s *site, chromium chromiumContext, role string) string {
	b.t.Helper()
	other := s.as(b.t, chromium, role)
	other.visit("/me")
	return ask(other, evaluate[string](`document.querySelector('.rail .me-text small').innerText`))
}

// ticketPath finds a ticket's page by its title, as the supervisor sees it.
func (s *site) ticketPath(t *testing.T, chromium chromiumContext, title string) string {
	t.Helper()
	b := s.as(t, chromium, "supervisor")
	b.visit("/search?q=" + url.QueryEscape(title))
	path := ask(b, evaluate[string](fmt.Sprintf(`([...document.querySelectorAll('a[href^="/tickets/"]')].find(a => a.innerText.includes(%q) || a.closest('tr,li').innerText.includes(%q)) || {getAttribute: () => ''}).getAttribute('href')`, title, title)))
	if path == "" {
		t.Fatalf("no ticket %s:\n%s", title, b.text())
	}
	return path
}

// export downloads the journal as a person with a role does, over plain HTTP with a cookie.
func (s *site) export(t *testing.T, role string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	account := s.account[role]
	post := func(path string, form url.Values) *http.Response {
		req, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", s.url)
		answer, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { answer.Body.Close() })
		return answer
	}
	post("/login", url.Values{"account": {account}, "password": {s.password[account]}})
	answer := post("/journal/export", nil)
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("export: %s %v", answer.Status, err)
	}
	file := filepath.Join(t.TempDir(), "journal.zip")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// verify runs auditverify and wants an exit code and a text.
func verify(t *testing.T, auditverify, key, file string, exit int, want string) {
	t.Helper()
	cmd := exec.Command(auditverify, "-key", key, file)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exit || !strings.Contains(string(out), want) {
		t.Errorf("auditverify %s: want exit %d and %q, got %v\n%s", filepath.Base(file), exit, want, err, out)
	}
}

// damage changes the export in each of the ways that an inspector must be able to tell, and wants the record named.
func damage(t *testing.T, auditverify, key, exported string) {
	t.Helper()
	edit := func(lines []string) []string {
		lines[99] = regexp.MustCompile(`"action":"[^"]*"`).ReplaceAllString(lines[99], `"action":"ticket.nothing"`)
		return lines
	}
	for name, c := range map[string]struct {
		change   func([]string) []string
		rehash   bool   // the list of hashes is made to agree with the damage
		code     string // of the fault that must be named
		from, to int64  // the record must lie between these
	}{
		"edited":    {edit, false, "edited", 100, 100},
		"dropped":   {func(l []string) []string { return slices.Delete(l, 99, 100) }, false, "dropped", 100, 100},
		"swapped":   {func(l []string) []string { l[99], l[149] = l[149], l[99]; return l }, false, "swapped", 100, 100},
		"cut off":   {func(l []string) []string { return l[:len(l)-3] }, false, "cut_off", 101, 1 << 40},
		"re-hashed": {edit, true, "rehashed", 1, 100},
	} {
		file := filepath.Join(t.TempDir(), "damaged.zip")
		rewrite(t, exported, file, c.change, c.rehash)
		f := fault(t, auditverify, key, file, c.code)
		if f.First < c.from || f.First > c.to {
			t.Errorf("%s: names record %d, want %d to %d", name, f.First, c.from, c.to)
		}
	}
	_, foreign, err := audit.NewKey("nangang-demo.battlemap", bytes.NewReader(bytes.Repeat([]byte{1}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other.pub")
	if err := os.WriteFile(other, []byte(foreign+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fault(t, auditverify, other, exported, "wrong_key")
}

// fault runs auditverify, wants exit code 1, and returns the fault with the given code.
func fault(t *testing.T, auditverify, key, file, code string) audit.Fault {
	t.Helper()
	cmd := exec.Command(auditverify, "-json", "-key", key, file)
	out, err := cmd.Output()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("auditverify: want exit 1, got %v\n%s", err, out)
	}
	var report audit.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("auditverify -json: %v\n%s", err, out)
	}
	i := slices.IndexFunc(report.Faults, func(f audit.Fault) bool { return string(f.Code) == code })
	if i < 0 {
		t.Fatalf("auditverify does not say %s:\n%s", code, out)
	}
	return report.Faults[i]
}

// rewrite copies an export with its journal changed; with rehash the list of hashes is made to agree, so that only the signed tree speaks.
func rewrite(t *testing.T, from, to string, change func([]string) []string, rehash bool) {
	t.Helper()
	in, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	var lines []string // the journal comes before the hashes
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "journal.ndjson" {
			lines = change(strings.Split(strings.TrimSuffix(string(body), "\n"), "\n"))
			body = []byte(strings.Join(lines, "\n") + "\n")
		}
		if f.Name == "leaves.txt" && rehash {
			body = leaves(lines)
		}
		m, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// leaves is the list of hashes that fits these records.
func leaves(lines []string) []byte {
	var out bytes.Buffer
	for _, line := range lines {
		hash := audit.LeafHash([]byte(line))
		out.WriteString(base64.StdEncoding.EncodeToString(hash[:]) + "\n")
	}
	return out.Bytes()
}
