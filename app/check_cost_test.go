package app_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// hashMemory is what one comparison of a password takes (app/password.go).
const hashMemory = 64 << 20

// Check 25: whether an account exists is not told by what a refusal costs: as many passwords are compared, seen by the memory that each of them takes, and the same statements are run,
// each as often. Time is not measured: it is these that take it.
func TestCheck25RefusalsCostTheSame(t *testing.T) {
	statements := apptest.Listen(t)
	apptest.Each(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"), func(t *testing.T, w *apptest.World) { // not each: what is heard would be everybody's
		s, ctx := w.Seed(t), context.Background()
		for _, account := range []string{"dir", "leader"} {
			apptest.Must(t, w.App.ResetPassword(ctx, app.Setup("command"), account, goodPassword), "reset")
		}
		apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["leader"], true), "shut")
		refused := func(account string, i int) (hashes uint64, run string) {
			before, was := runtime.MemStats{}, statements.Times()
			runtime.ReadMemStats(&before)
			_, err := enter(w, account, "wrong-Password-9", fmt.Sprint("10.0.1.", i), "browser")
			after := runtime.MemStats{}
			runtime.ReadMemStats(&after)
			wantKind(t, account, err, app.Invalid, "wrong_password")
			var lines []string
			for text, n := range statements.Times() {
				if n > was[text] && !strings.Contains(text, "journal_hashes") { // how many hashes a record adds to the tree depends on its number alone
					lines = append(lines, fmt.Sprint(n-was[text], " x ", text))
				}
			}
			slices.Sort(lines)
			return (after.TotalAlloc - before.TotalAlloc) / hashMemory, strings.Join(lines, "\n")
		}
		refused("nobody", 0) // what the first one looks up is known to all others
		hashes, run := refused("nobody", 1)
		if hashes != 1 || strings.Count(run, "\n") < 3 {
			t.Errorf("a refusal of nobody compares %d passwords and runs\n%s", hashes, run)
		}
		for i, account := range []string{"dir", "tf1", "leader", "somebody"} { // a wrong password; no password yet; shut; there is none
			if h, r := refused(account, 2+i); h != hashes || r != run {
				t.Errorf("a refusal of %s compares %d passwords, of nobody %d; it runs\n%s\n---- and that of nobody\n%s", account, h, hashes, r, run)
			}
		}
	})
}
