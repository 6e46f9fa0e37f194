package audit

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// file is a member of an archive, or stands for one.
type file struct {
	name string
	open func() (io.ReadCloser, error)
}

var errArchive = errors.New("the archive holds bytes that belong to no member, or names a member in two ways")

// openArchive lists the members of a zip. A zip says everything twice, and programs differ in what they believe, so it must be packed
// without gaps and say the same both times: otherwise somebody could be shown another file than the one that was verified.
func openArchive(r io.ReaderAt, size int64) ([]file, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	if err := wellPacked(r, size, z.File); err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	var files []file
	for _, f := range z.File {
		files = append(files, file{f.Name, f.Open})
	}
	return files, nil
}

const (
	localHeader = 30 // bytes before the name
	descriptor  = 16 // bytes behind the content of a member that was streamed, 24 if it is very large
	entryHeader = 46 // bytes in the directory before a name
	directory   = 22 // bytes at the end
	newestZip   = 45 // version 4.5, which very large files need
)

// wellPacked reports whether the members follow one another from the first byte to the directory, and the directory ends the file.
func wellPacked(r io.ReaderAt, size int64, files []*zip.File) error {
	type placed struct {
		*zip.File
		data int64
	}
	var all []placed
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil {
			return err
		}
		all = append(all, placed{f, at})
	}
	slices.SortStableFunc(all, func(a, b placed) int { return int(min(max(a.data-b.data, -1), 1)) })
	var at int64
	for _, f := range all {
		head := make([]byte, localHeader)
		if _, err := r.ReadAt(head, at); err != nil {
			return errArchive
		}
		name, extra := int64(binary.LittleEndian.Uint16(head[26:])), int64(binary.LittleEndian.Uint16(head[28:]))
		if string(head[:4]) != "PK\x03\x04" || at+localHeader+name+extra != f.data || name != int64(len(f.Name)) {
			return errArchive
		}
		text := make([]byte, name)
		if _, err := r.ReadAt(text, at+localHeader); err != nil || string(text) != f.Name {
			return errArchive
		}
		streamed := f.Flags&8 != 0
		if binary.LittleEndian.Uint16(head[6:]) != f.Flags || binary.LittleEndian.Uint16(head[8:]) != f.Method || !streamed && !sameSizes(head[14:26], f.File) {
			return errArchive
		}
		at = f.data + int64(f.CompressedSize64)
		if streamed {
			n, err := readDescriptor(r, at, f.File)
			if err != nil {
				return err
			}
			at += n
		}
	}
	var length int64
	for _, f := range files {
		length += entryHeader + int64(len(f.Name)+len(f.Extra)+len(f.Comment))
		if f.ReaderVersion > newestZip {
			return errArchive
		}
	}
	return endsWith(r, size, at, length)
}

// sameSizes compares the checksum and the sizes in front of a member with those in the directory.
func sameSizes(b []byte, f *zip.File) bool {
	return binary.LittleEndian.Uint32(b) == f.CRC32 && binary.LittleEndian.Uint32(b[4:]) == f.CompressedSize && binary.LittleEndian.Uint32(b[8:]) == f.UncompressedSize
}

// readDescriptor returns how long the descriptor behind a member is.
func readDescriptor(r io.ReaderAt, at int64, f *zip.File) (int64, error) {
	b := make([]byte, descriptor+8)
	if n, err := r.ReadAt(b, at); n < descriptor {
		return 0, fmt.Errorf("%w: %w", errArchive, err)
	}
	if string(b[:4]) != "PK\x07\x08" || binary.LittleEndian.Uint32(b[4:]) != f.CRC32 {
		return 0, errArchive
	}
	if f.CompressedSize64 >= 1<<32-1 || f.UncompressedSize64 >= 1<<32-1 {
		if binary.LittleEndian.Uint64(b[8:]) != f.CompressedSize64 || binary.LittleEndian.Uint64(b[16:]) != f.UncompressedSize64 {
			return 0, errArchive
		}
		return descriptor + 8, nil
	}
	if !sameSizes(b[4:], f) {
		return 0, errArchive
	}
	return descriptor, nil
}

// endsWith reports whether the directory of so many bytes begins at the given offset and the file ends with it, without a comment.
func endsWith(r io.ReaderAt, size, at, entries int64) error {
	end := make([]byte, directory)
	if _, err := r.ReadAt(end, size-directory); err != nil && err != io.EOF {
		return errArchive
	}
	length, offset := binary.LittleEndian.Uint32(end[12:]), binary.LittleEndian.Uint32(end[16:])
	large := at >= 1<<32-1 || binary.LittleEndian.Uint16(end[10:]) == 1<<16-1
	if string(end[:4]) != "PK\x05\x06" || binary.LittleEndian.Uint16(end[20:]) != 0 {
		return errArchive
	}
	if !large && (int64(offset) != at || int64(length) != entries || at+entries != size-directory) {
		return errArchive
	}
	return nil
}
