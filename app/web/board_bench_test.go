package web_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	_ "github.com/mattn/go-sqlite3" // the driver that multiplies behind the program's back

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/web"
	"battlemap/templates"
)

// clients is how many browsers ask at once in the goals P1 and P2.
const clients = 16

// benchBoard is a district with n projects, served over HTTP, and the cookie of a signed-in leader who sees all of it.
func benchBoard(b *testing.B, n int) (w *apptest.World, srv *httptest.Server, cookie string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	w = apptest.Open(b, "sqlite:"+path)
	small := w.Seed(b)
	ctx := context.Background()
	for i := 2; i < 10; i++ {
		_, err := w.App.AddTaskForce(ctx, app.Setup("bench"), app.AddTaskForce{Code: strconv.Itoa(i), Name: fmt.Sprint("示例专班", i), LeaderID: small.Users["tf1"], UnitID: small.Units["gxj"]})
		apptest.Must(b, err, "add a task force")
	}
	p, err := w.App.AddProject(ctx, w.As(b, "tf1"), app.AddProject{Name: "示例产业园基础设施项目", TaskForceID: small.Forces["1"], Level: "city", Year: 2023, InPlan: true, InvestFen: 30000 * wan, YearPlanFen: 12000 * wan, Stage: "signed"})
	apptest.Must(b, err, "add the pattern")
	apptest.Must(b, w.App.Assign(ctx, w.As(b, "tf1"), app.Assign{Project: p.ID, LeadUnitID: small.Units["gxj"], UnitID: small.Units["gxj"], ResponsibleID: small.Users["gxj.hand"]}), "assign")
	apptest.Must(b, w.App.AddMilestone(ctx, w.As(b, "tf1"), app.AddMilestone{Project: p.ID, Name: "主体封顶", BaselineOn: p.StageSince + 90}), "add a milestone")
	multiply(b, path, n)
	srv = benchServer(b, w)
	return w, srv, signedIn(b, w, srv, "leader")
}

// benchServer serves a district as it is served in production.
func benchServer(tb testing.TB, w *apptest.World) *httptest.Server {
	tb.Helper()
	set, err := templates.New(templates.Options{})
	apptest.Must(tb, err, "parse templates")
	var id atomic.Int64
	h, err := web.New(web.Options{App: w.App, Set: set, Log: slog.New(slog.DiscardHandler), NewID: func() string { return strconv.FormatInt(id.Add(1), 36) }})
	apptest.Must(tb, err, "build the site")
	srv := httptest.NewServer(h)
	tb.Cleanup(srv.Close)
	return srv
}

// signedIn is the cookie of somebody who has signed in.
func signedIn(tb testing.TB, w *apptest.World, srv *httptest.Server, account string) string {
	tb.Helper()
	apptest.Must(tb, w.App.ResetPassword(context.Background(), app.Setup("bench"), account, password), "set a password")
	r, err := http.NewRequest(http.MethodPost, srv.URL+"/login", strings.NewReader(url.Values{"account": {account}, "password": {password}}.Encode()))
	apptest.Must(tb, err, "sign in")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(r)
	apptest.Must(tb, err, "sign in")
	resp.Body.Close()
	for _, c := range resp.Cookies() {
		if c.Name == "battlemap" {
			return c.Name + "=" + c.Value
		}
	}
	tb.Fatalf("%s could not sign in", account)
	return ""
}

// multiply copies the one project that there is, with its assignment and milestone, behind the program's back, and spreads the copies over task forces, stages and lights.
func multiply(b *testing.B, path string, n int) {
	b.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
	apptest.Must(b, err, "open the database")
	defer db.Close()
	columns := func(table string) []string {
		var names string
		apptest.Must(b, db.QueryRow("SELECT group_concat(name) FROM pragma_table_info(?) WHERE name <> 'id'", table).Scan(&names), "read columns")
		return strings.Split(names, ",")
	}
	insert := func(table string, other map[string]string) {
		names := columns(table)
		values := make([]string, len(names))
		for i, name := range names {
			values[i] = name
			if v, ok := other[name]; ok {
				values[i] = v
			}
		}
		_, err := db.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO "+table+" ("+strings.Join(names, ", ")+") SELECT "+
			strings.Join(values, ", ")+" FROM n, (SELECT * FROM "+table+" LIMIT 1)", n-1)
		apptest.Must(b, err, "multiply %s", table)
	}
	insert("projects", map[string]string{"code": "printf('P-%05d', i + 1)", "name": "printf('示例第%d号产业园区项目', i)", "task_force_id": "1 + i % 10",
		"stage":        "CASE i / 10 % 5 WHEN 0 THEN 'signed' WHEN 1 THEN 'landed' WHEN 2 THEN 'started' WHEN 3 THEN 'building' ELSE 'completed' END",
		"light":        "CASE i % 7 WHEN 0 THEN 'red' WHEN 1 THEN 'yellow' WHEN 2 THEN '' ELSE 'green' END",
		"verified_fen": "year_plan_fen / 100 * (i % 60)"})
	insert("assignments", map[string]string{"project_id": "i + 1"})
	insert("milestones", map[string]string{"project_id": "i + 1"})
}

// page is the compressed body of an address.
func page(b *testing.B, url, cookie string) []byte {
	b.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	apptest.Must(b, err, "ask")
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(r)
	apptest.Must(b, err, "ask")
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	apptest.Must(b, err, "read")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != "gzip" {
		b.Fatalf("%s: status %d, encoding %q", url, resp.StatusCode, resp.Header.Get("Content-Encoding"))
	}
	return body
}

// storm asks for an address n times with all clients at once, and tells how many a second were answered, and the 99th percentile of the time that one took.
func storm(b *testing.B, url, cookie string, n int) (rate float64, p99 time.Duration) {
	b.Helper()
	tr := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	defer tr.CloseIdleConnections()
	took := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	begin := time.Now()
	for range clients {
		wg.Go(func() {
			buf := make([]byte, 64<<10)
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				at := time.Now()
				r, err := http.NewRequest(http.MethodGet, url, nil)
				if err != nil {
					b.Error(err)
					return
				}
				r.Header["Cookie"], r.Header["Accept-Encoding"] = []string{cookie}, []string{"gzip"}
				resp, err := tr.RoundTrip(r)
				if err != nil {
					b.Error(err)
					return
				}
				for err == nil {
					_, err = resp.Body.Read(buf)
				}
				resp.Body.Close()
				if err != io.EOF || resp.StatusCode != http.StatusOK {
					b.Errorf("status %d, %v", resp.StatusCode, err)
					return
				}
				took[i] = time.Since(at)
			}
		})
	}
	wg.Wait()
	all := time.Since(begin)
	slices.Sort(took)
	return float64(n) / all.Seconds(), took[n*99/100]
}

// benchmarkBoard compares the board with a bare handler that sends the same bytes, turn by turn in one run, since the machine is never quiet.
func benchmarkBoard(b *testing.B, cards int, path string) {
	_, srv, cookie := benchBoard(b, cards)
	body := page(b, srv.URL+path, cookie)
	e := echo.New()
	e.GET("/", func(c echo.Context) error {
		c.Response().Header().Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, "text/html; charset=utf-8", body)
	})
	bare := httptest.NewServer(e)
	defer bare.Close()
	const turns, asked = 5, 1500
	b.ResetTimer()
	for b.Loop() {
		var ours, theirs, best, ratio float64
		var worst, bareWorst time.Duration
		for range turns {
			r, p := storm(b, srv.URL+path, cookie, asked)
			q, bp := storm(b, bare.URL+"/", "", asked)
			ours, theirs, best, ratio, worst, bareWorst = ours+r/turns, theirs+q/turns, max(best, r), max(ratio, r/q), max(worst, p), max(bareWorst, bp)
		}
		b.ReportMetric(ours, "board/s")
		b.ReportMetric(theirs, "bare/s")
		b.ReportMetric(100*ours/theirs, "%ofbare")
		b.ReportMetric(float64(worst.Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(bareWorst.Microseconds())/1000, "bare-p99-ms")
		b.ReportMetric(float64(len(body)), "bytes")
	}
}

// BenchmarkBoard1000 is goal P1: 1,000 projects, the page as people see it (the worst five of a cell), and with all 1,000 cards on it.
func BenchmarkBoard1000(b *testing.B) {
	b.Run("worst", func(b *testing.B) { benchmarkBoard(b, 1000, "/map") })
	b.Run("all", func(b *testing.B) { benchmarkBoard(b, 1000, "/map?all=1&view=stages") })
}

// BenchmarkBoard5000 is goal P2.
func BenchmarkBoard5000(b *testing.B) {
	b.Run("worst", func(b *testing.B) { benchmarkBoard(b, 5000, "/map") })
	b.Run("all", func(b *testing.B) { benchmarkBoard(b, 5000, "/map?all=1&view=stages") })
}

// BenchmarkBoardAfterWrite is the first read after a write of one project, against the first read of all: it pays for one card and its chunk.
func BenchmarkBoardAfterWrite(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			w, srv, cookie := benchBoard(b, n)
			begin := time.Now()
			page(b, srv.URL+"/map?all=1&view=stages", cookie)
			first := time.Since(begin)
			var after time.Duration
			turns := 0
			for b.Loop() {
				p, err := w.App.ProjectDossier(context.Background(), w.As(b, "dir"), "P-001")
				apptest.Must(b, err, "read")
				apptest.Must(b, w.App.MoveMilestone(context.Background(), w.As(b, "gxj.hand"), app.MoveMilestone{Milestone: p.Milestones[0].ID, Version: p.Milestones[0].Version, RevisedOn: w.App.Today() + 60 + 1, Reason: fmt.Sprint("示例", turns)}), "revise")
				begin := time.Now()
				page(b, srv.URL+"/map?all=1&view=stages", cookie)
				after += time.Since(begin)
				turns++
			}
			b.ReportMetric(float64(first.Microseconds())/1000, "first-ms")
			b.ReportMetric(float64(after.Microseconds())/1000/float64(turns), "after-write-ms")
		})
	}
}
