package calendar

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

//go:embed data/holidays.json
var holidays []byte

// file is the shape of data/holidays.json, also for files that a district uploads.
type file struct {
	Version string     `json:"version"`
	First   Date       `json:"first"`
	Last    Date       `json:"last"`
	Years   []fileYear `json:"years"`
}

// fileYear holds the dates that lie in one year, whichever year's notice decreed them.
type fileYear struct {
	Year   int    `json:"year"`
	Off    []span `json:"off"`
	MakeUp []Date `json:"make_up"`
}

// span is a holiday from its first to its last day off.
type span struct {
	Name string `json:"name"`
	From Date   `json:"from"`
	To   Date   `json:"to"`
}

// Default makes the calendar of the vendored data, with the zone Asia/Shanghai and the hours 08:30
// to 17:30, which no source decrees.
func Default() (*Calendar, error) {
	o, err := Vendored()
	if err != nil {
		return nil, err
	}
	return New(o)
}

// Vendored returns the options that Default uses, for a calendar with other hours or further days.
func Vendored() (Options, error) {
	o, err := ReadOptions(bytes.NewReader(holidays))
	if err != nil {
		return Options{}, fmt.Errorf("reading the vendored holidays: %w", err)
	}
	o.Location, err = time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return Options{}, fmt.Errorf("loading the zone: %w", err)
	}
	o.Opens, o.Closes = Clock{Hour: 8, Minute: 30}, Clock{Hour: 17, Minute: 30}
	o.Notices = decrees()
	return o, nil
}

// decrees are the State Council's notices whose text was compared with the data day by day
// (testdata/notices); the other years come from the package alone, so no number is claimed for them.
func decrees() map[int]string {
	return map[int]string{
		2020: "国办发明电〔2019〕16号、国办发明电〔2020〕1号", 2022: "国办发明电〔2021〕11号", 2023: "国办发明电〔2022〕16号", 2026: "国办发明电〔2025〕7号",
	}
}

// ReadOptions reads the version, the span and the days of a file shaped like data/holidays.json;
// zone and hours are left to the caller, and New checks the rest. Its errors wrap ErrData.
func ReadOptions(r io.Reader) (Options, error) {
	var f file
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields() // a misspelt "make_up" must not pass as a year without any
	if err := decoder.Decode(&f); err != nil {
		return Options{}, fmt.Errorf("%w: %w", ErrData, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Options{}, fmt.Errorf("%w: text after the end of the file's object", ErrData)
	}
	o := Options{Version: f.Version, First: f.First, Last: f.Last}
	for _, year := range f.Years {
		off, err := year.days()
		if err != nil {
			return Options{}, fmt.Errorf("%w: year %d: %w", ErrData, year.Year, err)
		}
		o.Off = append(o.Off, off...)
		o.MakeUp = append(o.MakeUp, year.MakeUp...)
	}
	return o, nil
}

// days spreads the spans of a year and checks that its dates lie in it.
func (y fileYear) days() ([]NamedDay, error) {
	var off []NamedDay
	for _, s := range y.Off {
		if s.From.Year() != y.Year || s.To.Year() != y.Year || s.To < s.From {
			return nil, fmt.Errorf("%s from %q to %q is not a span of that year", s.Name, s.From, s.To)
		}
		for d := s.From; d <= s.To; d++ {
			off = append(off, NamedDay{Date: d, Name: s.Name})
		}
	}
	for _, d := range y.MakeUp {
		if d.Year() != y.Year {
			return nil, fmt.Errorf("make-up day %q is not of that year", d)
		}
	}
	return off, nil
}
