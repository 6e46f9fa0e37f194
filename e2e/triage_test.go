package e2e

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	_ "github.com/mattn/go-sqlite3" // reads what the demo wrote
)

// blockers are what the leader finds in the morning; the drafts of one task force, submitted for approval.
func blockers() []string {
	return []string{"示例堵点甲征地补偿", "示例堵点乙用电报装", "示例堵点丙管线迁改", "示例堵点丁环评批复", "示例堵点戊资金缺口", "示例堵点己施工许可", "示例堵点庚用林审批",
		"示例堵点辛劳务纠纷", "示例堵点壬业主停工", "示例堵点癸征地补偿款"}
}

// TestTriageByKeys lets a task-force leader triage ten blockers with key events alone, and reads in the database what came of it.
func TestTriageByKeys(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(s.data, "battlemap.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	k := &keyboard{browser: s.as(t, chromium, "taskforce_leader"), db: db, account: s.account["taskforce_leader"]}
	k.expect("422")
	s.submitBlockers(t, k)

	k.press("k", chromedp.ModifierCtrl) // the palette leads here, by initials
	k.waitFor(`document.getElementById('palette').open`)
	k.typeText("fbt")
	k.waitFor(`document.getElementById('palette-list').dataset.q === 'fbt' && document.querySelector('#palette-list [aria-selected=true]').getAttribute('href') === '/triage'`)
	k.load(kb.Enter)
	k.waitFor(`document.activeElement.matches('.triage-line')`)

	k.walkTo(blockers()[9]) // sent back to its drafter, after an empty form that the server refuses
	k.press("r")
	k.waitFor(`document.activeElement.name === 'reason'`)
	k.typeText("请补充补偿标准")
	k.press(kb.Enter, chromedp.ModifierCtrl)
	k.happened(blockers()[9], "draft")
	for _, title := range blockers()[:9] {
		k.walkTo(title)
		k.press("a")
		k.happened(title, "issued")
	}
	k.reopen()

	k.open(blockers()[0], "s") // two duties, two units
	k.typeText("补偿与腾地分属两个单位")
	for _, n := range []string{"1", "2"} {
		k.tabTo("title-" + n)
		k.typeText("示例分项" + n)
		k.tabTo("lead_unit_id-" + n)
		k.press(kb.ArrowDown)
	}
	k.press(kb.Enter, chromedp.ModifierCtrl)
	k.happened(blockers()[0], "issued")
	k.open(blockers()[4], "l") // refused first: nobody is named who must decide
	k.typeText("缺口须由区里统筹")
	k.tabTo("decision_from")
	k.typeText(" ") // a blank is enough for the browser, not for the server
	k.press(kb.Enter, chromedp.ModifierCtrl)
	k.waitFor(`document.activeElement.name === 'decision_from' && document.querySelector('#triage-detail details[open] textarea[name=reason]').value === '缺口须由区里统筹'`)
	k.typeText("示例区财政部门")
	k.press(kb.Enter, chromedp.ModifierCtrl)
	k.happened(blockers()[4], "issued")
	k.open(blockers()[1], "u")
	k.press(kb.ArrowDown)
	k.tabTo("reason")
	k.typeText("属另一单位职责")
	k.press(kb.Enter, chromedp.ModifierCtrl)
	k.happened(blockers()[1], "issued")
	k.open(blockers()[2], "d")
	k.press(kb.ArrowDown)
	k.tabTo("reason")
	k.typeText("同一处管线")
	k.press(kb.Enter, chromedp.ModifierCtrl)
	k.happened(blockers()[2], "terminated")
	k.assert()
}

// keyboard is a browser that is driven by key events alone.
type keyboard struct {
	*browser
	db      *sql.DB
	account string
}

// press sends one key with its modifiers.
func (k *keyboard) press(key string, with ...chromedp.Modifier) {
	k.t.Helper()
	k.run(chromedp.KeyEvent(key, chromedp.KeyModifiers(with...)))
}

func (k *keyboard) typeText(text string) {
	k.t.Helper()
	k.run(chromedp.KeyEvent(text))
}

// load presses a key that leads to another page.
func (k *keyboard) load(key string) {
	k.t.Helper()
	ask(k.browser, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(key)))
	k.run(chromedp.WaitReady(chromedp.CSS("main")))
}

// waitFor waits until an expression comes out true.
func (k *keyboard) waitFor(expression string) {
	k.t.Helper()
	ask(k.browser, chromedp.Poll[bool](expression))
}

// tabTo presses Tab until the field of that name has the focus.
func (k *keyboard) tabTo(name string) {
	k.t.Helper()
	for range 12 {
		if ask(k.browser, evaluate[bool](fmt.Sprintf(`document.activeElement.name === %q`, name))) {
			return
		}
		k.press(kb.Tab)
	}
	k.t.Fatalf("Tab does not lead to %s", name)
}

// walkTo presses j until the line of that title has the focus, from the top where need be.
func (k *keyboard) walkTo(title string) {
	k.t.Helper()
	here := fmt.Sprintf(`document.activeElement.matches('.triage-line') && document.activeElement.querySelector('.title').textContent === %q`, title)
	for _, key := range []string{"j", "k"} {
		for range 80 {
			if ask(k.browser, evaluate[bool](here)) {
				k.waitFor(fmt.Sprintf(`document.querySelector('#triage-detail h2') !== null && document.querySelector('#triage-detail h2').textContent === %q`, title))
				return
			}
			k.press(key)
		}
	}
	k.t.Fatalf("no line %s:\n%s", title, k.text())
}

// open opens a form on a line: the focus is in its first field.
func (k *keyboard) open(title, key string) {
	k.t.Helper()
	k.walkTo(title)
	k.press(key)
	k.waitFor(`document.activeElement.closest('#triage-detail details[open]') !== null`)
}

// happened wants the line to say what was done, the focus to have gone on, and the ticket to be in a state.
func (k *keyboard) happened(title, state string) {
	k.t.Helper()
	k.waitFor(fmt.Sprintf(`[...document.querySelectorAll('.triage-line.is-done')].some(l => l.textContent.includes(%q))`, title))
	k.js(`document.activeElement.matches('.triage-line')`)
	if got := k.text1("SELECT state FROM tickets WHERE title = ?", title); got != state {
		k.t.Errorf("%s is %s, want %s", title, got, state)
	}
}

// reopen loads the page anew by way of the palette.
func (k *keyboard) reopen() {
	k.t.Helper()
	k.press("k", chromedp.ModifierCtrl)
	k.waitFor(`document.getElementById('palette').open`)
	k.typeText("分办台")
	k.waitFor(`document.getElementById('palette-list').dataset.q === '分办台'`)
	k.load(kb.Enter)
	k.waitFor(`document.activeElement.matches('.triage-line')`)
}

// text1 is the one value that a query finds in the demo's database.
func (k *keyboard) text1(query string, args ...any) string {
	k.t.Helper()
	var value string
	if err := k.db.QueryRow(query, args...).Scan(&value); err != nil {
		k.t.Fatalf("%s %v: %v", query, args, err)
	}
	return value
}

// assert reads what came of the morning.
func (k *keyboard) assert() {
	k.t.Helper()
	b := blockers()
	for query, want := range map[string]string{
		"SELECT COUNT(*) FROM tickets WHERE parent_ticket_id = (SELECT id FROM tickets WHERE title = '" + b[0] + "') AND state = 'draft'": "2",
		"SELECT decision_from FROM tickets WHERE title = '" + b[4] + "'":                                                                  "示例区财政部门",
		"SELECT COUNT(*) FROM tickets WHERE title = '" + b[1] + "' AND hand_overs = 1":                                                    "1",
		"SELECT COUNT(*) FROM tickets WHERE title = '" + b[2] + "' AND duplicate_of_id > 0":                                               "1",
		"SELECT COUNT(*) FROM tickets WHERE title LIKE '示例堵点%' AND state = 'issued'":                                                      "8",
	} {
		if got := k.text1(query); got != want {
			k.t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	verbs := map[string]int{"approve": 9, "send_back": 1, "split": 1, "raise": 1, "reassign": 1, "duplicate": 1, "terminate": 1}
	for verb, want := range verbs {
		got := k.text1("SELECT COUNT(*) FROM journal WHERE action = ? AND actor_id = (SELECT id FROM users WHERE account = ?) AND ticket_id IN (SELECT id FROM tickets WHERE title LIKE '示例堵点%')", "ticket."+verb, k.account)
		if got != fmt.Sprint(want) {
			k.t.Errorf("the journal has %s ticket.%s by the leader, want %d", got, verb, want)
		}
	}
}

// submitBlockers drafts the blockers in the leader's task force, for a unit that is not the leader's, and submits them, as a supervisor does over plain HTTP.
func (s *site) submitBlockers(t *testing.T, k *keyboard) {
	t.Helper()
	force := k.text1("SELECT scope_id FROM role_grants WHERE role = 'taskforce_leader' AND scope = 'task_force' AND user_id = (SELECT id FROM users WHERE account = ?)", k.account)
	unit := k.text1("SELECT MAX(id) FROM units WHERE id <> (SELECT unit_id FROM users WHERE account = ?)", k.account)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	post := func(path string, form url.Values) string {
		answer, err := client.PostForm(s.url+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("POST %s: %s", path, answer.Status)
		}
		return answer.Request.URL.Path
	}
	account := s.account["supervisor"]
	post("/login", url.Values{"account": {account}, "password": {s.password[account]}})
	for _, title := range blockers() {
		path := post("/tickets/new", url.Values{"kind": {"blocker"}, "title": {title}, "basis": {"示例依据"}, "instruction": {"示例：请牵头协调"}, "task_force_id": {force}, "lead_unit_id": {unit},
			"due_term": {"15 workdays"}, "cause": {"land"}, "urgency": {"normal"}, "importance": {"normal"}, "other_matter": {"1"}})
		post(path+"/move", url.Values{"version": {"1"}, "move": {"submit_draft"}})
	}
	if got := k.text1("SELECT COUNT(*) FROM tickets WHERE title LIKE '示例堵点%' AND state = 'pending'"); got != "10" {
		t.Fatalf("%s blockers wait for approval", got)
	}
}
