package ingest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
	"tidings.dev/tidings/secret"
)

// Hook is a configured source that tools call. What they send is verified, kept, decoded and committed before it is
// acknowledged.
type Hook struct {
	door     *Door
	name     string
	kind     string
	receiver integration.Receiver

	mu          sync.Mutex
	state       integration.State
	lastRefusal time.Time // that was kept
}

// Hook makes the hook of a configured source.
func (d *Door) Hook(name, kind string, receiver integration.Receiver) *Hook {
	return &Hook{door: d, name: name, kind: kind, receiver: receiver, state: integration.State{
		Name: name, Type: kind, State: integration.Waiting, Detail: receiver.Describe(), Deliveries: map[integration.Outcome]int{},
	}}
}

// State tells how the source is doing.
func (h *Hook) State() integration.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	state := h.state
	state.Deliveries = maps.Clone(state.Deliveries)
	return state
}

// MaxBody is the most bytes of one delivery.
func (h *Hook) MaxBody() int64 { return h.receiver.MaxBody() }

// Receiver is what reads its deliveries.
func (h *Hook) Receiver() integration.Receiver { return h.receiver }

// Receive takes in a delivery. What cannot be decoded is kept and is no error: the tool would only send the same again.
// Errors are Unauthenticated for what is not the tool's, and Unavailable or RateLimited for what should be sent again.
func (h *Hook) Receive(ctx context.Context, delivery integration.Delivery) (integration.Received, error) {
	ctx = h.principal(ctx)
	delivery.ReceivedAt = h.door.Now()
	if err := h.receiver.Verify(ctx, delivery); err != nil {
		return integration.Received{}, h.unverified(ctx, delivery, err)
	}
	if confirming, ok := h.receiver.(integration.Confirming); ok {
		if err := confirming.Confirm(ctx, delivery); err != nil {
			h.unconfirmed(ctx, err)
			return integration.Received{}, err
		}
	}
	return h.take(ctx, delivery, "")
}

// unverified notes why a delivery was not taken, and gives what its tool hears. What cannot be verified just now is not refused:
// its tool sends it again, and hears no more than that, since it may be anybody's.
func (h *Hook) unverified(ctx context.Context, delivery integration.Delivery, err error) error {
	switch {
	case fault.Is(err, fault.Unauthenticated):
		h.refused(ctx, delivery, err)
	case fault.Is(err, fault.Unavailable) && ctx.Err() == nil:
		slog.WarnContext(ctx, "a delivery cannot be verified", "source", h.name, "error", problem(err))
		h.Unwell(err)
		return later("this source cannot check deliveries just now: send it again later", fault.RetryAfter(err))
	}
	return err
}

// Unwell notes why nothing can be taken for now, until something is.
func (h *Hook) Unwell(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.State, h.state.Fault = integration.Failing, problem(err)
}

// sendAgain is after what time a tool shall send again, where nothing else says so.
const sendAgain = time.Minute

func later(detail string, wait time.Duration) error {
	err := fault.New(fault.Unavailable, "%s", detail)
	err.RetryAfter = cmp.Or(wait, sendAgain)
	return err
}

// unconfirmed notes why a tool could not be told that it may deliver: it asks again.
func (h *Hook) unconfirmed(ctx context.Context, err error) {
	slog.WarnContext(ctx, "a source could not be confirmed", "source", h.name, "error", problem(err))
	h.Unwell(err)
}

// Heard takes in what a source heard over a connection of its own, where who speaks is known already.
func (h *Hook) Heard(ctx context.Context, delivery integration.Delivery) (integration.Received, error) {
	delivery.ReceivedAt = h.door.Now()
	return h.take(h.principal(ctx), delivery, "")
}

// TooLarge notes a delivery of which the body was over the bound, and says so.
func (h *Hook) TooLarge(ctx context.Context, delivery integration.Delivery) error {
	delivery.ReceivedAt = h.door.Now()
	err := fault.New(fault.TooLarge, "the body is over %d bytes", h.receiver.MaxBody())
	h.refused(h.principal(ctx), delivery, err)
	return err
}

// Replay decodes a delivery again that is kept.
func (h *Hook) Replay(ctx context.Context, id string) (integration.Received, error) {
	kept, err := h.door.Store.Delivery(ctx, h.name, id)
	if err != nil {
		return integration.Received{}, err
	}
	if kept.Outcome == integration.Refused || len(kept.Body) == 0 && kept.Bytes > 0 {
		return integration.Received{}, fault.New(fault.Conflict, "the body of this delivery is not kept: it was %s", kept.Outcome)
	}
	// It was verified when it came. It is read as of then, and without its secrets.
	return h.take(h.principal(ctx), integration.Delivery{
		Method: http.MethodPost, Header: kept.Header, Query: kept.Query, Body: kept.Body, ReceivedAt: kept.ReceivedAt,
	}, kept.ID)
}

// replayedAtOnce is how many deliveries one step of a job decodes again.
const replayedAtOnce = 50

// ReplayAll is the step of a job: deliveries of one outcome are decoded again, the newest first.
func (h *Hook) ReplayAll(ctx context.Context, outcome integration.Outcome, j *job.Job) (more bool, err error) {
	page, next, err := h.door.Store.Deliveries(ctx, h.name, outcome, j.Place, replayedAtOnce)
	if err != nil {
		return false, err
	}
	for i := range page {
		_, err := h.Replay(ctx, page[i].ID)
		if err != nil && again(err) && !fault.Is(err, fault.Internal) {
			return false, err
		}
		// What cannot be read now either stays as it is, with its reason.
	}
	j.Done, j.Place = j.Done+len(page), next
	return next != "", nil
}

func (h *Hook) principal(ctx context.Context) context.Context {
	return access.With(ctx, access.Principal{Type: access.Source, Name: h.name, Role: access.RoleOperator})
}

// keptTaken bounds the body that is kept of what was taken; what failed is kept whole, to be decoded again.
const keptTaken = 256 << 10

// take decodes a verified delivery and commits it. The id is that of one that is kept already.
func (h *Hook) take(ctx context.Context, delivery integration.Delivery, id string) (integration.Received, error) {
	size := len(delivery.Body)
	delivery, err := inflated(delivery, h.receiver.MaxBody())
	var decoded integration.Decoded
	if err == nil {
		decoded, err = Decode(ctx, h.receiver, delivery)
	}
	received := integration.Received{Outcome: integration.Taken, Events: len(decoded.Events), Answer: decoded.Answer}
	if err == nil && len(decoded.Events) == 0 && len(decoded.Statements) == 0 && len(decoded.Heard) == 0 {
		received.Outcome, received.Reason = integration.Ignored, cmp.Or(decoded.Ignored, "it holds nothing for the log")
	}
	if err == nil {
		err = h.commit(ctx, decoded, h.kept(delivery, decoded.Key, received, size, id))
		if err != nil && again(err) {
			return integration.Received{}, err
		}
	}
	if err != nil {
		// It cannot be read, or what it was read as is not to be had: that is a fault of ours, and sending it again would
		// not mend it.
		received = integration.Received{Outcome: integration.Failed, Reason: problem(err), Answer: decoded.Answer}
		if _, err := h.door.record(ctx, nil, integration.Beside{Deliveries: []integration.Kept{h.kept(delivery, decoded.Key, received, size, id)}}); err != nil {
			return integration.Received{}, err
		}
	}
	h.note(received, delivery.ReceivedAt)
	return received, nil
}

// commit takes in what a delivery means, and keeps it.
func (h *Hook) commit(ctx context.Context, decoded integration.Decoded, kept integration.Kept) error {
	for i := range decoded.Events {
		decoded.Events[i].Source, decoded.Events[i].ReceivedAt = h.name, kept.ReceivedAt
	}
	if len(decoded.Statements) > 0 {
		if _, err := h.door.Apply(ctx, decoded.Statements); err != nil {
			return err
		}
	}
	beside := integration.Beside{Deliveries: []integration.Kept{kept}}
	for _, one := range decoded.Heard {
		beside.Heard = append(beside.Heard, integration.Heard{Source: h.name, Heard: one})
	}
	_, err := h.door.record(ctx, decoded.Events, beside)
	if err == nil && len(beside.Heard) > 0 && h.door.Heard != nil {
		h.door.Heard()
	}
	return err
}

// again reports whether sending the same again can help.
func again(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Unavailable, fault.RateLimited, fault.Internal:
		return true
	}
	return false
}

// Decode reads a delivery; a decoder that panics has a fault, and the delivery none.
func Decode(ctx context.Context, receiver integration.Receiver, delivery integration.Delivery) (decoded integration.Decoded, err error) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "a decoder failed", "source", receiver.Describe(), "error", fmt.Sprint(p), "stack", string(debug.Stack()))
			decoded, err = integration.Decoded{}, fault.New(fault.Internal, "the decoder has a fault: the log of the server has more")
		}
	}()
	if completing, ok := receiver.(integration.Completing); ok {
		return completing.Complete(ctx, delivery)
	}
	return receiver.Decode(delivery)
}

// kept is the delivery as it is kept. One that has an id stands there already, and is only read again.
func (h *Hook) kept(d integration.Delivery, key string, received integration.Received, size int, id string) integration.Kept {
	k := integration.Kept{
		ID: id, Source: h.name, Key: storable(key), ReceivedAt: d.ReceivedAt.UTC().Truncate(time.Microsecond), Times: 1,
		Outcome: received.Outcome, Reason: integration.ClipDetail(storable(received.Reason)), Events: received.Events, Bytes: size, Header: http.Header{},
	}
	if id != "" {
		k.Times = 0
	}
	for _, name := range h.receiver.Headers() {
		for _, value := range d.Header.Values(name) {
			clean, _ := secret.Hide(value)
			k.Header.Add(name, clean)
		}
	}
	k.Query, _ = secret.Hide(storable(d.Query))
	if received.Outcome == integration.Failed || len(d.Body) <= keptTaken {
		body := d.Body
		if sparing, ok := h.receiver.(integration.Sparing); ok {
			body = sparing.Spare(body)
		}
		k.Body = secret.HideJSON(body)
	}
	return k
}

// storable is a text without what a database refuses: a tool's own id may hold anything, and must not cost its delivery.
func storable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// refusedEvery is how often a refusal is kept: whoever knows the address could otherwise fill the disk. All are counted.
const refusedEvery = 5 * time.Second

// refused notes what was not the tool's.
func (h *Hook) refused(ctx context.Context, d integration.Delivery, why error) {
	h.mu.Lock()
	h.state.State, h.state.Fault = integration.Failing, "a delivery was refused: "+problem(why)
	h.mu.Unlock()
	h.refuse(ctx, d, problem(why))
}

// refuse counts what is not taken, and keeps that it came. Nothing of its body is kept.
func (h *Hook) refuse(ctx context.Context, d integration.Delivery, why string) {
	h.delivered(integration.Refused)
	h.mu.Lock()
	h.state.Deliveries[integration.Refused]++
	h.state.LookedAt = d.ReceivedAt
	keep := d.ReceivedAt.Sub(h.lastRefusal) >= refusedEvery
	if keep {
		h.lastRefusal = d.ReceivedAt
	}
	h.mu.Unlock()
	if !keep {
		return
	}
	slog.WarnContext(ctx, "a delivery was refused", "source", h.name, "reason", why)
	k := integration.Kept{
		Source: h.name, Key: "refused at " + d.ReceivedAt.UTC().Format(time.RFC3339Nano), ReceivedAt: d.ReceivedAt, Times: 1,
		Outcome: integration.Refused, Reason: why, Bytes: len(d.Body),
	}
	if err := h.door.Store.Keep(ctx, []integration.Kept{k}); err != nil {
		slog.WarnContext(ctx, "a refusal could not be kept", "source", h.name, "error", err)
	}
}

func (h *Hook) delivered(outcome integration.Outcome) {
	if h.door.Delivered != nil {
		h.door.Delivered(h.name, outcome)
	}
}

func (h *Hook) note(received integration.Received, at time.Time) {
	h.delivered(received.Outcome)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.Deliveries[received.Outcome]++
	h.state.LookedAt, h.state.State, h.state.Fault = at, integration.Working, ""
	h.state.Events += received.Events
	if received.Events > 0 {
		h.state.LastEventAt = at
	}
	if received.Outcome == integration.Failed {
		h.state.State, h.state.Fault = integration.Failing, "a delivery could not be decoded: "+received.Reason
	}
}

// inflated undoes a Content-Encoding. Tools sign what they send, so that it is done after Verify.
func inflated(d integration.Delivery, most int64) (integration.Delivery, error) {
	switch encoding := strings.ToLower(d.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return d, nil
	case "gzip":
	default:
		return d, fault.New(fault.Invalid, "the Content-Encoding %q is not read: gzip is, or none", encoding)
	}
	r, err := gzip.NewReader(bytes.NewReader(d.Body))
	if err != nil {
		return d, fault.New(fault.Invalid, "the body is not gzip, though Content-Encoding says so")
	}
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return d, fault.New(fault.Invalid, "the body is not whole gzip")
	}
	if int64(len(body)) > most {
		return d, fault.New(fault.TooLarge, "the body is over %d bytes, inflated", most)
	}
	d.Body = body
	return d, nil
}
