package app

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Each migration is one statement to goose, from StatementBegin to StatementEnd: it looks for the end of other statements line by line with a buffer of 4 MiB, which the
// race detector makes anew again and again.
//
//go:embed migrations
var migrations embed.FS

// migrate applies the versioned migrations that are missing. Never AutoMigrate: on SQLite it rebuilds tables and drops the append-only triggers.
func (d *database) migrate(ctx context.Context) error {
	provider, err := d.migrator()
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	// Most starts have nothing to apply and take no lock: that of a start that was killed would keep the next one waiting until it runs out.
	if pending, err := provider.HasPending(ctx); err == nil && !pending {
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (d *database) migrator() (*goose.Provider, error) {
	pool, err := d.write.DB()
	if err != nil {
		return nil, err
	}
	dialect, dir := goose.DialectSQLite3, "migrations/sqlite"
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d.postgres {
		dialect, dir = goose.DialectPostgres, "migrations/postgres"
		// A lease in a table, not an advisory lock: several nodes may start at once, on engines that ignore advisory locks too.
		locker, err := lock.NewPostgresTableLocker()
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithLocker(locker))
	}
	files, err := fs.Sub(migrations, dir)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files, opts...)
}

// guards are the triggers without which the journal would not be append-only.
func (d *database) guards() []string {
	names := []string{
		"journal_no_update", "journal_no_delete", "journal_hashes_no_update", "journal_hashes_no_delete",
		"checkpoints_no_update", "checkpoints_no_delete", "journal_head_no_back", "journal_head_no_delete",
		"judgements_no_update", "judgements_no_delete", "milestones_baseline", "laws_no_update", "laws_no_delete",
		"papers_no_update", "papers_no_delete", "paper_acts_no_update", "paper_acts_no_delete",
		"date_changes_no_update", "date_changes_no_delete", "extension_decisions_no_update", "extension_decisions_no_delete",
		"calendar_moves_no_update", "calendar_moves_no_delete", "calendar_versions_frozen", "calendar_versions_no_delete",
		"reminder_attempts_no_update", "reminder_attempts_no_delete", "reminders_no_delete", "reminders_key",
		"figures_no_update", "figures_no_delete", "subject_judgements_no_update", "subject_judgements_no_delete",
		"agenda_items_no_update", "agenda_items_no_delete",
		"attachments_frozen", "attachments_no_delete", "comments_frozen", "comments_no_delete",
		"doctor_runs_no_update", "doctor_runs_no_delete", "disposals_frozen", "disposals_no_delete", "disposed_files_no_update", "disposed_files_no_delete",
		"witnesses_frozen", "witnesses_no_delete", "witness_deliveries_key", "witness_deliveries_no_delete", "witness_attempts_no_update", "witness_attempts_no_delete",
		"cosignatures_no_update", "cosignatures_no_delete", "signing_keys_no_update", "signing_keys_no_delete",
	}
	tables := []string{"journal", "journal_hashes", "checkpoints", "judgements", "journal_head", "laws", "papers", "paper_acts", "date_changes", "extension_decisions",
		"calendar_moves", "calendar_versions", "reminder_attempts", "reminders", "figures", "subject_judgements", "agenda_items", "attachments", "comments",
		"doctor_runs", "disposals", "disposed_files", "witnesses", "witness_deliveries", "witness_attempts", "cosignatures", "signing_keys"}
	suffix := "_no_truncate"
	if !d.postgres {
		tables, suffix = append(tables, "milestones"), "_no_replace"
	}
	for _, table := range tables {
		names = append(names, table+suffix)
	}
	return names
}
