package app

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// Matcher is a text that somebody typed to find things: every word of it must stand in what is looked at. A word with Chinese characters stands there as
// written; any other word also as pinyin, whole or by initials, in any reading (重庆 is found by zq and by cq); a ticket's number in any way of writing it.
type Matcher struct{ words []matchWord }

// matchWord is one word with the ways of writing it, folded.
type matchWord []string

// maxWords is how many words of a query count, and maxWord how many bytes of each.
const (
	maxWords = 8
	maxWord  = 300
)

// ticketNumber is a year and a number with a mark between them.
var ticketNumber = regexp.MustCompile(`^[^\pL\pN]?(\d{4})(?:[^\pL\pN]{1,3}|年)(\d{1,9}) ?号?$`)

// TicketNumber reads a ticket's number however people write it (2023-1, 〔2023〕001号, ［２０２３］１) and answers it as it is kept: 2023-001.
func TicketNumber(text string) (no string, ok bool) {
	m := ticketNumber.FindStringSubmatch(strings.TrimSpace(foldText(text)))
	if m == nil {
		return "", false
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return "", false
	}
	return fmt.Sprintf("%s-%03d", m[1], n), true
}

// NewMatcher reads a typed text. Without a word it matches everything.
func NewMatcher(text string) Matcher {
	var m Matcher
	for _, word := range strings.Fields(foldText(plain(text))) {
		if len(m.words) == maxWords {
			break
		}
		w := matchWord{clip(word, maxWord)}
		if no, ok := TicketNumber(word); ok && no != word {
			w = append(w, no)
		}
		m.words = append(m.words, w)
	}
	return m
}

// Empty tells whether nothing was typed.
func (m Matcher) Empty() bool { return len(m.words) == 0 }

// Matches tells whether every word stands in one of the fields.
func (m Matcher) Matches(fields ...string) bool {
	return m.within(foldFields(fields))
}

// Loosely is Matches with gaps between the characters, for short names that somebody has in mind: dbx finds 督办事项.
func (m Matcher) Loosely(name string) bool {
	folded := foldText(name)
	for _, w := range m.words {
		if !slices.ContainsFunc(w, func(s string) bool { return spelled(folded, s, true) }) {
			return false
		}
	}
	return true
}

// within is Matches for a text that is folded already, its fields on lines of their own.
func (m Matcher) within(folded string) bool {
	for _, w := range m.words {
		if !slices.ContainsFunc(w, func(s string) bool { return stands(folded, s) }) {
			return false
		}
	}
	return true
}

// stands tells whether a folded word stands in a folded text, as written or as it is read aloud.
func stands(folded, word string) bool {
	if strings.Contains(folded, word) {
		return true
	}
	return !hasHan(word) && spelled(folded, word, false)
}

// spelled walks through the text once and keeps, for every character, how much of the word can have been said before it; with gaps, characters may be passed over.
func spelled(folded, word string, gaps bool) bool {
	said := make([]bool, len(word))
	next := make([]bool, len(word))
	for _, r := range folded {
		said[0] = true // the word may begin at any character
		clear(next)
		if gaps {
			copy(next, said)
		}
		for _, way := range waysOf(r) {
			for at, ok := range said {
				if !ok {
					continue
				}
				left := word[at:]
				if strings.HasPrefix(way, left) {
					return true
				}
				if strings.HasPrefix(left, way) {
					next[at+len(way)] = true
				}
			}
		}
		said, next = next, said
	}
	return false
}

// waysOf are the ways to type a character: itself, and a Chinese one by each of its readings or the reading's first letter.
func waysOf(r rune) []string {
	ways := []string{string(r)}
	for _, reading := range readings(r) {
		ways = append(ways, reading, reading[:1])
	}
	return ways
}

// readings are the pinyin of a Chinese character in all its readings, without tones; ü is typed as v or as u. Never for display: which one is meant depends
// on the word.
func readings(r rune) []string {
	if r < 0x3007 {
		return nil
	}
	marked, ok := pinyin.PinyinDict[int(r)]
	if !ok {
		return nil
	}
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for reading := range strings.SplitSeq(marked, ",") {
		bare := strings.Map(toneless, reading)
		add(bare)
		add(strings.ReplaceAll(bare, "v", "u"))
	}
	return out
}

// toneless takes the tone off a letter of pinyin; what is no letter then is a mark of its own and is dropped.
func toneless(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return r
	case strings.ContainsRune("āáǎà", r):
		return 'a'
	case strings.ContainsRune("ēéěèêếề", r):
		return 'e'
	case strings.ContainsRune("īíǐì", r):
		return 'i'
	case strings.ContainsRune("ōóǒò", r):
		return 'o'
	case strings.ContainsRune("ūúǔù", r):
		return 'u'
	case strings.ContainsRune("üǖǘǚǜ", r):
		return 'v'
	case strings.ContainsRune("ńňǹ", r):
		return 'n'
	case r == 'ḿ':
		return 'm'
	}
	return -1
}

// foldText writes a text the way it is compared: small letters, full-width letters and digits as narrow ones, ü as v.
func foldText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		case r == '\u3000':
			return ' '
		}
		if r = unicode.ToLower(r); r == 'ü' {
			return 'v'
		}
		return r
	}, s)
}

// foldFields is the folded text of a thing's fields, one on each line.
func foldFields(fields []string) string {
	lines := make([]string, len(fields))
	for i, f := range fields {
		lines[i] = strings.Join(strings.Fields(foldText(f)), " ")
	}
	return strings.Join(lines, "\n")
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
