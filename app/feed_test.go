package app_test

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// listener is a stream with the session that it stands on.
type listener struct {
	token  string
	stream *app.Follower
}

// Streams share what is read of the journal, and ask the database for their own session and sight only when a record may have changed them. After whatever verb each still
// hears exactly what somebody hears who asks anew, and a stream whose session is over hears nothing.
func TestStreamsHearWhatIsSeenAfterEveryVerb(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c, ctx := newScene(t, w), context.Background()
		accounts := append(slices.Collect(maps.Keys(c.s.Users)), "extra")
		streams := map[string]listener{}
		for _, account := range accounts {
			password(t, w, account, goodPassword)
			token := signIn(t, w, account)
			f, err := w.App.Follow(ctx, token, size(t, w))
			apptest.Must(t, err, "listen as %s", account)
			streams[account] = listener{token, f}
		}
		verbs := append(c.verbs(), verb{"ResetPassword", "sup", func(app.Actor) error { return w.App.ResetPassword(ctx, app.Setup("test"), "gxj.lead", goodPassword) }},
			verb{"SignOut", "sup", func(as app.Actor) error { return w.App.SignOut(ctx, as, streams["sup"].token) }})
		for _, v := range verbs {
			apptest.Must(t, v.call(w.As(t, v.by)), "%s", v.name)
			for account, l := range streams {
				if !sameNews(t, w, v.name, account, l) {
					delete(streams, account)
				}
			}
		}
		for _, account := range []string{"extra", "gxj.lead", "sup"} { // disabled, given another password, signed out
			if _, open := streams[account]; open {
				t.Errorf("the stream of %s is still open", account)
			}
		}
		if want := len(accounts) - 3; len(streams) != want {
			t.Errorf("%d streams are open, want %d", len(streams), want)
		}
	})
}

// sameNews compares what a stream says with what somebody hears who asks anew; false when its session is over.
func sameNews(t *testing.T, w *apptest.World, after, account string, l listener) bool {
	t.Helper()
	ctx, from := context.Background(), l.stream.No
	text, err := l.stream.Next(ctx, size(t, w), func(f app.Feed) (string, error) {
		text, err := json.Marshal(f)
		return string(text), err
	})
	if !alive(t, w, l.token) {
		wantKind(t, "the stream of "+account+" after "+after, err, app.Denied, "denied")
		return false
	}
	apptest.Must(t, err, "after %s, %s", after, account)
	var got app.Feed
	apptest.Must(t, json.Unmarshal([]byte(text), &got), "read what the stream says")
	want, err := w.App.Feed(ctx, w.As(t, account), from)
	apptest.Must(t, err, "ask anew")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("after %s the stream of %s says %+v, and somebody who asks anew hears %+v", after, account, got, want)
	}
	return true
}
