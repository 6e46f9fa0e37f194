package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// first is what the first administrator types.
func first() app.CompleteSetup {
	return app.CompleteSetup{Place: "示例区", Unit: "示例政府督查室", Account: "Chief", Name: "示例管理员", Password: goodPassword, Again: goodPassword}
}

// A fresh installation has no account; a one-time link makes the first, and links set the passwords of all others.
func TestCheck23NoDefaultAccount(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx, side := context.Background(), lookAside(t, w)
		if has, err := w.App.HasUsers(ctx); has || err != nil {
			t.Fatalf("a fresh installation has users: %t, %v", has, err)
		}
		old, err := w.App.FirstLink(ctx)
		apptest.Must(t, err, "first link")
		token, err := w.App.FirstLink(ctx)
		apptest.Must(t, err, "first link again")
		if _, err := w.App.SetupUser(ctx, old); err == nil {
			t.Error("an earlier first link lives beside a later one")
		}
		if u, err := w.App.SetupUser(ctx, token); u != nil || err != nil {
			t.Errorf("the first link is for %v, %v", u, err)
		}
		bad := first()
		bad.Account = "no spaces please"
		wantKind(t, "a bad account name", w.App.CompleteSetup(ctx, token, "10.0.0.1", bad), app.Invalid, "account_form")
		wantKind(t, "a made-up link", w.App.CompleteSetup(ctx, "x"+token, "10.0.0.1", first()), app.Missing, "missing")
		if side.number("SELECT COUNT(*) FROM users") != 0 || side.number("SELECT COUNT(*) FROM journal WHERE action <> 'law.ship'") != 0 {
			t.Error("a refused set-up left something behind")
		}
		errs := together(3, func(int) error { return w.App.CompleteSetup(ctx, token, "10.0.0.1", first()) })
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if f := app.AsFaults(err); len(f) == 0 {
				t.Error(err)
			}
		}
		if won != 1 || side.number("SELECT COUNT(*) FROM users") != 1 {
			t.Fatalf("%d of 3 used the link up: %v", won, errs)
		}
		wantKind(t, "a used link", w.App.CompleteSetup(ctx, token, "10.0.0.1", first()), app.Missing, "missing")
		wantKind(t, "another first link", second(w.App.FirstLink(ctx)), app.Refused, "already_set_up")
		if hash := side.text("SELECT password_hash FROM users"); !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=1$") {
			t.Errorf("the password is kept as %s", hash)
		}
		rights, err := w.App.Rights(ctx, w.As(t, "chief"))
		apptest.Must(t, err, "rights")
		if !rights.People || len(rights.Roles) != 1 {
			t.Errorf("the first administrator may %+v", rights)
		}

		invited(t, w)
	})
}

func invited(t *testing.T, w *apptest.World) {
	t.Helper()
	ctx, chief := context.Background(), w.As(t, "chief")
	u, err := w.App.AddUser(ctx, chief, app.AddUser{Account: "clerk", Name: "示例经办", UnitID: chief.UnitID})
	apptest.Must(t, err, "add user")
	old, err := w.App.InviteLink(ctx, chief, u.ID)
	apptest.Must(t, err, "invite")
	token, err := w.App.InviteLink(ctx, chief, u.ID)
	apptest.Must(t, err, "invite again")
	if _, err := w.App.SetupUser(ctx, old); err == nil {
		t.Error("an earlier invitation lives beside a later one")
	}
	if who, err := w.App.SetupUser(ctx, token); err != nil || who == nil || who.ID != u.ID || who.PasswordHash != "" {
		t.Errorf("the invitation is for %+v, %v", who, err)
	}
	begin := w.Clock.Now()
	w.Clock.Set(begin.Add(24 * time.Hour))
	wantKind(t, "a link after a day", second(w.App.SetupUser(ctx, token)), app.Missing, "missing")
	wantKind(t, "a link used after a day", w.App.CompleteSetup(ctx, token, "10.0.0.1", first()), app.Missing, "missing")
	w.Clock.Set(begin.Add(24*time.Hour - time.Second))
	// What the form says about an account does not matter: the link is for one person.
	cmd := app.CompleteSetup{Account: "chief", Name: "示例冒名者", Password: "另一个口令字-77-Zz", Again: "另一个口令字-77-Zz"}
	apptest.Must(t, w.App.CompleteSetup(ctx, token, "10.0.0.1", cmd), "set the password")
	wantKind(t, "a used invitation", w.App.CompleteSetup(ctx, token, "10.0.0.1", cmd), app.Missing, "missing")
	session, err := enter(w, "clerk", "另一个口令字-77-Zz", "10.0.0.1", "")
	apptest.Must(t, err, "sign in with the new password")
	signIn(t, w, "chief")
	_, clerk, err := w.App.Authenticate(ctx, session)
	apptest.Must(t, err, "authenticate")
	wantKind(t, "an invitation by a clerk", second(w.App.InviteLink(ctx, clerk, chief.ID)), app.Denied, "denied")
	if rights, err := w.App.Rights(ctx, clerk); err != nil || len(rights.Roles) != 0 {
		t.Errorf("a new account may %+v, %v", rights, err)
	}
}

func TestCheck21PasswordPolicy(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db") // no SQL in these rules
	ctx := context.Background()
	token, err := w.App.FirstLink(ctx)
	apptest.Must(t, err, "first link")
	for password, key := range map[string]string{
		"":                             "password_short",
		"Kx7-春江潮水明":                    "password_short", // 11 characters
		strings.Repeat("ab", 64) + "c": "too_long",
		"my-Chief-account-9":           "password_weak", // the account's name in it
		"BattleMap-2023-Kx":            "password_weak",
		"Kx-1234567-Kx-Kx":             "password_weak",
		"my-PassWord-2023":             "password_weak",
		"aaaaaaaaaaaaab":               "password_weak",
		"Administrator":                "password_weak", // common, whatever its case
		"sunshine-2023!":               "password_weak", // a common word with digits and marks
		"Dragon-dragon":                "password_weak",
		"1qaz2wsx3edc":                 "password_weak",
		"qwertyuiop[]":                 "password_weak",
		"abcdefghijkl":                 "password_weak",
		"987654321098":                 "password_weak",
		"abcabcabcabc":                 "password_weak",
		"woaini1314520":                "password_weak",
		"很好的示例区政府督查室在此":      "password_weak", // the unit's name
		"示例管理员的大秘密很长很长":      "password_weak", // the person's
		"挂图作战挂图作战好好好好":       "password_weak", // the product's
		"shili-river-boats":  "password_weak", // the district's, as it is typed
		"guatuzuozhan-river": "password_weak",
	} {
		cmd := first()
		cmd.Password, cmd.Again = password, password
		wantKind(t, password, w.App.CompleteSetup(ctx, token, "10.0.0.1", cmd), app.Invalid, key)
	}
	// No rule on kinds of characters, and words are allowed: 64 small letters, a line of verse, a sentence.
	for _, password := range []string{"eightdragonsovertheriver", strings.Repeat("thisisasentence", 5)[:64], "两岸猿声啼不住轻舟已过万重山", "correct horse battery staple", "73920184651097"} {
		if app.Guessable(password, []string{"chief", "示例管理员", "示例政府督查室", "示例区"}) {
			t.Errorf("%s counts as easy to guess", password)
		}
	}
	cmd := first()
	cmd.Again += "x"
	wantKind(t, "typed differently", w.App.CompleteSetup(ctx, token, "10.0.0.1", cmd), app.Invalid, "password_again")
	cmd.Password = strings.Repeat("长口令短口令", 21) + "终于" // 128 characters, no composition rule, spaces allowed
	cmd.Password = strings.Replace(cmd.Password, "短", " ", 1)
	cmd.Again = cmd.Password
	apptest.Must(t, w.App.CompleteSetup(ctx, token, "10.0.0.1", cmd), "128 characters")
	_, err = enter(w, "chief", cmd.Password, "10.0.0.1", "")
	apptest.Must(t, err, "sign in with 128 characters")
	if _, err := enter(w, "chief", cmd.Password[:len(cmd.Password)-3], "10.0.0.1", ""); err == nil {
		t.Error("a password is cut off: the last character does not matter")
	}
}

// The database knows only hashes of tokens and passwords, and the journal not even those.
func TestCheck44SecretsStayOutOfSight(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		admin, side := w.As(t, "admin"), lookAside(t, w)
		link, err := w.App.InviteLink(ctx, admin, s.Users["sup"])
		apptest.Must(t, err, "invite")
		apptest.Must(t, w.App.CompleteSetup(ctx, link, "10.0.0.1", app.CompleteSetup{Password: goodPassword, Again: goodPassword}), "set the password")
		unused, err := w.App.InviteLink(ctx, admin, s.Users["dir"])
		apptest.Must(t, err, "invite")
		session := signIn(t, w, "sup")
		_, sup, err := w.App.Authenticate(ctx, session)
		apptest.Must(t, err, "authenticate")
		const wrong, newer = "wrong-Password-9", "秋水长天-2024-Pw"
		_, err = enter(w, "sup", wrong, "10.0.0.1", "")
		wantKind(t, "wrong password", err, app.Invalid, "wrong_password")
		apptest.Must(t, w.App.SetPassword(ctx, sup, "sup", app.SetPassword{Current: goodPassword, New: newer, Again: newer}), "change password")
		last, err := enter(w, "sup", newer, "10.0.0.1", "")
		apptest.Must(t, err, "sign in")
		_, err = w.App.Grant(ctx, admin, app.Grant{UserID: s.Users["sup"], Role: workflows.RoleInspector, Scope: "district"})
		apptest.Must(t, err, "grant")
		apptest.Must(t, w.App.Disable(ctx, admin, s.Users["tf1"], true), "disable") // a record with the user's row in it

		secrets := []string{goodPassword, newer, wrong, link, unused, session, last}
		for table, rows := range side.dump() {
			text := strings.Join(rows, "\n")
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds the secret %q", table, secret)
				}
			}
		}
		hashes := side.rows("SELECT token_hash FROM sessions UNION SELECT token_hash FROM setup_tokens UNION SELECT token_hash FROM known_devices UNION SELECT password_hash FROM users WHERE password_hash <> ''")
		if len(hashes) < 4 {
			t.Fatalf("only %d hashes to look for", len(hashes))
		}
		journal := strings.Join(journalBytes(t, w), "\n")
		for _, row := range hashes {
			_, hash, _ := strings.Cut(row, "=")
			if !hexHash.MatchString(hash) && !strings.HasPrefix(hash, "$argon2id$") {
				t.Errorf("not a hash: %q", hash)
			}
			if strings.Contains(journal, hash) || strings.Contains(journal, "argon2") || strings.Contains(journal, "password_hash") {
				t.Errorf("the journal holds the hash %q", hash)
			}
		}
		if log := w.Log.String(); strings.Contains(log, goodPassword) || strings.Contains(log, session) {
			t.Error("the operations log holds a secret")
		}
		// What pages read of people carries no hash either.
		d, err := w.App.Directory(ctx)
		apptest.Must(t, err, "directory")
		for _, u := range d.Users {
			if u.PasswordHash != "" {
				t.Errorf("the directory shows the hash of %s", u.Account)
			}
		}
	})
}
