package app

import (
	"context"
	"slices"
)

// Proofs is what the page of proofs shows: the newest checkpoints, the witnesses, and what went where.
type Proofs struct {
	Checkpoints  []Checkpoint
	Witnesses    []Witness                   // those that stand first
	Deliveries   map[int64][]WitnessDelivery // by size
	Arrived      map[int64]WitnessDelivery   // by witness: the newest that it received, whatever page is shown
	Missed       map[int64]WitnessDelivery   // by witness: the newest since then that was tried and did not arrive
	Attempts     map[int64][]WitnessAttempt  // by delivery
	Cosignatures map[int64][]Cosignature     // by size
	Keys         []SigningKey                // the oldest first
	MayPublish   bool
	MayKeep      bool // enter and revoke witnesses
}

// Proofs reads the newest checkpoints below a size, 0 for the newest at all, with their deliveries; Denied for who neither exports nor keeps witnesses.
func (a *App) Proofs(ctx context.Context, actor Actor, below int64, limit int) (Proofs, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Proofs{}, err
	}
	p := Proofs{MayPublish: s.may(place{}, exporters()...), MayKeep: s.may(place{}, witnessKeepers()...), Deliveries: map[int64][]WitnessDelivery{},
		Arrived: map[int64]WitnessDelivery{}, Missed: map[int64]WitnessDelivery{}, Attempts: map[int64][]WitnessAttempt{}, Cosignatures: map[int64][]Cosignature{}}
	if !p.MayPublish && !p.MayKeep {
		return Proofs{}, denied()
	}
	q := table[Checkpoint](a.db.read).Order("size DESC").Limit(limit)
	if below > 0 {
		q = q.Where("size < ?", below)
	}
	if p.Checkpoints, err = q.Find(ctx); err != nil {
		return p, err
	}
	if p.Witnesses, err = table[Witness](a.db.read).Order("id").Find(ctx); err != nil {
		return p, err
	}
	for _, w := range p.Witnesses {
		if err := a.fillWitness(ctx, w.ID, &p); err != nil {
			return p, err
		}
	}
	slices.SortStableFunc(p.Witnesses, func(x, y Witness) int { return int(min(x.RevokedAt, 1) - min(y.RevokedAt, 1)) })
	if p.Keys, err = a.keyChain(ctx); err != nil {
		return p, err
	}
	return p, a.fillDeliveries(ctx, &p)
}

// fillWitness finds how far a witness is behind. A delivery that was tried and gave way to a later one did not arrive either: who is never reached has no other.
func (a *App) fillWitness(ctx context.Context, witness int64, p *Proofs) error {
	newest := table[WitnessDelivery](a.db.read).Where("witness_id = ?", witness).Order("created_at DESC, id DESC").Limit(1)
	arrived, err := newest.Where("status = 'accepted'").Find(ctx)
	if err != nil {
		return err
	}
	for _, d := range arrived {
		p.Arrived[witness] = d
	}
	missed, err := newest.Where("created_at >= ? AND size > ?", p.Arrived[witness].CreatedAt, p.Arrived[witness].Size).
		Where("(status IN ('failed', 'unknown') OR status = 'superseded' AND id IN (SELECT delivery_id FROM witness_attempts WHERE outcome = 'begun'))").Find(ctx)
	for _, d := range missed {
		p.Missed[witness] = d
	}
	return err
}

func (a *App) fillDeliveries(ctx context.Context, p *Proofs) error {
	sizes := make([]int64, 0, len(p.Checkpoints))
	for _, c := range p.Checkpoints {
		sizes = append(sizes, c.Size)
	}
	deliveries, err := table[WitnessDelivery](a.db.read).Where("size IN ?", ids(sizes)).Order("id").Find(ctx)
	if err != nil {
		return err
	}
	var numbers []int64
	for _, d := range deliveries {
		p.Deliveries[d.Size] = append(p.Deliveries[d.Size], d)
		numbers = append(numbers, d.ID)
	}
	attempts, err := table[WitnessAttempt](a.db.read).Where("delivery_id IN ?", ids(numbers)).Order("id").Find(ctx)
	if err != nil {
		return err
	}
	for _, one := range attempts {
		p.Attempts[one.DeliveryID] = append(p.Attempts[one.DeliveryID], one)
	}
	lines, err := table[Cosignature](a.db.read).Where("size IN ?", ids(sizes)).Order("id").Find(ctx)
	for _, l := range lines {
		p.Cosignatures[l.Size] = append(p.Cosignatures[l.Size], l)
	}
	return err
}
