package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"battlemap/app"
	"battlemap/app/media"
)

// backupFormat is the format of a backup; a program reads its own and those before it.
const backupFormat = 1

// manifest is the last entry of a backup: what it must hold.
type manifest struct {
	Format  int               `json:"format"`
	Made    string            `json:"made"`
	Records int64             `json:"records"` // of the journal
	SHA256  map[string]string `json:"sha256"`  // of every other entry
}

type backupCommand struct {
	File    string `arg:"" help:"File to write, a zip; one that is there is never written over." type:"path"`
	reading `embed:""`
	Files   string `help:"Folder of uploaded files; <data>/files beside the database." env:"BATTLEMAP_FILES" type:"path"`
	WithKey bool   `help:"Put the key that signs checkpoints in as well. Whoever has it and the database can forge what no checkpoint outside covers; better kept apart."`
}

// Run saves the database, the uploaded files and the public key in one file, while the server runs. What it writes has passed the doctor.
func (c *backupCommand) Run(ctx context.Context, log *slog.Logger) error {
	size, err := c.save(ctx, log)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d records of the journal, examined and sound\n", c.File, size)
	if !c.WithKey {
		fmt.Printf("the key that signs checkpoints is not in it: keep a copy of %s elsewhere\n", storage{Data: c.Data}.privateFile())
	}
	return nil
}

func (c *backupCommand) save(ctx context.Context, log *slog.Logger) (size int64, err error) {
	if c.Database != "" {
		return 0, fmt.Errorf("%w, and the folder of files by copying it afterwards; see README, In production", app.ErrOwnBackup)
	}
	if _, err := os.Lstat(c.File); err == nil {
		return 0, fmt.Errorf("%s is there already", c.File)
	}
	work, err := os.MkdirTemp(filepath.Dir(c.File), ".backup-")
	if err != nil {
		return 0, fmt.Errorf("write the backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	copied := filepath.Join(work, "battlemap.db")
	// The database first: the bytes of a file are on the disk before its row is, so the folder has whatever the copy names.
	if err := app.Snapshot(ctx, "sqlite:"+filepath.Join(c.Data, "battlemap.db"), copied); err != nil {
		return 0, err
	}
	doctor := doctorCommand{reading: c.reading, Files: c.Files}
	opt, err := doctor.options(log)
	if err != nil {
		return 0, err
	}
	opt.Database = "sqlite:" + copied
	if size, err = c.examined(ctx, opt, doctor); err != nil {
		return 0, err
	}
	whole := filepath.Join(work, "backup.zip")
	if err := c.pack(whole, copied, opt.Files, size); err != nil {
		return 0, fmt.Errorf("write the backup: %w", err)
	}
	if err := os.Link(whole, c.File); err != nil { // not by renaming, which would write over what came there meanwhile
		return 0, fmt.Errorf("write the backup: %w", err)
	}
	return size, syncFolder(filepath.Dir(c.File))
}

// examined lets the doctor look at the copy; one that is not sound is no backup.
func (c *backupCommand) examined(ctx context.Context, opt app.Options, doctor doctorCommand) (int64, error) {
	public, _, err := doctor.evidence()
	if err != nil {
		return 0, err
	}
	a, err := app.OpenReading(ctx, opt)
	if err != nil {
		return 0, err
	}
	found, size, err := a.Diagnose(ctx, true, public, nil)
	if err := errors.Join(err, a.Close()); err != nil {
		return 0, err
	}
	if !app.Sound(found) {
		return 0, &exitError{1, fmt.Errorf("%w; battlemap doctor says what is wrong, and nothing was saved", errBroken)}
	}
	return size, nil
}

// pack writes the zip: database, keys, files, and the list of all of them.
func (c *backupCommand) pack(to, database, files string, size int64) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	z, m := zip.NewWriter(f), manifest{Format: backupFormat, Made: time.Now().UTC().Format(time.RFC3339), Records: size, SHA256: map[string]string{}}
	err = m.addFile(z, "battlemap.db", database)
	for _, name := range c.beside() {
		if err == nil {
			err = m.addFile(z, name, filepath.Join(c.Data, name))
		}
	}
	if err == nil && files != "" {
		err = m.addStore(z, files)
	}
	if err == nil {
		err = m.close(z)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// beside are the small files next to the database that belong to it.
func (c *backupCommand) beside() []string {
	names := []string{demoClock}
	keys, _ := filepath.Glob(filepath.Join(c.Data, "checkpoint*.pub")) // the pattern is right
	for _, key := range keys {
		names = append(names, filepath.Base(key))
	}
	if c.WithKey {
		names = append(names, filepath.Base(storage{}.privateFile()))
	}
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := os.Stat(filepath.Join(c.Data, name))
		return errors.Is(err, os.ErrNotExist)
	})
}

func (m *manifest) addFile(z *zip.Writer, name, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	return errors.Join(m.add(z, name, in), in.Close())
}

// addStore adds every uploaded file whose bytes are still those of its name.
func (m *manifest) addStore(z *zip.Writer, files string) error {
	store, err := media.OpenStore(files)
	if err != nil {
		return err
	}
	return store.Each(func(sum string, _ int64) error {
		in, err := os.Open(filepath.Join(files, sum[:2], sum[2:]))
		if err != nil {
			return err
		}
		return errors.Join(m.add(z, "files/"+sum[:2]+"/"+sum[2:], in), in.Close())
	})
}

// add writes an entry and notes the hash of its bytes.
func (m *manifest) add(z *zip.Writer, name string, in io.Reader) error {
	out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, sum), in); err != nil {
		return err
	}
	m.SHA256[name] = hex.EncodeToString(sum.Sum(nil))
	return nil
}

func (m *manifest) close(z *zip.Writer) error {
	out, err := z.Create("manifest.json")
	if err != nil {
		return err
	}
	if err := printJSON(out, m); err != nil {
		return err
	}
	return z.Close()
}

// syncFolder makes the names in a folder last.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type restoreCommand struct {
	File string `arg:"" help:"Backup that battlemap backup made." type:"path"`
	Data string `required:"" help:"Folder to restore into; it must not hold a database." type:"path"`
	Key  string `help:"File of the key that signs checkpoints, where the backup holds none." placeholder:"FILE" type:"path"`
}

// Run restores a backup into a folder, brings its schema up to date and lets the doctor look at all of it.
func (c *restoreCommand) Run(ctx context.Context, log *slog.Logger) error {
	size, err := c.restore(ctx, log)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d records of the journal, examined and sound\n", c.Data, size)
	if _, err := os.Stat(storage{Data: c.Data}.privateFile()); errors.Is(err, os.ErrNotExist) {
		fmt.Printf("put the key that signs checkpoints back as %s before serving\n", storage{Data: c.Data}.privateFile())
	}
	fmt.Println("what was written, and what was sent, after the backup is not known here: letters may go out a second time, and a checkpoint that left the building later will not fit")
	return nil
}

func (c *restoreCommand) restore(ctx context.Context, log *slog.Logger) (int64, error) {
	database := filepath.Join(c.Data, "battlemap.db")
	for _, name := range []string{database, database + "-wal", filepath.Join(c.Data, "files"), storage{Data: c.Data}.publicFile()} {
		if _, err := os.Lstat(name); err == nil {
			return 0, fmt.Errorf("%s is there already; restore into an empty folder", name)
		}
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return 0, fmt.Errorf("make the data folder: %w", err)
	}
	if err := c.unpack(); err != nil {
		return 0, fmt.Errorf("restore %s: %w", c.File, err)
	}
	if c.Key != "" {
		key, err := os.ReadFile(c.Key)
		if err != nil {
			return 0, fmt.Errorf("read the key: %w", err)
		}
		if err := writeNew(storage{Data: c.Data}.privateFile(), string(key)); err != nil {
			return 0, err
		}
	}
	doctor := doctorCommand{reading: reading{Data: c.Data}}
	opt, err := doctor.options(log)
	if err != nil {
		return 0, err
	}
	a, err := app.Open(ctx, opt) // which migrates it
	if err != nil {
		return 0, err
	}
	if err := a.Close(); err != nil {
		return 0, err
	}
	return (&backupCommand{}).examined(ctx, opt, doctor)
}

var restorable = regexp.MustCompile(`^(battlemap\.db|demo-clock|checkpoint(-[0-9a-f]+)?\.pub|checkpoint\.key|files/[0-9a-f]{2}/[0-9a-f]{62})$`)

// unpack writes everything into a folder of its own, holds it against the list, and then moves it to its place, the database last.
func (c *restoreCommand) unpack() (err error) {
	z, err := zip.OpenReader(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	m, err := readManifest(&z.Reader)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(c.Data, ".restore-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	left := len(m.SHA256)
	for _, entry := range z.File {
		if entry.Name == "manifest.json" {
			continue
		}
		if !restorable.MatchString(entry.Name) || m.SHA256[entry.Name] == "" {
			return fmt.Errorf("%q does not belong into a backup", entry.Name)
		}
		if err := extract(entry, filepath.Join(work, filepath.FromSlash(entry.Name)), m.SHA256[entry.Name]); err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
		left--
	}
	if left != 0 || m.SHA256["battlemap.db"] == "" {
		return errors.New("the backup is not whole")
	}
	return c.place(work)
}

// place moves what was unpacked to where the program looks for it.
func (c *restoreCommand) place(work string) error {
	entries, err := os.ReadDir(work)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { // the database last: a folder without one is no district
		return last(a.Name()) - last(b.Name())
	})
	for _, e := range entries {
		if err := os.Rename(filepath.Join(work, e.Name()), filepath.Join(c.Data, e.Name())); err != nil {
			return err
		}
	}
	return syncFolder(c.Data)
}

func last(name string) int {
	if name == "battlemap.db" {
		return 1
	}
	return 0
}

func readManifest(z *zip.Reader) (m manifest, err error) {
	f, err := z.Open("manifest.json")
	if err != nil {
		return m, fmt.Errorf("this is no backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := json.NewDecoder(f).Decode(&m); err != nil {
		return m, fmt.Errorf("this is no backup: %w", err)
	}
	if m.Format != backupFormat {
		return m, fmt.Errorf("the backup has format %d, this program reads %d", m.Format, backupFormat)
	}
	return m, nil
}

// extract writes one entry onto the disk; its bytes must be those that were saved.
func extract(entry *zip.File, to, want string) error {
	in, err := entry.Open()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return errors.Join(err, in.Close())
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), in)
	if err := errors.Join(err, out.Sync(), out.Close(), in.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != want {
		return errors.New("its bytes are not those that were saved")
	}
	return syncFolder(filepath.Dir(to))
}
