package store

import (
	"context"
	"database/sql"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// A leader that is gone is followed within leaseTime and one renewal.
const (
	leaseTime  = 6 * time.Second
	leaseRenew = 2 * time.Second
)

// Lease is held by one server at a time: it spares work, and guards nothing. Who loses it without noticing at once may
// do for a moment what another does as well, so that what is done under it has to bear being done twice.
type Lease struct {
	store  *Store
	name   string
	holder string
	// until is when the lease ends unless it is renewed, by the monotonic clock of this process since began: a process
	// that was paused finds that its lease ran out.
	began time.Time
	until atomic.Int64
}

// Lease is held by nobody until Run takes it. An engine that has but one server always holds it.
func (s *Store) Lease(name string) *Lease {
	return &Lease{store: s, name: name, holder: uuid.NewString(), began: time.Now()}
}

// Held reports whether this server holds the lease now.
func (l *Lease) Held() bool {
	return l.store.engine.Clock == "" || int64(time.Since(l.began)) < l.until.Load()
}

// Run takes the lease when it is free, keeps it, and gives it back when the context ends.
func (l *Lease) Run(ctx context.Context) {
	if l.store.engine.Clock == "" {
		return
	}
	for ctx.Err() == nil {
		asked := time.Since(l.began)
		held, err := l.hold(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			slog.WarnContext(ctx, "the lease cannot be renewed", "lease", l.name, "error", err)
		case held:
			l.until.Store(int64(asked + leaseTime))
		default:
			l.until.Store(0)
		}
		pause(ctx, leaseRenew)
	}
	l.until.Store(0)
	giving, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseRenew)
	defer cancel()
	err := l.store.update(giving, "give a lease back", func(t *tx) error {
		return t.exec(giving, `DELETE FROM lease WHERE name = $1 AND holder = $2`, l.name, l.holder)
	})
	if err != nil {
		slog.WarnContext(ctx, "the lease is not given back: it runs out by itself", "lease", l.name, "error", err)
	}
}

func (l *Lease) hold(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseTime)
	defer cancel()
	held := false
	err := l.store.update(ctx, "hold a lease", func(t *tx) error {
		now := l.store.engine.Clock
		rows, err := t.query(ctx, `INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, `+now+` + $3)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
			WHERE lease.holder = excluded.holder OR lease.expires_at < `+now+` RETURNING holder`,
			l.name, l.holder, leaseTime.Microseconds())
		return each(rows, err, func(rows *sql.Rows) error {
			held = true
			var holder string
			return rows.Scan(&holder)
		})
	})
	return held, err
}
