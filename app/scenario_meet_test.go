package app_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
)

// The words of the stories about meetings. A meeting is called by a name of the story, a decision by the meeting and its position.
//
//	meeting M kind=dispatch on=2023-04-21 force=1 as=dir
//	agenda M item=P-001 title=... as=sup
//	hold M as=dir
//	resolve M "text" item=1 lead=gxj tf=1 term="5 workdays" issue=yes ticket=T as=dir
//	ticketise M 1 ticket=T as=sup
//	carry M 1 to=N as=sup
//	finish M 1 note=... as=sup
//	adjourn M as=dir
//	expect meeting M no=2023-调度-01 state=held agenda=decision:2023-001,red:P-001
//	expect decision M 1 state=open ticket=yes open=yes
//	expect last 2023-04-21
func (st *stage) meetWord(w []string, opt map[string]string) (bool, error) {
	ctx, a := context.Background(), st.w.App
	switch w[0] {
	case "meeting":
		m, err := a.PlanMeeting(ctx, st.actor(opt, "sup"), app.PlanMeeting{Kind: or(opt["kind"], "dispatch"), Title: or(opt["title"], w[1]), TaskForceID: st.s.Forces[opt["force"]],
			HeldOn: date(opt["on"]), ChairID: st.s.Users[or(opt["chair"], "dir")], Place: "示例会议室"})
		if err == nil {
			st.meetings[w[1]] = m.ID
		}
		return true, err
	case "agenda":
		return true, a.AddAgendaItem(ctx, st.actor(opt, "sup"), app.AddAgendaItem{Meeting: st.meetings[w[1]], Item: opt["item"], Title: opt["title"], Why: opt["why"]})
	case "hold":
		return true, a.HoldMeeting(ctx, st.actor(opt, "sup"), app.HoldMeeting{Meeting: st.meetings[w[1]], Version: st.meetingVersion(w[1], opt)})
	case "adjourn":
		return true, a.CloseMeeting(ctx, st.actor(opt, "sup"), app.CloseMeeting{Meeting: st.meetings[w[1]], Version: st.meetingVersion(w[1], opt)})
	case "resolve":
		return true, st.resolve(w, opt)
	case "ticketise", "carry", "finish":
		return true, st.onDecision(w, opt)
	case "expect":
		return st.expectMeet(w[1:], opt)
	}
	return false, nil
}

func (st *stage) meetingFile(name string) (app.MeetingFile, error) {
	rows, err := st.w.App.Meetings(context.Background(), app.System("test"))
	if err != nil {
		return app.MeetingFile{}, err
	}
	i := slices.IndexFunc(rows, func(r app.MeetingRow) bool { return r.Meeting.ID == st.meetings[name] })
	if i < 0 {
		return app.MeetingFile{}, fmt.Errorf("no meeting %s", name)
	}
	return st.w.App.MeetingFile(context.Background(), app.System("test"), rows[i].Meeting.No)
}

func (st *stage) meetingVersion(name string, opt map[string]string) int64 {
	if n, err := strconv.ParseInt(opt["version"], 10, 64); err == nil {
		return n
	}
	f, err := st.meetingFile(name)
	if err != nil {
		return 0
	}
	return f.Meeting.Version
}

func (st *stage) resolve(w []string, opt map[string]string) error {
	f, err := st.meetingFile(w[1])
	if err != nil {
		return err
	}
	cmd := app.RecordDecision{Meeting: f.Meeting.ID, Text: w[2], LeadUnitID: st.s.Units[opt["lead"]], TaskForceID: st.s.Forces[opt["tf"]], Term: opt["term"], Issue: opt["issue"] != ""}
	if n, err := strconv.Atoi(opt["item"]); err == nil {
		cmd.AgendaItem = f.Agenda[n-1].ID
	}
	d, err := st.w.App.RecordDecision(context.Background(), st.actor(opt, "sup"), cmd)
	if err == nil && opt["ticket"] != "" {
		st.tickets[opt["ticket"]] = d.TicketID
	}
	return err
}

func (st *stage) onDecision(w []string, opt map[string]string) error {
	ctx, as := context.Background(), st.actor(opt, "sup")
	r, err := st.decision(w[1], w[2])
	if err != nil {
		return err
	}
	version := r.Decision.Version
	if n, err := strconv.ParseInt(opt["version"], 10, 64); err == nil {
		version = n
	}
	switch w[0] {
	case "carry":
		return st.w.App.CarryDecision(ctx, as, app.CarryDecision{Decision: r.Decision.ID, Version: version, Meeting: st.meetings[opt["to"]], Reason: opt["reason"]})
	case "finish":
		return st.w.App.FinishDecision(ctx, as, app.FinishDecision{Decision: r.Decision.ID, Version: version, Note: opt["note"]})
	}
	k, err := st.w.App.IssueDecision(ctx, as, app.IssueDecision{Decision: r.Decision.ID, Version: version})
	if err == nil {
		st.tickets[or(opt["ticket"], "D")] = k.ID
	}
	return err
}

func (st *stage) decision(meeting, position string) (app.DecisionRow, error) {
	f, err := st.meetingFile(meeting)
	if err != nil {
		return app.DecisionRow{}, err
	}
	for _, r := range f.Decisions {
		if strconv.Itoa(r.Decision.Position) == position {
			return r, nil
		}
	}
	return app.DecisionRow{}, fmt.Errorf("meeting %s has no decision %s", meeting, position)
}

func (st *stage) expectMeet(w []string, opt map[string]string) (bool, error) {
	switch w[0] {
	case "last":
		d, err := st.w.App.LastMeeting(context.Background())
		return true, same(err, or(d.String(), "never"), w[1])
	case "decision":
		r, err := st.decision(w[1], w[2])
		if err != nil {
			return true, err
		}
		got := map[string]string{"state": r.Decision.State, "ticket": "no", "open": "no"}
		if r.Ticket != nil {
			got["ticket"], got["basis"], got["instruction"], got["kind"], got["title"] = "yes", r.Ticket.Basis, r.Ticket.Instruction, r.Ticket.Kind, r.Ticket.Title
		}
		if r.Open() {
			got["open"] = "yes"
		}
		return true, differs(got, opt)
	case "meeting":
		f, err := st.meetingFile(w[1])
		if err != nil {
			return true, err
		}
		var agenda, who []string
		for _, it := range f.Agenda {
			agenda = append(agenda, it.Kind+":"+or(it.ItemNo, it.Title))
			who = append(who, st.account(it.LeaderID))
		}
		got := map[string]string{"no": f.Meeting.No, "state": f.Meeting.State, "agenda": strings.Join(agenda, ","), "answers": strings.Join(who, ",")}
		return true, differs(got, opt)
	case "sees":
		rows, err := st.w.App.Meetings(context.Background(), st.w.As(st.t, w[1]))
		return true, same(err, strconv.Itoa(len(rows)), w[2])
	}
	return false, nil
}

func (st *stage) account(id int64) string {
	for account, user := range st.s.Users {
		if user == id {
			return account
		}
	}
	return "-"
}

// differs names the first of the wanted values that is another.
func differs(got, want map[string]string) error {
	for name, value := range want {
		if g, ok := got[name]; !ok || g != value {
			return fmt.Errorf("%s is %q, want %q", name, g, value)
		}
	}
	return nil
}
