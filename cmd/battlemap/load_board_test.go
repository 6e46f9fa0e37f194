package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// loadBoard is what a page with the board of tickets holds: cards as the server drew them. It is brought up to date as board.js does, by what the stream names.
type loadBoard struct {
	load   *crowd
	person *loadPerson       // with tags of its own: another tab of the same browser
	items  []string          // those that it looks at
	cards  map[string]string // written by one goroutine at a time
	busy   sync.WaitGroup

	mu      sync.Mutex
	waiting map[string]bool
	asking  bool
}

// mostAsked is how many cards one request may ask for.
const mostAsked = 100

func newLoadBoard(l *crowd, s *loadStream) *loadBoard {
	b := &loadBoard{load: l, person: &loadPerson{place: s.who.place, account: s.who.account, cookie: s.who.cookie, tags: map[string]string{}}, cards: map[string]string{}, waiting: map[string]bool{}}
	for _, p := range l.people[:min(len(l.people), mostAsked/l.size.tickets)] {
		for _, no := range p.tickets {
			b.items = append(b.items, "ticket/"+no)
		}
	}
	return b
}

// hear notes the cards that an event names, or all of them, and asks for them beside the reading of the stream, as a page does: one request at a time.
func (b *loadBoard) hear(ctx context.Context, named []string, all bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, item := range b.items {
		if all || slices.Contains(named, item) {
			b.waiting[item] = true
		}
	}
	if len(b.waiting) > 0 && !b.asking {
		b.asking = true
		b.busy.Go(func() { b.catchUp(ctx) })
	}
}

// catchUp asks until nothing waits.
func (b *loadBoard) catchUp(ctx context.Context) {
	for {
		b.mu.Lock()
		items := slices.Collect(maps.Keys(b.waiting))
		clear(b.waiting)
		b.asking = len(items) > 0
		b.mu.Unlock()
		if len(items) == 0 {
			return
		}
		cards, err := b.read(ctx, items)
		if err != nil {
			b.load.asked.wrong("the board of %s: %v", b.person.account, err)
		}
		for item, html := range cards {
			b.cards[item] = html
		}
	}
}

// read asks a node for cards; those that the person does not see are "".
func (b *loadBoard) read(ctx context.Context, items []string) (map[string]string, error) {
	out := map[string]string{}
	for {
		a, err := b.load.ask(ctx, b.person, http.MethodGet, "/map/cards?view=tickets&items="+url.QueryEscape(strings.Join(items, ",")), nil)
		if errors.Is(err, errGone) && ctx.Err() == nil {
			continue
		}
		if err != nil || a.status != http.StatusOK {
			return nil, fmt.Errorf("cards: status %d, %w", a.status, err)
		}
		var said struct {
			Cards []struct{ Item, Col, HTML string }
		}
		if err := json.Unmarshal(a.body, &said); err != nil {
			return nil, err
		}
		for _, c := range said.Cards {
			out[c.Item] = c.Col + c.HTML
		}
		return out, nil
	}
}

// sameBoards counts the streams whose client holds what a fresh GET answers.
func (l *crowd) sameBoards(ctx context.Context) (same int) {
	for _, s := range l.watchers() {
		s.board.busy.Wait() // its stream has heard of everything
		fresh, err := s.board.read(ctx, s.board.items)
		if err != nil {
			l.t.Error(err)
			continue
		}
		wrong := ""
		for item, html := range fresh {
			if have, known := s.board.cards[item]; have != html && (known || html != "") {
				wrong = item
			}
		}
		if wrong != "" {
			l.t.Errorf("stream %d of %s, which reads %q, holds an old card of %s", s.place, s.who.account, s.kind, wrong)
			continue
		}
		same++
	}
	return same
}

// first reads everything once, as a page does when it is opened.
func (b *loadBoard) first(ctx context.Context) error {
	cards, err := b.read(ctx, b.items)
	b.cards = cards
	return err
}
