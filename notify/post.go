package notify

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
)

// State is how far a post has come.
type State string

// The states.
const (
	Waiting State = "waiting" // to be sent, or sent again because that failed
	Sent    State = "sent"
	Dead    State = "dead" // given up: an operator sees it, and can send it again
)

// States lists every state.
func States() []State { return []State{Waiting, Sent, Dead} }

// Topic is what a post is about, and so what makes its words.
type Topic string

// The topics.
const (
	TopicSuspects Topic = "suspects" // the answer in the thread of a page
	TopicAnswer   Topic = "answer"   // to a question
	TopicNotice   Topic = "notice"   // words that are known already
	TopicStory    Topic = "story"    // what somebody follows
	TopicDigest   Topic = "digest"
	TopicBrief    Topic = "brief" // at the handover of a shift
	TopicUnfurl   Topic = "unfurl"
	TopicIncident Topic = "incident" // what became of one, and what could be its cause
)

// Post is a promise to say something somewhere. Its words are made when it is sent, so that a promise that waited says
// what is known then; and again when it is due once more, where the place lets a message be changed.
type Post struct {
	ID     uuid.UUID
	Source string // the configured chat
	// Key is one within the source for each promise: the same promise made again brings it up to date.
	Key   string
	Topic Topic
	Place chat.Place
	// Only is the one person that it is for; Reply, the address of what it answers. Reply is forgotten once it is used.
	Only, Reply string
	// About is what its words are made of.
	About json.RawMessage

	State     State
	CreatedAt time.Time
	// DueAt is when it is to be sent, or looked at again; the zero time is never.
	DueAt    time.Time
	Attempts int // since it was last sent
	Asked    int64
	Sends    int // how often it was sent and changed
	SentAt   time.Time
	Remote   string // the place's own id of it
	Shown    []byte // a digest of what it said last
	Problem  string
}

// Result is what became of sending a post once.
type Result struct {
	State   State
	DueAt   time.Time // zero for never
	Remote  string
	Shown   []byte
	Sent    bool // it was sent or changed; otherwise there was nothing new to say, or it failed
	Problem string
}

// Hearing is something that was heard and waits to be answered.
type Hearing struct {
	integration.Heard
	Attempts int
}

// Answered is what became of it.
type Answered struct {
	State   State     // Sent for done
	DueAt   time.Time // of one that is looked at again
	Problem string
	Posts   []Post
}

// Store keeps what is to be said. Every call commits before it returns.
type Store interface {
	// ClaimHeard gives what is due, at most limit, to this server alone until the lease ends.
	ClaimHeard(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Hearing, error)
	// Answer records what became of what was heard, and makes the promises that it led to.
	Answer(ctx context.Context, h *Hearing, a Answered) error
	// Promise makes promises. One that stands already is about what it is about now, and due at the earlier time.
	Promise(ctx context.Context, posts []Post) error
	// PostKeyed gives a promise by its key; NotFound.
	PostKeyed(ctx context.Context, source, key string) (Post, error)
	// ClaimPosts gives what is due, at most limit, the earliest first, to this server alone until the lease ends.
	ClaimPosts(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Post, error)
	// Posted records what became of a post.
	Posted(ctx context.Context, p *Post, r Result, now time.Time) error
	// Posts lists those of a state, or all, the newest first, from strictly after a cursor.
	Posts(ctx context.Context, state State, after string, limit int) (page []Post, next string, err error)
	// Post gives one; NotFound.
	Post(ctx context.Context, id uuid.UUID) (Post, error)
	// Tally counts posts by state, and tells since when the oldest that is due waits; zero where none does.
	TallyPosts(ctx context.Context, now time.Time) (map[State]int64, time.Time, error)
	// ExpirePosts deletes some posts and hearings that ended before an instant, and tells how many.
	ExpirePosts(ctx context.Context, before time.Time) (int, error)
}
