// Package calendar counts days, months and working days as a district in China counts them: with
// the holidays and the make-up working days (调休) that the State Council decrees year by year.
//
// It is pure: it reads no clock, no database and no file but its embedded data, and a Calendar
// never changes after New. Beyond its data a Calendar answers Monday to Friday and says that the
// answer is provisional.
package calendar

import "errors"

// ErrFormat is wrapped by every error about a text that is not a date, month, term or time of day.
var ErrFormat = errors.New("calendar: not in the expected form")

// ErrRange is wrapped by every error about a date that is missing, lies outside the years 1 to
// 9999, or is 1970-01-01, the one day that a Date cannot express.
var ErrRange = errors.New("calendar: no usable date")

// ErrUnit is wrapped when a term is counted in a unit that has no meaning for the question.
var ErrUnit = errors.New("calendar: unit not usable here")

// ErrNoWorkingTime is wrapped when a calendar offers no working time to search for.
var ErrNoWorkingTime = errors.New("calendar: no working time")

// ErrData is wrapped by every other error about the data a Calendar is made from.
var ErrData = errors.New("calendar: bad data")
