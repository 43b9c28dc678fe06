package kubernetes_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

// FuzzInterpret gives the interpreter any states, notes and acts: what it makes of them can always be kept.
func FuzzInterpret(f *testing.F) {
	files, err := filepath.Glob("testdata/interpret/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i, step := range archive.Files {
			if words := strings.Fields(step.Name); i > 0 && len(words) > 2 {
				f.Add(words[1], archive.Files[i-1].Data, step.Data, []byte("{}"), i%2 == 0)
			}
		}
	}
	f.Fuzz(func(t *testing.T, collection string, known, state, memory []byte, gone bool) {
		now := monday.Add(time.Hour)
		look := observe.Look{
			Source: "cluster", Scope: observe.Scope{Cluster: "prod"}, After: now.Add(-time.Minute), Before: now,
			Known:       observe.Known{State: known, Memory: memory},
			Observation: observe.Observation{Object: "shop/deployment/cart", Collection: collection, State: state, Gone: gone, SeenAt: now},
		}
		k := kubernetes.Interpreter{}
		finding := k.Interpret(look)
		check(t, finding, now)
		k.Running(look.Scope, state)
		look.Known.Memory = finding.Memory
		act := observe.Act{At: now.Add(-time.Second)}
		if json.Unmarshal(state, &act) == nil {
			look.Observation.Act, look.Observation.State, look.Observation.Gone = &act, nil, false
			check(t, k.Interpret(look), now)
		}
	})
}

// check reports what could not be kept of a finding.
func check(t *testing.T, finding observe.Finding, now time.Time) {
	t.Helper()
	keys := map[string]bool{}
	for _, e := range finding.Events {
		if keys[e.Key] || e.Key == "" {
			t.Errorf("the key %q is there twice, or is none", e.Key)
		}
		keys[e.Key] = true
		if faults := e.Normalize(now, ""); faults != nil {
			t.Errorf("%+v: %v", e, faults)
		}
	}
	for _, s := range finding.Statements {
		if _, err := s.Normalize(); err != nil {
			t.Error(err)
		}
	}
	if len(finding.Memory) > observe.MaxMemory {
		t.Errorf("the memory has %d bytes", len(finding.Memory))
	}
}
