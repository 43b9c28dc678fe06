package daemon_test

import (
	"os"
	"path/filepath"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// FuzzConfig reads anything as a configuration: it is taken, or its faults are named.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("listen: 127.0.0.1:1\nlimits: {requests: {per_second: 1, burst: 2}}\n"))
	f.Add([]byte("sources: [{name: a, type: git, repository: ., every: 1m}]\n"))
	f.Add([]byte("login: {groups: [{group: a, role: operator, teams: [b]}], session: {idle: 1h}}\ntrusted_proxies: [10.0.0.0/8]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	path := filepath.Join(f.TempDir(), "c.yaml")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if config, err := daemon.Load(path); err == nil {
			_ = config.Validate() // names its faults
		}
	})
}
