package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm/clause"
)

// Lease is a job's right to run on one node for a while. The fence counts holders: whoever acts under an old fence is refused.
// A holder is one life of one process: two processes that bear the same name, or one after a restart, are two holders.
type Lease struct {
	Name      string `gorm:"primaryKey"`
	Holder    string
	Fence     int64
	ExpiresAt int64
}

// ErrLeaseHeld means that another node holds the lease.
var ErrLeaseHeld = errors.New("lease held by another node")

// ErrLeaseLost means that the lease under which this was done went to another holder; nothing was written.
var ErrLeaseLost = errors.New("lease lost")

// leases remembers the fence under which this very App holds each lease.
type leases struct {
	mu     sync.Mutex
	fences map[string]int64
}

func (l *leases) fence(name string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fences[name]
}

func (l *leases) keep(got *Lease) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fences[got.Name] = got.Fence
}

// clockSlack is how far ahead another node's clock may be for its lease to be believed.
const clockSlack = 30 * time.Minute

// Acquire takes or renews the lease for this node, or returns ErrLeaseHeld. A node takes over at once from another process of its own name: that is its
// earlier life, and if it still lives, the fence keeps the two apart.
func (a *App) Acquire(ctx context.Context, name string, ttl time.Duration) (*Lease, error) {
	var got *Lease
	err := a.chore(ctx, func(t *tx) error {
		l, err := t.lockLease(name)
		if err != nil {
			return err
		}
		now, seconds := t.now.Unix(), int64(ttl/time.Second)
		// A lease that runs far beyond its time was taken while a clock was wrong, and would silence the job until then.
		live := l.ExpiresAt > now && l.ExpiresAt <= now+seconds+int64(clockSlack/time.Second)
		if l.Holder != a.opt.Node && live {
			return ErrLeaseHeld
		}
		if l.Fence != a.leases.fence(name) || !live {
			l.Fence++
		}
		l.Holder, l.ExpiresAt = a.opt.Node, now+seconds
		got = &l
		return execute(ctx, t.db, "UPDATE leases SET holder = ?, fence = ?, expires_at = ? WHERE name = ?", l.Holder, l.Fence, l.ExpiresAt, name)
	})
	if err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	a.leases.keep(got)
	return got, nil
}

func (t *tx) lockLease(name string) (Lease, error) {
	if err := execute(t.ctx, t.db, "INSERT INTO leases (name, holder, fence, expires_at) VALUES (?, '', 0, 0) ON CONFLICT (name) DO NOTHING", name); err != nil {
		return Lease{}, err
	}
	return table[Lease](t.db, clause.Locking{Strength: "UPDATE"}).Where("name = ?", name).First(t.ctx)
}

// takeTurn waits until no other transaction does the same, and keeps others waiting until this one ends. It comes first in a transaction that changes many rows
// in an order of its own: two of them at once could wait for each other.
func (t *tx) takeTurn(name string) error {
	if _, err := t.lockLease(name); err != nil {
		return fmt.Errorf("take the turn to %s: %w", name, err)
	}
	return nil
}

// fence refuses the transaction when the actor's lease went to another holder meanwhile. The row is locked, so it can't go while the transaction runs.
func (t *tx) fence() error {
	if t.actor.lease == nil {
		return nil
	}
	l, err := table[Lease](t.db, clause.Locking{Strength: "SHARE"}).Where("name = ?", t.actor.lease.Name).First(t.ctx)
	if err != nil {
		return fmt.Errorf("read lease %s: %w", t.actor.lease.Name, err)
	}
	if l.Fence != t.actor.lease.Fence {
		return ErrLeaseLost
	}
	return nil
}
