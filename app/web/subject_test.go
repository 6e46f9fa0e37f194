package web_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// enacted has a rule set approved; it takes effect the next day.
func enacted(t *testing.T, w *apptest.World, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	apptest.Must(t, err, "read the rule set")
	ctx := context.Background()
	l, err := w.App.DraftLaw(ctx, w.As(t, "dir"), app.DraftLaw{Kind: "ruleset", Text: string(text), Reason: "示例", EffectiveFrom: w.App.Today().AddDays(1)})
	apptest.Must(t, err, "draft")
	_, err = w.App.DecideLaw(ctx, w.As(t, "leader"), app.DecideLaw{Law: l.ID, Version: l.Version, Decision: "approve"})
	apptest.Must(t, err, "approve")
}

// An assisting unit sees its own date and light on the ticket's page, replies there, and the light leads to its explanation.
func TestPartOfATicketOnItsPage(t *testing.T) {
	w, s, srv := site(t)
	enacted(t, w, "../../workflows/rulesets/quanzhou_2022.yaml")
	w.At(t, "2023-03-14 09:00")
	ctx := context.Background()
	k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "appeal", Title: "示例企业诉求", Basis: "示例", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], AssistUnitIDs: []int64{s.Units["zjj"]}, DueTerm: "7 workdays"})
	apptest.Must(t, err, "draft")
	k, err = w.App.MoveTicket(ctx, w.As(t, "sup"), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "submit_draft"})
	apptest.Must(t, err, "submit")
	k, err = w.App.MoveTicket(ctx, w.As(t, "dir"), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "approve"})
	apptest.Must(t, err, "approve")
	w.At(t, "2023-03-20 09:00") // 3 working days from Tuesday end on Friday
	_, err = w.App.Sweep(ctx, app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
	zjj, gxj, sup := as(t, w, srv, "zjj.hand"), as(t, w, srv, "gxj.hand"), as(t, w, srv, "sup")
	path := "/tickets/" + k.No
	page := zjj.get(path)
	page.has(t, http.StatusOK, "协办反馈", "应于 ", "17日", `href="/why/parts/2"`, `name="part" value="2"`)
	gxj.get(path).lacks(t, "提交协办反馈")
	sup.get("/why/parts/2").has(t, http.StatusOK, "企业诉求逾期未答复", "quanzhou_2022/reply.late@1", "转督查部门督办")
	sup.get("/why/parts/1").has(t, http.StatusOK, "企业诉求逾期未答复")
	sup.get("/why/parts/99").has(t, http.StatusNotFound)
	reply := url.Values{"part": {"2"}, "version": {"1"}, "reply": {""}}
	zjj.post(path+"/reply", reply).has(t, http.StatusUnprocessableEntity, "提交协办反馈")
	reply.Set("reply", "示例：已现场办理")
	gxj.post(path+"/reply", reply).has(t, http.StatusNotFound)
	reply.Set("version", "9")
	zjj.post(path+"/reply", reply).has(t, http.StatusConflict, "示例：已现场办理")
	reply.Set("version", "1")
	zjj.post(path+"/reply", reply).went(t, path+"#units")
	zjj.get(path).has(t, http.StatusOK, "示例：已现场办理")
	sup.get("/journal").has(t, http.StatusOK, "协办反馈")
}

// What rules say of task forces, units and the district is listed, stands on the task force's page, and is explained.
func TestSubjectsPage(t *testing.T) {
	w, _, srv := site(t)
	sup, hand := as(t, w, srv, "sup"), as(t, w, srv, "gxj.hand")
	sup.get("/subjects").has(t, http.StatusOK, "施行中的规则没有评判专班")
	enacted(t, w, "../testdata/laws/subjects.yaml")
	w.At(t, "2023-03-31 17:00")
	_, err := w.App.Sweep(context.Background(), app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
	sup.enter("sup")
	hand.enter("gxj.hand")
	page := sup.get("/subjects")
	page.has(t, http.StatusOK, "扩工业", "示例工信局", "/why/subjects/")
	hand.get("/subjects").lacks(t, "示例住建局")
	list, err := w.App.SubjectLights(context.Background(), app.System("test"))
	apptest.Must(t, err, "list")
	for _, one := range list {
		if one.Scope != "task_force" {
			continue
		}
		sup.get("/why/subjects/"+itoa(one.ID)).has(t, http.StatusOK, "企业满意率尚无数据，本规则暂不能评判")
		hand.get("/why/subjects/"+itoa(one.ID)).has(t, http.StatusNotFound)
		break
	}
	sup.get("/taskforces/1").has(t, http.StatusOK, "专班整体")
	sup.get("/why/taskforces/1").went(t, "/why/subjects/2") // the district comes first
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
