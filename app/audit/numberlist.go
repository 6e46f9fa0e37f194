package audit

import (
	"crypto/sha256"
	"hash"
	"strconv"
)

// numberList counts and hashes the numbers of records, each in decimal and followed by a newline.
type numberList struct {
	count int64
	hash  hash.Hash
}

func newNumberList() *numberList { return &numberList{hash: sha256.New()} }

func (l *numberList) add(no int64) {
	l.count++
	l.hash.Write(append(strconv.AppendInt(nil, no, 10), '\n'))
}

func (l *numberList) sum() []byte { return l.hash.Sum(nil) }
