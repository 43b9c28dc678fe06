package grafana

import (
	"context"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/alert"
	"tidings.dev/tidings/integration/signature"
)

// Source is one contact point.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// signatureHeader is the one that Grafana uses, unless it is told another.
const signatureHeader = "X-Grafana-Alerting-Signature"

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Grafana Alerting" }

// Verify checks the signature, or the token.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	switch {
	case s.config.Signing != "hmac":
		return signature.Carried{}.Verify(ctx, d, s.config.Valid())
	case s.config.TimestampHeader != "":
		return s.timed().Verify(ctx, d, s.config.Valid())
	}
	return signature.HMAC{Header: signatureHeader}.Verify(ctx, d, s.config.Valid())
}

func (s *Source) timed() signature.Timed {
	return signature.Timed{Header: signatureHeader, TimeHeader: s.config.TimestampHeader}
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a group.
func (s *Source) MaxBody() int64 { return alert.MaxBody }

// Decode reads one notification.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	return s.config.Decode(d.Body, Spec.Name, "Grafana")
}
