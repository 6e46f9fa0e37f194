package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// ask asks for a page as the refreshing element of the map does.
func (b *browser) ask(path, tag, target string) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	apptest.Must(b.t, err, "ask for %s", path)
	r.Header.Set("HX-Request", "true")
	if target != "" {
		r.Header.Set("HX-Target", target)
	}
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	return b.do(r)
}

func TestMapShowsTheYear(t *testing.T) {
	d := newBoard(t)
	page := d.as(t, "leader").get("/map")
	page.has(t, http.StatusOK, "省市重点项目", "<b>3.5</b> <span class=\"unit\">亿元</span>", "<b>1.3</b> <span class=\"unit\">亿元</span>", "开工率", "投资完成率", "资金到位率", "按期竣工率", "示例产线", "示例考评平台",
		"6月30日 主体封顶", "班长 示例班长一", "示例工信经办", "责任人空缺", "在建", "签约")
	d.as(t, "tf10").get("/map").has(t, http.StatusOK, "示例考评平台").lacks(t, "示例产线")
	d.as(t, "zjj.hand").get("/map").has(t, http.StatusOK, "没有您可见的项目")
}

func TestMapFilters(t *testing.T) {
	d := newBoard(t)
	b := d.as(t, "leader")
	b.get("/map?force=10").has(t, http.StatusOK, "示例考评平台").lacks(t, "示例产线")
	b.get("/map?light=none").has(t, http.StatusOK, "示例签约项目").lacks(t, "示例产线")
	b.get("/map?light=red").has(t, http.StatusOK, "没有符合条件的项目", `href="/map"`)
	b.get("/map?light=purple").has(t, http.StatusOK, "示例产线")
	d.as(t, "guar").get("/map?mine=1").has(t, http.StatusOK, "示例产线", "我包保的").lacks(t, "示例签约项目")
}

func TestMapIsNotSentTwice(t *testing.T) {
	d := newBoard(t)
	b := d.as(t, "leader")
	first := b.ask("/map", "", "")
	first.has(t, http.StatusOK, "hx-swap-oob", "示例产线", "hx-headers")
	first.lacks(t, "<!doctype html>")
	tag := first.header.Get("ETag")
	same := b.ask("/map", tag, "")
	if same.status != http.StatusNotModified || same.body != "" || same.header.Get("HX-Reswap") != "none" {
		t.Errorf("an unchanged map: status %d, %d bytes, HX-Reswap %q", same.status, len(same.body), same.header.Get("HX-Reswap"))
	}
	if a := b.get("/map"); a.header.Get("ETag") != tag || !strings.Contains(a.text, strings.Trim(tag, `W/"`)) {
		t.Errorf("the page has the tag %q and its refreshing element does not carry %q", a.header.Get("ETag"), tag)
	}
	b.ask("/map?force=1", tag, "").has(t, http.StatusOK)
	d.as(t, "tf10").ask("/map", tag, "").has(t, http.StatusOK).lacks(t, "示例产线")
	tag = b.ask("/map", "", "").header.Get("ETag") // tf10 has signed in meanwhile, and that stands in the journal
	b.ask("/map", tag, "").has(t, http.StatusNotModified)
	apptest.Must(t, d.App.ReportProgress(context.Background(), d.As(t, "gxj.hand"), app.ReportProgress{Project: d.projects["P-001"].ID, Month: d.App.Today().Month(), Fen: 100 * wan}), "report")
	b.ask("/map", tag, "").has(t, http.StatusOK, "示例产线")
	d.At(t, "2023-03-14 09:00")
	tag = d.as(t, "leader").ask("/map", "", "").header.Get("ETag")
	d.At(t, "2023-03-15 09:00")
	d.as(t, "leader").ask("/map", tag, "").has(t, http.StatusOK, "3月15日")
}

func TestCrowdedCellLinksToTheRest(t *testing.T) {
	d := newBoard(t)
	for i := range 6 {
		_, err := d.App.AddProject(context.Background(), d.As(t, "tf1"), app.AddProject{Name: fmt.Sprintf("示例拥挤%d", i), TaskForceID: d.small.Forces["1"], Level: "city", Year: 2023, InvestFen: wan, Stage: "negotiating"})
		apptest.Must(t, err, "add a project")
	}
	page := d.as(t, "leader").get("/map")
	page.has(t, http.StatusOK, "还有 1 个（无规则 1）", `href="/map?all=1&force=1&state=negotiating&view=stages"`, "示例拥挤4")
	page.lacks(t, "示例拥挤5")
}

func TestProjectBesideTheMap(t *testing.T) {
	d := newBoard(t)
	b := d.as(t, "leader")
	b.ask("/projects/P-001", "", "panel").has(t, http.StatusOK, "示例产线", "主体封顶", "打开项目页").lacks(t, "<!doctype html>")
	d.as(t, "zjj.hand").ask("/projects/P-001", "", "panel").has(t, http.StatusNotFound)
}

// Live pages replace single cards: each item comes with where it stands now, and what is not there for the person is gone.
func TestSingleCards(t *testing.T) {
	d := newBoard(t)
	path := "/map/cards?items=project/P-001,project/P-002,project/P-999"
	d.as(t, "leader").get(path).has(t, http.StatusOK, `"item":"project/P-001","row":"1","col":"building","place":0`, `data-item=\"project/P-001\" data-at=\"building\"`,
		`{"item":"project/P-999","gone":true`, `"building":{"n":1`).lacks(t, `{"item":"project/P-002","gone":true`)
	d.as(t, "tf10").get(path).has(t, http.StatusOK, `{"item":"project/P-001","gone":true`, `{"item":"project/P-999","gone":true`)
	d.as(t, "leader").get("/map/cards?items=project/P-001&light=red").has(t, http.StatusOK, `{"item":"project/P-001","gone":true`)
	d.as(t, "leader").get("/map/cards?items=project/P-001&view=months").has(t, http.StatusOK, `"item":"project/P-001","row":"1"`, "主体封顶")
}

func TestThreeViews(t *testing.T) {
	d := newBoard(t)
	k, err := d.App.DraftTicket(context.Background(), d.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: "示例事项", Basis: "示例", TaskForceID: d.small.Forces["1"], LeadUnitID: d.small.Units["gxj"], DueTerm: "5 workdays"})
	apptest.Must(t, err, "draft a ticket")
	b := d.as(t, "leader")
	b.get("/map?view=stages").has(t, http.StatusOK, `id="board" class="map-frame" data-view="stages"`, `data-row="1" data-col="building"`, `id="card-P-001" data-item="project/P-001" data-at="building"`).lacks(t, "示例事项")
	b.get("/map?view=months").has(t, http.StatusOK, `data-view="months"`, "示例产线", "2023", "主体封顶（应于 2023年6月30日")
	b.get("/map?view=tickets").has(t, http.StatusOK, `data-view="tickets"`, "示例事项", `data-item="ticket/`+k.No+`" data-at="draft"`).lacks(t, "示例产线")
	d.as(t, "tf10").get("/map?view=tickets").has(t, http.StatusOK).lacks(t, "示例事项")
	for path, want := range map[string]bool{"/map?leader=" + text(d.small.Users["guar"]): true, "/map?leader=" + text(d.small.Users["tf1"]): true, "/map?leader=" + text(d.small.Users["tf10"]): false,
		"/map?unit=" + text(d.small.Units["gxj"]): true, "/map?unit=" + text(d.small.Units["zjj"]): false, "/map?days=1": false, "/map?over=1": false, "/map?blocked=1": false, "/map?rule=project.behind": false,
		"/map?text=产线": true, "/map?state=building": true, "/map?state=signed": false, "/map?force=9": false} {
		if got := strings.Contains(b.get(path).text, "示例产线</a>"); got != want {
			t.Errorf("%s shows the project: %v, want %v", path, got, want)
		}
	}
}

func TestViewsAreKeptAndShared(t *testing.T) {
	d := newBoard(t)
	tf1, leader, tf10 := d.as(t, "tf1"), d.as(t, "leader"), d.as(t, "tf10")
	d.quiet(t, "a view without a name", func() {
		tf1.post("/map/views", url.Values{"query": {"view=stages&light=none"}, "scope": {"own"}}).has(t, http.StatusUnprocessableEntity, "light=none", `id="save-view"`)
		tf1.post("/map/views", url.Values{"query": {"view=stages"}, "scope": {"district"}, "name": {"示例"}}).has(t, http.StatusNotFound)
	})
	tf1.post("/map/views", url.Values{"query": {"evil=1&light=none&view=stages"}, "scope": {"1"}, "name": {"示例无灯"}}).went(t, "/map?light=none&view=stages")
	tf1.get("/map").has(t, http.StatusOK, `href="/map?light=none&view=stages"`, "示例无灯", "扩工业共享", "/map/views/drop")
	leader.get("/map").has(t, http.StatusOK, "示例无灯", "示例班长一共享").lacks(t, "/map/views/drop")
	tf10.get("/map").has(t, http.StatusOK).lacks(t, "示例无灯")
	tf10.get("/map?light=none&view=stages").has(t, http.StatusOK).lacks(t, "示例签约项目") // a shared address shows what one may see
	drop := url.Values{"id": {"1"}, "version": {"1"}}
	leader.post("/map/views/drop", drop).has(t, http.StatusNotFound)
	tf1.post("/map/views/drop", drop).went(t, "/map")
	leader.get("/map").has(t, http.StatusOK).lacks(t, "示例无灯")
}

func TestMapRemembers(t *testing.T) {
	d := newBoard(t)
	b := d.as(t, "leader")
	b.get("/map").has(t, http.StatusOK, `data-view="stages"`)
	b.get("/map?view=tickets&fold=1").has(t, http.StatusOK)
	b.get("/map").went(t, "/map?fold=1&view=tickets")
	b.get("/map?view=stages").has(t, http.StatusOK, `data-view="stages"`)
	b.signIn("tf10") // another person at the same desk
	b.get("/map").has(t, http.StatusOK, `data-view="stages"`)
	b.post("/prefs", url.Values{"density": {"compact"}, "next": {"/map"}}).went(t, "/map")
	b.get("/map").has(t, http.StatusOK, `data-density="compact"`)
}

func TestCellLimitsOnTheMap(t *testing.T) {
	d := newBoard(t)
	tf1, tf10 := d.as(t, "tf1"), d.as(t, "tf10")
	tf1.get("/map/limits?board=stages").has(t, http.StatusOK, `href="/map/limits?board=stages&force=1&state=building"`).lacks(t, `force=10&state=building`)
	form := url.Values{"board": {"stages"}, "force": {"1"}, "state": {"building"}, "most": {"1"}, "version": {"0"}}
	tf1.post("/map/limits", form).has(t, http.StatusUnprocessableEntity, `value="1"`)
	form.Set("reason", "示例:一次建一个")
	tf10.post("/map/limits", form).has(t, http.StatusNotFound)
	tf1.post("/map/limits", form).went(t, "/map/limits?board=stages")
	tf1.post("/map/limits", form).has(t, http.StatusConflict)
	tf1.get("/map?view=stages").has(t, http.StatusOK, `data-col="building" data-head="在建" data-limit="1"`, `<span class="cap late"`, "1/1")
	_, err := d.App.AddProject(context.Background(), d.As(t, "tf1"), app.AddProject{Name: "示例第二个", TaskForceID: d.small.Forces["1"], Level: "city", Year: 2023, InvestFen: wan, Stage: "building"})
	if f := app.AsFaults(err); len(f) != 1 || f[0].Key != "cell_full" {
		t.Errorf("a second project in a cell for one: %v", err)
	}
}
