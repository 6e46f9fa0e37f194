package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Lease is a job's right to run on one node for a while. The fence counts holders: whoever acts under an old fence is refused.
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

// Acquire takes or renews the lease for this node, or returns ErrLeaseHeld.
func (a *App) Acquire(ctx context.Context, name string, ttl time.Duration) (*Lease, error) {
	var got *Lease
	err := a.chore(ctx, func(t *tx) error {
		if err := gorm.G[any](t.db).Exec(ctx, "INSERT INTO leases (name, holder, fence, expires_at) VALUES (?, '', 0, 0) ON CONFLICT (name) DO NOTHING", name); err != nil {
			return err
		}
		l, err := gorm.G[Lease](t.db, clause.Locking{Strength: "UPDATE"}).Where("name = ?", name).First(ctx)
		if err != nil {
			return err
		}
		now := t.now.Unix()
		if l.Holder != a.opt.Node && l.ExpiresAt > now {
			return ErrLeaseHeld
		}
		if l.Holder != a.opt.Node || l.ExpiresAt <= now {
			l.Fence++ // a lapsed lease may have been held by an earlier life of this very node
		}
		l.Holder, l.ExpiresAt = a.opt.Node, now+int64(ttl/time.Second)
		got = &l
		return gorm.G[any](t.db).Exec(ctx, "UPDATE leases SET holder = ?, fence = ?, expires_at = ? WHERE name = ?", l.Holder, l.Fence, l.ExpiresAt, name)
	})
	if err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	return got, nil
}

// fence refuses the transaction when the actor's lease went to another holder meanwhile. The row is locked, so it can't go while the transaction runs.
func (t *tx) fence() error {
	if t.actor.lease == nil {
		return nil
	}
	l, err := gorm.G[Lease](t.db, clause.Locking{Strength: "SHARE"}).Where("name = ?", t.actor.lease.Name).First(t.ctx)
	if err != nil {
		return fmt.Errorf("read lease %s: %w", t.actor.lease.Name, err)
	}
	if l.Fence != t.actor.lease.Fence {
		return ErrLeaseLost
	}
	return nil
}
