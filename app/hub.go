package app

import "sync"

// hub tells listeners on this node that the journal grew.
type hub struct {
	mu     sync.Mutex
	next   int
	newest int64 // the largest size that was told
	ears   map[int]chan int64
	follow func(stop <-chan struct{}) // watches the other nodes while somebody listens; nil where there are none
	stop   chan struct{}              // ends the watching
}

func newHub() *hub { return &hub{ears: map[int]chan int64{}} }

// tell offers the journal's new size to everyone; a slow listener only misses numbers that a later one replaces.
func (h *hub) tell(size int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.newest = max(h.newest, size)
	for _, ear := range h.ears {
		select {
		case old := <-ear:
			ear <- max(old, size) // two commits may tell in the other order
		default:
			ear <- size
		}
	}
}

// hear tells a size that another node's records have led to, unless everyone was told of it already.
func (h *hub) hear(size int64) {
	h.mu.Lock()
	known := size <= h.newest
	h.mu.Unlock()
	if !known {
		h.tell(size)
	}
}

// Listen gives a channel that always holds the newest journal size not yet read, and a function that ends the listening. While somebody listens, the other
// nodes of the same database are followed too.
func (a *App) Listen() (<-chan int64, func()) {
	h := a.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	id, ear := h.next, make(chan int64, 1)
	h.next++
	h.ears[id] = ear
	if len(h.ears) == 1 && h.follow != nil {
		h.stop = make(chan struct{})
		go h.follow(h.stop)
	}
	return ear, sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.ears, id)
		if len(h.ears) == 0 && h.stop != nil {
			close(h.stop)
			h.stop = nil
		}
	})
}
