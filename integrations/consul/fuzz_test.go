package consul

import (
	"encoding/json"
	"os"
	"testing"
)

// Whatever Consul lists makes a state that can be kept.
func FuzzState(f *testing.F) {
	seed, err := os.ReadFile("testdata/health.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("pricing-api", seed)
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		var entries []entry
		if json.Unmarshal(body, &entries) != nil {
			return
		}
		s := &Source{config: &Config{}}
		state, _ := s.state(name, entries)
		if len(state.Instances) > len(entries) {
			t.Errorf("%d entries make %d instances", len(entries), len(state.Instances))
		}
		if _, err := json.Marshal(state); err != nil {
			t.Error(err)
		}
	})
}
