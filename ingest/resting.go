package ingest

import (
	"context"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Resting is the hook of a source that is switched off. It takes nothing. Whoever signs as its tool hears so by a success,
// after which no tool gives up on the address, nor sends the same again; to everybody else there is no such source.
type Resting struct{ hook *Hook }

// Rest makes the hook of a source that is switched off.
func (d *Door) Rest(name, kind string, receiver integration.Receiver) *Resting {
	h := d.Hook(name, kind, receiver)
	h.state.State = integration.Off
	return &Resting{h}
}

// State tells that it is off, and what was refused since.
func (r *Resting) State() integration.State { return r.hook.State() }

// MaxBody is the most bytes of one delivery.
func (r *Resting) MaxBody() int64 { return r.hook.MaxBody() }

const restingReason = "the source is switched off in Tidings: nothing of this is kept"

// Receive refuses what is the tool's, and notes it; NotFound for all else.
func (r *Resting) Receive(ctx context.Context, delivery integration.Delivery) (integration.Received, error) {
	ctx = r.hook.principal(ctx)
	delivery.ReceivedAt = r.hook.door.Now()
	if err := r.hook.receiver.Verify(ctx, delivery); err != nil {
		return integration.Received{}, r.none()
	}
	r.hook.mu.Lock()
	r.hook.state.Fault = "its tool still calls: what it sends is refused, and not kept"
	r.hook.mu.Unlock()
	r.hook.refuse(ctx, delivery, restingReason)
	return integration.Received{Outcome: integration.Refused, Reason: restingReason}, nil
}

// TooLarge is NotFound: who sends so much was not verified.
func (r *Resting) TooLarge(context.Context, integration.Delivery) error { return r.none() }

// Replay is a conflict while it is off.
func (r *Resting) Replay(context.Context, string) (integration.Received, error) {
	return integration.Received{}, fault.New(fault.Conflict, "%s takes no deliveries just now: switch it on first", r.hook.name)
}

func (r *Resting) none() error {
	return fault.New(fault.NotFound, "there is no source %s", r.hook.name)
}
