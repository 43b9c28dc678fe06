package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/notify"
)

// Post is a promise to say something.
type Post struct{ notify.Post }

// Channel is where; empty where a source has one place.
func (p *Post) Channel() string { return p.Place.Channel }

// Thread is the message that it hangs on.
func (p *Post) Thread() *string { return optional(p.Place.Thread) }

// DueAt is when it is sent, or looked at again.
func (p *Post) DueAt() *time.Time { return instantOf(p.Post.DueAt) }

// SentAt is when it was last sent.
func (p *Post) SentAt() *time.Time { return instantOf(p.Post.SentAt) }

// Sends is how often it was sent and changed.
func (p *Post) Sends() int { return p.Post.Sends }

// Fault is what is wrong with it.
func (p *Post) Fault() *string { return optional(p.Problem) }

// Follow is what a channel hears of.
type Follow struct{ notify.Follow }

// Number is its number.
func (f *Follow) Number() int { return int(f.Follow.Number) }

// Noise is what is not told any more.
func (f *Follow) Noise() []Noise {
	all := make([]Noise, len(f.Follow.Noise))
	for i := range f.Follow.Noise {
		n := &f.Follow.Noise[i]
		all[i] = Noise{Number: n.Number, Text: n.String(), By: n.By, At: n.At}
	}
	return all
}

func instantOf(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// Posts lists what was and is to be said.
func (q queries) Posts(ctx context.Context, state *notify.State, after *string, first *int) (*PostPage, error) {
	most, err := bounded(first, 50, 200)
	if err != nil {
		return nil, err
	}
	found, next, err := q.deps.Board.Posts(ctx, valueOf(state), valueOf(after), most)
	if err != nil {
		return nil, err
	}
	page := &PostPage{Nodes: make([]Post, len(found)), Next: optional(next)}
	for i := range found {
		page.Nodes[i] = Post{found[i]}
	}
	return page, nil
}

// Follows lists who follows what.
func (q queries) Follows(ctx context.Context) ([]Follow, error) {
	found, err := q.deps.Board.Follows(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Follow, len(found))
	for i := range found {
		all[i] = Follow{found[i]}
	}
	return all, nil
}

// RetryPost sends again what was given up.
func (m mutations) RetryPost(ctx context.Context, id string) (*Post, error) {
	key, err := uuid.Parse(id)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no such post")
	}
	p, err := m.deps.Board.Retry(ctx, key)
	return &Post{p}, err
}

// Follow lets a channel hear of what changes.
func (m mutations) Follow(ctx context.Context, input FollowInput) (*Follow, error) {
	f, err := m.deps.Board.Follow(ctx, notify.Follow{
		Source: input.Source, Channel: input.Channel, Services: input.Services, Teams: input.Teams, Tags: input.Tags, Environments: input.Environments,
		Kinds: input.Kinds, Incidents: input.Incidents, QuietFrom: input.QuietFrom, QuietTo: input.QuietTo, Digest: input.Digest, Zone: input.Zone,
	})
	return &Follow{f}, err
}

// Unfollow ends a follow.
func (m mutations) Unfollow(ctx context.Context, number int) (bool, error) {
	err := m.deps.Board.DeleteFollow(ctx, int64(number))
	return err == nil, err
}

// Unmute takes back that something is noise.
func (m mutations) Unmute(ctx context.Context, number, noise int) (*Follow, error) {
	f, err := m.deps.Board.Unmute(ctx, int64(number), noise)
	return &Follow{f}, err
}
