package web

import (
	"bytes"
	"compress/flate"
	"html/template"
	"sync"

	"battlemap/app/calendar"
)

// boardCache keeps what was drawn: cards, boards as compressed segments, and the frames of persons around them. What is too much for it is drawn again.
type boardCache struct {
	mu      sync.Mutex
	cards   map[cardKey]template.HTML
	boards  map[boardKey]*keptBoard
	frames  map[frameKey]frame
	writers sync.Pool // of *flate.Writer
	buffers sync.Pool // of *[]byte
}

const (
	mostCards  = 24000 // about 30 MB
	mostBoards = 48
	mostFrames = 1000 // about 10 MB
)

func newBoardCache() *boardCache {
	return &boardCache{cards: map[cardKey]template.HTML{}, boards: map[boardKey]*keptBoard{}, frames: map[frameKey]frame{}}
}

// cardKey names a card by the number of its looks.
type cardKey struct {
	drawn int64
	lang  string
}

func (b *boardCache) card(key cardKey) (template.HTML, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	html, ok := b.cards[key]
	return html, ok
}

func (b *boardCache) keepCard(key cardKey, html template.HTML) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.cards) >= mostCards {
		clear(b.cards)
	}
	b.cards[key] = html
}

// boardKey names a board: people with the same scope see the same one. who counts only where the filter asks for what is somebody's own.
type boardKey struct {
	scope, lang string
	who         int64
	filter      mapFilter
}

// keptBoard is a board as of one size of the journal, with its chunks.
type keptBoard struct {
	mu      sync.Mutex
	journal int64
	day     calendar.Date
	drawn   drawnBoard
	chunks  map[string]keptChunk
}

type keptChunk struct {
	mark uint64
	body segment
}

// kept is the board under a key, an empty one at first. Where there are too many, those that nobody asks for just now go.
func (b *boardCache) kept(key boardKey) *keptBoard {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := b.boards[key]; ok {
		return k
	}
	for old := range b.boards {
		if len(b.boards) < mostBoards {
			break
		}
		delete(b.boards, old)
	}
	k := &keptBoard{chunks: map[string]keptChunk{}}
	b.boards[key] = k
	return k
}

// board is the board that the person sees, at least as new as their request. Of an older one, only the chunks that look different are drawn.
func (s *server) board(c *call, f mapFilter) (drawnBoard, error) {
	key := boardKey{scope: c.visit.Scope, lang: c.Lang, filter: f}
	if f.mine {
		key.who = c.actor.ID
	}
	k := s.boards.kept(key)
	k.mu.Lock()
	defer k.mu.Unlock()
	today := s.App.Today()
	if k.day == today && k.journal >= c.visit.Journal && k.drawn.lights != nil {
		return k.drawn, nil
	}
	b, err := s.App.BoardCards(c.ctx(), c.actor)
	if err != nil {
		return drawnBoard{}, err
	}
	plan, d, err := c.planBoard(b, f)
	if err != nil {
		return d, err
	}
	if d.body, err = s.boards.draw(k, plan.chunks); err != nil {
		return d, err
	}
	k.journal, k.day, k.drawn = b.Journal, b.Today, d
	return d, nil
}

// draw puts the chunks together, those that look as before as they are.
func (b *boardCache) draw(k *keptBoard, chunks []chunk) (segment, error) {
	w, err := b.writer()
	if err != nil {
		return segment{}, err
	}
	defer b.writers.Put(w)
	var plain bytes.Buffer
	all, next := make([]segment, len(chunks)), make(map[string]keptChunk, len(chunks))
	for i, one := range chunks {
		have, ok := k.chunks[one.id]
		if !ok || have.mark != one.mark {
			plain.Reset()
			if err := one.draw(&plain); err != nil {
				return segment{}, err
			}
			body, err := deflate(w, plain.Bytes())
			if err != nil {
				return segment{}, err
			}
			have = keptChunk{one.mark, body}
		}
		all[i], next[one.id] = have.body, have
	}
	k.chunks = next
	return join(all), nil
}

func (b *boardCache) writer() (*flate.Writer, error) {
	if w, ok := b.writers.Get().(*flate.Writer); ok {
		return w, nil
	}
	return flate.NewWriter(nil, flate.DefaultCompression)
}

// frameKey names the frame around a board: everything that it shows beside what the journal and the day decide.
type frameKey struct {
	who                        int64
	address, lang, theme, dens string
	update                     bool
}

// frame is the page before and after the board, at one size of the journal.
type frame struct {
	journal       int64
	day           calendar.Date
	unread        int
	before, after segment
	whole         bool // without a board: there is no card to show
}

func (b *boardCache) frame(key frameKey) frame {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.frames[key]
}

func (b *boardCache) keepFrame(key frameKey, f frame) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.frames) >= mostFrames {
		clear(b.frames)
	}
	b.frames[key] = f
}
