// Package notify carries finished messages out of the building and says honestly what became of them;
// what is said, to whom and how often is decided above it.
package notify

// Outcome is what a delivery ledger may believe after one attempt at one message.
type Outcome string

const (
	// Accepted means that the far end took the message over.
	Accepted Outcome = "accepted"
	// Failed means that the same message would be refused again: an invalid address or header, or a permanent refusal of this message.
	Failed Outcome = "failed"
	// Retry means that the far end certainly did not take the message, and that a later attempt may succeed.
	Retry Outcome = "retry"
	// Down means that the far end could not be reached or would not talk to us: it certainly did not take this message, nor would it have taken another.
	Down Outcome = "down"
	// Unknown means that the whole message was handed over and no readable answer came: it may or may not have been delivered.
	Unknown Outcome = "unknown"
)
