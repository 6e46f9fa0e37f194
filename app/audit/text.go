package audit

import (
	"fmt"
	"strconv"
	"strings"
)

// Text is the report for people, in "zh", in "en", or for any other lang each line in both.
func (r Report) Text(lang string) (string, error) {
	w, err := loadWords()
	if err != nil {
		return "", err
	}
	langs := []string{"zh", "en"}
	if lang == "zh" || lang == "en" {
		langs = []string{lang}
	}
	pairs := r.pairs()
	var b strings.Builder
	say := func(key string, more ...string) {
		for _, l := range langs {
			fmt.Fprintln(&b, w.say(key, l, append(more, pairs...)...))
		}
	}
	if r.Sound {
		say("sound")
	} else {
		say("broken")
	}
	for _, f := range r.Faults {
		for _, l := range langs {
			fmt.Fprintf(&b, "  [%s] %s\n", f.Code, map[string]string{"zh": f.Zh, "en": f.En}[l])
		}
	}
	for _, key := range r.read() {
		say(key)
	}
	for _, key := range r.Rotated {
		say("by_rotation", "{key}", key)
	}
	for _, x := range r.Witnesses {
		key := "cosigned"
		if x.Checkpoints == 0 {
			key = "not_cosigned"
		}
		say(key, "{witness}", x.Name, "{notes}", strconv.Itoa(x.Checkpoints), "{size}", strconv.FormatInt(x.Size, 10), "{when}", x.At)
	}
	for _, key := range r.proven() {
		say(key)
	}
	return b.String(), nil
}

// read are the keys of the sentences on what was read.
func (r Report) read() []string {
	keys := []string{"origin"}
	add := func(key string, said bool) {
		if said {
			keys = append(keys, key)
		}
	}
	switch r.Kind {
	case KindBundle:
		add("case_of", r.Case.No > 0)
		add("case_counted", true)
		add("case_covered", r.CoveredAt != "")
		add("not_compared", r.Case.Unmatched > 0)
	case KindConsistency:
		add("consistency_of", r.CoveredAt != "")
		add("not_compared", r.Proof.Unmatched > 0)
	case KindRecord:
		add("record_of", r.Proof.No > 0)
		add("case_covered", r.CoveredAt != "")
		add("not_compared", r.Proof.Unmatched > 0)
	default:
		add("counted", true)
		add("covered", r.CoveredAt != "")
		add("uncovered", r.Uncovered > 0)
	}
	add("key_from_export", r.KeyFromExport)
	add("key_given", !r.KeyFromExport)
	return keys
}

// proven are the keys of the sentences on what is proven, if all is sound, and on what never is.
func (r Report) proven() []string {
	var keys []string
	if r.Sound {
		keys = append(keys, "proven_"+r.Kind)
	}
	return append(keys, "unproven_"+r.Kind, "unproven_ever")
}

func (r Report) pairs() []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	pairs := []string{"{origin}", r.Origin, "{count}", number(r.Records), "{checks}", strconv.Itoa(r.Checkpoints),
		"{covered}", number(r.Covered), "{at}", r.CoveredAt, "{uncovered}", number(r.Uncovered)}
	if c := r.Case; c != nil {
		pairs = append(pairs, "{object}", c.Object, "{no}", number(c.No), "{when}", c.At, "{by}", c.By,
			"{documents}", strconv.Itoa(c.Documents), "{unmatched}", strconv.Itoa(c.Unmatched))
	}
	if p := r.Proof; p != nil {
		pairs = append(pairs, "{older}", number(p.Older), "{newer}", number(p.Newer), "{no}", number(p.No), "{when}", p.At,
			"{unmatched}", strconv.Itoa(p.Unmatched))
	}
	return pairs
}
