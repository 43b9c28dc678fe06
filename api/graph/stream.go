package graph

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"tidings.dev/tidings/fault"
)

// writeWait is how long a reader may take none of what is written before it counts as gone.
const writeWait = 30 * time.Second

// stream writes the responses of an operation as events until there are no more, or the client has gone. A failure is
// an event too: readers of streams cannot see the body of another status.
func (a *API) stream(ctx context.Context, w http.ResponseWriter, op *graphql.OperationContext, faults gqlerror.List, live bool) {
	if a.streams.Add(1) > maxStreams {
		a.streams.Add(-1)
		a.refuse(ctx, w, http.StatusServiceUnavailable, fault.New(fault.Unavailable, "there are %d live readers already: try again later", maxStreams))
		return
	}
	defer a.streams.Add(-1)
	if a.deps.Stream != nil {
		release, err := a.deps.Stream(ctx)
		if err != nil {
			a.refuse(ctx, w, http.StatusTooManyRequests, err)
			return
		}
		defer release()
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	defer context.AfterFunc(a.ending, leave)()
	w.Header().Set("Content-Type", typeStream)
	w.Header().Set("X-Accel-Buffering", "no") // nginx would hold events back
	out := eventWriter{to: w, control: http.NewResponseController(w)}
	// A server's limit for reading a request would end the stream: it holds for as long as the handler runs.
	_ = out.control.SetReadDeadline(time.Time{}) // not every writer of tests has one
	if !out.comment() {
		return
	}
	if faults != nil {
		if out.next(a.exec.DispatchError(ctx, faults)) {
			out.complete()
		}
		return
	}
	gone := ctx.Done()
	ctx, cancel := context.WithCancel(ctx)
	if !live {
		ctx, cancel = context.WithTimeout(ctx, timeOf(op))
	}
	failed := &failure{}
	ctx = context.WithValue(ctx, failureKey{}, failed)
	responses := make(chan *graphql.Response)
	var producing sync.WaitGroup
	producing.Go(func() {
		defer close(responses)
		a.produce(ctx, op, responses)
	})
	// The producer must have ended before the handler does: what it uses belongs to the request.
	defer producing.Wait()
	defer cancel()

	beat := time.NewTicker(a.heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-gone:
			return
		case <-beat.C:
			if !out.comment() {
				return
			}
		case response, more := <-responses:
			if more {
				if !out.next(response) {
					return
				}
				continue
			}
			if err := failed.get(); err != nil && !out.next(a.failure(ctx, err)) {
				return
			}
			out.complete()
			return
		}
	}
}

// produce hands out the responses of an operation, one at a time.
func (a *API) produce(ctx context.Context, op *graphql.OperationContext, responses chan<- *graphql.Response) {
	defer func() {
		if value := recover(); value != nil {
			fail(ctx, recovered(ctx, value))
		}
	}()
	answers, ctx := a.exec.DispatchOperation(ctx, op)
	for response := a.answer(ctx, answers); response != nil; response = a.answer(ctx, answers) {
		response.Data = bytes.Clone(response.Data) // the next answer is written into the same memory
		select {
		case responses <- response:
		case <-ctx.Done():
			return
		}
	}
}

// eventWriter writes the events of one stream. Its methods report whether the client still takes them.
type eventWriter struct {
	to      http.ResponseWriter
	control *http.ResponseController
}

// comment is what readers of events pass over: it opens the stream, and keeps it alive.
func (e eventWriter) comment() bool { return e.write([]byte(":\n\n")) }

// next is one response. JSON has no line breaks in it that would end the data.
func (e eventWriter) next(response *graphql.Response) bool {
	var out bytes.Buffer
	out.WriteString("event: next\ndata: ")
	appendResponse(&out, response)
	out.WriteString("\n\n")
	return e.write(out.Bytes())
}

// complete is the end. Without data, browsers would not hand the event out.
func (e eventWriter) complete() { e.write([]byte("event: complete\ndata:\n\n")) }

func (e eventWriter) write(event []byte) bool {
	// The server's own limit is for answers that end. Not every writer of tests can set one.
	_ = e.control.SetWriteDeadline(time.Now().Add(writeWait))
	if _, err := e.to.Write(event); err != nil {
		return false
	}
	return e.control.Flush() == nil
}

type failureKey struct{}

// failure is why a subscription ended before its reader wanted.
type failure struct {
	mu  sync.Mutex
	err error
}

func (f *failure) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// fail tells the stream of a context why there is no more.
func fail(ctx context.Context, err error) {
	if f, ok := ctx.Value(failureKey{}).(*failure); ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.err = err
	}
}
