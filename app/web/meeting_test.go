package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// held lets the district meet today, and opens the meeting.
func held(t *testing.T, d *boardWorld, title string) *app.Meeting {
	t.Helper()
	ctx := context.Background()
	m, err := d.App.PlanMeeting(ctx, d.As(t, "dir"), app.PlanMeeting{Kind: "dispatch", Title: title, HeldOn: d.App.Today(), ChairID: d.small.Users["leader"]})
	apptest.Must(t, err, "plan %s", title)
	apptest.Must(t, d.App.HoldMeeting(ctx, d.As(t, "dir"), app.HoldMeeting{Meeting: m.ID, Version: m.Version}), "hold %s", title)
	return m
}

// The pack of a meeting prints what changed since the meeting before, and of a past meeting up to its own day.
func TestPackHoldsTheChanges(t *testing.T) {
	d := newBoard(t)
	first := held(t, d, "示例第一次会")
	later(t, d)
	second, err := d.App.PlanMeeting(context.Background(), d.As(t, "dir"), app.PlanMeeting{Kind: "dispatch", Title: "示例第二次会", HeldOn: d.App.Today(), ChairID: d.small.Users["leader"]})
	apptest.Must(t, err, "plan the second")
	b := d.as(t, "dir")
	pack := b.get("/meetings/" + second.No + "/pack")
	pack.has(t, http.StatusOK, "上次会议以来的变化", "2023年3月13日", "2023年5月20日", "新立事项", "=1+示例", "灯色加重", "示例考评平台", "主要数字", "开工率", "打开变化清单")
	if n := strings.Count(pack.body, `class="meet-table"`); n < 3 {
		t.Errorf("the pack holds %d tables, want the figures and at least two kinds of change", n)
	}
	b.get("/meetings/"+first.No+"/pack").has(t, http.StatusOK, "上次会议以来的变化", "至 2023年3月13日").lacks(t, "=1+示例", "2023年5月20日 日终")
	b.get("/supervision/pack").has(t, http.StatusOK, "2023年3月13日", "新立事项", "=1+示例")
	// Of what is out of sight nothing is printed, and a task force's own meeting tells of nobody else.
	own, err := d.App.PlanMeeting(context.Background(), d.As(t, "tf1"), app.PlanMeeting{Kind: "special", Title: "示例专班会", TaskForceID: d.small.Forces["1"], HeldOn: d.App.Today(), ChairID: d.small.Users["tf1"]})
	apptest.Must(t, err, "plan the task force's")
	for _, who := range []string{"tf1", "dir"} {
		d.as(t, who).get("/meetings/"+own.No+"/pack").has(t, http.StatusOK, "2023年5月13日").lacks(t, "示例考评平台")
	}
}
