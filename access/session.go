package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// Session is one login of one browser. Times are UTC with microseconds.
type Session struct {
	ID        string    // public
	Account   string    // the id of the account
	CreatedAt time.Time // the login
	SeenAt    time.Time // the last request, to about a minute
	ExpiresAt time.Time // whatever happens
	RenewedAt time.Time // when its secret was last changed; zero asks for a new one at the next request
	Address   string    // of the login
	UserAgent string    // of the login, at most 200 bytes
}

// Digest is the SHA-256 of a secret: all that is kept of one. Secrets are random, so that a slow hash would buy nothing.
type Digest [sha256.Size]byte

func digestOf(secret string) Digest { return sha256.Sum256([]byte(secret)) }

// secretLength is the length of a session's secret: 256 random bits in base64url.
const secretLength = 43

// newSecret makes 256 random bits.
func newSecret() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // it never fails: see crypto/rand
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// HeldSession is a session with the account and the state of the secret that was shown.
type HeldSession struct {
	Session Session
	Account Account
	// Confirmed says that the secret was shown before; a new one has others replaced when it first is.
	Confirmed bool
	// Until ends a secret that was replaced; zero for one that was not.
	Until time.Time
}

// SessionStore keeps sessions. A session has one secret, and for a while those that it had before: so requests that are
// on their way survive the change, and so does a browser that never received the answer with the new one.
type SessionStore interface {
	// Held finds the session of a secret; NotFound when there is none. It tells nothing of whether it may still be used.
	Held(ctx context.Context, secret Digest) (HeldSession, error)
	// Sessions lists those of an account, the newest first.
	Sessions(ctx context.Context, account string) ([]Session, error)
	// Renew adds a secret to a session that was last renewed at an instant; it does nothing, and tells so, when somebody
	// else was faster.
	Renew(ctx context.Context, session string, renewedAt, now time.Time, secret Digest) (bool, error)
	// Confirm says that a secret was shown: all others of its session end at an instant.
	Confirm(ctx context.Context, session string, secret Digest, until time.Time) error
	// Used records when sessions, accounts and tokens were last used; an earlier instant than is known changes nothing.
	Used(ctx context.Context, uses []Use) error
	// Sweep forgets sessions that ended, by their own time or for want of use since idle, and links that ended.
	Sweep(ctx context.Context, now, idle time.Time) error
}

// Use is the last sight of a credential.
type Use struct {
	Session, Account, Token string // ids; those that there are
	Address                 string
	At                      time.Time
}
