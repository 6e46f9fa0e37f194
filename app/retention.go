package app

import "battlemap/app/calendar"

// Disposal is a request to do away with the bytes of old files 处置, and what was decided on it. The rows and hashes of the files stay, and so does every record of the journal.
type Disposal struct {
	Row
	BeforeOn  calendar.Date // files handed in before this day
	Basis     string        // the document that allows it
	Reason    string
	State     string // "asked", "approved" or "rejected"
	AskedBy   int64
	AskedAt   int64
	DecidedBy int64 // somebody else than AskedBy
	DecidedAt int64
	Note      string
	Files     int   // how many files it did away with
	Bytes     int64 // how large they were together
}
