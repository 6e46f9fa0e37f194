package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"battlemap/app"
	"battlemap/app/audit"
)

type keyCommand struct {
	Rotate keyRotate `cmd:"" help:"Replace the key that signs checkpoints: both keys sign a statement, which is recorded; export and old checkpoints stay verifiable. Restart the server afterwards."`
}

type keyRotate struct {
	storage `embed:""`
}

// Run makes a new key follow the present one. It may be stopped anywhere and run again: the new key lies beside the old one until the journal names it.
func (c *keyRotate) Run(ctx context.Context, log *slog.Logger) error {
	if _, _, err := c.readKeys(); err != nil {
		return fmt.Errorf("there is no key to replace: %w", err)
	}
	private, public, err := c.nextKeys()
	if err != nil {
		return err
	}
	if err := c.with(ctx, log, func(a *app.App) error {
		return a.RotateKey(ctx, app.Setup("command line"), app.RotateKey{Private: private, Public: public})
	}); err != nil {
		return err
	}
	kept, err := c.takeOver()
	if err != nil {
		return err
	}
	fmt.Printf("%s\nThe new key signs once every server process is started again. The old private key lies at %s: keep it off this machine or destroy it. Tell the witnesses the new public key.\n", public, kept)
	return nil
}

func (s storage) nextPrivate() string { return filepath.Join(s.Data, "checkpoint-next.key") }
func (s storage) nextPublic() string  { return filepath.Join(s.Data, "checkpoint-next.pub") }

// nextKeys reads the key that a rotation before this one has made, or makes one. The public half is written last: without it there is no next key yet.
func (s storage) nextKeys() (private, public string, err error) {
	text, err := os.ReadFile(s.nextPublic())
	if err == nil {
		half, err := os.ReadFile(s.nextPrivate())
		if errors.Is(err, fs.ErrNotExist) { // it has taken its place already; only the public half has not
			err = nil
		}
		return strings.TrimSpace(string(half)), strings.TrimSpace(string(text)), err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("read the next key: %w", err)
	}
	_, old, err := s.readKeys()
	if err != nil {
		return "", "", err
	}
	name, _, _ := strings.Cut(old, "+") // the origin of the journal stays
	if private, public, err = audit.NewKey(name, rand.Reader); err != nil {
		return "", "", err
	}
	if err := os.Remove(s.nextPrivate()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("remove half a key: %w", err)
	}
	return private, public, errors.Join(writeNew(s.nextPrivate(), private), writeNew(s.nextPublic(), public))
}

// takeOver puts the next key in the place of the present one, which keeps its name with its hash in it, and returns where the old private half lies. The private
// half moves first: while the public one has not, a server signs nothing, and this command goes on.
func (s storage) takeOver() (string, error) {
	_, old, err := s.readKeys()
	if err != nil {
		return "", err
	}
	hash := strings.SplitN(old, "+", 3)[1]
	kept := filepath.Join(s.Data, "checkpoint-"+hash+".key")
	for _, move := range [][2]string{{s.privateFile(), kept}, {s.publicFile(), filepath.Join(s.Data, "checkpoint-"+hash+".pub")}} {
		if err := os.Link(move[0], move[1]); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("keep the old key: %w", err)
		}
	}
	for _, move := range [][2]string{{s.nextPrivate(), s.privateFile()}, {s.nextPublic(), s.publicFile()}} {
		if err := os.Rename(move[0], move[1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("put the new key in its place: %w", err)
		}
	}
	return kept, nil
}
