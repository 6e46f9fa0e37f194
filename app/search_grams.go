package app

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
)

// searchVersion is the version of the table of grams; a database with an older one is indexed anew at the start.
const searchVersion = 2

// rareGrams is how many grams of a word narrow the candidates; the text itself decides.
const rareGrams = 3

// searchText is what a project or ticket is found by, folded, and as its grams were written.
type searchText struct {
	Kind  string // "project" or "ticket"
	RefID int64
	Text  string
}

// searchGram says that two characters follow each other in a text as it is written or read aloud, or that a number stands in it.
type searchGram struct {
	Gram  string
	Kind  string
	RefID int64
}

// index keeps the grams of a project or ticket in step with its texts: the door calls it for every row that it stores, with what the row was where it knows that.
func (t *tx) index(row, was any) error {
	switch r := row.(type) {
	case *Project:
		if old, ok := was.(*Project); ok && old.Code == r.Code && old.Name == r.Name && old.NationalCode == r.NationalCode && old.EnterpriseID == r.EnterpriseID {
			return nil
		}
		fields, err := t.projectWords(r)
		if err != nil {
			return err
		}
		return t.indexText("project", r.ID, fields)
	case *Ticket:
		if old, ok := was.(*Ticket); ok && old.No == r.No && old.Title == r.Title {
			return nil
		}
		return t.indexText("ticket", r.ID, ticketWords(r))
	}
	return nil
}

// projectWords are the texts that a project is found by.
func (t *tx) projectWords(p *Project) ([]string, error) {
	words := []string{p.Code, p.Name}
	if p.NationalCode != "" {
		words = append(words, p.NationalCode)
	}
	if p.EnterpriseID == 0 {
		return words, nil
	}
	e, err := look[Enterprise](t, p.EnterpriseID)
	if err != nil {
		return nil, fmt.Errorf("enterprise of %s: %w", p.Code, err)
	}
	return append(words, e.Name), nil
}

// ticketWords are the texts that a ticket is found by: its number in both ways of writing it, and its title.
func ticketWords(k *Ticket) []string {
	year, n, _ := strings.Cut(k.No, "-")
	return []string{k.No, "〔" + year + "〕" + n + "号", k.Title}
}

// Grams is what fields are found by: their folded text, and every pair of characters that can follow each other in it.
func Grams(fields ...string) (text string, grams []string) {
	text = foldFields(fields)
	return text, gramsOf(text)
}

func (t *tx) indexText(kind string, id int64, fields []string) error {
	text := foldFields(fields)
	var had string
	err := single(t.ctx, t.db, []any{&had}, "SELECT text FROM search_texts WHERE kind = ? AND ref_id = ?", kind, id)
	switch {
	case err == nil && had == text:
		return nil
	case err == nil:
		for _, table := range []string{"search_texts", "search_grams"} {
			if err := execute(t.ctx, t.db, "DELETE FROM "+table+" WHERE kind = ? AND ref_id = ?", kind, id); err != nil {
				return err
			}
		}
	case !noRow(err):
		return err
	}
	if err := table[searchText](t.db).Create(t.ctx, &searchText{Kind: kind, RefID: id, Text: text}); err != nil {
		return err
	}
	grams := gramsOf(text)
	rows := make([]searchGram, len(grams))
	for i, g := range grams {
		rows[i] = searchGram{Gram: g, Kind: kind, RefID: id}
	}
	return table[searchGram](t.db).CreateInBatches(t.ctx, &rows, 500)
}

// numberIn is the number of a ticket or a document from its year on, typed to its end or nearly.
var numberIn = regexp.MustCompile(`\d{4}[-〕]\d{3,}`)

// numbersIn are all of them in a text, also those that share digits, as in 2022-2023-001.
func numbersIn(text string) (numbers []string) {
	for {
		at := numberIn.FindStringIndex(text)
		if at == nil {
			return numbers
		}
		numbers = append(numbers, text[at[0]:at[1]])
		text = text[at[0]+len("2022"):]
	}
}

// gramsOf are all pairs of characters that can follow each other where a folded text is written or read aloud, and the numbers in it, sorted, each once. The last
// character of a field is followed by the line's end, so that every character begins a gram.
func gramsOf(folded string) []string {
	set := map[string]bool{}
	for line := range strings.SplitSeq(folded, "\n") {
		for _, number := range numbersIn(line) {
			set[number] = true
		}
		runes := append([]rune(line), '\n')
		for i, r := range runes[:len(runes)-1] {
			next := runes[i+1]
			set[string([]rune{r, next})] = true
			ends, starts := []string{string(r)}, []string{string(next)}
			if said := readings(r); len(said) > 0 {
				ends = nil
				for _, s := range said {
					ends = append(ends, s[:1], s[len(s)-1:])
					for j := range len(s) - 1 {
						set[s[j:j+2]] = true
					}
				}
			}
			if said := readings(next); len(said) > 0 {
				starts = nil
				for _, s := range said {
					starts = append(starts, s[:1])
				}
			}
			for _, e := range ends {
				for _, s := range starts {
					set[e+s] = true
				}
			}
		}
	}
	out := make([]string, 0, len(set))
	for g := range set {
		out = append(out, g)
	}
	slices.Sort(out)
	return out
}

// pairs are the grams of a word: every text that the word stands in has them all. A word of one character has none.
func pairs(word string) []string {
	runes := []rune(word)
	var out []string
	for i := range len(runes) - 1 {
		if g := string(runes[i : i+2]); !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// mostFound is how many texts a search among everything looks at, the newest first: more than any list shows. Who sees a part only is looked for among all.
const mostFound = boardedTickets

// textWhere is the condition that a project or ticket (the kind, and the table's plural) is found by a typed text: the rarest grams give the candidates, and
// their texts decide. It is what every list asks, so it stands in one place. whole says that the person sees everything: then the newest of a multitude do.
func textWhere(ctx context.Context, db *gorm.DB, kind, text string, whole bool) (string, []any, error) {
	m := NewMatcher(text)
	if m.Empty() {
		return "1 = 1", nil, nil
	}
	found, err := foundBy(ctx, db, kind, m, whole)
	if err != nil {
		return "", nil, fmt.Errorf("look for %q: %w", text, err)
	}
	where, arg := among(db, kind+"s.id", found)
	return where, []any{arg}, nil
}

// foundBy are the numbers of the projects or tickets whose texts match.
func foundBy(ctx context.Context, db *gorm.DB, kind string, m Matcher, whole bool) ([]int64, error) {
	where, args, err := candidates(ctx, db, kind, m)
	if err != nil {
		return nil, err
	}
	where, args = "kind = ? AND "+where, append([]any{kind}, args...)
	if whole {
		where, args = where+" ORDER BY ref_id DESC LIMIT ?", append(args, mostFound)
	}
	texts, err := readRows[searchText](ctx, db, where, args...)
	if err != nil {
		return nil, err
	}
	found := []int64{}
	for i := range texts {
		if m.within(texts[i].Text) {
			found = append(found, texts[i].RefID)
		}
	}
	return found, nil
}

// fewTexts is how many texts have a gram that finds enough by itself; commonGram, how many make one common. Nobody counts further.
const (
	fewTexts   = 200
	commonGram = mostFound
)

// candidates is a condition on table search_texts that every match fulfils: the words that are rare, by the lists of their rarest grams. Where no word is, the texts
// are gone through one by one, since the lists are as long.
func candidates(ctx context.Context, db *gorm.DB, kind string, m Matcher) (string, []any, error) {
	var all []string
	for _, w := range m.words {
		for _, way := range w {
			all = append(all, gramsOfWay(way)...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	var often map[string]int
	for _, limit := range []int{fewTexts, commonGram} {
		var err error
		if often, err = countGrams(ctx, db, kind, all, limit); err != nil {
			return "", nil, err
		}
		rare := func(gram string) bool { return often[gram] < limit }
		narrow := slices.DeleteFunc(slices.Clone(m.words), func(w matchWord) bool {
			return slices.ContainsFunc(w, func(way string) bool { return !slices.ContainsFunc(gramsOfWay(way), rare) })
		})
		if len(narrow) > 0 {
			where, args := wordsWhere("ref_id IN (SELECT ref_id FROM search_grams WHERE kind = ? AND %s)", kind, narrow, often, rare)
			return where, args, nil
		}
	}
	where, args := wordsWhere("EXISTS (SELECT 1 FROM search_grams g WHERE g.kind = ? AND g.ref_id = search_texts.ref_id AND %s)", kind, m.words, often, func(string) bool { return true })
	return where, args, nil
}

// wordsWhere is the condition that a text has the rarest of the eligible grams of some way to write each word; shape is that it has one.
func wordsWhere(shape, kind string, words []matchWord, often map[string]int, eligible func(string) bool) (string, []any) {
	var each []string
	var args []any
	for _, w := range words {
		var ways []string
		for _, way := range w {
			grams := slices.DeleteFunc(gramsOfWay(way), func(g string) bool { return !eligible(g) })
			slices.SortStableFunc(grams, func(a, b string) int { return often[a] - often[b] })
			var has []string
			for _, g := range grams[:min(len(grams), rareGrams)] {
				cond, is := gramIs(g)
				has, args = append(has, fmt.Sprintf(shape, cond)), append(append(args, kind), is...)
			}
			ways = append(ways, strings.Join(has, " AND "))
		}
		each = append(each, "("+strings.Join(ways, " OR ")+")")
	}
	return strings.Join(each, " AND "), args
}

// gramsOfWay are the grams of one way to write a word. A number that it holds stands for all: the pairs of its digits are common. One character stands for all grams
// that it begins.
func gramsOfWay(way string) []string {
	if number := numberIn.FindString(way); number != "" {
		return []string{number}
	}
	if grams := pairs(way); len(grams) > 0 {
		return grams
	}
	return []string{way}
}

// gramIs is the condition that a gram is this pair, or begins with this one character or this number, which may go on.
func gramIs(gram string) (string, []any) {
	if utf8.RuneCountInString(gram) != 2 {
		return "gram >= ? AND gram < ?", []any{gram, gram + strings.Repeat(string(unicode.MaxRune), 2)}
	}
	return "gram = ?", []any{gram}
}

// countGrams tells how many texts have each gram, up to limit.
func countGrams(ctx context.Context, db *gorm.DB, kind string, grams []string, limit int) (map[string]int, error) {
	often := map[string]int{}
	for _, g := range grams {
		cond, is := gramIs(g)
		var n int
		err := single(ctx, db, []any{&n}, "SELECT COUNT(*) FROM (SELECT 1 FROM search_grams WHERE kind = ? AND "+cond+" LIMIT ?) AS first_ones", append(append([]any{kind}, is...), limit)...)
		if err != nil {
			return nil, err
		}
		often[g] = n
	}
	return often, nil
}

// indexAll writes the grams of everything anew when the table's version is older than the program's: once after an update.
func (a *App) indexAll(ctx context.Context) error {
	var have int
	if err := scanOne(a.db.read.WithContext(ctx).Raw("SELECT version FROM search_index WHERE id = 1"), &have); err != nil {
		return fmt.Errorf("version of the search index: %w", err)
	}
	if have >= searchVersion {
		return nil
	}
	return a.chore(ctx, func(t *tx) error {
		done := t.db.Exec("UPDATE search_index SET version = ? WHERE id = 1 AND version < ?", searchVersion, searchVersion)
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error // a neighbour was quicker
		}
		for _, table := range []string{"search_texts", "search_grams"} {
			if err := t.db.Exec("DELETE FROM " + table).Error; err != nil {
				return err
			}
		}
		if err := indexRows[Project](t); err != nil {
			return err
		}
		return indexRows[Ticket](t)
	})
}

func indexRows[T any](t *tx) error {
	rows, err := table[T](t.db).Order("id").Find(t.ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		if err := t.index(&rows[i], nil); err != nil {
			return err
		}
	}
	return nil
}

// among is the condition that a column holds one of many numbers, given as one argument: a list of placeholders has an end, and every length would be a
// statement of its own.
func among(db *gorm.DB, column string, numbers []int64) (string, any) {
	list := strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ",")
	if db.Name() == "postgres" {
		return column + " = ANY (CAST(? AS BIGINT[]))", "{" + list + "}"
	}
	return column + " IN (SELECT value FROM json_each(?))", "[" + list + "]"
}
