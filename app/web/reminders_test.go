package web_test

import (
	"context"
	"encoding/csv"
	"errors"
	"net/url"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// ledgerSite is a site with a mail server, on which the letters of one issued ticket to unit gxj have met the given fates; what is not named is accepted.
func ledgerSite(t *testing.T, fates map[string]app.Outcome) (w *apptest.World, open func(account string) *browser) {
	t.Helper()
	w, s, srv := site(t)
	w.Options.Mail = true
	w.Reopen(t)
	srv.Close()
	srv = serve(t, w)
	issued(t, w, s, app.DraftTicket{Kind: "assignment", Title: "=HYPERLINK(示例)", Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "3 months"})
	ctx := context.Background()
	_, err := w.App.DeliverInbox(ctx)
	apptest.Must(t, err, "inbox")
	for {
		got, err := w.App.ClaimMail(ctx, 1)
		apptest.Must(t, err, "claim")
		if len(got) == 0 {
			break
		}
		fate := app.Outcome("accepted")
		if f, ok := fates[got[0].Recipient.Account]; ok {
			fate = f
		}
		apptest.Must(t, w.App.Settle(ctx, got[0], fate, errors.New("550 no such user")), "settle")
	}
	return w, func(account string) *browser { return as(t, w, srv, account) }
}

// picked are the boxes of the letters on a page.
func picked(t *testing.T, a answer) []string {
	t.Helper()
	var out []string
	for _, part := range strings.Split(a.body, `name="letter" value="`)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		out = append(out, value)
	}
	return out
}

func TestLedgerPageAndItsDeadLetters(t *testing.T) {
	_, open := ledgerSite(t, map[string]app.Outcome{"gxj.lead": "failed", "gxj.hand": "unknown"})
	sup := open("sup")
	sup.get("/desk").has(t, 200, "2 封提醒信未送达或结果不明")
	sup.get("/ledger").has(t, 200, "提醒台账", "示例工信局长", "审签交办", "未送达", "结果不明", "已送达", "550 no such user")
	sup.get("/ledger?status=accepted&channel=inbox").lacks(t, "550 no such user")
	sup.get("/ledger?item="+url.QueryEscape("〔2023〕001号")).has(t, 200, "示例工信局长")
	sup.get("/ledger?item=2023-999").has(t, 200, "没有符合条件的提醒")
	sup.get("/ledger?from=昨天").has(t, 422, "日期")
	page := sup.get("/ledger?status=dead").has(t, 200, "再次发送", "确认已送达")
	letters := picked(t, page)
	if len(letters) != 2 {
		t.Fatalf("boxes %v", letters)
	}
	path := "/ledger/decide?status=dead"
	sup.post(path, url.Values{"verb": {"again"}}).has(t, 422, "请勾选 1 至 200 封信")
	sup.post(path, url.Values{"verb": {"nonsense"}, "letter": letters}).has(t, 422)
	sup.post(path, url.Values{"verb": {"arrived"}, "letter": letters[:1], "how": {"phone"}}).has(t, 422, "请填写此项", `value="`+letters[0]+`" checked`, `value="phone" selected`)
	for _, account := range []string{"insp", "tf1", "gxj.lead"} {
		open(account).post(path, url.Values{"verb": {"again"}, "letter": letters}).has(t, 404)
	}
	one := "/ledger/" + strings.Split(letters[0], ":")[0]
	sup.get(one).has(t, 200, "发送记录", "开始发送", "reminder-", "再次发送")
	sup.post(one+"/decide", url.Values{"verb": {"arrived"}, "letter": letters[:1]}).has(t, 422, "请填写此项")
	sup.post(one+"/decide", url.Values{"verb": {"arrived"}, "letter": letters[:1], "how": {"phone"}, "reason": {"当日与本人核实"}}).went(t, one)
	sup.get(one).has(t, 200, "电话核实", "当日与本人核实", "示例督查员").lacks(t, "再次发送</button>")
	sup.post(one+"/decide", url.Values{"verb": {"again"}, "letter": letters[:1]}).has(t, 409, "情况已有变化")
	sup.post(path, url.Values{"verb": {"again"}, "letter": letters}).has(t, 409, "情况已有变化", `value="`+letters[1]+`" checked`)
	sup.post(path, url.Values{"verb": {"again"}, "letter": letters[1:]}).went(t, "/ledger?status=dead")
	sup.get("/desk").lacks(t, "封提醒信未送达")
	sup.get("/journal").has(t, 200, "决定再次发送提醒", "确认提醒已送达", "当日与本人核实")
}

func TestLedgerIsForThoseWhoMaySeeIt(t *testing.T) {
	_, open := ledgerSite(t, nil)
	hand := open("gxj.hand")
	hand.get("/ledger").has(t, 404)
	hand.get("/ledger/csv").has(t, 404)
	hand.get("/inbox").has(t, 200, `href="/me/told"`).lacks(t, `href="/ledger"`)
	page := hand.get("/me/told").has(t, 200, "我收到的提醒", "站内", "邮件", "审签交办")
	_, rest, _ := strings.Cut(page.body, `<td data-head="列入时间"><div><a href="`)
	row, _, _ := strings.Cut(rest, `"`)
	hand.get(row).has(t, 200, "示例工信经办")
	open("zjj.lead").get(row).has(t, 404)
	open("tf1").get(row).has(t, 200)
	open("tf10").get(row).has(t, 404)
	open("tf10").get("/ledger").has(t, 200, "还没有提醒")
	insp := open("insp")
	insp.get("/ledger").has(t, 200, "示例工信经办", `href="/ledger"`)
	insp.get("/tickets/2023-001").has(t, 200, "提醒记录", "示例工信经办", "/ledger?item=2023-001")
	hand.get("/tickets/2023-001").has(t, 200, "提醒记录", "示例工信局长").lacks(t, "/ledger?item=")
}

// The download is for Excel: a mark of its encoding, and nothing that a spreadsheet would take for a formula.
func TestLedgerIsDownloaded(t *testing.T) {
	_, open := ledgerSite(t, map[string]app.Outcome{"gxj.lead": "failed"})
	file := open("sup").get("/ledger/csv?channel=mail")
	if file.status != 200 || !strings.HasPrefix(file.body, "\ufeff") {
		t.Fatalf("status %d, begins with %.20q", file.status, file.body)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, "\ufeff"))).ReadAll()
	apptest.Must(t, err, "read the file")
	if len(rows) != 5 || rows[0][0] != "编号" {
		t.Fatalf("rows %q", rows)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a cell begins like a formula: %q", cell)
			}
		}
		if row[4] != "邮件" || !strings.Contains(row[5], "=HYPERLINK(示例)") {
			t.Errorf("row %q", row)
		}
	}
}

func TestHowMailComesIsChosen(t *testing.T) {
	w, _, srv := site(t)
	hand := as(t, w, srv, "gxj.hand")
	version := func() string {
		_, rest, _ := strings.Cut(hand.get("/me").has(t, 200, "邮件提醒", "每个工作日一封汇总信", "免打扰自").body, `name="version" value="`)
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	v := version()
	hand.post("/me/mail", url.Values{"version": {v}, "mode": {"single"}, "quiet_from": {"08:00"}, "quiet_to": {"18:00"}}).has(t, 422, "至少 2 小时工作时间", `value="08:00"`, `value="single" checked`)
	hand.post("/me/mail", url.Values{"version": {v}, "quiet_from": {"晚上"}, "quiet_to": {"08:00"}}).has(t, 422, "08:30 的格式", `value="晚上"`)
	hand.post("/me/mail", url.Values{"version": {v}, "mode": {"single"}, "quiet_from": {"20:00"}, "quiet_to": {"08:00"}}).went(t, "/me")
	hand.get("/me").has(t, 200, `value="single" checked`, `value="20:00"`)
	hand.post("/me/mail", url.Values{"version": {v}, "mode": {"daily"}}).has(t, 409)
	hand.post("/me/mail", url.Values{"version": {version()}, "mode": {"daily"}}).went(t, "/me")
	u, err := w.App.Mail(context.Background(), w.As(t, "gxj.hand"))
	if err != nil || u.Single || u.QuietFrom != "" {
		t.Errorf("chosen %+v, %v", u, err)
	}
}
