package app

import (
	"context"
	"time"
)

// followEvery is how often a node looks whether another one has written, while somebody listens to it.
const followEvery = 500 * time.Millisecond

// follow watches the head of the journal for records of other nodes until it is stopped. SQLite has one node, which hears its own writes.
func (a *App) follow(stop <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		size, err := a.JournalSize(ctx)
		if err != nil {
			a.opt.Log.Warn("look at the journal's head for those who listen", "error", err) // the listeners' own heartbeat fails too, and their browsers ask again
			continue
		}
		a.hub.hear(size)
	}
}
