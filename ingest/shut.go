package ingest

import (
	"context"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// Shut is the hook of a source that cannot be opened: its settings are none that this version knows, say. It can verify
// nothing, and so takes nothing; its tool shall send again until somebody has mended it. Of an address where nothing is, a tool
// gives up for good.
type Shut struct{ hook *Hook }

// Shut makes the hook of a source that cannot be opened, and says why.
func (d *Door) Shut(name, kind, why string) *Shut {
	return &Shut{&Hook{door: d, name: name, kind: kind, state: integration.State{
		Name: name, Type: kind, State: integration.Failing, Fault: why, Deliveries: map[integration.Outcome]int{},
	}}}
}

// State tells why it cannot be opened, and how much was refused since.
func (s *Shut) State() integration.State { return s.hook.State() }

// shutBody bounds what is read of a delivery that is not taken.
const shutBody = 1 << 20

// MaxBody is the most bytes of one delivery.
func (s *Shut) MaxBody() int64 { return shutBody }

// Receive notes that something came; it is Unavailable.
func (s *Shut) Receive(ctx context.Context, delivery integration.Delivery) (integration.Received, error) {
	delivery.ReceivedAt = s.hook.door.Now()
	s.hook.refuse(s.hook.principal(ctx), delivery, "the source cannot be opened: its tool was asked to send this again")
	return integration.Received{}, later("this source cannot be opened just now: send it again later", 0)
}

// TooLarge is as Receive: whether it is too large is not known.
func (s *Shut) TooLarge(ctx context.Context, delivery integration.Delivery) error {
	_, err := s.Receive(ctx, delivery)
	return err
}

// Replay is a conflict until it is mended.
func (s *Shut) Replay(context.Context, string) (integration.Received, error) {
	return integration.Received{}, fault.New(fault.Conflict, "%s cannot be opened just now: mend its settings first", s.hook.name)
}
