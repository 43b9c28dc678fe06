package agent

import (
	"context"
	"slices"
	"sync"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
)

// item is an observation that waits, or the news that a collection was seen as a whole.
type item struct {
	observe.Observation
	complete string
	bytes    int
	act      *pending
}

// pending is an act that waits for the server's word.
type pending struct {
	name string
	done chan struct{}
}

// buffer holds what the server has not acknowledged, in order. What is being sent stays in it until then.
type buffer struct {
	most int // bytes

	mu    sync.Mutex
	items []item
	bytes int
	acts  map[string]*pending
	moved time.Time // when something was last acknowledged, or began to wait
	room  chan struct{}
	ready chan struct{} // holds one token while there may be items to send
}

func newBuffer(most int) *buffer {
	return &buffer{most: most, acts: map[string]*pending{}, room: make(chan struct{}), ready: make(chan struct{}, 1)}
}

// overhead is what an observation takes beside its texts, in memory and a little less on the wire.
const overhead = 256

func size(o observe.Observation) int {
	n := overhead + len(o.Object) + len(o.Collection) + len(o.State)
	if act := o.Act; act != nil {
		n += overhead + len(act.ID) + len(act.User) + len(act.Impersonator) + len(act.Agent) + len(act.Verb) + len(act.Part) + len(act.ObjectID) + len(act.Manager)
	}
	return n
}

// put waits for room. It gives false when ctx ended before, and full when the server took nothing for so long that
// waiting is no use.
func (b *buffer) put(ctx context.Context, one item) (put, full bool) {
	for {
		b.mu.Lock()
		// One that is larger than the buffer goes in alone.
		if ctx.Err() == nil && (b.bytes+one.bytes <= b.most || len(b.items) == 0) {
			b.add(one)
			b.mu.Unlock()
			return true, false
		}
		room, left := b.room, patience-time.Since(b.moved)
		b.mu.Unlock()
		if ctx.Err() != nil {
			return false, false
		}
		if left <= 0 {
			return false, true
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
		case <-room:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// putAct puts an act once, and tells when it is done. Acts have a quarter of the room: they are kept when all else is
// dropped to look again.
func (b *buffer) putAct(ctx context.Context, o observe.Observation) (<-chan struct{}, error) {
	name := o.Act.ID + " " + o.Object
	for {
		b.mu.Lock()
		if known := b.acts[name]; known != nil {
			b.mu.Unlock()
			return known.done, nil
		}
		if (len(b.acts)+1)*2*overhead <= b.most/4 && b.bytes <= b.most+b.most/4 {
			act := &pending{name: name, done: make(chan struct{})}
			b.acts[name] = act
			b.add(item{Observation: o, bytes: size(o), act: act})
			b.mu.Unlock()
			return act.done, nil
		}
		room := b.room
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, fault.New(fault.Unavailable, "too much waits for the server: send it again later")
		case <-room:
		}
	}
}

func (b *buffer) add(one item) {
	if len(b.items) == 0 {
		b.moved = time.Now()
	}
	b.items = append(b.items, one)
	b.bytes += one.bytes
	b.wake()
}

func (b *buffer) wake() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// head gives what comes next, at most so much of it, and leaves it where it is.
func (b *buffer) head(count, bytes int) []item {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, sum := 0, 0
	for n < len(b.items) && n < count && (n == 0 || sum+b.items[n].bytes <= bytes) {
		sum += b.items[n].bytes
		n++
	}
	return slices.Clone(b.items[:n])
}

// drop takes out the first, which are acknowledged.
func (b *buffer) drop(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.items[:n] {
		b.forget(&b.items[i])
	}
	b.items = b.items[n:]
	if len(b.items) == 0 {
		b.items = nil // a first look leaves a large array behind
	} else {
		b.wake()
	}
	b.moved = time.Now()
	b.free()
}

func (b *buffer) forget(one *item) {
	b.bytes -= one.bytes
	if one.act != nil {
		close(one.act.done)
		delete(b.acts, one.act.name)
	}
	*one = item{}
}

func (b *buffer) free() {
	close(b.room)
	b.room = make(chan struct{})
}

// reset drops what another look finds again: everything but acts. It gives the number of what it dropped.
func (b *buffer) reset() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept := []item{}
	b.bytes = 0
	for _, one := range b.items {
		if one.act != nil {
			kept = append(kept, one)
			b.bytes += one.bytes
		}
	}
	dropped := len(b.items) - len(kept)
	b.items = kept
	if len(kept) > 0 {
		b.wake()
	}
	b.free()
	return dropped
}

// begin starts the patience anew: a session was opened.
func (b *buffer) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moved = time.Now()
}

func (b *buffer) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.items)
}

func (b *buffer) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}
