package observe

import (
	"context"
	"slices"
	"strings"
	"time"
)

// MaxRunning bounds how many objects of one entity are told of.
const MaxRunning = 200

// RunningObject is what an object runs just now, and who saw it.
type RunningObject struct {
	Source string `json:"source"`
	Object string `json:"object"` // by its name within the source
	Running
	SeenAt time.Time `json:"seen_at"` // when it was first seen like this
}

// Reader answers what runs.
type Reader struct {
	Store        Store
	Interpreters map[string]Interpreter
}

// Running lists what the objects run that belong to an entity, by environment, cluster and name; at most MaxRunning.
func (r *Reader) Running(ctx context.Context, entity int64) ([]RunningObject, error) {
	if r == nil || r.Store == nil {
		return nil, nil
	}
	seen, err := r.Store.Of(ctx, entity, MaxRunning)
	if err != nil {
		return nil, err
	}
	var all []RunningObject
	for _, s := range seen {
		interpreter, ok := r.Interpreters[s.Type]
		if !ok {
			continue
		}
		if running, ok := interpreter.Running(s.Scope, s.State); ok {
			all = append(all, RunningObject{Source: s.Source, Object: s.Object, Running: running, SeenAt: s.SeenAt})
		}
	}
	slices.SortStableFunc(all, func(a, b RunningObject) int {
		for _, pair := range [][2]string{{a.Environment, b.Environment}, {a.Cluster, b.Cluster}, {a.Group, b.Group}, {a.Name, b.Name}} {
			if c := strings.Compare(pair[0], pair[1]); c != 0 {
				return c
			}
		}
		return 0
	})
	return all, nil
}
