package app

import "sync"

// hub tells listeners on this node that the journal grew.
type hub struct {
	mu   sync.Mutex
	next int
	ears map[int]chan int64
}

func newHub() *hub { return &hub{ears: map[int]chan int64{}} }

// tell offers the journal's new size to everyone; a slow listener only misses numbers that a later one replaces.
func (h *hub) tell(size int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ear := range h.ears {
		select {
		case old := <-ear:
			ear <- max(old, size) // two commits may tell in the other order
		default:
			ear <- size
		}
	}
}

// Listen gives a channel that always holds the newest journal size not yet read, and a function that ends the listening.
func (a *App) Listen() (<-chan int64, func()) {
	h := a.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	id, ear := h.next, make(chan int64, 1)
	h.next++
	h.ears[id] = ear
	return ear, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.ears, id)
	}
}
