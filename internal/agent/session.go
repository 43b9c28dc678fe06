package agent

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync/atomic"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/secret"
)

// session is one look from the start and what follows, under one number.
type session struct {
	*Agent
	opened Opened
	number int64 // of the batch to send next

	// looking ends the Looker's work.
	looking context.Context
	stop    context.CancelCauseFunc
	put     atomic.Bool // something was put

	seed    maphash.Seed
	objects map[uint64]struct{}
	// spoiled are collections of which the server could not read an object. They are not called complete, or the server
	// would take the object for gone.
	spoiled map[string]bool
	left    map[string]bool // collections that are not complete yet
	told    time.Time       // when the progress of the first look was last logged
}

func newSession(a *Agent, opened Opened) *session {
	s := &session{Agent: a, opened: opened, number: 1, seed: maphash.MakeSeed(), objects: map[uint64]struct{}{}, spoiled: map[string]bool{}, left: map[string]bool{}, told: time.Now()}
	for _, name := range a.settings.Opening.Collections {
		s.left[name] = true
	}
	s.opened.MaxObservations = bound(opened.MaxObservations, observe.MaxBatch)
	s.opened.MaxBytes = bound(opened.MaxBytes, observe.MaxBytes)
	return s
}

func bound(given, most int) int {
	if given <= 0 {
		return most
	}
	return min(given, most)
}

var (
	errFull = errors.New("the buffer is full")
	errDone = errors.New("the agent ends")
)

// run looks and sends until ctx ends, the Looker gives up, or the session is lost.
func (s *session) run(ctx context.Context) error {
	s.looking, s.stop = context.WithCancelCause(ctx)
	defer s.stop(nil)
	// What is under way when ctx ends may still arrive.
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(flushTime, cancel) })()

	s.buffer.begin()
	looked, left := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(left)
		err := s.looker.Watch(s.looking, secret.Marker(s.opened.Key), s)
		if err == nil {
			err = errors.New("it ended by itself")
		}
		looked <- err
	}()
	defer func() {
		s.stop(errDone)
		<-left
	}()
	report := time.NewTicker(reportEvery)
	defer report.Stop()
	for {
		select {
		case <-ctx.Done():
			<-left
			return s.flush(sending)
		case err := <-looked:
			if ctx.Err() != nil {
				return s.flush(sending)
			}
			if cause := context.Cause(s.looking); errors.Is(cause, errFull) {
				return s.overflow(ctx)
			}
			slog.WarnContext(ctx, "cannot look; looking again soon", "reason", err.Error())
			s.state.blind("", err.Error())
			// What it saw before is true, and the server should know why no more comes.
			if err := s.drain(sending); err != nil {
				return err
			}
			if err := s.deliver(sending, nil); err != nil {
				return err
			}
			return gaveUp(err)
		case <-s.buffer.ready:
			if err := s.drain(sending); err != nil {
				return s.lost(ctx, err)
			}
			report.Reset(reportEvery)
		case <-report.C:
			if err := s.deliver(sending, nil); err != nil {
				return s.lost(ctx, err)
			}
		}
	}
}

func (s *session) lost(ctx context.Context, err error) error {
	if errors.Is(err, errFull) {
		return s.overflow(ctx)
	}
	return err
}

// overflow gives up what waits: another look finds it again.
func (s *session) overflow(ctx context.Context) error {
	lost := s.buffer.reset()
	s.state.lose(lost)
	slog.WarnContext(ctx, "the server was away for longer than the buffer lasts; everything will be looked at again", "dropped", lost)
	return fault.New(fault.Unavailable, "the buffer was full")
}

// flush sends what still waits, for as long as ctx lasts.
func (s *session) flush(ctx context.Context) error {
	err := s.drain(ctx)
	if waiting := s.buffer.waiting(); waiting > 0 {
		slog.WarnContext(ctx, "ended before the server took everything; the next start finds it again", "waiting", waiting)
	}
	return err
}

// drain sends until nothing waits.
func (s *session) drain(ctx context.Context) error {
	for {
		items := s.buffer.head(s.opened.MaxObservations, s.opened.MaxBytes*9/10)
		if len(items) == 0 {
			return nil
		}
		if err := s.deliver(ctx, items); err != nil {
			return err
		}
	}
}

// deliver sends items as one batch, and where the server cannot read it or breaks over it, as two halves, until the one
// that is to blame is alone and left out.
//
// A server that breaks may have worked the batch in all the same. A half of it under its number is then taken for what
// was worked in, and the other half changes nothing that is not known.
func (s *session) deliver(ctx context.Context, items []item) error {
	err := s.send(ctx, items)
	for proofs := 0; errors.Is(err, errBreaks) && len(items) < 2; {
		// It is to blame where the server works without it, and twice, for it may have been mended in between.
		if len(items) == 1 && s.send(ctx, nil) == nil {
			proofs++
		} else {
			proofs = 0
		}
		if proofs == 2 {
			break
		}
		err = s.send(ctx, items)
	}
	switch {
	case err == nil:
		s.buffer.drop(len(items))
		s.note(ctx, items)
		return nil
	case !errors.Is(err, errBreaks) && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge):
		return err
	case len(items) == 0:
		return fmt.Errorf("a report was refused: %w", err)
	case len(items) == 1:
		s.refuse(ctx, items[0], err)
		s.buffer.drop(1)
		return nil
	}
	half := len(items) / 2
	if err := s.deliver(ctx, items[:half]); err != nil {
		return err
	}
	return s.deliver(ctx, items[half:])
}

func (s *session) refuse(ctx context.Context, one item, err error) {
	what := one.Object
	if one.complete != "" {
		what = "the whole of " + one.complete
	}
	if one.Act == nil && one.complete == "" {
		s.spoiled[one.Collection] = true
	}
	slog.ErrorContext(ctx, "the server cannot take an observation; it is left out", "object", what, "reason", said(err))
	s.state.refuse(what, said(err))
}

// errBreaks says that the server broke over a batch, again and again.
var errBreaks = errors.New("the server breaks over it")

const breaksOften = 6

// send sends one batch, unchanged and under its number, until it is answered.
func (s *session) send(ctx context.Context, items []item) error {
	batch := observe.Batch{Source: s.opened.Source, Session: s.opened.Session, Number: s.number}
	for _, one := range items {
		switch {
		case one.complete == "":
			batch.Observations = append(batch.Observations, one.Observation)
		case !s.spoiled[one.complete]:
			batch.Complete = append(batch.Complete, one.complete)
		}
	}
	if len(items) > 0 && len(batch.Observations) == 0 && len(batch.Complete) == 0 {
		return nil
	}
	batch.Report = s.report()
	for attempt := 1; ; attempt++ {
		err := s.door.Send(ctx, batch)
		switch fault.CodeOf(err) {
		case fault.Conflict, fault.Invalid, fault.NotFound, fault.TooLarge:
			return err
		}
		if err == nil {
			s.number++
			s.state.acknowledged(len(batch.Observations))
			if attempt > 1 {
				slog.InfoContext(ctx, "the server takes observations again", "waiting", s.buffer.waiting())
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if attempt >= breaksOften && fault.Is(err, fault.Internal) {
			return fmt.Errorf("%w: %w", errBreaks, err)
		}
		wait := s.away(ctx, err, attempt)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-s.full():
			timer.Stop()
			return errFull
		case <-timer.C:
		}
	}
}

// full is closed when the Looker was stopped because nothing fits any more. Until then the batch is tried on: a session
// that goes on is cheaper than another look.
func (s *session) full() <-chan struct{} {
	if errors.Is(context.Cause(s.looking), errFull) {
		return s.looking.Done()
	}
	return nil
}

// note keeps count of what the server has.
func (s *session) note(ctx context.Context, items []item) {
	for _, one := range items {
		switch {
		case one.complete != "":
			delete(s.left, one.complete)
		case one.Gone:
			delete(s.objects, maphash.String(s.seed, one.Object))
		case one.Act == nil:
			s.objects[maphash.String(s.seed, one.Object)] = struct{}{}
		}
	}
	synced := s.state.progress(len(s.objects), s.left)
	if synced {
		slog.InfoContext(ctx, "everything was seen once", "objects", len(s.objects))
	} else if len(s.left) > 0 && len(items) > 0 && time.Since(s.told) > 5*time.Second {
		s.told = time.Now()
		slog.InfoContext(ctx, "looking at everything for the first time", "objects", len(s.objects), "collections_left", len(s.left), "waiting", s.buffer.waiting())
	}
}

// Put implements observe.Sink.
func (s *session) Put(o observe.Observation) { s.add(item{Observation: o, bytes: size(o)}) }

// Complete implements observe.Sink.
func (s *session) Complete(collection string) { s.add(item{complete: collection, bytes: overhead}) }

// Trouble implements observe.Sink.
func (s *session) Trouble(collection, sentence string) { s.state.blind(collection, sentence) }

func (s *session) add(one item) {
	put, full := s.buffer.put(s.looking, one)
	if full {
		s.stop(errFull)
	}
	if put && !s.put.Swap(true) {
		s.state.blind("", "")
	}
}
