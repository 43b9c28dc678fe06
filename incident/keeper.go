package incident

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// Keeper makes incidents of the signals of the log, and of what people do. There may be one on each server: a step is
// committed only if nobody else took it.
type Keeper struct {
	Store Store
	Log   Log
	Roll  *catalog.Roll
	// Policy says which alerts open an incident; empty is OpenByPage.
	Policy Policy
	// Committed is called after each commit; it may be nil.
	Committed func()
	// ByHand gives the event by which the log has an incident that no signal told of, as it is now; it is written in the
	// same commit. It may be nil.
	ByHand func(ctx context.Context, i *Incident) (change.Event, error)
	// Ranked tells where the ranking of an incident has a change, from 1, and where plain recency has it; zero where it has
	// not. It may be nil.
	Ranked func(ctx context.Context, i *Incident, change Verdict) (rank, recency int, err error)
	// Callers lists the sources through which somebody can be called; it may be nil.
	Callers func(ctx context.Context) []string
	// Now is the clock.
	Now func() time.Time

	wake    chan struct{}
	waking  sync.Once
	mu      sync.Mutex
	live    []Incident
	liveOf  int64 // the newest entry that live knows
	watched map[chan struct{}]struct{}
	// followed is up to where this server has looked, and ahead the newest page that overtook others.
	followed int64
	ahead    int64
}

// Bounds of following.
const (
	followedAtOnce = 500  // what is new is taken in at once,
	backlogAtOnce  = 4000 // and what waits in large groups: each commit waits for the writers of the log
	liveAtMost     = 500
	liveFor        = 24 * time.Hour
	lookEvery      = time.Second
	followPause    = 20 * time.Millisecond  // between two looks, however much is committed,
	followShare    = 4                      // and at least so many times as long as the last one took
	stepTime       = 300 * time.Millisecond // after which a page may overtake what is left of a step
	retries        = 8
)

func (k *Keeper) waker() chan struct{} {
	k.waking.Do(func() { k.wake = make(chan struct{}, 1) })
	return k.wake
}

// Wake says that something was committed to the log. It never blocks.
func (k *Keeper) Wake() {
	select {
	case k.waker() <- struct{}{}:
	default:
	}
}

// Run follows the log until the context ends.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.waker():
		case <-tick.C:
		}
		began := time.Now()
		if err := k.Follow(ctx); err != nil && ctx.Err() == nil && !fault.Is(err, fault.Conflict) {
			slog.WarnContext(ctx, "incidents wait: the log cannot be followed", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(max(followPause, min(followShare*time.Since(began), lookEvery/2))):
		}
	}
}

// Follow takes in all signals that were committed, and ends incidents that are over. Where much waits, the pages overtake
// the rest.
func (k *Keeper) Follow(ctx context.Context) error {
	limit := followedAtOnce
	for lost := 0; ; {
		next, err := k.step(ctx, limit)
		if next > 0 && err == nil {
			limit = next
			err = k.overtake(ctx)
		}
		switch {
		case fault.Is(err, fault.Conflict) && lost < retries:
			lost++ // another server took the step, or somebody changed an incident: look again
		case err != nil || next == 0:
			return err
		}
	}
}

// step takes in one group of signals, and tells how many the next one should read: zero where there are no more, and few where
// the time did not suffice for what this one read.
func (k *Keeper) step(ctx context.Context, limit int) (next int, err error) {
	state, err := k.Store.IncidentState(ctx)
	if err != nil {
		return 0, err
	}
	now := k.Now().UTC()
	live, err := k.liveAt(ctx, state.Entry, now)
	if err != nil {
		return 0, err
	}
	b := k.newBatch(state, now)
	changed, since := changedIn(live, now)
	tail, err := k.Store.Signals(ctx, k.place(state.Followed), changed, since, limit)
	if err != nil {
		return 0, err
	}
	taken, err := b.takeFor(ctx, live, tail.Events, stepTime)
	if err != nil {
		return 0, err
	}
	switch {
	case taken < len(tail.Events):
		tail.To, next = tail.Events[taken-1].Number, followedAtOnce
	case tail.More:
		next = backlogAtOnce
	}
	b.write.To = tail.To
	b.settle()
	b.gather()
	// What changed no incident is not worth a commit each time: after a restart it is read again.
	if len(b.write.Incidents) > 0 || tail.To-state.Followed >= skipped {
		err = k.commit(ctx, b.write)
	}
	if err == nil {
		k.mu.Lock()
		k.followed = tail.To
		k.mu.Unlock()
		k.wrote(b, state)
	}
	return next, err
}

// wrote keeps what is live after a batch, so that it need not be read again.
func (k *Keeper) wrote(b *batch, from State) {
	if len(b.write.Incidents) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.live, k.liveOf = b.live(), from.Entry+b.written()
}

// Of pages that overtake.
const (
	overtakeWithin = 15 * time.Minute // how long ago they began, at most
	overtakeAtMost = 500              // of each kind
)

// overtake takes in the pages that came lately, before what else waits: somebody was called. When their turn in the log
// comes they are known by their keys, and nothing is said twice.
func (k *Keeper) overtake(ctx context.Context) error {
	pages, err := k.pages(ctx)
	if err != nil || len(pages) == 0 {
		return err
	}
	state, err := k.Store.IncidentState(ctx)
	if err != nil {
		return err
	}
	now := k.Now().UTC()
	live, err := k.liveAt(ctx, state.Entry, now)
	if err != nil {
		return err
	}
	b := k.newBatch(state, now)
	if err := b.takeAll(ctx, live, pages); err != nil {
		return err
	}
	b.gather()
	if len(b.write.Incidents) > 0 {
		if err := k.commit(ctx, b.write); err != nil {
			return err
		}
	}
	k.wrote(b, state)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ahead = pages[len(pages)-1].Number
	return nil
}

// pages lists the signals that open incidents, began lately, and have not overtaken others yet: in the order of the log.
func (k *Keeper) pages(ctx context.Context) ([]change.Committed, error) {
	k.mu.Lock()
	after := max(k.ahead, k.followed)
	k.mu.Unlock()
	var pages []change.Committed
	for _, kind := range []string{"incident", "alert"} {
		lately := change.Filter{Kinds: []string{kind}, Since: k.Now().Add(-overtakeWithin)}
		page, err := k.Log.Feed(ctx, lately, change.Cursor{}, overtakeAtMost, false)
		if err != nil {
			return nil, err
		}
		for i := range page.Events {
			if e := &page.Events[i]; e.Seq > after && k.policy().Opens(e) {
				pages = append(pages, change.Committed{Number: e.Seq, Event: *e})
			}
		}
	}
	slices.SortFunc(pages, func(x, y change.Committed) int { return cmp.Compare(x.Number, y.Number) })
	return pages, nil
}

// changedIn are the entities whose changes stand in timelines, and since when. Of an incident that is open for long those of
// the last day are looked for.
func changedIn(live []Incident, now time.Time) ([]int64, time.Time) {
	var entities []int64
	since := now
	for i := range live {
		if live[i].Status == Resolved || live[i].MergedInto != 0 || live[i].Done >= doneAtMost {
			continue
		}
		if live[i].OpenedAt.Before(since) {
			since = live[i].OpenedAt
		}
		for _, s := range live[i].Subjects {
			if s.Entity != 0 {
				entities = append(entities, s.Entity)
			}
		}
	}
	slices.Sort(entities)
	return slices.Compact(entities), later(since, now.Add(-liveFor))
}

// live are the incidents that the next signals may belong to, after those of the batch.
func (b *batch) live() []Incident {
	var live []Incident
	for _, number := range slices.Sorted(maps.Keys(b.all)) { // also those that were found by a key
		d := b.all[number]
		if d.Status != Resolved || b.now.Sub(d.ActiveAt) < liveFor {
			live = append(live, d.Incident)
		}
	}
	slices.SortStableFunc(live, func(x, y Incident) int { return y.ActiveAt.Compare(x.ActiveAt) })
	return live[:min(len(live), liveAtMost)]
}

// written is how many entries the batch adds.
func (b *batch) written() int64 {
	n := 0
	for i := range b.write.Incidents {
		n += len(b.write.Incidents[i].Entries)
	}
	return int64(n)
}

// skipped is how many numbers of the log may change nothing before the place is written down.
const skipped = 5000

// place is up to where this server has looked, which may be further than what is written down.
func (k *Keeper) place(written int64) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.followed < written || k.followed-written > 2*skipped {
		k.followed, k.ahead = written, 0 // another server went on, or the database was restored
	}
	return k.followed
}

// liveAt gives the incidents that signals may belong to. They are read again when an entry was written since.
func (k *Keeper) liveAt(ctx context.Context, entry int64, now time.Time) ([]Incident, error) {
	k.mu.Lock()
	live, known := k.live, k.liveOf
	k.mu.Unlock()
	if live != nil && known == entry {
		return live, nil
	}
	live, err := k.Store.LiveIncidents(ctx, now.Add(-liveFor), liveAtMost)
	if err != nil {
		return nil, err
	}
	if live == nil {
		live = []Incident{}
	}
	k.mu.Lock()
	k.live, k.liveOf = live, entry
	k.mu.Unlock()
	k.Told() // perhaps it was another server
	return live, nil
}

func (k *Keeper) commit(ctx context.Context, w Write) error {
	if err := k.Store.CommitIncidents(ctx, w); err != nil {
		return err
	}
	if len(w.Incidents) > 0 {
		k.Told()
		if k.Committed != nil {
			k.Committed()
		}
	}
	return nil
}

// Watch gives a channel that holds a token after each change of any incident, on any server that hints of it; leave ends
// it. Nothing is said of what changed: who watches reads again.
func (k *Keeper) Watch() (changed <-chan struct{}, leave func()) {
	token := make(chan struct{}, 1)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.watched == nil {
		k.watched = map[chan struct{}]struct{}{}
	}
	k.watched[token] = struct{}{}
	return token, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.watched, token)
	}
}

// Told wakes who watches.
func (k *Keeper) Told() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for token := range k.watched {
		select {
		case token <- struct{}{}:
		default:
		}
	}
}

// Having gives the incident that a signal of the log belongs to; NotFound where it belongs to none.
func (k *Keeper) Having(ctx context.Context, event uuid.UUID) (Incident, error) {
	key := eventKey(event)
	found, err := k.Store.IncidentsByKey(ctx, []Key{key})
	if err != nil {
		return Incident{}, err
	}
	number, known := found[key]
	if !known {
		return Incident{}, fault.New(fault.NotFound, "the event %s belongs to no incident", event)
	}
	return k.Get(ctx, number)
}

// Entries lists the entries of all incidents after a number, in the order of commit: who tells of them goes on from the
// number of the last.
func (k *Keeper) Entries(ctx context.Context, after int64, limit int) ([]Recorded, error) {
	return k.Store.IncidentEntries(ctx, after, limit)
}

// policy is which alerts open an incident.
func (k *Keeper) policy() Policy {
	if slices.Contains(Policies(), k.Policy) {
		return k.Policy
	}
	return OpenByPage
}
