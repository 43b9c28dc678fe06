package access

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/limit"
)

// Write is one transaction of the desk: all of it is done, or none.
type Write struct {
	// Accounts and Groups are put; one whose Rev is not that of the store is a Conflict, as is a name that is taken.
	Accounts []Account
	Groups   []Group
	// DeleteGroups are ids.
	DeleteGroups []string
	// Session begins with a secret that counts as shown.
	Session *Session
	// Token and Link are made with a secret.
	Token *TokenInfo
	Link  *Link
	// Secret is the digest of the secret of whichever of these three there is; there is at most one.
	Secret Digest
	// EndSessions are ids; EndSessionsOf and RenewSessionsOf are ids of accounts, whose sessions end, or get a new secret
	// at their next request.
	EndSessions, EndSessionsOf, RenewSessionsOf []string
	// RevokeTokens are ids; RevokeTokensOf are ids of accounts. Those that were revoked before stay as they are.
	RevokeTokens, RevokeTokensOf []string
	// UseLink is the id of a link; one that was used is a Conflict. EndFirstLinks ends those of a first start.
	UseLink       string
	EndFirstLinks bool
	// Now dates all of it.
	Now time.Time
	// Events are the audit. They are normal.
	Events []change.Event
}

// Store is the storage of the desk.
type Store interface {
	AccountStore
	SessionStore
	TokenStore
	LinkStore
	GroupStore
	// WriteAccess does one write, durably, before it returns.
	WriteAccess(ctx context.Context, w Write) error
}

// Options are the rules of the desk. The zero value of a duration is its default.
type Options struct {
	Idle    time.Duration // a session ends when it was not used for so long; 12 hours
	Longest time.Duration // and at last after so long; 7 days
	Renew   time.Duration // its secret is changed after so long; an hour
	// Anonymous lets anybody read who shows nothing.
	Anonymous bool
	Grants    Grants
	// Subject is Tidings in the roll, whom the audit is about.
	Subject func() change.Subject
	// Person finds the name of the account's person in the roll; it may be nil.
	Person func(Account) string
	// Committed is called after each write of the audit; it may be nil, and must not block.
	Committed func()
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Defaults of the options, and what is fixed.
const (
	DefaultIdle    = 12 * time.Hour
	DefaultLongest = 7 * 24 * time.Hour
	DefaultRenew   = time.Hour

	grace       = time.Minute      // a secret that was replaced is good for so long
	rememberFor = 3 * time.Second  // what a credential is, before the store is asked again
	remembered  = 20_000           // credentials
	usesEvery   = 30 * time.Second // when last uses are written
	sweepEvery  = 10 * time.Minute
	linkFor     = time.Hour
	maxSessions = 50 // of one account; the oldest ends
	attempts    = 5  // of a write that somebody else was faster with
)

// Desk is where people and machines show who they are. It is safe for concurrent use; several servers on one database
// each have one: what one of them ends, the others learn of within five seconds.
type Desk struct {
	store    Store
	options  Options
	now      func() time.Time
	failures *limit.Buckets

	mu         sync.Mutex
	memory     map[Digest]memory
	generation int // counts what made memory void, so that a slow look-up does not bring it back
	uses       map[string]Use
}

// memory is what a credential was when the store was last asked.
type memory struct {
	session HeldSession
	token   HeldToken
	at      time.Time
}

// New makes a desk; Run keeps it tidy.
func New(store Store, options Options) *Desk {
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{{&options.Idle, DefaultIdle}, {&options.Longest, DefaultLongest}, {&options.Renew, DefaultRenew}} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Committed == nil {
		options.Committed = func() {}
	}
	if options.Person == nil {
		options.Person = func(Account) string { return "" }
	}
	return &Desk{
		store: store, options: options, failures: newAttempts(),
		now:    func() time.Time { return options.Now().UTC().Truncate(time.Microsecond) },
		memory: map[Digest]memory{}, uses: map[string]Use{},
	}
}

// write does one write with its entries of the audit, and forgets what credentials were.
func (d *Desk) write(ctx context.Context, w Write, entries ...Entry) error {
	if w.Now.IsZero() {
		w.Now = d.now()
	}
	for _, entry := range entries {
		event, err := entry.event(d.options.Subject(), w.Now)
		if err != nil {
			return err
		}
		w.Events = append(w.Events, event)
	}
	if err := d.store.WriteAccess(ctx, w); err != nil {
		return err
	}
	d.forget()
	if len(entries) > 0 {
		d.options.Committed()
	}
	return nil
}

// Audit writes an entry that goes with no write of the desk, such as the read of a secret setting.
func (d *Desk) Audit(ctx context.Context, entry Entry) error {
	if entry.By.Type == "" {
		entry.By = From(ctx)
	}
	event, err := entry.event(d.options.Subject(), d.now())
	if err != nil {
		return err
	}
	if err := d.store.WriteAccess(ctx, Write{Now: d.now(), Events: []change.Event{event}}); err != nil {
		return err
	}
	d.options.Committed()
	return nil
}

// again repeats a read and its write while somebody else was faster.
func again(what func() error) error {
	var err error
	for range attempts {
		if err = what(); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return err
}

// forget makes every credential be looked up anew.
func (d *Desk) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.memory)
	d.generation++
}

// Run writes last uses, and sweeps what ended, until the context ends.
func (d *Desk) Run(ctx context.Context) {
	uses, sweep := time.NewTicker(usesEvery), time.NewTicker(sweepEvery)
	defer uses.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			d.writeUses(context.WithoutCancel(ctx))
			return
		case <-uses.C:
			d.writeUses(ctx)
		case <-sweep.C:
			now := d.now()
			if err := d.store.Sweep(ctx, now, now.Add(-d.options.Idle)); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "sessions that ended could not be swept", "error", err)
			}
		}
	}
}

// use notes that a credential was used: the store hears of it later, with others.
func (d *Desk) use(key string, use Use) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.uses[key] = use
}

func (d *Desk) writeUses(ctx context.Context) {
	d.mu.Lock()
	uses := make([]Use, 0, len(d.uses))
	for _, use := range d.uses {
		uses = append(uses, use)
	}
	clear(d.uses)
	d.mu.Unlock()
	if len(uses) == 0 {
		return
	}
	if err := d.store.Used(ctx, uses); err != nil {
		slog.WarnContext(ctx, "when sessions and tokens were last used could not be written", "error", err)
	}
}
