package templates

import (
	"battlemap/app"
)

// DoctorFinding is what one check of the doctor saw, in words.
type DoctorFinding struct {
	Locale
	Name    string // of the check, for programs
	Check   string // what is proven when nothing is wrong
	Looked  string
	Result  string
	Sound   bool
	Left    string   // why it could not look, "" otherwise
	Remarks []string // the first offenders
}

// Finding words a finding, the same for pages and for the command line.
func (l Locale) Finding(f app.Finding) DoctorFinding {
	out := DoctorFinding{Locale: l, Name: f.Check, Check: l.T("doctor.check." + f.Check), Looked: l.Count(int(f.Looked)), Result: l.T("doctor.sound"), Sound: f.Sound()}
	if f.Left != "" {
		out.Left, out.Result = l.T("doctor.left."+f.Left), l.T("doctor.unlooked")
	}
	if !f.Sound() {
		out.Result = l.T("doctor.count_broken", "N", int(f.Broken))
	}
	told := int64(0)
	for _, r := range f.Remarks {
		out.Remarks = append(out.Remarks, l.remark(r))
		if !r.Mild {
			told++
		}
	}
	if f.Broken > told {
		out.Remarks = append(out.Remarks, l.T("doctor.more", "N", int(f.Broken-told)))
	}
	return out
}

func (l Locale) remark(r app.Remark) string {
	var args []any
	for name, value := range r.Args {
		if n, ok := value.(float64); ok { // a number that came back from a stored run
			value = int64(n)
		}
		if name == "Kind" {
			if kind, ok := value.(string); ok {
				value = l.T("object." + kind)
			}
		}
		if column, ok := value.(string); ok && name == "Column" {
			if word := l.T("column." + column); word != "column."+column {
				value = word
			}
		}
		args = append(args, name, value)
	}
	return l.T("doctor.found."+r.Key, args...)
}
