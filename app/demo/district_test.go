package demo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

const sample = "示例"

func parsed(t testing.TB) *district {
	t.Helper()
	d, err := parse()
	apptest.Must(t, err, "parse")
	return d
}

// TestTotals proves the figures of domain.md section 1, in fen.
func TestTotals(t *testing.T) {
	const yi = 100_000_000_00 // 亿元 in fen
	var planned, spring, signed int
	var invest, year, signedInvest int64
	d := parsed(t)
	for _, p := range d.projects {
		switch {
		case p.planned():
			planned++
			invest += p.Invest * wan
			year += p.Plan * wan
		default:
			signed++
			signedInvest += p.Invest * wan
		}
		if p.Start.spring {
			spring++
		}
		var sum int64
		for _, month := range d.months(p) {
			sum += month
		}
		if sum != p.Plan*wan {
			t.Errorf("%s: the months add up to %d fen, the year's plan is %d", p.Code, sum, p.Plan*wan)
		}
		if up := d.planUpTo(p); up[11] != p.Plan*wan {
			t.Errorf("%s: the plan to December is %d fen, the year's plan is %d", p.Code, up[11], p.Plan*wan)
		}
	}
	if planned != 30 || spring != 22 || signed != 20 || len(d.Forces) != 10 {
		t.Errorf("%d planned, %d in the collective start, %d signed, %d task forces; want 30, 22, 20, 10", planned, spring, signed, len(d.Forces))
	}
	if invest != 1455*yi/10 || year != 483*yi/10 || signedInvest != 5145*yi/100 {
		t.Errorf("%d, %d and %d fen; want 145.5, 48.3 and 51.45 亿元", invest, year, signedInvest)
	}
}

// TestInventedIsMarked looks for people, projects, enterprises and tickets that the source does not name and that do not say 示例.
func TestInventedIsMarked(t *testing.T) {
	d := parsed(t)
	for _, p := range d.People {
		if !strings.HasPrefix(p.Name, sample) {
			t.Errorf("person %s is called %s", p.Account, p.Name)
		}
	}
	var named []string
	forces := map[string]int{}
	for _, p := range d.projects {
		if p.Named {
			named = append(named, p.Name)
			if p.Owner != "" || p.Site != "" || p.planned() || len(p.Stages)+len(p.Milestones) > 0 {
				t.Errorf("%s is named by the source, which says only that it was signed", p.Name)
			}
			continue
		}
		forces[p.Force]++
		if !strings.HasPrefix(p.Name, sample+"·") || !strings.HasPrefix(p.Owner, sample) || !strings.HasPrefix(p.Site, sample) {
			t.Errorf("%s: %s, %s, %s", p.Code, p.Name, p.Owner, p.Site)
		}
	}
	want := []string{"南岗金融发展中心", "联东U谷·南岗产业园区", "特斯联哈尔滨区域总部", "城市智能路网综合运营", "起时数字创意设计产业园", "腾讯黑龙江特色产业振兴平台"}
	if !slices.Equal(named, want) {
		t.Errorf("named: %v, the source names %v", named, want)
	}
	for _, f := range d.Forces {
		if forces[f.Code] == 0 {
			t.Errorf("task force %s has no sample project", f.Name)
		}
	}
	for _, k := range d.tickets {
		if p := d.project(k.Project); !strings.HasPrefix(k.Title, sample+"·") || p != nil && p.Named {
			t.Errorf("ticket %s on project %s", k.Title, k.Project)
		}
	}
}

func TestPeopleHaveDistinctNames(t *testing.T) {
	seen := map[string]string{}
	for _, p := range parsed(t).People {
		if seen[p.Name] != "" {
			t.Errorf("%s and %s are both called %s", seen[p.Name], p.Account, p.Name)
		}
		seen[p.Name] = p.Account
	}
}

// TestDone works out the amounts of each kind of course on a plan of 100, 200, ... 1200 万元.
func TestDone(t *testing.T) {
	var plan [12]int64
	for i := range plan {
		plan[i] = int64(i+1) * 100 * wan
	}
	for name, c := range map[string]struct {
		behave behaviour
		from   time.Month
		want   [12]int64 // 万元
	}{
		"late":             {behaviour{Share: map[time.Month]int64{1: 100}}, time.April, [12]int64{0, 0, 0, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200}},
		"behind":           {behaviour{Share: map[time.Month]int64{1: 100, 3: 80, 5: 70}}, time.January, [12]int64{100, 200, 240, 320, 350, 420, 490, 560, 630, 700, 770, 840}},
		"never less":       {behaviour{Share: map[time.Month]int64{1: 100, 6: 10}}, time.January, [12]int64{100, 200, 300, 400, 500, 500, 500, 500, 500, 500, 500, 500}},
		"stalls":           {behaviour{Share: map[time.Month]int64{1: 100}, Stalls: 4}, time.January, [12]int64{100, 200, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300}},
		"stalls, recovers": {behaviour{Share: map[time.Month]int64{1: 100}, Stalls: 4, Recovers: 7}, time.January, [12]int64{100, 200, 300, 300, 300, 300, 500, 666, 810, 940, 1060, 1173}},
	} {
		p := &project{Behave: c.behave}
		for i, got := range p.done(plan, c.from) {
			if got != c.want[i]*wan {
				t.Errorf("%s, month %d: %d 万元 done, want %d", name, i+1, got/wan, c.want[i])
			}
		}
	}
}

func TestVerifiedOf(t *testing.T) {
	b := behaviour{Verified: map[time.Month]int64{5: 85, 7: 50}}
	for m, want := range map[time.Month]int64{4: 99 * wan, 5: 84 * wan, 6: 84 * wan, 7: 49 * wan} {
		if got := b.verifiedOf(99*wan, m); got != want {
			t.Errorf("%s: %d fen verified of 99 万元, want %d", m, got, want)
		}
	}
}

func TestStartReadsDates(t *testing.T) {
	var s start
	if err := s.UnmarshalText([]byte("2023-05-08")); err != nil || s.spring || s.on != calendar.MakeDate(2023, time.May, 8) {
		t.Errorf("%+v, %v", s, err)
	}
	if err := s.UnmarshalText([]byte("autumn")); err == nil {
		t.Error("autumn is no date")
	}
}

// TestCheckNamesWhatIsMissing breaks the district in several places and expects each to be named.
func TestCheckNamesWhatIsMissing(t *testing.T) {
	d := parsed(t)
	d.People[0].Unit = "nowhere"
	d.Forces[0].Leader = "nobody"
	d.projects[0].Curve = "crooked"
	d.tickets[0].Project = "P-999"
	d.tickets[1].Title = d.tickets[0].Title
	err := d.check()
	if err == nil {
		t.Fatal("nothing is missing")
	}
	for _, want := range []string{"nowhere", "nobody", "crooked", "P-999", "two tickets"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in: %v", want, err)
		}
	}
}
