package e2e

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
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

	k.press("k", input.ModifierCtrl) // the palette leads here, by initials
	k.waitFor(`document.getElementById('palette').open`)
	k.typeText("fbt")
	k.waitFor(`document.getElementById('palette-list').dataset.q === 'fbt' && document.querySelector('#palette-list [aria-selected=true]').getAttribute('href') === '/triage'`)
	k.load(kb.Enter)
	k.waitFor(`document.activeElement.matches('.triage-line')`)

	k.walkTo(blockers()[9]) // sent back to its drafter, after an empty form that the server refuses
	k.press("r")
	k.waitFor(`document.activeElement.name === 'reason'`)
	k.typeText("请补充补偿标准")
	k.press(kb.Enter, input.ModifierCtrl)
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
	k.press(kb.Enter, input.ModifierCtrl)
	k.happened(blockers()[0], "issued")
	k.open(blockers()[4], "l") // refused first: nobody is named who must decide
	k.typeText("缺口须由区里统筹")
	k.tabTo("decision_from")
	k.clear()
	k.evade()
	k.press(kb.Enter, input.ModifierCtrl)
	k.waitFor(`document.activeElement.name === 'decision_from' && document.querySelector('#triage-detail textarea[name=reason]').value === '缺口须由区里统筹'`)
	k.typeText("示例区财政部门")
	k.press(kb.Enter, input.ModifierCtrl)
	k.happened(blockers()[4], "issued")
	k.open(blockers()[1], "u")
	k.press(kb.ArrowDown)
	k.tabTo("reason")
	k.typeText("属另一单位职责")
	k.press(kb.Enter, input.ModifierCtrl)
	k.happened(blockers()[1], "issued")
	k.open(blockers()[2], "d")
	k.press(kb.ArrowDown)
	k.tabTo("reason")
	k.typeText("同一处管线")
	k.tabTo("sure")
	k.press(kb.Enter, input.ModifierCtrl)
	k.happened(blockers()[2], "terminated")
	k.assert(s)
}

// keyboard is a browser that is driven by key events alone.
type keyboard struct {
	*browser
	db      *sql.DB
	account string
}
