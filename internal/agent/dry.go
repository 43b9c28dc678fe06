package agent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/secret"
)

// DryRun writes what an agent would send, one observation a line of JSON, and what it cannot see to trouble. The
// fingerprints are made with a key that nobody keeps. It ends when every collection was seen as a whole, or cannot be seen;
// with watch it goes on until ctx ends.
func DryRun(ctx context.Context, looker observe.Looker, collections []string, watch bool, out io.Writer, trouble func(sentence string)) error {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	looking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	d := &dry{stop: stop, out: json.NewEncoder(out), trouble: trouble, watch: watch, left: map[string]bool{}}
	d.out.SetEscapeHTML(false)
	for _, name := range collections {
		d.left[name] = true
	}
	err := looker.Watch(looking, secret.Marker(key), d)
	switch cause := context.Cause(looking); {
	case errors.Is(cause, errDone), ctx.Err() != nil && watch:
		return nil
	case cause != nil:
		return cause
	}
	return err
}

type dry struct {
	stop    context.CancelCauseFunc
	trouble func(string)
	watch   bool

	mu   sync.Mutex
	out  *json.Encoder
	left map[string]bool
}

func (d *dry) write(line any) {
	if err := d.out.Encode(line); err != nil {
		d.stop(err)
	}
}

// Put implements observe.Sink.
func (d *dry) Put(o observe.Observation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watch || len(d.left) > 0 {
		d.write(o)
	}
}

// Complete implements observe.Sink.
func (d *dry) Complete(collection string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.left) == 0 {
		return
	}
	d.write(struct {
		Complete string `json:"complete"`
	}{collection})
	d.seen(collection)
}

// seen ends the run where nothing more is to be waited for.
func (d *dry) seen(collection string) {
	if delete(d.left, collection); len(d.left) == 0 && !d.watch {
		d.stop(errDone)
	}
}

// Trouble implements observe.Sink. What cannot be seen now is not waited for.
func (d *dry) Trouble(collection, sentence string) {
	if sentence == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble(sentence)
	d.seen(collection)
}
