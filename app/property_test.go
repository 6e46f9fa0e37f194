package app_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// life is one ticket's life in a district of its own: people try moves on it and time passes.
type life struct {
	t        *testing.T
	r        *rapid.T
	w        *apptest.World
	side     aside
	accounts []string
	holders  map[workflows.Role][]string // accounts by role
	ticket   int64
	made     int      // moves that went through
	told     []string // what happened, for the report of a failure
}

// Whatever people try in whatever order, the definition holds, what is recorded is what changed, and the light is what the rules say.
func TestAnyLifeOfATicket(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"rapid.checks": "50", "rapid.nofailfile": "true"} {
		apptest.Must(t, flag.Set(name, value), "set %s", name)
	}
	seeded, s := seededFile(t)
	n, reached := 0, map[string]bool{}
	oneLife := func(r *rapid.T) {
		n++
		w := worldOn(t, filepath.Join(t.TempDir(), fmt.Sprint(n, ".db")), seeded)
		defer func() { apptest.Must(t, w.App.Close(), "close") }()
		l := &life{t: t, r: r, w: w, side: lookAside(t, w), accounts: slices.Sorted(maps.Keys(s.Users))}
		l.begin(s)
		for range 30 {
			l.step()
			reached[l.now().State] = true
		}
		sound(t, w)
	}
	// Fifty lives reach eleven states nearly always; those that do not are unlucky, not wrong, so more lives are played.
	for round := 0; round < 5 && len(reached) < 11 && !t.Failed(); round++ {
		rapid.Check(t, oneLife)
	}
	t.Logf("%d lives, states reached: %v", n, slices.Sorted(maps.Keys(reached)))
	if len(reached) < 11 {
		t.Errorf("only the states %v were reached", slices.Sorted(maps.Keys(reached)))
	}
}

// seededFile is a small district as the bytes of its database, to begin every life with.
func seededFile(t *testing.T) ([]byte, *apptest.Small) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "seeded.db")
	w := apptest.Open(t, "sqlite:"+path)
	s := w.Seed(t)
	w.Reopen(t) // closing brings everything into the one file
	b, err := os.ReadFile(path)
	apptest.Must(t, err, "read the seeded database")
	return b, s
}

func worldOn(t *testing.T, path string, content []byte) *apptest.World {
	t.Helper()
	apptest.Must(t, os.WriteFile(path, content, 0o600), "copy the seeded database")
	opt, clock := apptest.Options(t, "sqlite:"+path)
	a, err := app.Open(context.Background(), opt)
	apptest.Must(t, err, "open")
	_, public := apptest.Key(t)
	return &apptest.World{App: a, Clock: clock, Options: opt, Public: public}
}

func (l *life) begin(s *apptest.Small) {
	cmd := app.DraftTicket{Kind: rapid.SampledFrom([]string{"assignment", "instruction"}).Draw(l.r, "kind"), Title: "示例", Basis: "示例依据", Instruction: "示例批示",
		TaskForceID: s.Forces[rapid.SampledFrom([]string{"1", "10"}).Draw(l.r, "force")], LeaderID: s.Users["leader"],
		LeadUnitID: s.Units[rapid.SampledFrom([]string{"gxj", "zjj", "kpb"}).Draw(l.r, "lead")],
		DueTerm:    rapid.SampledFrom([]string{"5 workdays", "15 workdays", "1 month"}).Draw(l.r, "term")}
	if rapid.Bool().Draw(l.r, "assisted") {
		cmd.AssistUnitIDs = []int64{s.Units["zjj"]}
	}
	k, err := l.w.App.DraftTicket(context.Background(), l.w.As(l.t, "sup"), cmd)
	l.must(err, "draft")
	l.ticket, l.holders = k.ID, map[workflows.Role][]string{}
	grants, err := l.w.App.Grants(context.Background(), app.System("test"))
	l.must(err, "grants")
	for _, account := range l.accounts {
		for _, g := range grants {
			if g.UserID == s.Users[account] {
				l.holders[g.Role] = append(l.holders[g.Role], account)
			}
		}
	}
}

func (l *life) must(err error, doing string) {
	if err != nil {
		l.fail("%s: %v", doing, err)
	}
}

func (l *life) fail(format string, args ...any) {
	l.r.Fatalf("%s\nlife:\n%s", fmt.Sprintf(format, args...), strings.Join(l.told, "\n"))
}

func (l *life) now() app.Ticket {
	all, err := l.w.App.Tickets(context.Background(), app.System("test"), app.TicketFilter{})
	l.must(err, "read the ticket")
	return all[slices.IndexFunc(all, func(k app.Ticket) bool { return k.ID == l.ticket })]
}

// step lets time pass or somebody try something, and holds what came of it against the definition, the journal and the rules.
func (l *life) step() {
	before, made := l.now(), l.made
	switch n := rapid.IntRange(0, 9).Draw(l.r, "what"); {
	case n < 2:
		l.pass()
		l.fresh("after a sweep")
	case n < 3:
		l.try(before, rapid.SampledFrom(l.accounts).Draw(l.r, "account"), rapid.SampledFrom(l.w.App.Machine("ticket").Moves).Draw(l.r, "move").ID)
	default:
		l.likely(before)
	}
	// Only what a person does makes an open form old; a sweep that sets the light does not.
	if after, want := l.now(), before.Version+int64(l.made-made); after.Version != want {
		l.fail("version %d after %d, want %d", after.Version, before.Version, want)
	}
}

// likely lets somebody with a right role try a move that starts here, the usual one more often than the others.
func (l *life) likely(before app.Ticket) {
	var moves []workflows.Move
	for _, m := range l.w.App.Machine("ticket").Moves {
		if slices.Contains(m.From, before.State) {
			moves = append(moves, m)
		}
		if slices.Contains(m.From, before.State) && (m.Usual || !m.Grave) {
			moves = append(moves, m, m)
		}
		if slices.Contains(m.From, before.State) && m.Usual {
			moves = append(moves, m, m, m)
		}
	}
	if len(moves) == 0 {
		l.pass()
		return
	}
	move := rapid.SampledFrom(moves).Draw(l.r, "move")
	role := rapid.SampledFrom(move.By).Draw(l.r, "role")
	l.try(before, rapid.SampledFrom(l.holders[role]).Draw(l.r, "account"), move.ID)
}

func (l *life) size() int64 {
	n, err := l.w.App.JournalSize(context.Background())
	l.must(err, "journal size")
	return n
}

// pass winds the clock forward and rings the bell.
func (l *life) pass() {
	cal, now := l.w.Options.Calendar, l.w.Clock.Now()
	at := rapid.SampledFrom([][2]int{{0, 10}, {8, 29}, {8, 30}, {12, 0}, {17, 0}, {23, 50}}).Draw(l.r, "hour")
	next := cal.At(cal.Today(now).AddDays(rapid.IntRange(0, 12).Draw(l.r, "days")), at[0], at[1])
	if next.Before(now) {
		next = now
	}
	l.w.Clock.Set(next)
	l.told = append(l.told, next.In(cal.Location()).Format("2006-01-02 15:04"))
	ctx := context.Background()
	swept, err := l.w.App.Sweep(ctx, app.System("sweep"), 0)
	l.must(err, "sweep")
	due, err := app.DueItems(ctx, l.w.App)
	l.must(err, "due items")
	if swept.Failed > 0 || len(due) > 0 {
		l.fail("swept %+v, and %v are still due", swept, due)
	}
	_, err = l.w.App.DeliverInbox(ctx)
	l.must(err, "deliver")
}

// offered are the moves that the ticket's page offers to an account; none when the account may not see the page.
func (l *life) offered(account, no string) []string {
	f, err := l.w.App.TicketFile(context.Background(), l.w.As(l.t, account), no)
	if f := app.AsFaults(err); len(f) == 1 && f[0].Kind == app.Missing {
		return nil
	}
	l.must(err, "ticket file")
	var out []string
	for _, m := range f.Moves {
		out = append(out, m.ID)
	}
	return out
}

// try makes a move with everything that any move asks for, sometimes from an old page.
func (l *life) try(before app.Ticket, account, move string) {
	today := l.w.App.Today()
	looked := rapid.Bool().Draw(l.r, "looked at the page")
	var offered []string
	if looked {
		offered = l.offered(account, before.No)
	}
	old := rapid.IntRange(0, 9).Draw(l.r, "age") == 0
	cmd := app.MoveTicket{Ticket: l.ticket, Version: before.Version, Move: move, Reason: "示例", ReasonCode: "funds", Feedback: "示例", Note: "示例",
		ExpectedEnd: today.AddDays(rapid.IntRange(1, 40).Draw(l.r, "pause")), ShownOn: today}
	if old {
		cmd.Version--
	}
	rows, size := l.rows(), l.size()
	_, err := l.w.App.MoveTicket(context.Background(), l.w.As(l.t, account), cmd)
	l.told = append(l.told, fmt.Sprintf("%s: %s makes %s of version %d: %v", before.State, account, move, cmd.Version, err))
	if err != nil {
		l.refused(err, move, old, rows, offered)
		return
	}
	if old {
		l.fail("a page of version %d moved version %d", cmd.Version, before.Version)
	}
	if looked && !slices.Contains(offered, move) && move != "ask_pause" { // a second request for a pause replaces the first, though no button offers it
		l.fail("%s made %s, which the page did not offer: %v", account, move, offered)
	}
	l.made++
	l.moved(before, move, account, size)
	l.fresh("after " + move)
}

// refused moves leave everything as it was, and a fresh page offers nothing that the door then refuses, but for the windows of time.
func (l *life) refused(err error, move string, old bool, rows, offered []string) {
	f := app.AsFaults(err)
	if len(f) == 0 {
		l.fail("unknown error %v", err)
	}
	if now := l.rows(); !slices.Equal(rows, now) {
		l.fail("refused, and the rows went from\n%v\nto\n%v", rows, now)
	}
	if slices.Contains(offered, move) && !old && f[0].Key != "too_late" && f[0].Key != "asked_late" {
		l.fail("the page offered %s and the door refused it: %v", move, err)
	}
}

func (l *life) rows() []string {
	return slices.Concat(l.side.rows("SELECT * FROM tickets"), l.side.rows("SELECT * FROM ticket_units ORDER BY id"), l.side.rows("SELECT * FROM escalations ORDER BY id"),
		l.side.rows("SELECT * FROM reminders ORDER BY id"), l.side.rows("SELECT * FROM journal_head"))
}

// moved holds the change against the definition, and its record against the change.
func (l *life) moved(before app.Ticket, id, account string, size int64) {
	after := l.now()
	move, ok := l.w.App.Machine("ticket").Move(id)
	if !ok || !slices.Contains(move.From, before.State) {
		l.fail("%s is no move of the definition from %s", id, before.State)
	}
	to := move.Target(before.State, "")
	waits := l.side.number("SELECT COUNT(*) FROM ticket_units WHERE ticket_id = ? AND accepted_on = ''", l.ticket) > 0
	if move.EachUnit && waits {
		to = before.State
	}
	if after.State != to {
		l.fail("%s led from %s to %s, want %s", id, before.State, after.State, to)
	}
	var said []string
	rows, err := l.w.App.Journal(context.Background(), app.System("test"), app.JournalFilter{Limit: int(l.size() - size)})
	l.must(err, "journal")
	for _, row := range rows {
		r, err := row.Decoded()
		l.must(err, "decode")
		if r.Actor.Kind == "user" {
			said = append(said, r.Action+" by "+fmt.Sprint(r.Actor.ID)+" of "+r.Object.No)
		} else if r.Actor.Name != "rules" || !strings.HasPrefix(r.Action, "escalation.") && !strings.HasPrefix(r.Action, "paper.") {
			l.fail("%s recorded %+v", id, r)
		}
	}
	if want := "ticket." + id + " by " + fmt.Sprint(l.w.As(l.t, account).ID) + " of " + before.No; !slices.Equal(said, []string{want}) {
		l.fail("recorded %v, want %s", said, want)
	}
}

// fresh holds the light against a fresh look at the rules.
func (l *life) fresh(when string) {
	k := l.now()
	want, rules, err := freshLight(l.w, k)
	l.must(err, "ask the rules")
	if k.Light != want || !slices.Contains(rules, k.LightRule) {
		l.fail("%s the light of a ticket in %s is %q by %q; the rules say %q by one of %q", when, k.State, k.Light, k.LightRule, want, rules)
	}
}

// freshLight asks the ticket rules about the row as it is: the gravest step that was reached and every rule that reached it, and none of the ladder's memory.
func freshLight(w *apptest.World, k app.Ticket) (light workflows.Light, rules []string, err error) {
	state, _ := w.App.Machine("ticket").State(k.State)
	open := state.Kind == workflows.KindOpen || state.Kind == workflows.KindPaused
	facts := workflows.Facts{"state": k.State, "open": open, "paused": state.Kind == workflows.KindPaused, "disputed": k.State == "disputed", "submitted": k.SubmittedOn != 0,
		"accepted": k.AcceptedOn != 0, "issued_on": int(k.IssuedOn), "due_on": int(k.DueOn), "baseline_on": int(k.BaselineOn),
		"judged_on": int(k.JudgedOn), "review_on": int(k.ReviewOn), "kind": k.Kind, "level": 0, "lead": "", "exempt": false}
	cal, now := w.Options.Calendar, w.Clock.Now()
	day := cal.Today(now)
	if now.Before(cal.At(day, 8, 30)) {
		day-- // a step begins with the working day
	}
	rules = []string{""}
	if open {
		light = workflows.LightGreen
	}
	for _, r := range w.App.Ruleset().For("ticket") {
		found, err := r.Reached(workflows.Subject{Facts: facts}, workflows.EndOf(int(day)), app.RulesCalendar(cal))
		if err != nil {
			return "", nil, err
		}
		if len(found) == 0 {
			continue
		}
		step := found[len(found)-1].Step.Light
		switch {
		case step.Worse(light):
			light, rules = step, []string{r.ID}
		case step == light:
			rules = append(rules, r.ID)
		}
	}
	return light, rules, nil
}
