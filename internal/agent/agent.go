// Package agent is what every agent of Tidings does, whatever it looks at: it keeps a session with the server, gathers
// what its Looker sees into numbered batches, sends each until it is acknowledged, and looks again from the start where
// something could have been missed.
//
// It may be imported by the commands that run an agent. Imports: observe, fault, and the generated client of api/rpc.
package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
)

// Door is the server, as an agent speaks with it. Errors are faults: Conflict where a newer session or a living agent is
// in the way, NotFound where the session or the number is not the one that the server knows, Invalid and TooLarge where
// a batch cannot be read, Unauthenticated and Forbidden, RateLimited and Unavailable where it may work later.
type Door interface {
	Open(context.Context, observe.Opening) (Opened, error)
	Send(context.Context, observe.Batch) error
}

// Opened is the answer to an Opening.
type Opened struct {
	Source          string
	Session         int64
	Key             []byte // of fingerprints; it is kept in memory alone
	MaxObservations int
	MaxBytes        int
}

// Settings say what an agent is.
type Settings struct {
	Opening observe.Opening
	// Buffer bounds what waits for the server, in bytes; zero means DefaultBuffer.
	Buffer int
	// StandBy leaves the work to another agent of the source for as long as that is alive: the server elects the leader.
	StandBy bool
}

// DefaultBuffer is how many bytes of observations wait while the server is away.
const DefaultBuffer = 32 << 20

// Times of an agent.
const (
	reportEvery = 15 * time.Second // the server takes an agent for lost after a minute
	firstWait   = 500 * time.Millisecond
	longestWait = 30 * time.Second
	slowWait    = time.Minute      // where only a person can help
	askEvery    = 15 * time.Second // of one that stands by
	// patience is how long a full buffer waits for the server. It is longer than one batch may take.
	patience = 75 * time.Second
	// standBy is how long a replaced agent leaves its successor alone before it asks whether that is alive. It doubles
	// up to longestStandBy while they replace each other.
	standBy        = 30 * time.Second
	longestStandBy = 10 * time.Minute
	settled        = 10 * time.Minute // a session that lasted so long was not taken in turns
	flushTime      = 10 * time.Second
)

// Agent runs one Looker against one server.
type Agent struct {
	settings Settings
	door     Door
	looker   observe.Looker
	buffer   *buffer
	state    *state
}

// New makes an agent; Run runs it.
func New(settings Settings, door Door, looker observe.Looker) *Agent {
	if settings.Buffer <= 0 {
		settings.Buffer = DefaultBuffer
	}
	return &Agent{
		settings: settings, door: door, looker: looker,
		buffer: newBuffer(settings.Buffer), state: newState(settings.Opening),
	}
}

// Run looks and sends until ctx ends, and then sends for a few seconds more what still waits. It returns an error only
// where the server refuses what the agent is, such as its source's name.
func (a *Agent) Run(ctx context.Context) error {
	yield, turn, failures := a.settings.StandBy, standBy, 0
	for ctx.Err() == nil {
		opened, err := a.open(ctx, yield)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		yield = a.settings.StandBy
		began := time.Now()
		s := newSession(a, opened)
		err = s.run(ctx)
		a.buffer.reset()
		if time.Since(began) > time.Minute {
			failures = 0
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errLooker):
			// Nothing is lost with the session, and the next look finds what changed.
			failures++
			a.pause(ctx, backoff(failures))
		case fault.Is(err, fault.Conflict):
			if time.Since(began) > settled {
				turn = standBy
			}
			a.state.set(StandsBy, said(err))
			slog.WarnContext(ctx, "another agent of this source took over; this one stands by and takes over when that is gone", "reason", said(err), "again_in", turn.String())
			a.pause(ctx, jitter(turn))
			turn = min(2*turn, longestStandBy)
			yield = true
		default:
			failures++
			slog.WarnContext(ctx, "the session is lost; opening a new one and looking again from the start", "reason", said(err))
			a.pause(ctx, backoff(failures))
		}
	}
	return nil
}

// open asks until a session is open.
func (a *Agent) open(ctx context.Context, yield bool) (Opened, error) {
	for attempt := 1; ; attempt++ {
		opening := a.settings.Opening
		opening.Yield = yield
		opening.Report = a.report()
		opened, err := a.door.Open(ctx, opening)
		switch {
		case err == nil:
			a.state.opened(opened)
			slog.InfoContext(ctx, "session open", "source", opened.Source, "session", opened.Session)
			return opened, nil
		case ctx.Err() != nil:
			return opened, ctx.Err()
		case fault.Is(err, fault.Invalid):
			return opened, err
		case fault.Is(err, fault.Conflict):
			if a.state.set(StandsBy, said(err)) {
				slog.InfoContext(ctx, "another agent of this source is alive; this one stands by. Should both look, give each a source of its own", "reason", said(err))
			}
			a.pause(ctx, jitter(askEvery))
		default:
			a.pause(ctx, a.away(ctx, err, attempt))
		}
		if ctx.Err() != nil {
			return opened, ctx.Err()
		}
	}
}

// away notes that the server cannot be spoken with, and tells how long to wait.
func (a *Agent) away(ctx context.Context, err error, attempt int) time.Duration {
	wait := max(backoff(attempt), fault.RetryAfter(err))
	state := Away
	switch fault.CodeOf(err) {
	case fault.Unauthenticated, fault.Forbidden, fault.NotFound:
		wait, state = jitter(slowWait), Refused
	}
	if a.state.set(state, said(err)) || attempt%20 == 0 {
		slog.WarnContext(ctx, "the server does not take observations; trying again", "reason", said(err), "waiting", a.buffer.waiting(), "again_in", wait.Round(time.Millisecond).String())
	}
	return wait
}

// Deliver puts acts behind what waits, and returns once the server has acknowledged them all. An act that the server
// cannot read counts as acknowledged: sending it again would not help. When ctx ends first the error is Unavailable, and
// the acts stay with the agent; delivered again, they are not sent twice.
func (a *Agent) Deliver(ctx context.Context, acts []observe.Observation) error {
	done := make([]<-chan struct{}, 0, len(acts))
	for _, act := range acts {
		end, err := a.buffer.putAct(ctx, act)
		if err != nil {
			return err
		}
		done = append(done, end)
	}
	for _, end := range done {
		select {
		case <-end:
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "the server has not acknowledged it yet: send it again")
		}
	}
	return nil
}

// Trouble says what goes wrong beside the looking, such as with an audit that is delivered; an empty sentence says that
// it is well again. It stands in every report.
func (a *Agent) Trouble(what, sentence string) { a.state.trouble(what, sentence) }

// Status tells how the agent is doing.
func (a *Agent) Status() Status {
	status := a.state.status()
	status.Report.Waiting, status.Bytes = a.buffer.waiting(), a.buffer.size()
	return status
}

func (a *Agent) report() observe.Report { return a.Status().Report }

func (a *Agent) pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// backoff is how long to wait after so many attempts in a row.
func backoff(attempt int) time.Duration {
	return jitter(min(firstWait<<min(attempt-1, 10), longestWait))
}

// jitter takes up to a half off, so that agents that lost the server together do not come back together.
func jitter(wait time.Duration) time.Duration { return wait - rand.N(wait/2+1) }

// said is an error's sentence for people.
func said(err error) string {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known.Detail
	}
	return err.Error()
}

var errLooker = errors.New("the looker gave up")

func gaveUp(err error) error { return fmt.Errorf("%w: %w", errLooker, err) }
