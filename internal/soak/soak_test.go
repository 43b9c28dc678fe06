//go:build unix

package main

import (
	"testing"
	"time"
)

// The short form of make soak. It binds what the long form finds to every change; the seed is told when it fails.
func TestShort(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano()) % 1_000_000
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := settings{
				engines: []string{engine}, only: []string{"kill", "disk", "database", "cut", "rolling", "schema"},
				kills: 5, rounds: 1, seed: seed, out: t.Output(),
			}
			if err := run(t.Context(), s); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
}
