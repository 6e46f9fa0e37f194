package main

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/app/jobs"
	"battlemap/templates"
)

// year is one playing of the story on a PostgreSQL schema and a mail server of its own: by this process alone, or by three nodes with faults.
type year struct {
	t       *testing.T
	world   *apptest.World
	side    *sql.DB // a look at the tables past the product
	post    *apptest.Post
	small   *apptest.Small
	tickets []*errand
	acts    []string    // what people did and how it was answered
	bells   *jobs.Bells // of the undisturbed playing
	nodes   []*peer     // of the other
	leader  int
	dice    *rand.Rand
	chance  float64 // of a fault at each bell
	inTick  int     // faults since the bell began to ring
	clock   string  // file stem of the nodes' clocks
	figures figures
}

// figures are what the programme prints.
type figures struct {
	bells, kills, killsInMail, stops, refused, cut, woken, noAnswer, greylisted, jumps, errors int
}

// Three nodes on one PostgreSQL database and one mail server play a year: the leader is stopped past its lease and woken, or killed, before or after any
// message to the database or in the middle of a letter; one node's clock jumps by an hour either way. Each step is recorded once, each person told once, and
// the ledgers are those of an undisturbed playing. The tests play a month; with BATTLEMAP_TEST_YEAR=1 (make year) it is the year 2023.
func TestThreeNodesPlayTheYear(t *testing.T) {
	url := os.Getenv("BATTLEMAP_TEST_POSTGRES")
	if url == "" {
		t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
	}
	last, chance, least := calendar.MakeDate(2023, time.February, 10), 0.5, 3
	if os.Getenv("BATTLEMAP_TEST_YEAR") != "" {
		last, chance, least = calendar.MakeDate(2023, time.December, 31), 0.5, 50
	}
	calm := newYear(t, url)
	calm.ringAlone()
	calm.play(last)
	wild := newYear(t, url)
	wild.dice, wild.chance = rand.New(rand.NewPCG(3, 2023)), chance
	wild.clock = filepath.Join(t.TempDir(), "clock")
	for i := range 3 {
		wild.setClock(i, 0)
		wild.nodes = append(wild.nodes, wild.spawn(i, 0))
	}
	t.Cleanup(wild.end)
	wild.play(last)
	wild.compare(calm)
	if f := wild.figures; f.kills < least || f.stops < least || f.refused < 1 {
		t.Errorf("too few faults to prove anything: %+v", f)
	}
}

func newYear(t *testing.T, url string) *year {
	t.Helper()
	y := &year{t: t, world: apptest.Open(t, apptest.Schema(t, url)), post: apptest.OpenPost(t)}
	var err error
	y.side, err = sql.Open("pgx", y.world.Options.Database)
	apptest.Must(t, err, "open")
	t.Cleanup(func() { apptest.Must(t, y.side.Close(), "close") })
	y.world.Options.Mail = true
	y.world.Reopen(t)
	y.world.At(t, "2023-01-03 08:00")
	y.found()
	return y
}

// ringAlone lets this process ring the bells, wired as the product is.
func (y *year) ringAlone() {
	y.t.Helper()
	set, err := templates.New(templates.Options{})
	apptest.Must(y.t, err, "templates")
	host, port, err := net.SplitHostPort(y.post.At)
	apptest.Must(y.t, err, "mail server")
	number, err := strconv.Atoi(port)
	apptest.Must(y.t, err, "mail server's port")
	serve := serveCommand{mailing: mailing{SMTPHost: host, SMTPPort: number, SMTPTLS: "none", SMTPFrom: "battlemap@battlemap.example", SMTPTimeout: time.Minute}, witnessing: witnessing{WitnessWait: time.Minute}}
	y.bells, err = serve.bells(y.world.App, set, slog.New(slog.DiscardHandler))
	apptest.Must(y.t, err, "bells")
}

// end kills the nodes that this test has started.
func (y *year) end() {
	for _, p := range y.nodes {
		p.signal(syscall.SIGKILL)
		for said := ""; said != "dead"; {
			said = y.hear(p)
		}
	}
}

// play rings at 08:30, 12:00, 17:00 and 22:00 of every day; people work at 10:00 of working days. Two calm working days at the end bring out what still waits.
func (y *year) play(last calendar.Date) {
	y.t.Helper()
	cal := y.world.Options.Calendar
	day := calendar.MakeDate(2023, time.January, 3)
	for ; day <= last; day = day.AddDays(1) {
		y.jump(day)
		y.day(day, true)
	}
	y.chance = 0
	for i := range y.nodes {
		y.skewTo(i, 0)
	}
	for calm := 0; calm < 2; day = day.AddDays(1) {
		if cal.Day(day).Working {
			calm++
		}
		y.day(day, false)
	}
}

func (y *year) day(day calendar.Date, people bool) {
	cal := y.world.Options.Calendar
	for _, at := range [][2]int{{8, 30}, {10, 0}, {12, 0}, {17, 0}, {22, 0}} {
		y.wind(cal.At(day, at[0], at[1]))
		if at[0] != 10 {
			y.ring()
		} else if people && cal.Day(day).Working {
			y.people(day)
		}
	}
}

// jump sets the third node's clock an hour ahead on the 5th, an hour back on the 15th and right on the 25th.
func (y *year) jump(day calendar.Date) {
	skew, ok := map[int]time.Duration{5: time.Hour, 15: -time.Hour, 25: 0}[day.Day()]
	if ok && y.nodes != nil {
		y.figures.jumps++
		y.skewTo(2, skew)
	}
}

func (y *year) skewTo(i int, skew time.Duration) {
	y.nodes[i].skew = skew
	y.setClock(i, skew)
}

// wind sets the clocks of this process and of all nodes.
func (y *year) wind(to time.Time) {
	y.world.Clock.Set(to)
	for i, p := range y.nodes {
		y.setClock(i, p.skew)
	}
}

// setClock writes a node's clock in one step, so that nobody reads half of it.
func (y *year) setClock(i int, skew time.Duration) {
	y.t.Helper()
	name := y.clockFile(i)
	text := strconv.FormatInt(y.world.Clock.Now().Add(skew).Unix(), 10)
	apptest.Must(y.t, os.WriteFile(name+".new", []byte(text), 0o600), "write a clock")
	apptest.Must(y.t, os.Rename(name+".new", name), "write a clock")
}

func (y *year) clockFile(i int) string { return y.clock + strconv.Itoa(i) }

func (y *year) ring() {
	y.t.Helper()
	y.inTick = 0
	for _, job := range []string{"sweep", "deliver"} {
		y.figures.bells++
		if y.bells != nil {
			apptest.Must(y.t, y.bells.Once(y.t.Context(), job), "ring %s", job)
			continue
		}
		y.ringNodes(job)
	}
}

// ringNodes lets the leader run the job, under a fault perhaps, and goes on until a node has finished it.
func (y *year) ringNodes(job string) {
	y.t.Helper()
	for range 12 {
		p := y.nodes[y.leader]
		said := y.send(p, job, y.fault(p, job))
		y.post.Calm()
		switch said {
		case "ok":
			return
		case "held": // by one that was killed or stopped
			y.wind(y.world.Clock.Now().Add(6 * time.Minute))
		case "dead":
			y.figures.kills++
			y.nodes[y.leader] = y.spawn(y.leader, p.skew)
			y.leader = (y.leader + 1) % len(y.nodes)
		case "stopped":
			y.figures.stops++
			y.takeOver(p, job)
			return
		default:
			y.figures.errors++
			y.t.Logf("node %s, %s: %s", p.name, job, said)
		}
	}
	y.t.Fatalf("%s was not finished", job)
}

// takeOver lets another node do the job of one that stands still, and then wakes that one: what it still writes must be refused.
func (y *year) takeOver(stopped *peer, job string) {
	y.t.Helper()
	y.leader = (y.leader + 1) % len(y.nodes)
	said := ""
	for range 4 {
		y.wind(y.world.Clock.Now().Add(6 * time.Minute))
		if said = y.send(y.nodes[y.leader], job, "-"); said == "ok" {
			break
		}
		y.leader = (y.leader + 1) % len(y.nodes)
		if y.nodes[y.leader] == stopped {
			y.leader = (y.leader + 1) % len(y.nodes)
		}
	}
	if said != "ok" {
		y.t.Fatalf("%s was not taken over from %s: %s", job, stopped.name, said)
	}
	stopped.signal(syscall.SIGCONT)
	switch said := y.hear(stopped); {
	case said == "lost":
		y.figures.refused++
	case strings.HasPrefix(said, "error"): // the server had ended the transaction that stood still
		y.figures.cut++
	case said == "ok" || said == "held": // it had finished, or had not begun
		y.figures.woken++
	default:
		y.t.Fatalf("node %s woke up and says %q: %s", stopped.name, said, stopped.errors)
	}
}

// fault draws what happens to the node in this job, at most three times a bell; "-" for nothing, or for something at the mail server. It falls on bells that
// have something to do rather than on idle ones.
func (y *year) fault(p *peer, job string) string {
	if y.chance == 0 || y.inTick == 3 {
		return "-"
	}
	work, chance := y.waiting(job), y.chance/20
	if work > 0 {
		chance = y.chance
	}
	if y.dice.Float64() >= chance {
		return "-"
	}
	y.inTick++
	if job == "deliver" && work > 0 && y.dice.IntN(2) == 0 {
		y.troubleAtPost(p)
		return "-"
	}
	return fmt.Sprint([]string{"stop:", "kill:"}[y.dice.IntN(2)], 1+y.dice.IntN(20+60*min(work, 4)))
}

// waiting counts what a job finds to do now.
func (y *year) waiting(job string) int {
	y.t.Helper()
	query := "SELECT COUNT(*) FROM reminders WHERE status = 'queued' AND not_before <= $1"
	if job == "sweep" {
		query = `SELECT (SELECT COUNT(*) FROM tickets WHERE next_check_at > 0 AND next_check_at <= $1) + (SELECT COUNT(*) FROM projects WHERE next_check_at > 0 AND next_check_at <= $1)
+ (SELECT COUNT(*) FROM milestones WHERE next_check_at > 0 AND next_check_at <= $1)`
	}
	n, err := strconv.Atoi(y.rows(query, y.world.Clock.Now().Unix())[0])
	apptest.Must(y.t, err, "count")
	return n
}

// troubleAtPost lets the mail server lose the sender or its own answer at the next letter, or refuse it for now.
func (y *year) troubleAtPost(p *peer) {
	switch y.dice.IntN(4) {
	case 0:
		y.post.TroubleNext(func() error {
			y.figures.killsInMail++
			p.signal(syscall.SIGKILL)
			return errors.New("the sender is gone")
		})
	case 1:
		y.post.TroubleNext(func() error { p.signal(syscall.SIGSTOP); return nil })
	case 2:
		y.post.TroubleNext(func() error { y.figures.noAnswer++; return errors.New("no answer") })
	default:
		y.figures.greylisted++
		y.post.GreylistNext()
	}
}
