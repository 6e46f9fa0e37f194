package web_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// The page of figures from its empty state to a corrected figure: strangers find nothing, what was typed stays, a paste is seen before it counts.
func TestFiguresPage(t *testing.T) {
	w, s, srv := site(t)
	sup, lead, hand := as(t, w, srv, "sup"), as(t, w, srv, "tf1"), as(t, w, srv, "gxj.hand")
	sup.get("/figures").has(t, http.StatusOK, "施行中的规则没有需要填报的数据", `href="/rules"`, `href="/figures"`)
	hand.get("/figures").has(t, http.StatusNotFound)
	hand.get("/desk").lacks(t, `href="/figures"`)
	text, err := os.ReadFile("../testdata/laws/figures.yaml")
	apptest.Must(t, err, "read the rule set")
	ctx := context.Background()
	l, err := w.App.DraftLaw(ctx, w.As(t, "dir"), app.DraftLaw{Kind: "ruleset", Text: string(text), Reason: "示例", EffectiveFrom: w.App.Today().AddDays(1)})
	apptest.Must(t, err, "draft")
	_, err = w.App.DecideLaw(ctx, w.As(t, "leader"), app.DecideLaw{Law: l.ID, Version: l.Version, Decision: "approve"})
	apptest.Must(t, err, "approve")
	w.At(t, "2023-04-03 09:00")
	for _, b := range []*browser{sup, lead, hand} {
		b.enter(map[*browser]string{sup: "sup", lead: "tf1", hand: "gxj.hand"}[b])
	}

	sup.get("/figures?input=task_force%2Fsatisfied").has(t, http.StatusOK, "企业满意率（%）", "2023年3月", "扩工业", "考评督导", "未填报", `name="v-1"`, "从 Excel 粘贴整张表")
	sup.get("/figures?input=unit%2Fvisits&last=2023-03-31").has(t, http.StatusOK, "2023年第1季度", "示例工信局")
	sup.get("/figures?input=task_force%2Fsatisfied&last=2023-03-15").has(t, http.StatusOK, "2023年3月")
	sup.get("/figures?input=unit%2Fnothing").has(t, http.StatusNotFound)
	lead.get("/figures?input=task_force%2Fsatisfied").lacks(t, "考评督导")
	form := func(act, value, edition, source, pasted string) url.Values {
		return url.Values{"scope": {"task_force"}, "input": {"satisfied"}, "last": {"2023-03-31"}, "act": {act}, "v-1": {value}, "e-1": {edition}, "source": {source}, "pasted": {pasted}}
	}
	sup.post("/figures", form("save", "八成", "0", "示例报表", "")).has(t, http.StatusUnprocessableEntity, `value="八成"`, "请填百分比", `value="示例报表"`)
	sup.post("/figures", form("save", "85", "0", "", "")).has(t, http.StatusUnprocessableEntity, `value="85"`)
	hand.post("/figures", form("save", "85", "0", "示例报表", "")).has(t, http.StatusNotFound)
	sup.post("/figures", form("read", "", "0", "", "扩工业\t81.5\n不存在\t3")).has(t, http.StatusUnprocessableEntity, `value="81.5"`, "以下各行没有对应", "不存在")
	sup.post("/figures", form("read", "", "0", "", "专班\t数值\n扩工业\t81.5")).has(t, http.StatusOK, `value="81.5"`, "已读入 1 行，尚未保存")
	sup.post("/figures", form("save", "81.5", "0", "示例报表", "")).went(t, "/figures?input=task_force%2Fsatisfied&last=2023-03-31")
	sup.post("/figures", form("save", "90", "0", "示例报表", "")).has(t, http.StatusConflict, `value="90"`, "81.5%", `name="e-1" value="1"`)
	sup.post("/figures", form("save", "90", "1", "示例报表", "")).has(t, http.StatusUnprocessableEntity, "须写明原因")
	lead.get("/figures?input=task_force%2Fsatisfied&last=2023-03-31").has(t, http.StatusOK, "81.5%", "示例督查员", "依据：示例报表")
	sup.get("/figures/csv?input=task_force%2Fsatisfied&last=2023-03-31").has(t, http.StatusOK, "扩工业", "81.5", "\ufeff编号")
	sup.get("/journal?kind=figure").has(t, http.StatusOK, "填报数据", "81.5")
	foreign := form("save", "", "0", "示例报表", "")
	foreign.Set("v-2", "85")
	if id := s.Forces["10"]; id != 2 {
		t.Fatalf("task force 10 has the number %d", id)
	}
	lead.post("/figures", foreign).has(t, http.StatusUnprocessableEntity, "没有新的数值")
}
