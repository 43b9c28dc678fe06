// Package ingest is the one door into the roll and the log: it resolves what events are about, gathers writes into
// groups, commits them, and only then tells readers. Imports: access, catalog, change, integration,
// observe, secret and fault.
package ingest

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/observe"
)

// Store is the storage that the door needs. Every call commits durably before it returns.
type Store interface {
	// Append writes normal events in one transaction, and tells what became of each, in order.
	// What stands beside them is committed with them.
	Append(ctx context.Context, events []change.Event, beside ...integration.Beside) ([]change.Receipt, error)
	// Keep writes deliveries that have no events.
	Keep(ctx context.Context, deliveries []integration.Kept) error
	// Deliveries lists those of a source, the last first; Delivery gives one with its body.
	Deliveries(ctx context.Context, source string, outcome integration.Outcome, after string, limit int) (page []integration.Kept, next string, err error)
	Delivery(ctx context.Context, source, id string) (integration.Kept, error)
	// Apply writes normal statements, with the events that announce makes of the edits.
	Apply(ctx context.Context, statements []catalog.Statement, by string, now time.Time, announce func([]catalog.Edit) []change.Event) ([]catalog.Edit, error)
	// Spoken lists, by source, the entities about which it has a standing statement.
	Spoken(ctx context.Context, sources []string) (map[string][]int64, error)
	// Waiting lists which of the outside names have events that no entity answers to.
	Waiting(ctx context.Context, aliases []string) ([]string, error)
	// Reattribute gives some of the past of an outside name to an entity, and tells how many events that was and how many
	// are left. Unattribute takes from an entity what it had under a name that was taken back, from strictly before a place.
	Reattribute(ctx context.Context, alias string, ref catalog.Ref, entity int64) (n, left int, err error)
	Unattribute(ctx context.Context, released catalog.Released, before change.Cursor) (n int, next change.Cursor, more bool, err error)
	// UnclaimedNames lists the outside names that have events and that no job is about, in their own order, from strictly
	// after one.
	UnclaimedNames(ctx context.Context, after string, limit int) ([]string, error)
	// LastLook is where a source left off, zero for one that never looked; Looked records a look that has no events.
	LastLook(ctx context.Context, source string) (integration.Looked, error)
	Looked(ctx context.Context, look integration.Looked) error
}

// Door takes in what is told and what is seen.
type Door struct {
	Roll  *catalog.Roll
	Store Store
	// Committed is called after each commit; it must not block.
	Committed func()
	// Now is the clock.
	Now func() time.Time
	// Fingerprint makes of a secret that a diff names a text by which equal ones are seen to be equal; without it they
	// are only hidden.
	Fingerprint func(value string) string
	// Redacted counts the events and statements that secrets were taken out of; the copies of a door share it.
	Redacted *atomic.Int64
	// Refuse says why nothing can be taken in just now, or nil; it may be nil itself.
	Refuse func() error
	// Admit bounds how fast events come in: it is asked with how many of each source there are; it may be nil.
	Admit func(ctx context.Context, sources map[string]int) error
	// Shed is called for every submission that found no room; it may be nil.
	Shed func()
	// Jobs does what follows from a claim, and what is asked for many; nil where nothing is done in the background.
	Jobs *job.Runner
	// Seen keeps what is observed; Interpreters know what it means, by the type of the source. Nil where nothing is.
	Seen         observe.Store
	Interpreters map[string]observe.Interpreter
	// Mark makes the key of a source's fingerprints, always the same; where it is nil, one is kept beside what is seen.
	Mark func(source string) ([]byte, error)
	// Delivered is called for every delivery with what became of it; it may be nil.
	Delivered func(source string, outcome integration.Outcome)
	// Heard is called when something was heard in a chat; it must not block, and may be nil.
	Heard func()
	// Joined gives the context of a commit something of those whose events are in it; it may be nil.
	Joined func(commit context.Context, of []context.Context) context.Context

	queue   chan *submission
	room    *semaphore.Weighted
	waiting *atomic.Int64 // events that wait for their commit
	// outside tells that events of unresolved names were committed since Reattribute last looked.
	outside *atomic.Bool
}

// The group commit: as many submissions as are waiting, up to this many events, make one transaction.
const (
	groupEvents = 2000
	// waitingEvents wait at most, for patience; then the submission is refused, so that a flood neither fills the memory
	// nor keeps every client waiting.
	waitingEvents = 50_000
	patience      = 5 * time.Second
	retryBusy     = 2 * time.Second
)

type submission struct {
	ctx      context.Context //nolint:containedctx // whose events they are
	events   []change.Event
	beside   integration.Beside
	receipts []change.Receipt
	err      error
	leave    func()
	done     chan struct{}
}

// end tells whoever waits.
func (s *submission) end() {
	s.leave()
	close(s.done)
}

// NewDoor makes a door; Run makes it work.
func NewDoor(roll *catalog.Roll, store Store, committed func()) *Door {
	return &Door{
		Roll: roll, Store: store, Committed: committed, Now: time.Now, Redacted: new(atomic.Int64), queue: make(chan *submission, waitingEvents),
		room: semaphore.NewWeighted(waitingEvents), waiting: new(atomic.Int64), outside: new(atomic.Bool),
	}
}

// Waiting is how many events wait for their commit.
func (d *Door) Waiting() int64 { return d.waiting.Load() }

// enter waits for room for some events, and takes it; leave gives it back.
func (d *Door) enter(ctx context.Context, events int) (leave func(), err error) {
	if d.Refuse != nil {
		if err := d.Refuse(); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	room := int64(min(events, waitingEvents))
	if err := d.room.Acquire(ctx, room); err != nil {
		return nil, d.busy()
	}
	d.waiting.Add(int64(events))
	return func() {
		d.waiting.Add(int64(-events))
		d.room.Release(room)
	}, nil
}

func (d *Door) busy() error {
	if d.Shed != nil {
		d.Shed()
	}
	err := fault.New(fault.Unavailable, "the log is busy: try again in a moment")
	err.RetryAfter = retryBusy
	return err
}

// Record takes events in and acknowledges them after the commit. All of them are recorded, or none. A source that the
// principal may not speak for is Forbidden, with a fault for each of its events: "/3/source".
func (d *Door) Record(ctx context.Context, events []change.Event) ([]change.Receipt, error) {
	if len(events) == 0 {
		return nil, nil
	}
	return d.record(ctx, events, integration.Beside{})
}

// record takes events in together with what they came by.
func (d *Door) record(ctx context.Context, events []change.Event, beside integration.Beside) ([]change.Receipt, error) {
	if err := d.Prepare(ctx, events); err != nil {
		return nil, err
	}
	s := &submission{ctx: ctx, events: events, beside: beside, done: make(chan struct{})}
	leave, err := d.enter(ctx, s.size())
	if err != nil {
		return nil, err
	}
	s.leave = leave
	select {
	case d.queue <- s:
	case <-ctx.Done():
		leave()
		return nil, fault.New(fault.Unavailable, "the log is busy: try again: %w", ctx.Err())
	}
	// Once queued, the events may be committed even when the caller has gone: then a retry is a duplicate.
	select {
	case <-s.done:
		return s.receipts, s.err
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "not acknowledged in time: try again: %w", ctx.Err())
	}
}

// noteOutside remembers that there may be events to re-attribute: their names may have been claimed since they were
// resolved.
func (d *Door) noteOutside(events []change.Event) {
	for i := range events {
		if slices.ContainsFunc(events[i].Subjects, func(s change.Subject) bool { return s.Entity == 0 }) {
			d.outside.Store(true)
			return
		}
	}
}

// Prepare makes events ready for the store: normal, without secrets, allowed, and about the entities that they name. It
// is for what commits its events together with something else; Record is for all others.
func (d *Door) Prepare(ctx context.Context, events []change.Event) error {
	who := access.From(ctx)
	by := who.String()
	var faults []fault.Fault
	for i := range events {
		faults = append(faults, events[i].Normalize(d.Now(), "")...)
		events[i].RecordedBy = by
		if who.Source != "" && events[i].Source == change.DefaultSource {
			events[i].Source = who.Source // a token for one source need not name it
		}
		d.redact(&events[i])
	}
	if err := fault.InvalidInput("event", faults); err != nil {
		return err
	}
	if err := d.permitEvents(ctx, events); err != nil {
		return err
	}
	return d.resolve(ctx, events)
}

// Run commits what is queued until the context ends, then what is still waiting.
func (d *Door) Run(ctx context.Context) {
	for {
		select {
		case s := <-d.queue:
			d.commit(context.WithoutCancel(ctx), d.gather(s))
		case <-ctx.Done():
			select {
			case s := <-d.queue:
				d.commit(context.WithoutCancel(ctx), d.gather(s))
			default:
				return
			}
		}
	}
}

// gather takes what else is waiting, without waiting itself.
func (d *Door) gather(first *submission) []*submission {
	group, n := []*submission{first}, first.size()
	for n < groupEvents {
		select {
		case s := <-d.queue:
			group = append(group, s)
			n += s.size()
		default:
			return group
		}
	}
	return group
}

func (s *submission) size() int {
	return len(s.events) + len(s.beside.Deliveries) + len(s.beside.Looks) + len(s.beside.Heard)
}

func events(group []*submission) (n int) {
	for _, s := range group {
		n += len(s.events)
	}
	return n
}

func (d *Door) commit(ctx context.Context, group []*submission) {
	all, beside := group[0].events, []integration.Beside{group[0].beside}
	if len(group) > 1 {
		all, beside = make([]change.Event, 0, events(group)), make([]integration.Beside, 0, len(group))
		for _, s := range group {
			all = append(all, s.events...)
			beside = append(beside, s.beside)
		}
	}
	ctx = d.joined(ctx, group...)
	receipts, err := d.Store.Append(ctx, all, beside...)
	d.noteOutside(all)
	if err != nil && len(group) > 1 && !fault.Is(err, fault.Unavailable) {
		// One of them may be at fault: the others must not suffer for it. Where it is the database's fault, all would
		// wait for it one after the other.
		slog.WarnContext(ctx, "a group of events was not committed: trying each alone", "error", err, "submissions", len(group))
		for _, s := range group {
			s.receipts, s.err = d.Store.Append(d.joined(ctx, s), s.events, s.beside)
			s.end()
		}
		d.Committed()
		return
	}
	for _, s := range group {
		if err == nil {
			s.receipts, receipts = receipts[:len(s.events)], receipts[len(s.events):]
		}
		s.err = err
		s.end()
	}
	d.Committed()
}

func (d *Door) joined(ctx context.Context, group ...*submission) context.Context {
	if d.Joined == nil {
		return ctx
	}
	of := make([]context.Context, 0, len(group))
	for _, s := range group {
		of = append(of, s.ctx)
	}
	return d.Joined(ctx, of)
}

// resolve finds the entities that events are about. A reference that the roll lacks is made by inference; an outside
// name that no entity, or more than one, answers to stays as it is.
func (d *Door) resolve(ctx context.Context, events []change.Event) error {
	var missing []catalog.Ref
	for i := range events {
		for j := range events[i].Subjects {
			if ref, ok := d.subject(&events[i].Subjects[j]); !ok {
				missing = append(missing, ref)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	// What inference makes is announced by the very event that names it.
	if _, err := d.Store.Apply(ctx, infer(missing), access.Tidings.String(), d.Now(), nil); err != nil {
		return err
	}
	if _, err := d.Roll.Refresh(ctx); err != nil {
		return err
	}
	for i := range events {
		for j := range events[i].Subjects {
			d.subject(&events[i].Subjects[j])
		}
	}
	return nil
}

// infer makes the statements that bring entities into being by their mere mention, each once.
func infer(refs []catalog.Ref) []catalog.Statement {
	seen := make(map[catalog.Ref]bool, len(refs))
	var statements []catalog.Statement
	for _, ref := range refs {
		if !seen[ref] {
			seen[ref] = true
			statement, _ := catalog.Statement{Ref: ref, Source: catalog.Source{Name: "inference", Rank: catalog.Inference}}.Normalize()
			statements = append(statements, statement)
		}
	}
	return statements
}

// subject resolves one subject in place. It reports false when ref names an entity that is yet to be made.
func (d *Door) subject(s *change.Subject) (ref catalog.Ref, ok bool) {
	if s.Entity != 0 {
		return ref, true
	}
	ref, err := catalog.ParseRef(s.Name, "")
	if err == nil {
		if e, known := d.Roll.Get(ref); known && !e.Retired {
			*s = change.Subject{Name: ref.String(), Entity: e.ID}
			return ref, true
		}
	}
	if found := d.Roll.Resolve(s.Name); len(found) == 1 {
		*s = change.Subject{Name: found[0].Ref().String(), Entity: found[0].ID, Outside: s.Name}
		return ref, true
	}
	return ref, err != nil // an outside name stays as it is
}
