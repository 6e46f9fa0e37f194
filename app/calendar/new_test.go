package calendar

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// plain are sound options for 2030 without a holiday.
func plain() Options {
	return Options{
		Version: "test-1", Location: time.UTC, Opens: Clock{9, 0}, Closes: Clock{17, 0},
		First: MakeDate(2030, 1, 1), Last: MakeDate(2030, 12, 31),
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		change func(o *Options)
		says   string
	}{
		{func(o *Options) { o.Version = "" }, "no version"},
		{func(o *Options) { o.Location = nil }, "no location"},
		{func(o *Options) { o.Closes = Clock{24, 0} }, "not times of day"},
		{func(o *Options) { o.Opens = Clock{8, 60} }, "not times of day"},
		{func(o *Options) { o.Opens = Clock{-1, 0} }, "not times of day"},
		{func(o *Options) { o.Opens = o.Closes }, "open from 17:00 to 17:00"},
		{func(o *Options) { o.First = 0 }, "first and last day"},
		{func(o *Options) { o.Last = maxDate + 1 }, "first and last day"},
		{func(o *Options) { o.Last = o.First - 1 }, "2030-01-01 to 2029-12-31 is not a span"},
		{func(o *Options) { o.First = minDate }, "0001-01-01 to 2030-12-31 is not a span"},
		{func(o *Options) { o.Off = []NamedDay{{MakeDate(2029, 12, 31), "元旦"}} }, `a day off "2029-12-31" lies outside 2030-01-01 to 2030-12-31`},
		{func(o *Options) { o.Off = []NamedDay{{0, "元旦"}} }, `a day off "" lies outside`},
		{func(o *Options) { o.Off = []NamedDay{{MakeDate(2030, 1, 1), ""}} }, "2030-01-01 has no name"},
		{func(o *Options) {
			o.Off = []NamedDay{{MakeDate(2030, 1, 1), "元旦"}, {MakeDate(2030, 1, 1), "春节"}}
		}, "2030-01-01 is a day off and also a day off"},
		{func(o *Options) { o.MakeUp = []Date{MakeDate(2031, 1, 4)} }, `a make-up day "2031-01-04" lies outside`},
		{func(o *Options) { o.MakeUp = []Date{MakeDate(2030, 1, 2)} }, "2030-01-02 is a Wednesday, which is worked anyway"},
		{func(o *Options) {
			o.Off = []NamedDay{{MakeDate(2030, 1, 5), "元旦"}}
			o.MakeUp = []Date{MakeDate(2030, 1, 5)}
		}, "2030-01-05 is a day off and also a make-up day"},
	}
	for _, test := range tests {
		o := plain()
		test.change(&o)
		c, err := New(o)
		if c != nil || !errors.Is(err, ErrData) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("made: %t, %v, want an ErrData that says %q", c != nil, err, test.says)
		}
	}
}

func TestNewNamesAllFaultyDays(t *testing.T) {
	o := plain()
	o.Off = []NamedDay{{MakeDate(2030, 1, 1), ""}, {MakeDate(2031, 1, 1), "元旦"}}
	o.MakeUp = []Date{MakeDate(2030, 1, 2)}
	_, err := New(o)
	for _, says := range []string{"2030-01-01", "2031-01-01", "2030-01-02"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not name %s", err, says)
		}
	}
}

func TestNewRefusesNoWorkingTime(t *testing.T) {
	closed, idle := plain(), plain()
	closed.Closes = closed.Opens
	idle.Last = MakeDate(2031, 12, 31)
	for n := range maxRest {
		idle.Off = append(idle.Off, NamedDay{idle.First.AddDays(n), "假"})
	}
	if _, err := New(idle); err != nil {
		t.Errorf("%d rest days in a row: %v", maxRest, err)
	}
	idle.Off = append(idle.Off, NamedDay{idle.First.AddDays(maxRest), "假"})
	for name, o := range map[string]Options{"closed": closed, "idle": idle} {
		if c, err := New(o); c != nil || !errors.Is(err, ErrNoWorkingTime) || !errors.Is(err, ErrData) {
			t.Errorf("%s: made: %t, %v, want ErrNoWorkingTime", name, c != nil, err)
		}
	}
}

func TestNewKeepsNothingOfItsOptions(t *testing.T) {
	o := plain()
	o.Off = []NamedDay{{MakeDate(2030, 5, 1), "劳动节"}, {MakeDate(2030, 1, 1), "元旦"}}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if o.Off[0].Name != "劳动节" {
		t.Error("New sorted the caller's list")
	}
	o.Off[0], o.Off[1] = NamedDay{}, NamedDay{}
	if name := c.Day(MakeDate(2030, 5, 1)).Name; name != "劳动节" {
		t.Errorf("the holiday is now called %q", name)
	}
}

func TestReadOptionsRefuses(t *testing.T) {
	for text, says := range map[string]string{
		``:                      "EOF",
		`{"makeup": []}`:        "unknown field",
		`{"version": "x"} {}`:   "text after the end",
		`{"first": "2030-1-1"}`: "not a date",
		`{"years": [{"year": 2030, "off": [{"name": "元旦", "from": "2029-12-31", "to": "2030-01-01"}]}]}`: `year 2030: 元旦 from "2029-12-31"`,
		`{"years": [{"year": 2030, "off": [{"name": "元旦", "from": "2030-01-03", "to": "2030-01-01"}]}]}`: "not a span",
		`{"years": [{"year": 2030, "off": [{"name": "元旦", "from": "2030-01-03"}]}]}`:                     "not a span",
		`{"years": [{"year": 2030, "make_up": ["2031-01-04"]}]}`:                                         `"2031-01-04" is not of that year`,
	} {
		if _, err := ReadOptions(strings.NewReader(text)); !errors.Is(err, ErrData) || !strings.Contains(err.Error(), says) {
			t.Errorf("reading %s: %v, want an ErrData that says %q", text, err, says)
		}
	}
}

// TestUploadedYear extends the vendored data as a district does when the next notice is out.
func TestUploadedYear(t *testing.T) {
	o, err := Vendored()
	if err != nil {
		t.Fatal(err)
	}
	next, err := ReadOptions(strings.NewReader(`{"version": "notice", "first": "2027-01-01", "last": "2027-12-31",
		"years": [{"year": 2027, "off": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}], "make_up": ["2027-02-20"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	o.Version, o.Last = "chinese-days-1.5.7+notice", next.Last
	o.Off, o.MakeUp = append(o.Off, next.Off...), append(o.MakeUp, next.MakeUp...)
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Day(MakeDate(2027, 1, 1)); got.Working || got.Provisional || got.Name != "元旦" {
		t.Errorf("2027-01-01 is %+v", got)
	}
	if got := c.Day(MakeDate(2027, 2, 20)); !got.Working || got.Kind != KindMakeUp {
		t.Errorf("2027-02-20 is %+v", got)
	}
	if got := c.Workdays(MakeDate(2025, 12, 31), MakeDate(2026, 12, 31)); got != 248 {
		t.Errorf("2026 has %d working days with 2027 loaded, want 248", got)
	}
}
