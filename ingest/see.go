package ingest

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/secret"
)

// Sight makes the watcher of a configured source that sees states. What it sees goes the way of what agents see: a
// session, numbered batches, and the difference worked in with its events in one transaction.
func (d *Door) Sight(name, kind string, seer integration.Seer, every time.Duration, leader Leader) *Watcher {
	s := &sight{seer: seer}
	w := d.watcher(name, kind, seer, every, leader)
	s.watcher, w.look = w, s.look
	return w
}

// sight is what one source sees, from look to look. Only what differs is sent on: the rest is as it was.
type sight struct {
	watcher *Watcher
	seer    integration.Seer

	session, number int64
	mark            func(string) string
	known           map[string]*glimpse  // by object
	whole           map[string]time.Time // when a collection was last seen as a whole
}

// glimpse is an object as it was last seen.
type glimpse struct {
	collection string
	digest     [sha256.Size]byte
	at         time.Time
}

// look is one look at everything.
func (s *sight) look(ctx context.Context) (integration.Look, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	l := &glance{sight: s, at: s.watcher.door.Now().UTC(), troubles: map[string]string{}, completed: map[string]bool{}}
	l.ctx, l.stop = context.WithCancelCause(ctx)
	defer l.stop(nil)
	err := s.open(ctx)
	if err == nil {
		if err = s.seer.See(l.ctx, s.mark, l); err == nil || context.Cause(l.ctx) != nil && ctx.Err() == nil {
			err = l.finish(err)
		}
	}
	if err != nil {
		s.session = 0 // whatever it was: the next look begins anew, and finds what this one missed
	}
	next := integration.Looked{Source: s.watcher.name, At: l.at}
	switch {
	case err != nil:
		next.Problem = problem(err)
	default:
		next.Problem = l.report().Problem
	}
	s.watcher.note(integration.Look{}, next)
	s.watcher.sawEvents(l.events)
	return integration.Look{}, err
}

// open begins a session where there is none.
func (s *sight) open(ctx context.Context) error {
	if s.session != 0 {
		return nil
	}
	opened, err := s.watcher.door.Open(ctx, observe.Opening{
		Source: s.watcher.name, Type: s.watcher.kind, Collections: s.seer.Collections(), Scope: s.seer.Scope(), Agent: "tidings",
		Report: observe.Report{Detail: s.seer.Describe()},
	})
	if err != nil {
		return err
	}
	s.session, s.number = opened.Session, 0
	s.mark = secret.Marker(opened.Key)
	s.known, s.whole = map[string]*glimpse{}, map[string]time.Time{}
	return nil
}

// glance is one look on its way.
type glance struct {
	*sight
	ctx  context.Context //nolint:containedctx // it ends with the look
	stop context.CancelCauseFunc
	at   time.Time

	mu        sync.Mutex
	batch     []observe.Observation
	bytes     int
	completed map[string]bool
	fresh     []string // collections that are complete for the first time in this session
	troubles  map[string]string
	events    int
	err       error
}

var _ observe.Sink = (*glance)(nil)

// Put takes in the state of an object.
func (l *glance) Put(o observe.Observation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	o.SeenAt = l.at
	digest := sha256.Sum256(o.State)
	known, again := l.known[o.Object]
	switch {
	case again && known.digest == digest && known.collection == o.Collection && !o.Gone && o.Act == nil:
		known.at = l.at
		return
	case again:
		o.Since = known.at
	default:
		o.Since = l.whole[o.Collection]
	}
	if o.Act == nil && !o.Gone {
		l.known[o.Object] = &glimpse{o.Collection, digest, l.at}
	}
	l.add(o)
}

func (l *glance) add(o observe.Observation) {
	l.batch = append(l.batch, o)
	if l.bytes += len(o.State) + len(o.Object); len(l.batch) >= observe.MaxBatch || l.bytes >= observe.MaxBytes/2 {
		l.send()
	}
}

// Complete finds what is gone from a collection.
func (l *glance) Complete(collection string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil || l.completed[collection] {
		return
	}
	l.completed[collection] = true
	if _, before := l.whole[collection]; !before {
		l.fresh = append(l.fresh, collection) // the door knows what was there before
	}
	for name, known := range l.known {
		if known.collection == collection && !known.at.Equal(l.at) {
			delete(l.known, name)
			l.add(observe.Observation{Object: name, Collection: collection, Gone: true, SeenAt: l.at, Since: known.at})
		}
	}
	l.whole[collection] = l.at
}

// Trouble notes what cannot be seen.
func (l *glance) Trouble(collection, sentence string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.troubles[collection] = sentence; sentence == "" {
		delete(l.troubles, collection)
	}
}

// finish sends what is left, an empty batch as well: it says that all is as it was. A look that failed says why.
func (l *glance) finish(seen error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil && seen == nil {
		l.send()
	}
	if l.err != nil {
		return l.err
	}
	return seen
}

// send works in a batch.
func (l *glance) send() {
	if !l.watcher.leader.Held() {
		l.err = fault.New(fault.Unavailable, "another server has begun to look: what this one found is left to it")
		l.stop(l.err)
		return
	}
	_, events, err := l.watcher.door.Observe(l.ctx, l.watcher.name, observe.Batch{
		Source: l.watcher.name, Session: l.session, Number: l.number + 1, Observations: l.batch, Complete: l.fresh, Report: l.report(),
	})
	l.number++
	l.events += events
	l.batch, l.bytes, l.fresh = nil, 0, nil
	if err != nil {
		l.err = err
		l.stop(err)
	}
}

// report says how the source is doing.
func (l *glance) report() observe.Report {
	var problems []string
	for collection, sentence := range l.troubles {
		if !strings.HasPrefix(sentence, collection) {
			sentence = collection + ": " + sentence
		}
		problems = append(problems, sentence)
	}
	slices.Sort(problems)
	return observe.Report{Detail: l.seer.Describe(), Problem: strings.Join(problems, "; "), Objects: len(l.known), SyncedAt: l.at}
}
