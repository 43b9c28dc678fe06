//go:build unix

package main

import "testing"

// The short form of make scenario: every fault that spares the cluster's other users, once. A seed that failed is tried by
// make scenario; this one stays, so that a change that breaks something is the one that fails.
func TestShort(t *testing.T) {
	t.Parallel()
	s := settings{seed: 4, operations: 60, faults: faultNames(), out: t.Output()}
	if err := run(t.Context(), s); err != nil {
		t.Error(err)
	}
}
