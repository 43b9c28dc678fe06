package fleet_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration/fleet"
	"tidings.dev/tidings/observe"
)

var now = time.Date(2026, 6, 11, 1, 0, 0, 0, time.UTC)

type put struct{ state json.RawMessage }

func (p *put) Put(o observe.Observation) { p.state = o.State }
func (*put) Complete(string)             {}
func (*put) Trouble(string, string)      {}

func state(t *testing.T, versions ...string) json.RawMessage {
	t.Helper()
	s := fleet.State{Name: "pricing", Subject: "service:pricing", Environment: "production"}
	for i, version := range versions {
		s.Instances = append(s.Instances, fleet.Instance{ID: fmt.Sprint(i), Address: fmt.Sprintf("10.0.0.%d:80", i), Version: version})
	}
	var p put
	if err := fleet.Put(&p, "services", "service/pricing", s); err != nil {
		t.Fatal(err)
	}
	return p.state
}

func TestInterpret(t *testing.T) {
	t.Parallel()
	interpreter := fleet.Interpreter{Tool: "Consul", Scheme: "consul"}
	for name, test := range map[string]struct {
		was, is json.RawMessage
		first   bool
		want    string
	}{
		"the first look":        {nil, state(t, "1", "1"), true, ""},
		"as it was":             {state(t, "1", "1"), state(t, "1", "1"), false, ""},
		"a new service":         {nil, state(t, "1", "1"), false, "infrastructure: Registered with 2 instances"},
		"capacity lost":         {state(t, "1", "1", "1"), state(t, "1"), false, "scaling: From 3 to 1 instance"},
		"none left":             {state(t, "1", "1"), state(t), false, "scaling: No instance is left of 2"},
		"gone from the list":    {state(t, "1", "1"), nil, false, "scaling: No instance is left of 2"},
		"a few run the new one": {state(t, "1", "1", "1"), state(t, "1", "1", "2"), false, ""},
		"most run the new one":  {state(t, "1", "1", "2"), state(t, "1", "2", "2"), false, "deploy: Runs 2 on 2 of 3 instances"},
		"no versions":           {state(t, "", ""), state(t, "", "", ""), false, "scaling: From 2 to 3 instances"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			look := observe.Look{
				Source: "discovery", Known: observe.Known{State: test.was}, First: test.first, After: now.Add(-time.Minute), Before: now,
				Observation: observe.Observation{Object: "service/pricing", State: test.is, Gone: test.is == nil},
			}
			var told []string
			found := interpreter.Interpret(look)
			for _, e := range found.Events {
				told = append(told, e.Kind+": "+e.Title)
				e.Subjects = append(e.Subjects, change.Subject{Name: found.Subject}) // as the door does
				if faults := e.Normalize(now, ""); len(faults) > 0 {
					t.Error(faults)
				}
			}
			if got := strings.Join(told, "; "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestPatience(t *testing.T) {
	t.Parallel()
	p := fleet.Patience{For: time.Minute}
	count := func(after time.Duration, ids ...string) int {
		var listed []fleet.Instance
		for _, id := range ids {
			listed = append(listed, fleet.Instance{ID: id})
		}
		return len(p.Hold("pricing", listed, now.Add(after)))
	}
	for i, step := range []struct {
		after time.Duration
		ids   string
		want  int
	}{
		{0, "a b c", 3},
		{10 * time.Second, "a", 3}, // two lost their sessions
		{30 * time.Second, "a b", 3},
		{80 * time.Second, "a b", 2}, // one has not come back
		{90 * time.Second, "b", 2},
		{3 * time.Minute, "b", 1},
	} {
		if got := count(step.after, strings.Fields(step.ids)...); got != step.want {
			t.Errorf("step %d: %d instances, want %d", i, got, step.want)
		}
	}
}
