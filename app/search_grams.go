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
const searchVersion = 1

// rareGrams is how many grams of a word narrow the candidates; the text itself decides.
const rareGrams = 3

// searchText is what a project or ticket is found by, folded, and as its grams were written.
type searchText struct {
	Kind  string // "project" or "ticket"
	RefID int64
	Text  string
}

// searchGram says that two characters follow each other in a text as it is written or read aloud.
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

// gramsOf are all pairs of characters that can follow each other where a folded text is written or read aloud, sorted, each once. The last character of a field
// is followed by the line's end, so that every character begins a gram.
func gramsOf(folded string) []string {
	set := map[string]bool{}
	for line := range strings.SplitSeq(folded, "\n") {
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
	where, args, err := candidates(ctx, db, kind, m)
	if err != nil {
		return "", nil, fmt.Errorf("look for %q: %w", text, err)
	}
	q := table[searchText](db).Where("kind = ?", kind).Where(where, args...)
	if whole {
		q = q.Order("ref_id DESC").Limit(mostFound)
	}
	texts, err := q.Find(ctx)
	if err != nil {
		return "", nil, fmt.Errorf("look for %q: %w", text, err)
	}
	found := []int64{}
	for _, s := range texts {
		if m.within(s.Text) {
			found = append(found, s.RefID)
		}
	}
	where, arg := among(db, kind+"s.id", found)
	return where, []any{arg}, nil
}

// candidates is a condition on table search_texts that every match fulfils.
func candidates(ctx context.Context, db *gorm.DB, kind string, m Matcher) (string, []any, error) {
	var all []string
	for _, w := range m.words {
		for _, way := range w {
			all = append(all, gramsOfWay(way)...)
		}
	}
	often, err := countGrams(ctx, db, kind, all)
	if err != nil {
		return "", nil, err
	}
	var words []string
	var args []any
	for _, w := range m.words {
		var ways []string
		for _, way := range w {
			cond, more := wayWhere(kind, way, often)
			ways, args = append(ways, cond), append(args, more...)
		}
		words = append(words, "("+strings.Join(ways, " OR ")+")")
	}
	return strings.Join(words, " AND "), args, nil
}

// gramsOfWay are the grams of one way to write a word; one character stands for all grams that it begins.
func gramsOfWay(way string) []string {
	if grams := pairs(way); len(grams) > 0 {
		return grams
	}
	return []string{way}
}

// wholeNumber is a ticket's number that is typed to its end, or nearly.
var wholeNumber = regexp.MustCompile(`^\d{4}-\d{3,}$`)

// wayWhere is the condition that a text has the rarest grams of one way to write a word. Where all of them are common, the texts are gone through one by one, since
// their lists are as long: but for a ticket's number, whose digits are common always and which has an index of its own.
func wayWhere(kind, way string, often map[string]int) (string, []any) {
	grams := gramsOfWay(way)
	slices.SortStableFunc(grams, func(a, b string) int { return often[a] - often[b] })
	rare := slices.IndexFunc(grams, func(g string) bool { return often[g] >= commonGram })
	if rare < 0 {
		rare = len(grams)
	}
	if rare == 0 && kind == "ticket" && wholeNumber.MatchString(way) {
		return "ref_id IN (SELECT id FROM tickets WHERE no >= ? AND no < ?)", []any{way, way + "~"}
	}
	shape := "ref_id IN (SELECT ref_id FROM search_grams WHERE kind = ? AND %s)"
	if rare == 0 {
		rare, shape = len(grams), "EXISTS (SELECT 1 FROM search_grams g WHERE g.kind = ? AND g.ref_id = search_texts.ref_id AND %s)"
	}
	var conds []string
	var args []any
	for _, g := range grams[:min(rare, rareGrams)] {
		cond, is := gramIs(g)
		conds, args = append(conds, fmt.Sprintf(shape, cond)), append(append(args, kind), is...)
	}
	return "(" + strings.Join(conds, " AND ") + ")", args
}

// gramIs is the condition that a gram is this one, or begins with this one character.
func gramIs(gram string) (string, []any) {
	if utf8.RuneCountInString(gram) == 1 {
		return "gram >= ? AND gram < ?", []any{gram, gram + strings.Repeat(string(unicode.MaxRune), 2)}
	}
	return "gram = ?", []any{gram}
}

// commonGram is how many texts make a gram common; nobody counts further.
const commonGram = mostFound

// countGrams tells how many texts have each gram, up to commonGram.
func countGrams(ctx context.Context, db *gorm.DB, kind string, grams []string) (map[string]int, error) {
	slices.Sort(grams)
	often := map[string]int{}
	for _, g := range slices.Compact(grams) {
		cond, is := gramIs(g)
		var n int
		err := scanOne(db.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM search_grams WHERE kind = ? AND "+cond+" LIMIT ?) AS first_ones", append(append([]any{kind}, is...), commonGram)...), &n)
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
