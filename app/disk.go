package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
)

// ErrDiskFull means that the disk has no room: nothing was changed, pages can be read, and writing goes on as soon as there is room.
var ErrDiskFull = errors.New("the disk is full")

// ErrDiskFailed means that the disk failed under the database, and that this process takes no more writes. Whether the write that met the fault is kept is known only
// after the next start; none that was acknowledged is lost. What a failed fsync left behind must not be built upon: the kernel may call pages clean that are
// on no disk, and the next fsync of the same file then succeeds without them.
var ErrDiskFailed = errors.New("the disk failed under the database; no more writes until this process is started again")

// usable refuses a write after the disk has failed.
func (d *database) usable() error {
	if d.failed.Load() != nil {
		return ErrDiskFailed
	}
	return nil
}

// judge looks at how a transaction ended. PostgreSQL looks after its own disk.
func (d *database) judge(err error, log *slog.Logger) error {
	lite, ok := errors.AsType[sqlite3.Error](err)
	switch {
	case !ok, notStored(err): // or judged before
		return err
	case lite.Code == sqlite3.ErrFull, lite.ExtendedCode == sqlite3.ErrIoErrWrite && (lite.SystemErrno == syscall.EFBIG || lite.SystemErrno == syscall.EDQUOT): // or no more is allowed
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	case damaged(err), lite.Code == sqlite3.ErrReadonly:
		if why := err.Error(); d.failed.CompareAndSwap(nil, &why) {
			log.Error("the disk failed under the database; nothing more is written until this process is started again", "error", err, "code", int(lite.ExtendedCode))
		}
		return fmt.Errorf("%w: %w", ErrDiskFailed, err)
	}
	return err
}

// DiskFailure says how the disk has failed this process; "" when it has not.
func (a *App) DiskFailure() string {
	if why := a.db.failed.Load(); why != nil {
		return *why
	}
	return ""
}

// settleLog brings everything from the write-ahead log into the database file, and that onto the disk, before the first write of a process. Where another process has the
// database open, the log is in use and stays.
func settleLog(ctx context.Context, db *gorm.DB, path string) error {
	// BEGIN IMMEDIATE: whoever else has the database open adds nothing to the log meanwhile, and does not cut it.
	err := db.WithContext(ctx).Transaction(func(*gorm.DB) error { return rewriteLog(path) })
	if again(err) { // another process has been writing all the time: it knows of no more in the log than is on the disk
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the write-ahead log anew: %w", err)
	}
	return checkpointLog(ctx, db, "TRUNCATE")
}

// rewriteLog writes the log's bytes where they are. An fsync may have failed the process before: the kernel then shows a log that is on the disk in part only, calls all of
// it clean, and lets the next fsync succeed. If the power went while such a log was brought into the database, what the database lacked could not be had from the log again.
func rewriteLog(path string) error {
	whole, err := filepath.EvalSymlinks(path) // the log lies beside the file itself
	if err != nil {
		return err
	}
	f, err := os.OpenFile(whole+"-wal", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(io.NewOffsetWriter(f, 0), f)
	return errors.Join(err, f.Sync(), f.Close())
}

func checkpointLog(ctx context.Context, db *gorm.DB, mode string) error {
	var busy, pages, done int64
	if err := scanOne(db.WithContext(ctx).Raw("PRAGMA wal_checkpoint("+mode+")"), &busy, &pages, &done); err != nil {
		return fmt.Errorf("bring the write-ahead log into the database: %w", err)
	}
	return nil
}

// TryDisk finds out whether the write-ahead log still goes into the database file: SQLite tries that by itself every now and then and keeps silent when it fails. A
// disk on which it does not go takes no more writes.
func (a *App) TryDisk(ctx context.Context) error {
	if a.db.postgres {
		return nil
	}
	if err := a.db.usable(); err != nil {
		return err
	}
	return a.db.judge(checkpointLog(ctx, a.db.read, "PASSIVE"), a.opt.Log)
}

// NoRoom tells whether an error is that of a full disk, under the database or under the uploaded files.
func NoRoom(err error) bool {
	return errors.Is(err, ErrDiskFull) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// notStored tells whether a write failed because of the disk alone.
func notStored(err error) bool { return errors.Is(err, ErrDiskFull) || errors.Is(err, ErrDiskFailed) }
