package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"battlemap/app/audit"
)

// makeWitness prints a new key pair to co-sign with, the private key first.
func (o options) makeWitness(w io.Writer) error {
	private, public, err := audit.NewWitnessKey(o.newWitness, rand.Reader)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n%s\n", private, public)
	return err
}

// sign co-signs one checkpoint and prints it with the new line. What it prints is the -last of the next time.
func (o options) sign(w io.Writer) error {
	c := audit.Cosigning{At: time.Now()}
	var err error
	if c.Public, err = readKey(o.key); err != nil {
		return err
	}
	private, err := readKey(o.cosign)
	if err != nil {
		return err
	}
	c.Private = strings.Fields(private)[0] // the public key may stand below it
	if o.last != "" {
		if c.Last, err = os.ReadFile(o.last); err != nil {
			return err
		}
	}
	if o.proof != "" {
		if c.Proof, err = os.ReadFile(o.proof); err != nil {
			return err
		}
	}
	msg, err := os.ReadFile(o.notes[0])
	if err != nil {
		return err
	}
	out, err := audit.Cosign(msg, c)
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}
