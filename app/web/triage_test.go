package web_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// The triage desk is a page of links and forms: everything on it works without a script.
func TestTriageWithoutJavaScript(t *testing.T) {
	w, s, srv := site(t)
	one, two := pending(t, w, s, "gxj"), pending(t, w, s, "zjj")
	dir := as(t, w, srv, "dir")
	dir.get("/triage").has(t, http.StatusOK, "待处理", "审签交办", "/triage?no="+one.No, `action="/triage/`+one.No+`"`, `name="item" value="`+two.No+":"+num(two.Version)+`"`)
	dir.get("/triage?no="+two.No+"&do=send_back").has(t, http.StatusOK, "退回拟办", `action="/triage/`+two.No+`"`, "<details name=\"act\" data-act=\"send_back\" open")
	as(t, w, srv, "insp").get("/triage").has(t, http.StatusNotFound)
	as(t, w, srv, "insp").post("/triage/"+one.No, url.Values{"act": {"approve"}, "version": {num(one.Version)}}).has(t, http.StatusNotFound)

	before := size(t, w)
	dir.post("/triage/"+two.No, url.Values{"act": {"send_back"}, "version": {num(two.Version)}}).has(t, http.StatusUnprocessableEntity, "请填写此项", "退回理由")
	dir.post("/triage/"+two.No, url.Values{"act": {"send_back"}, "version": {"1"}, "reason": {"示例：依据不足"}}).has(t, http.StatusConflict, "示例：依据不足")
	dir.post("/triage", url.Values{}).has(t, http.StatusOK, "尚未选择事项")
	if size(t, w) != before {
		t.Error("a refused form was recorded")
	}
	dir.post("/triage/"+two.No, url.Values{"act": {"send_back"}, "version": {num(two.Version)}, "reason": {"示例：依据不足"}}).went(t, "/triage?done="+two.No)
	dir.get("/triage?done="+two.No).has(t, http.StatusOK, "退回拟办", "/tickets/"+two.No)
	// Many at once: those who may not see a ticket find nothing, the others go on.
	dir.post("/triage", url.Values{"item": {one.No + ":" + num(one.Version), "2023-999:1"}}).has(t, http.StatusOK, "已交办", "没有找到")
}

// What the palette offers is found without a script too, on the page of the search.
func TestPaletteWithoutJavaScript(t *testing.T) {
	w, s, srv := site(t)
	k := pending(t, w, s, "gxj")
	dir := as(t, w, srv, "dir")
	for _, address := range []string{"/palette?q=", "/search?q="} {
		dir.get(address+url.QueryEscape("示例事项")).has(t, http.StatusOK, "/tickets/"+k.No, "示例事项")
		dir.get(address+url.QueryEscape("作战")).has(t, http.StatusOK, `href="/map"`)
		dir.get(address+"zuozhan").has(t, http.StatusOK, `href="/map"`)
		dir.get(address+url.QueryEscape("示例工信")).has(t, http.StatusOK, "示例工信局")
		as(t, w, srv, "zjj.hand").get(address+url.QueryEscape("示例事项")).has(t, http.StatusOK).lacks(t, "/tickets/"+k.No)
	}
	dir.get("/palette?q=").has(t, http.StatusOK, "/tickets/new", `role="option"`)
	dir.get("/palette?q="+url.QueryEscape("没有这样的东西")).has(t, http.StatusOK, "没有这样的东西").lacks(t, `role="option"`)
}

// A link is ended on the ticket's page by a form, and the last step is offered to be taken back there.
func TestUnlinkAndUndoWithoutJavaScript(t *testing.T) {
	w, s, srv := site(t)
	ctx := context.Background()
	first, later := issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例先办", Basis: "示例"}), issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例后办", Basis: "示例"})
	apptest.Must(t, w.App.LinkTickets(ctx, w.As(t, "sup"), app.LinkTickets{Ticket: later.ID, Version: later.Version, Other: first.ID, Reason: "示例"}), "link")
	f, err := w.App.TicketFile(ctx, w.As(t, "sup"), later.No)
	apptest.Must(t, err, "read %s", later.No)
	kin, err := w.App.TicketKin(ctx, w.As(t, "sup"), f.Ticket)
	apptest.Must(t, err, "kin")
	link := num(kin.Before[0].Link.ID)
	sup, path := as(t, w, srv, "sup"), "/tickets/"+later.No
	sup.get(path).has(t, http.StatusOK, `action="`+path+`/unlink"`, `value="`+link+`"`, "示例先办")
	sup.get("/tickets/"+first.No).has(t, http.StatusOK, `/unlink"`, "示例后办")
	as(t, w, srv, "insp").get(path).has(t, http.StatusOK, "示例先办").lacks(t, `/unlink"`)
	form := func(version int64, link string) url.Values {
		return url.Values{"version": {num(version)}, "link": {link}}
	}
	insp, other := as(t, w, srv, "insp"), as(t, w, srv, "zjj.hand")
	before := size(t, w)
	insp.post(path+"/unlink", form(f.Ticket.Version, link)).has(t, http.StatusNotFound)
	other.post(path+"/unlink", form(f.Ticket.Version, link)).has(t, http.StatusNotFound)
	sup.post(path+"/unlink", form(f.Ticket.Version, "999")).has(t, http.StatusUnprocessableEntity, "请从列表中选择")
	sup.post(path+"/unlink", form(1, link)).has(t, http.StatusConflict)
	if size(t, w) != before {
		t.Error("a refused form was recorded")
	}
	sup.post(path+"/unlink", form(f.Ticket.Version, link)).went(t, path)
	sup.get(path).has(t, http.StatusOK, "关联已解除", "解除关联").lacks(t, `/unlink"`)

	unit := as(t, w, srv, "gxj.hand")
	f, err = w.App.TicketFile(ctx, w.As(t, "sup"), first.No)
	apptest.Must(t, err, "read %s", first.No)
	path = "/tickets/" + first.No
	unit.get(path).lacks(t, `action="/move/undo"`)
	unit.post(path+"/move", url.Values{"version": {num(f.Ticket.Version)}, "move": {"accept"}}).went(t, path)
	unit.get(path).has(t, http.StatusOK, `action="/move/undo"`, "撤销", `name="item" value="ticket/`+first.No+`"`)
	sup.get(path).lacks(t, `action="/move/undo"`)
	f, err = w.App.TicketFile(ctx, w.As(t, "sup"), first.No)
	apptest.Must(t, err, "read %s", first.No)
	unit.post("/move/undo", url.Values{"item": {"ticket/" + first.No}, "version": {num(f.Ticket.Version)}, "back": {path}}).went(t, path)
	unit.get(path).has(t, http.StatusOK, "已撤销上一步").lacks(t, `action="/move/undo"`)
}
