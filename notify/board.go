package notify

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// Kept is what the board reads and writes.
type Kept interface {
	Follows
	Posts(ctx context.Context, state State, after string, limit int) (page []Post, next string, err error)
	Post(ctx context.Context, id uuid.UUID) (Post, error)
	Promise(ctx context.Context, posts []Post) error
}

// Board is what people see of what is said in chats, and where they say who follows what.
type Board struct {
	Kept
	// Wake makes what is due go out at once.
	Wake func()
	// Carries reports whether a configured source carries messages.
	Carries func(source string) bool
	Now     func() time.Time
}

// Retry sends again what was given up; it is a Conflict for anything else.
func (b *Board) Retry(ctx context.Context, id uuid.UUID) (Post, error) {
	p, err := b.Post(ctx, id)
	if err != nil {
		return p, err
	}
	if p.State != Dead {
		return p, fault.New(fault.Conflict, "this post is %s: only a dead one is sent again", p.State)
	}
	p.DueAt = b.Now()
	if err := b.Promise(ctx, []Post{p}); err != nil {
		return p, err
	}
	b.Wake()
	return b.Post(ctx, id)
}

// Follow lets a channel follow something, in the name of who asks.
func (b *Board) Follow(ctx context.Context, f Follow) (Follow, error) {
	f.Number, f.Noise, f.By, f.CreatedAt = 0, nil, access.From(ctx).String(), b.Now().UTC()
	if err := f.Normalize(); err != nil {
		return f, err
	}
	if !b.Carries(f.Source) {
		return f, fault.InvalidInput("follow", []fault.Fault{{Pointer: "/source", Detail: "is no source that carries messages: add one on the page of sources"}})
	}
	all, err := b.Kept.Follows(ctx)
	if err != nil {
		return f, err
	}
	if len(all) >= MaxFollows {
		return f, fault.New(fault.Conflict, "%d are followed already: end one first", len(all))
	}
	return b.PutFollow(ctx, f)
}

// Unmute takes back that something is noise; NotFound.
func (b *Board) Unmute(ctx context.Context, number int64, noise int) (Follow, error) {
	all, err := b.Kept.Follows(ctx)
	if err != nil {
		return Follow{}, err
	}
	for _, f := range all {
		before := len(f.Noise)
		f.Noise = slices.DeleteFunc(f.Noise, func(n Noise) bool { return n.Number == noise })
		if f.Number == number && len(f.Noise) < before {
			return b.PutFollow(ctx, f)
		}
	}
	return Follow{}, fault.New(fault.NotFound, "there is no such rule")
}
