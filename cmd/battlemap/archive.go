package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"battlemap/app"
	"battlemap/app/web"
	"battlemap/templates"
)

type archiveCommand struct {
	storage `embed:""`
	Year    int    `required:"" help:"Year to close; of a year that still runs the package is an interim one."`
	Out     string `help:"Folder to write the package into." default:"." type:"path"`
	Lang    string `help:"Language of the index: zh or en." enum:"zh,en" default:"zh"`
}

// Run writes a year as an archive package that auditverify verifies; that it was made is on record.
func (c *archiveCommand) Run(ctx context.Context, log *slog.Logger) error {
	set, err := templates.New(templates.Options{})
	if err != nil {
		return err
	}
	l := set.Words().Locale(map[string]string{"zh": "zh-CN", "en": "en"}[c.Lang])
	return c.with(ctx, log, func(a *app.App) error {
		file := filepath.Join(c.Out, "battlemap-archive-"+strconv.Itoa(c.Year)+".zip")
		if err := c.write(ctx, a, l, file); err != nil {
			return reading{}.kindly(err, l)
		}
		fmt.Printf("%s\nverify it with: auditverify -key %s %s\n", file, c.publicFile(), file)
		return nil
	})
}

func (c *archiveCommand) write(ctx context.Context, a *app.App, l templates.Locale, file string) error {
	actor := app.Setup("archive")
	r, err := a.OpenArchive(ctx, actor, c.Year)
	if err != nil {
		return err
	}
	place, err := a.Place(ctx)
	if err != nil {
		return err
	}
	documents, err := web.ArchiveDocuments(a, l, r, place)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return fmt.Errorf("make the folder of the package: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the package: %w", err)
	}
	if err := errors.Join(a.ExportArchive(ctx, actor, r, documents, f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}
