//go:build unix

package main

import (
	"testing"
	"time"
)

// The short form of make scenario: every fault that spares the cluster's other users, once. A seed that failed is tried by
// make scenario; this one stays, so that a change that breaks something is the one that fails. Two people who write one
// object within a second are left to make scenario too: the API server keeps whole seconds of who wrote what, and a slow
// machine would decide whether the test passes.
func TestShort(t *testing.T) {
	t.Parallel()
	s := settings{seed: 4, operations: 60, faults: faultNames(), apart: 1100 * time.Millisecond, out: t.Output()}
	if err := run(t.Context(), s); err != nil {
		t.Error(err)
	}
}
