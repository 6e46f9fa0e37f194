package app_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// codeOf is the code of an open session of an account.
func codeOf(t *testing.T, w *apptest.World, account, token string) string {
	t.Helper()
	all, err := w.App.OwnSessions(context.Background(), w.As(t, account), token)
	apptest.Must(t, err, "sessions of %s", account)
	for _, s := range all {
		if s.Present {
			return s.Code
		}
	}
	t.Fatalf("%s has no such session", account)
	return ""
}

// Check 22: a stranger with a hundred addresses gets forty guesses at one account, and the owner still signs in with a browser that is known, behind whatever address.
func TestCheck22StrangersDoNotLockTheOwnerOut(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		password(t, w, "sup", goodPassword)
		password(t, w, "dir", goodPassword)
		arrive := func(account, password, address, device string) (app.Entry, error) {
			return w.App.SignIn(ctx, app.SignIn{Account: account, Password: password, Address: address, Agent: "browser", Device: device})
		}
		home, err := arrive("sup", goodPassword, "10.0.0.1", "")
		apptest.Must(t, err, "sign in once")
		again, err := arrive("sup", goodPassword, "10.0.0.2", home.Device)
		apptest.Must(t, err, "sign in again")
		if again.Device != home.Device || again.Token == home.Token {
			t.Errorf("the browser is %q, then %q; the sessions are %q and %q", home.Device, again.Device, home.Token, again.Token)
		}
		planted, err := arrive("dir", goodPassword, "10.0.0.3", "planted-by-somebody")
		apptest.Must(t, err, "sign in with a device that nobody gave out")
		if planted.Device == "planted-by-somebody" {
			t.Error("a planted device is kept")
		}
		compared := 0
		for i := range 100 {
			_, err := arrive("sup", "wrong-Password-9", fmt.Sprintf("192.0.2.%d", i), "")
			if f := app.AsFaults(err); len(f) == 1 && f[0].Key == "wrong_password" {
				compared++
			}
		}
		if compared != 40 {
			t.Errorf("%d of 100 guesses from 100 addresses were compared, want 40", compared)
		}
		wantKind(t, "the owner in a strange browser", second(arrive("sup", goodPassword, "10.0.0.1", "")), app.Limited, "too_many_attempts")
		wantKind(t, "the owner in the browser of somebody else", second(arrive("sup", goodPassword, "10.0.0.1", planted.Device)), app.Limited, "too_many_attempts")
		for _, address := range []string{"10.0.0.1", "192.0.2.7"} {
			apptest.Must(t, second(arrive("sup", goodPassword, address, home.Device)), "the owner in a known browser at %s", address)
		}
		apptest.Must(t, second(arrive("dir", goodPassword, "10.0.0.9", "")), "somebody else")
		// A known browser is no way to guess without end.
		for i := range 8 {
			wantKind(t, fmt.Sprint("guess ", i+1, " in a known browser"), second(arrive("sup", "wrong-Password-9", "10.0.0.1", home.Device)), app.Invalid, "wrong_password")
		}
		wantKind(t, "the ninth guess there", second(arrive("sup", goodPassword, "10.0.0.1", home.Device)), app.Limited, "too_many_attempts")
		w.Clock.Set(w.Clock.Now().Add(15 * time.Minute))
		apptest.Must(t, second(arrive("sup", goodPassword, "10.0.0.1", "")), "after a quarter of an hour no stranger keeps anybody out")
		// Whoever may not act any more is not known any more.
		apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["sup"], true), "shut")
		w.Clock.Set(w.Clock.Now().Add(200 * 24 * time.Hour))
		apptest.Must(t, w.App.PurgeSessions(ctx), "tidy")
		if n := lookAside(t, w).number("SELECT COUNT(*) FROM known_devices"); n != 0 {
			t.Errorf("%d browsers are remembered after 200 days", n)
		}
	})
}

// Check 22: a thousand guesses from one address at ten accounts.
func TestCheck22OneAddressTriesManyAccounts(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		accounts := []string{"sup", "dir", "insp", "leader", "tf1", "tf10", "gxj.lead", "gxj.hand", "zjj.lead", "zjj.hand"}
		for _, account := range accounts {
			password(t, w, account, goodPassword)
		}
		compared := 0
		for i := range 1000 {
			_, err := enter(w, accounts[i%10], "wrong-Password-9", "10.0.0.9", "browser")
			if f := app.AsFaults(err); len(f) == 1 && f[0].Key == "wrong_password" {
				compared++
			}
		}
		if compared != 60 {
			t.Errorf("%d of 1000 guesses were compared, want 60", compared)
		}
		_, err := enter(w, "sup", goodPassword, "10.0.0.1", "browser")
		apptest.Must(t, err, "an owner elsewhere")
	})
}

// Check 24: a shut account is refused on every way in, and what it gave out dies with it.
func TestCheck24AShutAccountOpensNothing(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx, admin := w.Seed(t), context.Background(), w.As(t, "admin")
		password(t, w, "dir", goodPassword)
		link, err := w.App.InviteLink(ctx, admin, s.Users["dir"])
		apptest.Must(t, err, "invite")
		home, err := w.App.SignIn(ctx, app.SignIn{Account: "dir", Password: goodPassword, Address: "10.0.0.1"})
		apptest.Must(t, err, "sign in")
		screen, err := w.App.AddWallLink(ctx, w.As(t, "dir"), app.AddWallLink{Name: "示例大屏", Lang: "zh-CN", ExpiresOn: date("2023-04-01")})
		apptest.Must(t, err, "wall link")
		dir := w.As(t, "dir")
		apptest.Must(t, w.App.Disable(ctx, admin, dir.ID, true), "shut")

		for _, way := range []struct {
			name string
			err  error
			want string // who is signed in is not told that the account may be wrong
		}{
			{"the password", second(w.App.SignIn(ctx, app.SignIn{Account: "dir", Password: goodPassword, Address: "10.0.0.1"})), "wrong_password"},
			{"a known browser", second(w.App.SignIn(ctx, app.SignIn{Account: "dir", Password: goodPassword, Address: "10.0.0.1", Device: home.Device})), "wrong_password"},
			{"a password by mistake", second(w.App.SignIn(ctx, app.SignIn{Account: "dir", Password: "wrong-Password-9", Address: "10.0.0.1"})), "wrong_password"},
			{"a change of password", w.App.SetPassword(ctx, dir, "dir", app.SetPassword{Current: goodPassword, New: "夏夜星河-2023-Ab", Again: "夏夜星河-2023-Ab"}), "not_the_password"},
			{"a password once more", second(w.App.Confirm(ctx, dir, "dir", home.Token, goodPassword)), "not_the_password"},
		} {
			wantKind(t, way.name, way.err, app.Invalid, way.want)
		}
		if alive(t, w, home.Token) {
			t.Error("the session lives")
		}
		wantKind(t, "a page", second(w.App.Visit(ctx, home.Token, false)), app.Denied, "denied")
		wantKind(t, "a stream", third(w.App.Glance(ctx, home.Token)), app.Denied, "denied")
		wantKind(t, "an unused link", second(w.App.SetupUser(ctx, link)), app.Missing, "missing")
		wantKind(t, "an unused link's form", w.App.CompleteSetup(ctx, link, "10.0.0.1", first()), app.Missing, "missing")
		wantKind(t, "another link", second(w.App.InviteLink(ctx, admin, dir.ID)), app.Refused, "shut_invite")
		wantKind(t, "the screen that it made a link for", second(w.App.OpenWall(ctx, screen)), app.Missing, "missing")
		apptest.Must(t, w.App.Disable(ctx, admin, dir.ID, false), "open again")
		if alive(t, w, home.Token) {
			t.Error("the session came back with the account")
		}
		wantKind(t, "the link came back", second(w.App.SetupUser(ctx, link)), app.Missing, "missing")
		apptest.Must(t, second(w.App.OpenWall(ctx, screen)), "the screen, as its maker may make one again")
	})
}

func third[T, U any](_ T, _ U, err error) error { return err }

// Check 25: an account that there is not costs the same work as one that there is: the hash that is compared then has the same parameters, and the journal gets the same record.
func TestCheck25UnknownAccountsCostTheSame(t *testing.T) {
	if got, want := app.UnknownHashCost(), app.PasswordCost(); got != want {
		t.Errorf("an unknown account costs %s, a known one %s", got, want)
	}
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		apptest.Must(t, w.App.ResetPassword(ctx, app.Setup("command"), "dir", goodPassword), "reset")
		password(t, w, "leader", goodPassword)
		apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["leader"], true), "shut")
		side := lookAside(t, w)
		var first string
		for i, account := range []string{"nobody", "dir", "tf1", "leader"} { // there is none; a wrong password; no password yet; shut
			before := side.sums()
			_, err := enter(w, account, "wrong-Password-9", fmt.Sprint("10.0.1.", i), "browser")
			wantKind(t, account, err, app.Invalid, "wrong_password")
			got := fmt.Sprint(differ(before, side.sums()))
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s changes %s, nobody's changes %s", account, got, first)
			}
		}
	})
}

// BenchmarkCheck25 times a refused sign-in of an account that there is, and of one that there is not: the two must not be told apart.
func BenchmarkCheck25(b *testing.B) {
	w := apptest.Open(b, "sqlite:"+b.TempDir()+"/test.db")
	w.Seed(b)
	apptest.Must(b, w.App.ResetPassword(context.Background(), app.Setup("command"), "sup", goodPassword), "reset")
	n := 0
	for _, account := range []string{"sup", "nobody"} {
		b.Run(account, func(b *testing.B) {
			for b.Loop() {
				n++
				if _, err := enter(w, account, "wrong-Password-9", fmt.Sprint("address ", n), "browser"); err == nil {
					b.Fatal("a wrong password signs in")
				}
				w.Clock.Set(w.Clock.Now().Add(time.Minute)) // not to be throttled
			}
		})
	}
}

// Check 30: identifiers are 256 random bits and change at sign-in, at giving the password once more, and at signing out; the one from before is dead.
func TestCheck30SessionIdentifiersChange(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		ctx := context.Background()
		password(t, w, "sup", goodPassword)
		password(t, w, "dir", goodPassword)
		arrive := func(account, session string) string {
			e, err := w.App.SignIn(ctx, app.SignIn{Account: account, Password: goodPassword, Address: "10.0.0.1", Session: session})
			apptest.Must(t, err, "sign in as %s", account)
			if raw, err := base64.RawURLEncoding.DecodeString(e.Token); err != nil || len(raw) != 32 {
				t.Errorf("a token of %d bytes, %v", len(raw), err)
			}
			return e.Token
		}
		one := arrive("sup", "chosen-by-a-stranger")
		if alive(t, w, "chosen-by-a-stranger") {
			t.Fatal("an identifier that somebody chose opens the door")
		}
		two := arrive("sup", one)
		if alive(t, w, one) || !alive(t, w, two) {
			t.Error("the session from before the sign-in lives")
		}
		three := arrive("dir", two)
		if alive(t, w, two) || !alive(t, w, three) {
			t.Error("somebody else signed in with the browser, and the session of the first lives")
		}
		_, dir, err := w.App.Authenticate(ctx, three)
		apptest.Must(t, err, "authenticate")
		wantKind(t, "a wrong password once more", second(w.App.Confirm(ctx, dir, "dir", three, "wrong-Password-9")), app.Invalid, "not_the_password")
		if !alive(t, w, three) {
			t.Error("a wrong password ended the session")
		}
		code := codeOf(t, w, "dir", three)
		four, err := w.App.Confirm(ctx, dir, "dir", three, goodPassword)
		apptest.Must(t, err, "confirm")
		if alive(t, w, three) || !alive(t, w, four) || codeOf(t, w, "dir", four) != code {
			t.Error("the password was given once more and the old identifier lives, or the session is another one")
		}
		wantKind(t, "confirm a session that is over", second(w.App.Confirm(ctx, dir, "dir", three, goodPassword)), app.Denied, "denied")
		apptest.Must(t, w.App.SignOut(ctx, dir, four), "sign out")
		if alive(t, w, four) {
			t.Error("signed out, and the session lives")
		}
	})
}

// between runs something once, when the App reads random bytes: after it has compared a password, before it writes.
type between struct {
	io.Reader
	do func()
}

func (b *between) Read(p []byte) (int, error) {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return b.Reader.Read(p)
}

// Check 32: an account that is shut, or a password that is changed, while a password is being compared lets nobody in by the old word.
func TestCheck32NothingSlipsInWhileAPasswordIsCompared(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		gap := &between{Reader: w.Options.Rand}
		w.Options.Rand = gap
		w.Reopen(t)
		for _, c := range []struct {
			name string
			do   func()
		}{
			{"shut", func() {
				apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["sup"], true), "disable")
			}},
			{"changed", func() { password(t, w, "sup", "夏夜星河-2023-Ab") }},
		} {
			password(t, w, "sup", goodPassword)
			gap.do = nil
			apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["sup"], false), "open")
			gap.do = c.do
			_, err := enter(w, "sup", goodPassword, "10.0.0.1", "")
			wantKind(t, "sign in while the account is "+c.name, err, app.Invalid, "wrong_password")
			if n := lookAside(t, w).number("SELECT COUNT(*) FROM sessions"); n != 0 {
				t.Errorf("%s: %d sessions were opened", c.name, n)
			}
			gap.do = nil
			apptest.Must(t, w.App.Disable(ctx, w.As(t, "admin"), s.Users["sup"], false), "open")
			password(t, w, "sup", goodPassword)
			token := signIn(t, w, "sup")
			gap.do = c.do
			wantKind(t, "confirm while the account is "+c.name, second(w.App.Confirm(ctx, w.As(t, "sup"), "sup", token, goodPassword)), app.Denied, "denied")
			lookAside(t, w).exec("DELETE FROM sessions")
		}
	})
}

// Check 33: people see and end their own sessions, by codes that nobody guesses and that open nothing.
func TestCheck33OwnSessionsOnly(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		ctx := context.Background()
		password(t, w, "sup", goodPassword)
		password(t, w, "dir", goodPassword)
		one, two, other := signIn(t, w, "sup"), signIn(t, w, "sup"), signIn(t, w, "dir")
		sup := w.As(t, "sup")
		list, err := w.App.OwnSessions(ctx, sup, two)
		apptest.Must(t, err, "list")
		if len(list) != 2 || !list[0].Present || list[1].Present || list[0].Address != "10.0.0.1" || list[0].Agent != "browser" || list[0].Code == list[1].Code || len(list[0].Code) < 43 {
			t.Errorf("own sessions: %+v", list)
		}
		for _, s := range list {
			if alive(t, w, s.Code) {
				t.Error("a session's code opens the door")
			}
		}
		before := size(t, w)
		foreign := codeOf(t, w, "dir", other)
		for _, code := range []string{foreign, "", "1", "2", "\x00", other, two} {
			wantKind(t, fmt.Sprintf("end %q", code), w.App.EndSession(ctx, sup, code), app.Missing, "missing")
		}
		if size(t, w) != before || !alive(t, w, other) || !alive(t, w, two) {
			t.Error("a refused end ended or recorded something")
		}
		apptest.Must(t, w.App.EndSession(ctx, sup, codeOf(t, w, "sup", one)), "end one")
		if alive(t, w, one) || !alive(t, w, two) {
			t.Error("the wrong session ended")
		}
		wantKind(t, "end the others where there are none", w.App.EndOtherSessions(ctx, sup, two), app.Refused, "no_other_session")
		three := signIn(t, w, "sup")
		apptest.Must(t, w.App.EndOtherSessions(ctx, sup, two), "end the others")
		if alive(t, w, three) || !alive(t, w, two) || !alive(t, w, other) {
			t.Error("ending the others ended the wrong ones")
		}
		w.Clock.Set(w.Clock.Now().Add(9 * time.Hour))
		if list, err := w.App.OwnSessions(ctx, sup, two); err != nil || len(list) != 0 {
			t.Errorf("sessions that are over are listed: %+v, %v", list, err)
		}
		sound(t, w)
	})
}

// size is how many records the journal has.
func size(t *testing.T, w *apptest.World) int64 {
	t.Helper()
	n, err := w.App.JournalSize(context.Background())
	apptest.Must(t, err, "read the journal's size")
	return n
}

// Check 44: what a browser says of itself stays one line, wherever it is kept or written.
func TestCheck44AgentsStayOneLine(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		password(t, w, "sup", goodPassword)
		forged := "browser\r\nlevel=ERROR msg=forged\x1b[2J\u202egnp.exe\u2028{\"level\":\"ERROR\"}"
		token, err := enter(w, "sup", goodPassword, "10.0.0.1", forged)
		apptest.Must(t, err, "sign in")
		list, err := w.App.OwnSessions(context.Background(), w.As(t, "sup"), token)
		apptest.Must(t, err, "list")
		if got := list[0].Agent; strings.ContainsAny(got, "\r\n\x1b\u202e\u2028") || !strings.HasPrefix(got, "browser  level=ERROR") {
			t.Errorf("kept as %q", got)
		}
		_, err = enter(w, "sup\r\nforged", "wrong-Password-9", "10.0.0.1\r\nforged", forged)
		wantKind(t, "a forged account", err, app.Invalid, "wrong_password")
		for _, line := range journalBytes(t, w) {
			if strings.ContainsAny(line, "\r\n\x1b") {
				t.Errorf("a record of several lines: %q", line)
			}
		}
	})
}
