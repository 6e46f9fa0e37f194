package app_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
)

// worktime plays the verbs of working time:
//
//	notice NAME by=ACCOUNT [number=…] [title=…] [tf=1] [covers=2027] [office="08:30-12:00 13:30-17:30"] [replaces=NAME] text="2023-05-04 休 示例|2023-05-07 班"
//	notice NAME by=ACCOUNT file=testdata/notices/2020.txt
//	preview NAME by=ACCOUNT moves=2 lights=1
//	enforce NAME by=ACCOUNT            discard NAME by=ACCOUNT
//	working 2023-05-06 yes [tf=1]      due 2023-04-28 "3 workdays" 2023-05-06 [tf=1]
func (st *stage) worktime(w []string, opt map[string]string) (known bool, err error) {
	switch w[0] {
	case "notice":
		return true, st.notice(w[1], opt)
	case "preview":
		return true, st.previewNotice(w[1], opt)
	case "enforce", "discard":
		v, err := st.noticeVersion(w[1], opt["by"])
		if err != nil {
			return true, err
		}
		return true, st.w.App.DecideCalendar(context.Background(), st.w.As(st.t, opt["by"]), app.DecideCalendar{ID: v.ID, Version: v.Version, Approve: w[0] == "enforce", Reason: opt["reason"]})
	case "working":
		d, err := calendar.ParseDate(w[1])
		if err != nil {
			return true, err
		}
		return true, same(nil, yesNo(st.cal(opt).Day(d).Working), w[2])
	case "due":
		d, err := calendar.ParseDate(w[1])
		if err != nil {
			return true, err
		}
		term, err := calendar.ParseTerm(w[2])
		if err != nil {
			return true, err
		}
		got, err := st.cal(opt).Due(d, term)
		return true, same(err, got.String(), w[3])
	}
	return false, nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (st *stage) cal(opt map[string]string) *calendar.Calendar {
	return st.w.App.CalendarFor(st.s.Forces[opt["tf"]])
}

func (st *stage) notice(name string, opt map[string]string) error {
	text := strings.ReplaceAll(opt["text"], "|", "\n")
	if file := opt["file"]; file != "" {
		b, err := os.ReadFile("calendar/" + file)
		if err != nil {
			return err
		}
		text = string(b)
	}
	cmd := app.UploadCalendar{TaskForceID: st.s.Forces[opt["tf"]], Title: opt["title"], Number: opt["number"], Text: text, Office: opt["office"]}
	if opt["file"] == "" {
		cmd.Title = name
	}
	cmd.Covers, _ = strconv.Atoi(opt["covers"])
	if old := opt["replaces"]; old != "" {
		v, err := st.noticeVersion(old, "dir")
		if err != nil {
			return err
		}
		cmd.ReplacesID = v.ID
	}
	v, err := st.w.App.UploadCalendar(context.Background(), st.w.As(st.t, opt["by"]), cmd)
	if err == nil {
		st.notices[name] = v.ID
	}
	return err
}

// noticeVersion reads a notice again, as the district leader or who is named sees it.
func (st *stage) noticeVersion(name, by string) (app.CalendarVersion, error) {
	id, ok := st.notices[name]
	if !ok {
		return app.CalendarVersion{}, fmt.Errorf("no notice %q", name)
	}
	f, err := st.w.App.CalendarFile(context.Background(), st.w.As(st.t, "dir"), id)
	return f.Version, err
}

func (st *stage) previewNotice(name string, opt map[string]string) error {
	f, err := st.w.App.CalendarFile(context.Background(), st.w.As(st.t, opt["by"]), st.notices[name])
	if err != nil {
		return err
	}
	var moved []string
	for _, s := range f.Shifts {
		moved = append(moved, fmt.Sprintf("%s:%s>%s", s.No, s.FromOn, s.ToOn))
	}
	if want, ok := opt["lights"]; ok && strconv.Itoa(f.Lights) != want {
		return fmt.Errorf("%d lights would change, want %s: %+v", f.Lights, want, f.Shifts)
	}
	if want, ok := opt["shows"]; ok && !slices.Equal(moved, strings.Split(want, ",")) {
		return fmt.Errorf("the preview shows %q", moved)
	}
	if want, ok := opt["moves"]; ok && strconv.Itoa(len(moved)) != want {
		return fmt.Errorf("%d dates would move, want %s: %q", len(moved), want, moved)
	}
	return nil
}
