package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// function is a function of package app as its source has it.
type function struct {
	name     string
	receiver string   // "App", "tx", ...; "" for none
	actor    bool     // takes an Actor
	calls    []string // "x.name" or "name" of what its body calls
	mentions []string // "a.b.c" of the selectors in its body
}

// source reads the functions of package app, without its tests.
func source(t *testing.T) []function {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []function
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				out = append(out, read(fn))
			}
		}
	}
	if len(out) < 200 {
		t.Fatalf("only %d functions read", len(out))
	}
	return out
}

func read(fn *ast.FuncDecl) function {
	f := function{name: fn.Name.Name}
	if fn.Recv != nil {
		f.receiver = strings.TrimLeft(dotted(fn.Recv.List[0].Type), "*")
	}
	for _, p := range fn.Type.Params.List {
		f.actor = f.actor || dotted(p.Type) == "Actor"
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			f.calls = append(f.calls, dotted(n.Fun))
		case *ast.SelectorExpr:
			f.mentions = append(f.mentions, dotted(n))
		}
		return true
	})
	return f
}

// dotted writes names joined by dots, "" for anything else.
func dotted(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + dotted(e.X)
	case *ast.SelectorExpr:
		return dotted(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr:
		return dotted(e.X)
	}
	return ""
}

// named lists the names of the functions that match, sorted, each once.
func named(all []function, match func(function) bool) []string {
	var out []string
	for _, f := range all {
		if match(f) {
			out = append(out, f.name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// The small sister records nothing, so every one of her callers is known by name.
func TestCallersOfChore(t *testing.T) {
	got := named(source(t), func(f function) bool {
		return slices.ContainsFunc(f.mentions, func(m string) bool { return strings.HasSuffix(m, ".chore") })
	})
	want := []string{
		"Acquire",           // a job's lease
		"Authenticate",      // when the session was last used
		"ClaimMail",         // delivery marks
		"ClaimPublication",  // delivery marks
		"DeliverInbox",      // delivery marks
		"Examine",           // that the doctor found nothing new, or a journal too broken to be told so
		"MarkRead",          // reading is never scored, so never recorded
		"OpenWall",          // when a big screen last asked
		"PurgeSessions",     // dead sessions
		"QueueWitnesses",    // which checkpoint goes to whom: a delivery is no change of the matter, and one recorded would call for the next checkpoint
		"RemoveDisposed",    // the bytes of files, whose disposal is on record
		"SetTaste",          // language and theme
		"Settle",            // delivery marks
		"SettlePublication", // delivery marks, and the co-signature that came back
		"SignCheckpoint",    // a statement about the journal can't be in it
		"Visit",             // notes that a session is in use
		"countAttempt",      // sign-in attempts
		"indexAll",          // the grams of texts, which are no facts of their own
		"newSetupToken",     // the hash of a one-time token
		"queueAll",          // deliveries that somebody asked for, which PublishCheckpoint has recorded
		"signLast",          // the old key's last statement about the journal, at a change of keys
		"skipOne",           // how far a calendar's moving of dates has come, past an item that can't be moved
		"stick",             // that a job could not do something, which is no change of the matter
		"unstick",           // that it was done after all
		"wakeSubjects",      // alarm clocks of task forces and units that rules begin to judge
		"writeOr",           // alarm clocks that rang for nothing; how far a calendar's moving of dates has come, where no date moved
	}
	if !slices.Equal(got, want) {
		t.Errorf("callers of chore:\n got %v\nwant %v", got, want)
	}
}

// Nothing writes past the two doors: the writing pool is touched only by them and by opening, migrating and closing the database, and by TryDisk, which moves SQLite's log.
func TestOnlyTheDoorsTouchTheWriter(t *testing.T) {
	all := source(t)
	writers := named(all, func(f function) bool {
		return slices.ContainsFunc(f.mentions, func(m string) bool { return strings.HasSuffix(m, "db.write") || m == "d.write" })
	})
	if want := []string{"busy", "close", "migrator", "once", "openWriter"}; !slices.Equal(writers, want) {
		t.Errorf("users of the writing pool: got %v, want %v", writers, want)
	}
	// rehearse plays a calendar's approval through and always takes it back.
	doors := named(all, func(f function) bool {
		return slices.ContainsFunc(f.calls, func(m string) bool { return strings.HasSuffix(m, ".transaction") })
	})
	if want := []string{"chore", "rehearse", "write"}; !slices.Equal(doors, want) {
		t.Errorf("callers of transaction: got %v, want %v", doors, want)
	}
}

// On PostgreSQL nothing keeps the reading pool from writing, so a statement that changes something must not go through the reading side.
func TestTheReadingPoolOnlyReads(t *testing.T) {
	for _, f := range source(t) {
		reads := slices.ContainsFunc(f.mentions, func(m string) bool { return strings.HasSuffix(m, "db.read") })
		changes := slices.ContainsFunc(f.calls, func(c string) bool {
			last := c[strings.LastIndex(c, ".")+1:]
			return slices.Contains([]string{"Create", "CreateInBatches", "Updates", "Delete", "Exec"}, last) && c != ""
		})
		inside := slices.ContainsFunc(f.mentions, func(m string) bool { return strings.HasSuffix(m, ".write") || strings.HasSuffix(m, ".chore") })
		if reads && changes && !inside {
			t.Errorf("%s changes something through the reading pool", f.name)
		}
	}
}
