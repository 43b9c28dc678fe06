package access

import (
	"context"
	"time"

	"tidings.dev/tidings/fault"
)

// Shown is what a request shows of who asks.
type Shown struct {
	Cookie    string // the secret of a session; empty for none
	Bearer    string // the secret of a token; it counts before a cookie
	Address   string // the machine that asks
	UserAgent string
}

// Seen is who asks.
type Seen struct {
	Principal Principal
	// Renewed is the session's new secret, to be sent in the answer; empty when it stays. ExpiresAt is when it ends.
	Renewed   string
	ExpiresAt time.Time
}

// Authenticate tells who asks. Whoever shows nothing is anonymous where that is allowed, else nobody. What is shown and
// does not count is Unauthenticated, or RateLimited from an address that shows such things too often.
func (d *Desk) Authenticate(ctx context.Context, shown Shown) (Seen, error) {
	var seen Seen
	var err error
	switch {
	case shown.Bearer != "":
		seen, err = d.token(ctx, shown)
	case shown.Cookie != "":
		seen, err = d.session(ctx, shown)
	default:
		return Seen{Principal: d.nobody(shown)}, nil
	}
	if fault.Is(err, fault.Unauthenticated) {
		if limited := d.failures.Take("shown/"+network(shown.Address), 1); limited != nil {
			return Seen{}, limited
		}
	}
	return seen, err
}

func (d *Desk) nobody(shown Shown) Principal {
	if d.options.Anonymous {
		return Principal{Type: Anonymous, Role: RoleViewer, Address: shown.Address}
	}
	return Principal{Address: shown.Address}
}

func (d *Desk) recall(secret Digest) (memory, int, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok := d.memory[secret]
	return m, d.generation, ok && d.now().Sub(m.at) < rememberFor
}

// remember keeps what the store said, unless something ended meanwhile.
func (d *Desk) remember(secret Digest, m memory, generation int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.generation != generation {
		return
	}
	if len(d.memory) >= remembered {
		clear(d.memory)
	}
	d.memory[secret] = m
}

func (d *Desk) forgetOne(secret Digest) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.memory, secret)
	d.generation++
}

var errSession = fault.New(fault.Unauthenticated, "the session has ended: log in again")

func (d *Desk) session(ctx context.Context, shown Shown) (Seen, error) {
	if len(shown.Cookie) != secretLength {
		return Seen{}, errSession
	}
	secret := digestOf(shown.Cookie)
	m, generation, ok := d.recall(secret)
	if !ok {
		held, err := d.store.Held(ctx, secret)
		if fault.Is(err, fault.NotFound) {
			return Seen{}, errSession
		}
		if err != nil {
			return Seen{}, err
		}
		m = memory{session: held, at: d.now()}
		d.remember(secret, m, generation)
	}
	held, now := m.session, d.now()
	if !d.lasts(held, now) {
		return Seen{}, errSession
	}
	seen := Seen{Principal: held.Account.principal(shown.Address, held.Session.ID), ExpiresAt: held.Session.ExpiresAt}
	d.use("s"+held.Session.ID, Use{Session: held.Session.ID, Account: held.Account.ID, At: now})
	switch {
	case !held.Confirmed:
		if err := d.store.Confirm(ctx, held.Session.ID, secret, now.Add(grace)); err != nil {
			return Seen{}, err
		}
		d.forgetOne(secret)
	case held.Until.IsZero() && now.Sub(held.Session.RenewedAt) >= d.options.Renew:
		renewed := newSecret()
		mine, err := d.store.Renew(ctx, held.Session.ID, held.Session.RenewedAt, now, digestOf(renewed))
		if err != nil {
			return Seen{}, err
		}
		d.forgetOne(secret)
		if mine {
			seen.Renewed = renewed
		}
	}
	return seen, nil
}

// lasts reports whether a session may be used at an instant.
func (d *Desk) lasts(held HeldSession, now time.Time) bool {
	if held.Account.Disabled() || !now.Before(held.Session.ExpiresAt) || !held.Until.IsZero() && !now.Before(held.Until) {
		return false
	}
	seen := held.Session.SeenAt
	d.mu.Lock()
	if use, ok := d.uses["s"+held.Session.ID]; ok && use.At.After(seen) {
		seen = use.At
	}
	d.mu.Unlock()
	return now.Sub(seen) < d.options.Idle
}

var errToken = fault.New(fault.Unauthenticated, "the token is unknown, revoked or expired: make a new one")

func (d *Desk) token(ctx context.Context, shown Shown) (Seen, error) {
	if !WellFormed(shown.Bearer) {
		return Seen{}, errToken
	}
	secret := digestOf(shown.Bearer)
	m, generation, ok := d.recall(secret)
	if !ok {
		held, err := d.store.HeldToken(ctx, secret)
		if fault.Is(err, fault.NotFound) {
			return Seen{}, errToken
		}
		if err != nil {
			return Seen{}, err
		}
		m = memory{token: held, at: d.now()}
		d.remember(secret, m, generation)
	}
	held, now := m.token, d.now()
	if held.Token.Ended(now) || held.Account.Disabled() {
		return Seen{}, errToken
	}
	d.use("t"+held.Token.ID, Use{Token: held.Token.ID, Account: held.Account.ID, Address: shown.Address, At: now})
	return Seen{Principal: held.principal(shown.Address), ExpiresAt: held.Token.ExpiresAt}, nil
}

// principal is the token as it asks: that of a person may do at most what they may.
func (h HeldToken) principal(address string) Principal {
	p := Principal{Type: Token, Name: h.Token.Name, Role: h.Token.Role, Address: address, Credential: h.Token.ID}
	if h.Token.Kind == PersonalToken {
		p = h.Account.principal(address, h.Token.ID)
		p.Role = min(p.Role, h.Token.Role)
	}
	p.Scopes, p.Source = h.Token.Scopes, h.Token.Source
	return p
}

// Again looks at a request that goes on, such as a stream: what may its principal do now? Unauthenticated when the session
// or token has ended since. The secret that was shown may have been replaced, as long as its session goes on.
func (d *Desk) Again(ctx context.Context, p Principal) (Principal, error) {
	var account Account
	var err error
	if p.Account != "" {
		if account, err = d.store.Account(ctx, AccountKey{ID: p.Account}); err != nil {
			return Principal{}, ended(err)
		}
		sessions, err := d.store.Sessions(ctx, p.Account)
		if err != nil {
			return Principal{}, err
		}
		for _, session := range sessions {
			if session.ID == p.Credential && d.lasts(HeldSession{Session: session, Account: account}, d.now()) {
				return account.principal(p.Address, session.ID), nil
			}
		}
	}
	token, err := d.store.Token(ctx, p.Credential)
	if err != nil {
		return Principal{}, ended(err)
	}
	if token.Ended(d.now()) || account.Disabled() || token.Account != account.ID {
		return Principal{}, errToken
	}
	return HeldToken{Token: token, Account: account}.principal(p.Address), nil
}

// ended makes what is gone a credential that ended.
func ended(err error) error {
	if fault.Is(err, fault.NotFound) {
		return errSession
	}
	return err
}
