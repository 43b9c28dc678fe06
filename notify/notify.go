// Package notify is who hears of what, and where: it answers what was heard in chats, tells those who follow something
// what happened to it, and carries every word to the place that it is for, at least once.
//
// What is to be said is a promise in the database (Post), made in the transaction of what led to it. Its words are made
// when it is sent. A place that is slow or gone holds up nobody else: neither other places nor the log.
//
// The daemon wires it, and the APIs show it. Imports: the domain, feed, incident, and integration for what sources carry.
package notify

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/integration/chat"
)

// Log is what is asked of the log beside the feed.
type Log interface {
	// EventKeyed gives the event of a source by its key; NotFound.
	EventKeyed(ctx context.Context, source, key string) (change.Event, error)
}

// Incidents are kept by incident.Keeper.
type Incidents interface {
	// Having gives the incident that a signal belongs to; NotFound.
	Having(ctx context.Context, event uuid.UUID) (incident.Incident, error)
	Judge(ctx context.Context, number int64, event uuid.UUID, finding incident.Finding, reason string) (incident.Verdict, error)
	// Call pages whoever is on call for an incident; a Conflict where there is nothing to page with.
	Call(ctx context.Context, number int64, source, text string) (incident.Incident, error)
	Pagers(ctx context.Context) []string
	// Assign gives a role to a person, to whoever acts (incident.Me), or to nobody.
	Assign(ctx context.Context, number int64, role, who string) (incident.Incident, error)
	Converse(ctx context.Context, number int64, c incident.Conversation) (incident.Incident, error)
	// Get reads one; NotFound.
	Get(ctx context.Context, number int64) (incident.Incident, error)
	// Entries lists those of all incidents after a number, in the order of commit.
	Entries(ctx context.Context, after int64, limit int) ([]incident.Recorded, error)
	ListIncidents(ctx context.Context, filter incident.Filter, after incident.Cursor, limit int) ([]incident.Incident, error)
}

// Deps is what an office needs.
type Deps struct {
	Store Store
	Log   Log
	Roll  *catalog.Roll
	Feed  *feed.Reader
	// Rank tells which changes could be the cause of a trouble.
	Rank func(ctx context.Context, question suspect.Question) (suspect.Ranking, error)
	// RankIncident gives an incident as it is, with its ranking; that of a resolved one stays as it was. NotFound.
	RankIncident func(ctx context.Context, number int64) (incident.Incident, suspect.Ranking, error)
	Incidents    Incidents
	Follows      Follows
	// Messenger finds a configured chat.
	Messenger func(source string) (chat.Messenger, bool)
	// Named lists the configured sources of a type.
	Named func(kind string) []string
	// Address is where people reach Tidings, without a slash at its end.
	Address func() string
	// Sole reports whether this server is the one that works.
	Sole func() bool
	// Counted is told of every attempt, for the metrics; it may be nil.
	Counted func(source string, topic Topic, outcome string, took time.Duration)
	Now     func() time.Time
}

// Office hears and says. All of its servers share one database; the one that holds the lease works.
type Office struct {
	Deps

	hear, send, news, troubles chan struct{}
	mu                         sync.Mutex
	free                       map[string]time.Time // when the next message may go to a place
	hour                       time.Time            // that stories are counted in
	stories                    map[int64]map[uuid.UUID]bool
	digested                   map[int64]time.Time // the digest of each follow that is promised
	sending                    sync.WaitGroup
	slots                      chan struct{}
}

// Bounds of the work.
const (
	// lease is how long one attempt may take before another server tries.
	lease = time.Minute
	// sendTime bounds one attempt.
	sendTime = 25 * time.Second
	// atOnce is how many messages are on their way at the same time.
	atOnce = 8
	// pace is the time between two messages to one channel: Slack's own bound, and as much as anybody reads.
	pace = time.Second
	// idle is how often it is looked for what is due, should no hint come.
	idle = time.Second
	// maxAttempts is how often it is tried to send something, which is for about three hours; then it is old news.
	maxAttempts = 24
	// kept is how long what was said is kept.
	kept = 30 * 24 * time.Hour
)

// New readies an office; Run makes it work.
func New(deps Deps) *Office {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Sole == nil {
		deps.Sole = func() bool { return true }
	}
	return &Office{
		Deps: deps, hear: make(chan struct{}, 1), send: make(chan struct{}, 1), news: make(chan struct{}, 1), troubles: make(chan struct{}, 1), free: map[string]time.Time{}, digested: map[int64]time.Time{}, slots: make(chan struct{}, atOnce),
	}
}

// Heard says that something was heard. It never blocks.
func (o *Office) Heard() { wake(o.hear) }

// Promised says that something is to be sent. It never blocks.
func (o *Office) Promised() { wake(o.send) }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run hears and says until the context ends.
func (o *Office) Run(ctx context.Context) {
	ctx = access.With(ctx, access.Tidings)
	var running sync.WaitGroup
	for _, work := range []func(){
		func() { o.every(ctx, o.hear, "what was heard in a chat is not answered", o.hearDue) },
		func() { o.every(ctx, o.send, "messages wait", o.sendDue) },
		func() { o.every(ctx, o.news, "those who follow are not told", o.followStep) },
		func() { o.every(ctx, o.troubles, "those who follow are not told of incidents", o.troubleStep) },
		func() { o.every(ctx, nil, "old messages are not deleted", o.expire) },
	} {
		running.Go(work)
	}
	running.Wait()
	o.sending.Wait()
}

// Step does what is due, once, and returns when it was done: for whoever has a clock of their own, and does not Run.
func (o *Office) Step(ctx context.Context) error {
	ctx = access.With(ctx, access.Tidings)
	defer o.sending.Wait()
	for _, work := range []func(context.Context) error{o.hearDue, o.followStep, o.troubleStep, o.sendDue} {
		if err := work(ctx); err != nil {
			return err
		}
	}
	return nil
}

// every works when it is woken, and from time to time by itself.
func (o *Office) every(ctx context.Context, woken <-chan struct{}, trouble string, work func(context.Context) error) {
	every := idle
	if woken == nil {
		every = time.Hour
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if o.Sole() {
			if err := work(ctx); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "the office cannot work", "trouble", trouble, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-tick.C:
		}
	}
}

func (o *Office) expire(ctx context.Context) error {
	for {
		n, err := o.Store.ExpirePosts(ctx, o.Now().Add(-kept))
		if err != nil || n == 0 {
			return err
		}
	}
}

// hearAtOnce is how much of what was heard is answered at a time.
const hearAtOnce = 32

// hearDue answers what was heard.
func (o *Office) hearDue(ctx context.Context) error {
	for {
		all, err := o.Store.ClaimHeard(ctx, o.Now(), lease, hearAtOnce)
		if err != nil || len(all) == 0 {
			return err
		}
		for i := range all {
			if err := o.Store.Answer(ctx, &all[i], o.answer(ctx, &all[i])); err != nil {
				return err
			}
			o.Promised()
		}
	}
}

// answer decides what is to be said to what was heard. One that cannot be answered now is looked at again.
func (o *Office) answer(ctx context.Context, h *Hearing) (a Answered) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "what was heard could not be answered", "source", h.Source, "kind", h.Kind, "error", fmt.Sprint(p))
			a = Answered{State: Dead, Problem: "a fault of Tidings: its log has more"}
		}
	}()
	var err error
	switch h.Kind {
	case chat.Page:
		a, err = o.page(ctx, h)
	case chat.Question:
		a, err = o.question(ctx, h)
	case chat.Press:
		a, err = o.press(ctx, h)
	case chat.Shared:
		a, err = o.shared(h)
	default:
		a = Answered{State: Dead, Problem: "it is nothing that is answered: " + string(h.Kind)}
	}
	switch {
	case err == nil:
		return a
	case h.Attempts >= 8 || !passes(err):
		slog.WarnContext(ctx, "what was heard is not answered", "source", h.Source, "kind", h.Kind, "error", err)
		return Answered{State: Dead, Problem: told(err)}
	}
	return Answered{State: Waiting, DueAt: o.Now().Add(backOff(h.Attempts)), Problem: told(err)}
}

// passes reports whether trying again can help.
func passes(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Unavailable, fault.RateLimited, fault.Internal, fault.Unauthenticated:
		return true
	}
	return false
}

// told is an error as an operator may read it.
func told(err error) string {
	if fault.CodeOf(err) == fault.Internal {
		return "a fault of Tidings: its log has more"
	}
	return clip(err.Error(), 300)
}

// backOff is how long to wait before the next attempt: from a second to ten minutes, and never the same for all.
func backOff(attempts int) time.Duration {
	wait := min(time.Second<<min(attempts, 10), 10*time.Minute)
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // it only spreads attempts
}

// sendDue sends what is due, each on its own, so that none waits for another.
func (o *Office) sendDue(ctx context.Context) error {
	for {
		room := atOnce - len(o.slots)
		if room == 0 {
			return nil // whoever ends wakes it
		}
		all, err := o.Store.ClaimPosts(ctx, o.Now(), lease, room)
		if err != nil || len(all) == 0 {
			return err
		}
		for i := range all {
			o.slots <- struct{}{}
			o.sending.Go(func() {
				defer func() {
					<-o.slots
					o.Promised()
				}()
				o.deliver(ctx, &all[i])
			})
		}
	}
}

// deliver sends one post, and records what became of it.
func (o *Office) deliver(ctx context.Context, p *Post) {
	now := o.Now()
	if until := o.reserve(p, now); !until.IsZero() {
		o.posted(ctx, p, Result{State: p.State, DueAt: until, Remote: p.Remote, Shown: p.Shown})
		return
	}
	began := time.Now()
	// Once begun, an attempt goes on for its time also when the server is about to end: it may have been heard already.
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	result, err := o.attempt(sending, p)
	outcome := "sent"
	switch {
	case err != nil:
		result, outcome = o.failed(p, err), "failed"
		if result.State == Dead {
			outcome = "dead"
			slog.WarnContext(ctx, "a message is given up", "source", p.Source, "topic", p.Topic, "post", p.ID, "error", err)
		}
	case !result.Sent:
		outcome = "unchanged"
	}
	if o.Counted != nil {
		o.Counted(p.Source, p.Topic, outcome, time.Since(began))
	}
	o.posted(ctx, p, result)
}

func (o *Office) posted(ctx context.Context, p *Post, r Result) {
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	if err := o.Store.Posted(recording, p, r, o.Now()); err != nil {
		// Its lease ends, and it is looked for where it may have been said already.
		slog.WarnContext(ctx, "what became of a message is not recorded", "source", p.Source, "post", p.ID, "error", err)
	}
}

// reserve takes the next moment of a place, or tells when that is.
func (o *Office) reserve(p *Post, now time.Time) (until time.Time) {
	if p.Reply != "" {
		return time.Time{} // an answer to one person is no message to a channel
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	place := p.Source + "\x00" + p.Place.Channel
	if next := o.free[place]; next.After(now) {
		return next
	}
	if len(o.free) > 10_000 {
		clear(o.free)
	}
	o.free[place] = now.Add(pace)
	return time.Time{}
}

// hold keeps all others from a place that asked for time.
func (o *Office) hold(p *Post, until time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free[p.Source+"\x00"+p.Place.Channel] = until
}

// attempt makes the words of a post and sends them.
func (o *Office) attempt(ctx context.Context, p *Post) (r Result, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fault.New(fault.Invalid, "the message could not be made: %v", caught)
		}
	}()
	messenger, found := o.Messenger(p.Source)
	if !found {
		return r, fault.New(fault.Unavailable, "the source %s is not configured any more, or carries no messages", p.Source)
	}
	words, err := o.compose(ctx, p)
	if err != nil {
		return r, err
	}
	shown := digest(words.message)
	r = Result{State: Sent, DueAt: words.again, Remote: p.Remote, Shown: shown}
	if p.Sends > 0 {
		if words.message == nil || string(shown) == string(p.Shown) {
			r.Shown = p.Shown
			return r, nil
		}
		if !messenger.Edits() || p.Remote == "" {
			r.Shown, r.DueAt = p.Shown, time.Time{}
			return r, nil
		}
	}
	if words.message == nil {
		return r, nil
	}
	id, err := messenger.Send(ctx, chat.Outgoing{
		Place: p.Place, Message: *words.message, Key: p.ID.String(), Edit: p.Remote, Only: p.Only, Reply: p.Reply,
		Again: p.Sends == 0 && p.Attempts > 1, Unfurl: words.unfurl, Conversation: words.conversation,
	})
	if err != nil {
		return r, err
	}
	if id != "" {
		r.Remote = id
	}
	p.Reply = "" // it is a credential, and was used
	r.Sent = true
	return r, nil
}

// failed is what becomes of a post that could not be sent.
func (o *Office) failed(p *Post, err error) Result {
	now := o.Now()
	r := Result{State: p.State, Remote: p.Remote, Shown: p.Shown, Problem: told(err), DueAt: now.Add(backOff(p.Attempts))}
	if wait := fault.RetryAfter(err); wait > 0 {
		r.DueAt = now.Add(wait)
		o.hold(p, r.DueAt)
	}
	if !passes(err) || p.Attempts >= maxAttempts {
		r.State, r.DueAt = Dead, time.Time{}
	}
	return r
}

// clip bounds a text in characters.
func clip(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
