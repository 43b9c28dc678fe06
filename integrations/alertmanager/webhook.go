package alertmanager

import (
	"context"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/alert"
	"tidings.dev/tidings/integration/signature"
)

// Source is one receiver.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Alertmanager" }

// Verify checks the token: Alertmanager signs nothing.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a group.
func (s *Source) MaxBody() int64 { return alert.MaxBody }

// Decode reads one notification. A group that is repeated has the same body, and so is the same delivery.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	return s.config.Decode(d.Body, Spec.Name, "Alertmanager")
}
