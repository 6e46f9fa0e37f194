package app

import "context"

// MoveSome takes one batch of an amended calendar's items.
func MoveSome(ctx context.Context, a *App, limit int) error {
	return a.moveSome(ctx, System("calendar"), limit)
}

// Moving tells whether dates are still being moved.
func Moving(a *App) bool { return a.view(context.Background(), System("test")).times.moving != nil }

// Enforce approves a draft and moves nothing yet, as a process does that dies right after the approval.
func Enforce(ctx context.Context, a *App, actor Actor, v CalendarVersion) error {
	return a.write(ctx, actor, func(t *tx) error {
		row, err := get[CalendarVersion](t, v.ID)
		if err != nil {
			return err
		}
		return t.enforce(row)
	})
}
