package jobs

import (
	"context"
	"errors"
	"fmt"
	netsmtp "net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// postTo hands a mail to a server with the standard library's client. Floor 3 does not import app/notify; cmd ties the two together.
func postTo(server string) func(context.Context, app.Delivery) (app.Outcome, error) {
	return func(_ context.Context, d app.Delivery) (app.Outcome, error) {
		text := fmt.Sprintf("Message-ID: <%s>\r\nTo: %s\r\n\r\n%s\r\n", d.MessageID("battlemap.example"), d.Recipient.Email, d.Reminder.Subject)
		err := netsmtp.SendMail(server, nil, "battlemap@battlemap.example", []string{d.Recipient.Email}, []byte(text))
		if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code >= 500 {
			return "failed", err
		} else if err != nil {
			return "retry", err
		}
		return "accepted", nil
	}
}

// The whole way over a real connection: accepted, greylisted and then accepted under the same message id, and refused for good.
func TestPostOverARealConnection(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		server := apptest.OpenPost(t)
		server.Refuse("gxj.hand@example.org", 451, [3]int{4, 7, 1}, "greylisted")
		server.Refuse("dir@example.org", 550, [3]int{5, 1, 1}, "no such user")
		ring(t, w, "deliver", postTo(server.At))
		if arrived := server.Arrived(); len(arrived) != 2 || slices.ContainsFunc(arrived, func(l apptest.Letter) bool { return l.To == "gxj.hand@example.org" }) {
			t.Errorf("arrived %v", arrived)
		}
		server.Refuse("gxj.hand@example.org", 0, [3]int{}, "")
		for range 3 {
			w.Clock.Set(w.Clock.Now().Add(time.Minute))
			ring(t, w, "deliver", postTo(server.At))
		}
		ids := map[apptest.Letter]int{}
		for _, letter := range server.Arrived() {
			ids[letter]++
			if !strings.HasPrefix(letter.ID, "reminder-") || letter.To == "dir@example.org" {
				t.Errorf("arrived %s", letter)
			}
		}
		if len(ids) != 3 || len(server.Arrived()) != 3 {
			t.Errorf("arrived %v, want three different letters", server.Arrived())
		}
	})
}
