package store

import "tidings.dev/tidings/change"

// SeenBetween is the text that asks for deploys that were seen.
const SeenBetween = seenBetween

// Looked is the text that looks for the events of a filter.
func Looked(f *change.Filter) string {
	args := make([]any, 4)
	return placed("doc", conditions(f, &args))
}
