package demo

import (
	"bytes"
	"context"
	"image/png"
	"strings"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// TestTalk plays the half year every day with a meeting, a remark or a photo twice: the meetings met, what was decided became tickets or is
// done, the words and drawings are on their pages and say that they are samples.
func TestTalk(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	script := parsed(t).talk
	for _, m := range script.Meetings[:3] {
		apptest.Must(t, st.play.FastForward(ctx, m.On-1), "play to the eve of %s", m.Title)
		playTwice(t, st, m.On)
	}
	apptest.Must(t, st.play.FastForward(ctx, script.Photos[1].On-1), "play to the eve of the photo")
	playTwice(t, st, script.Photos[1].On)
	apptest.Must(t, st.play.FastForward(ctx, day(time.June, 30)), "play to the end of June")
	if refused := st.play.Refused(); len(refused) > 0 {
		t.Errorf("nobody interfered, and yet: %s", strings.Join(refused, "\n"))
	}
	rows, err := st.app.Meetings(ctx, st.as("inspector"))
	apptest.Must(t, err, "meetings")
	closed, decided, tickets, red := 0, 0, 0, 0
	for _, r := range rows {
		if r.Meeting.State == "closed" {
			closed++
		}
		f, err := st.app.MeetingFile(ctx, st.as("inspector"), r.Meeting.No)
		apptest.Must(t, err, "meeting %s", r.Meeting.No)
		for _, it := range f.Agenda {
			if it.Kind == "red" {
				red++
			}
		}
		for _, d := range f.Decisions {
			decided++
			if d.Ticket != nil {
				tickets++
				if d.Ticket.State != "closed" || !strings.HasPrefix(d.Ticket.Title, sample) {
					t.Errorf("the decision's ticket %s is %s", d.Ticket.Title, d.Ticket.State)
				}
			}
			if !strings.HasPrefix(d.Decision.Text, sample) {
				t.Errorf("decision %s does not say that it is invented", d.Decision.Text)
			}
		}
	}
	if len(rows) != 4 || closed != 3 || decided != 5 || tickets != 1 || red == 0 {
		t.Errorf("%d meetings, %d closed, %d decisions, %d tickets, %d red items", len(rows), closed, decided, tickets, red)
	}
	said, err := st.app.Talk(ctx, st.as("supervisor"), "project", st.dossier("P-005").Project.ID)
	apptest.Must(t, err, "talk of P-005")
	if len(said.Comments) != 3 || said.Comments[1].ReplyTo != said.Comments[0].ID || said.Comments[0].Mentions == "" {
		t.Errorf("remarks: %+v", said.Comments)
	}
	said, err = st.app.Talk(ctx, st.as("supervisor"), "project", st.dossier("P-001").Project.ID)
	apptest.Must(t, err, "talk of P-001")
	if len(said.Photos) != 2 {
		t.Fatalf("%d photos", len(said.Photos))
	}
	for _, p := range said.Photos {
		if !strings.HasPrefix(p.Name, sample) || !strings.HasPrefix(p.Caption, sample) {
			t.Errorf("photo %s, %s does not say that it is a sample", p.Name, p.Caption)
		}
		if _, data, err := st.app.File(ctx, st.as("supervisor"), p.Code, false); err != nil || len(data) == 0 {
			t.Errorf("photo %s: %d bytes, %v", p.Name, len(data), err)
		}
	}
}

// A drawing is the same every time, and has writing on its banner.
func TestDrawSite(t *testing.T) {
	one, err := drawSite(3)
	apptest.Must(t, err, "draw")
	again, err := drawSite(3)
	apptest.Must(t, err, "draw again")
	taller, err := drawSite(6)
	apptest.Must(t, err, "draw more")
	if !bytes.Equal(one, again) || bytes.Equal(one, taller) {
		t.Error("a drawing is not what its floors make it")
	}
	img, err := png.Decode(bytes.NewReader(one))
	apptest.Must(t, err, "read")
	dots := 0
	for y := range 24 {
		for x := range 50 {
			if r, g, _, _ := img.At(wide/2+(x-25)*dot+4, 324+y*dot+4).RGBA(); r>>8 == 180 && g>>8 == 30 {
				dots++
			}
		}
	}
	if dots < 400 {
		t.Errorf("the banner has %d dots of writing", dots)
	}
}

// What the talk names must exist.
func TestTalkNamesWhatIsMissing(t *testing.T) {
	d := parsed(t)
	d.talk.Meetings[0].Decisions[0].Lead = "nowhere"
	d.talk.Remarks[0].By = "nobody"
	d.talk.Photos[0].Project = "P-999"
	err := d.check()
	if err == nil {
		t.Fatal("nothing is missing")
	}
	for _, want := range []string{"nowhere", "nobody", "P-999"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in: %v", want, err)
		}
	}
}
