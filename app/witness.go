package app

import (
	"context"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"battlemap/workflows"
)

// Witness is somebody outside who receives checkpoints: a mail address, a folder on another medium, or an address that takes a POST. What it is called and where
// it stands never changes; another address is another witness.
type Witness struct {
	Row
	Name       string // who stands behind it
	Kind       string // one of WitnessKinds
	Address    string // mail address, path of the folder, or https address
	PublicKey  string // of its co-signatures (C2SP tlog-cosignature); "" where it gives none
	Rhythm     string // one of WitnessRhythms
	AddedBy    int64
	AddedAt    int64 `gorm:"autoCreateTime:false"`
	RevokedBy  int64
	RevokedAt  int64 // 0 while it stands
	RevokedWhy string
}

// WitnessKinds lists how a checkpoint leaves the building.
func WitnessKinds() []string { return []string{"mail", "folder", "https"} }

// WitnessRhythms lists how often a witness receives one: the first of each working day, one an hour, every one that is signed, or only when somebody asks.
// The default [P] is the first of each working day: somebody keeps it, and nobody's mail is flooded.
func WitnessRhythms() []string { return []string{"daily", "hourly", "every", "demand"} }

// witnessKeepers may enter and revoke witnesses.
func witnessKeepers() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisionDirector, workflows.RoleAdministrator, workflows.RoleInspector}
}

// exporters may take the journal, a case, or a year for the archives out of the house, and have a checkpoint signed for it.
func exporters() []workflows.Role {
	return []workflows.Role{workflows.RoleInspector, workflows.RoleSupervisionDirector}
}

// Reach is by which ways checkpoints can leave this installation.
type Reach struct {
	Mail    bool
	Folders []string // that the operator has named
}

// Reach is by which ways checkpoints can leave this installation; https always can.
func (a *App) Reach() Reach { return Reach{Mail: a.opt.Mail, Folders: a.opt.WitnessFolders} }

// AddWitness is the command that enters a witness.
type AddWitness struct{ Name, Kind, Address, PublicKey, Rhythm string }

// AddWitness enters a witness; the director of supervision, administrators and inspectors. It receives the newest checkpoint when its rhythm says so.
func (a *App) AddWitness(ctx context.Context, actor Actor, cmd AddWitness) (*Witness, error) {
	var out *Witness
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, witnessKeepers()...); err != nil {
			return err
		}
		w := &Witness{Name: strings.TrimSpace(cmd.Name), Kind: cmd.Kind, Address: strings.TrimSpace(cmd.Address), PublicKey: strings.TrimSpace(cmd.PublicKey), Rhythm: cmd.Rhythm,
			AddedBy: actor.ID, AddedAt: t.now.Unix()}
		if err := w.check(a.Reach()); err != nil {
			return err
		}
		same, err := list[Witness](t, "id", "kind = ? AND address = ? AND revoked_at = 0", w.Kind, w.Address)
		if err != nil {
			return err
		}
		if len(same) > 0 {
			return invalid("address", "witness_there", map[string]any{"Name": same[0].Name})
		}
		if err := insert(t, w); err != nil {
			return err
		}
		t.record(change{action: "witness.add", kind: "witness", id: w.ID, no: w.Name, after: w})
		out = w
		return nil
	})
	return out, err
}

func (w *Witness) check(r Reach) error {
	var c check
	c.text("name", w.Name, 60, false)
	c.text("address", w.Address, 300, false)
	if !slices.Contains(WitnessKinds(), w.Kind) {
		c.add("kind", "choose", nil)
	}
	if !slices.Contains(WitnessRhythms(), w.Rhythm) {
		c.add("rhythm", "choose", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	if key := w.wrongAddress(r); key != "" {
		c.add("address", key, nil)
	}
	if w.PublicKey != "" && (w.Kind != "https" || !isWitnessKey(w.PublicKey)) {
		c.add("public_key", "witness_key", nil)
	}
	return c.err()
}

// wrongAddress is the fault of an address, "" for none. Whether a host may be reached is asked when it is dialled: names resolve otherwise tomorrow.
func (w *Witness) wrongAddress(r Reach) string {
	switch w.Kind {
	case "mail":
		one, err := mail.ParseAddress(w.Address)
		switch {
		case !r.Mail:
			return "witness_no_mail"
		case err != nil || one.Address != w.Address || strings.ContainsFunc(w.Address, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
			return "email_form"
		}
	case "folder":
		if !slices.Contains(r.Folders, w.Address) {
			return "witness_no_folder"
		}
	case "https":
		u, err := url.Parse(w.Address)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
			return "witness_url"
		}
	}
	return ""
}

// RevokeWitness is the command that ends a witness.
type RevokeWitness struct {
	ID, Version int64
	Reason      string
}

// RevokeWitness ends a witness: it receives nothing more, and what still waits for it is withdrawn. What it has received stays on record.
func (a *App) RevokeWitness(ctx context.Context, actor Actor, cmd RevokeWitness) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, witnessKeepers()...); err != nil {
			return err
		}
		w, err := get[Witness](t, cmd.ID)
		if err != nil {
			return err
		}
		if w.RevokedAt != 0 {
			return refused("witness_revoked", nil)
		}
		var c check
		c.text("reason", cmd.Reason, 200, false)
		if err := c.err(); err != nil {
			return err
		}
		was := *w
		w.Version, w.RevokedBy, w.RevokedAt, w.RevokedWhy = cmd.Version, actor.ID, t.now.Unix(), strings.TrimSpace(cmd.Reason)
		if err := update(t, w); err != nil {
			return err
		}
		if err := t.recall(w.ID, "withdrawn"); err != nil {
			return err
		}
		t.record(change{action: "witness.revoke", kind: "witness", id: w.ID, no: w.Name, before: was, after: w, reason: w.RevokedWhy})
		return nil
	})
}

// PublishCheckpoint signs the journal as it stands, the asking included, and queues the checkpoint for every witness whatever its rhythm; those who may export.
func (a *App) PublishCheckpoint(ctx context.Context, actor Actor) error {
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, exporters()...); err != nil {
			return err
		}
		if a.opt.SigningKey == "" {
			return refused("no_signing_key", nil)
		}
		t.record(change{action: "checkpoint.ask", kind: "journal"})
		return nil
	})
	if err != nil {
		return err
	}
	if err := a.SignCheckpoint(ctx); err != nil {
		return err
	}
	return a.queueAll(ctx, actor)
}
