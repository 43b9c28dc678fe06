package access

import (
	"context"
	"time"
)

// Link is a one-time link that lets somebody log in without an identity provider. Times are UTC with microseconds.
type Link struct {
	ID string
	// Account is who logs in; empty when the link makes an account.
	Account string
	Role    Role // of the account that it makes
	// First is the link of a first start: it is good only while nobody has an account.
	First     bool
	CreatedBy string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}

// LinkStore keeps one-time links.
type LinkStore interface {
	// Link finds a link by its secret; NotFound when there is none.
	Link(ctx context.Context, secret Digest) (Link, error)
}
