// Package media keeps files and makes pictures harmless. It knows nothing of projects, people or databases.
package media

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Store keeps files by the SHA-256 of their bytes in a folder: the same bytes are kept once, and a name never stands for other bytes.
type Store struct{ dir string }

// OpenStore makes the folder where it is missing.
func OpenStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	return &Store{dir: dir}, nil
}

// Sum is the name under which bytes are kept.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

var sumPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// path is where the bytes of a sum lie; a text that is no sum has no place.
func (s *Store) path(sum string) (string, error) {
	if !sumPattern.MatchString(sum) {
		return "", fmt.Errorf("%q is no SHA-256", sum)
	}
	return filepath.Join(s.dir, sum[:2], sum[2:]), nil
}

// Put keeps bytes and returns their sum. When it returns without an error, they are on the disk under their name: a database row may point at them then. Bytes that
// are there already are written anew: whoever put them there may have met an error of the disk, after which no later look at it tells what is on it.
func (s *Store) Put(data []byte) (string, error) {
	sum := Sum(data)
	path, err := s.path(sum)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("keep a file: %w", err)
	}
	if err := writeWhole(path, data); err != nil {
		return "", fmt.Errorf("keep a file: %w", err)
	}
	return sum, errors.Join(syncFolder(filepath.Dir(path)), syncFolder(s.dir))
}

// writeWhole writes beside the place and moves the whole file there.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// syncFolder makes the names in a folder last.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// ErrLost means that the bytes are missing or are not the ones that were kept.
var ErrLost = errors.New("the bytes of a file are missing or damaged")

// Get reads the bytes of a sum and checks that they are still the same.
func (s *Store) Get(sum string) ([]byte, error) {
	path, err := s.path(sum)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && Sum(data) != sum {
		return nil, fmt.Errorf("%w: %s", ErrLost, path)
	}
	return data, err
}

// Has tells whether there are bytes under a sum, without reading them.
func (s *Store) Has(sum string) (bool, error) {
	path, err := s.path(sum)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Each tells of every file that is kept, with the instant (Unix seconds) at which it was written; files that are still being written are passed over.
func (s *Store) Each(tell func(sum string, modified int64) error) error {
	return filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sum := filepath.Base(filepath.Dir(path)) + entry.Name()
		if !sumPattern.MatchString(sum) {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // removed since the folder was read
			return nil
		}
		if err != nil {
			return err
		}
		return tell(sum, info.ModTime().Unix())
	})
}

// Remove does away with the bytes of a sum; there being none is no error. Whoever calls it has kept the reason.
func (s *Store) Remove(sum string) error {
	path, err := s.path(sum)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a file: %w", err)
	}
	return nil
}
