package statsig

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is one webhook.
type Source struct{ config *Config }

var _ integration.Receiver = (*Source)(nil)

// Signature is how Statsig signs.
var Signature = signature.Timed{Header: "X-Statsig-Signature", TimeHeader: "X-Statsig-Request-Timestamp", Version: "v0", Millis: true}

const maxBody = 5 << 20

// Describe says what it listens to.
func (s *Source) Describe() string { return "webhook of Statsig" }

// Verify checks the signature.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	return Signature.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// kinds are the types that are mapped, in small letters and without spaces.
var kinds = map[string]string{
	"gate": "flag", "featuregate": "flag", "dynamicconfig": "flag", "segment": "flag", "layer": "flag",
	"experiment": "experiment", "autotune": "experiment", "holdout": "experiment",
}

// Decode reads a batch of changes.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var p struct {
		Data []item `json:"data"`
	}
	var out integration.Decoded
	if bytes.HasPrefix(bytes.TrimSpace(d.Body), []byte("[")) {
		var batch []struct{}
		if err := integration.ReadJSON(d.Body, &batch); err != nil {
			return out, err
		}
		out.Ignored = "a batch of exposures and events: let Statsig send configuration changes alone"
		return out, nil
	}
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return out, err
	}
	if p.Data == nil {
		return out, fault.New(fault.Invalid, "the field data is missing")
	}
	for i := range p.Data {
		v := &p.Data[i]
		kind, known := integration.OneOf(kinds, strings.ReplaceAll(v.Metadata.Type, " ", ""))
		if v.EventName != "statsig::config_change" || !known {
			continue
		}
		if v.Metadata.Name == "" || v.Timestamp <= 0 {
			return integration.Decoded{}, fault.New(fault.Invalid, "the field data[%d].metadata.name or timestamp is missing", i)
		}
		out.Events = append(out.Events, s.event(kind, v))
	}
	if len(out.Events) == 0 {
		out.Ignored = "there is no change of a gate, configuration or experiment in it"
	}
	return out, nil
}

func (s *Source) event(kind string, v *item) change.Event {
	m := &v.Metadata
	e := change.Event{
		Key: integration.Line(fmt.Sprintf("%s/%s/%d/%s", strings.ToLower(m.Type), m.Name, int64(v.Timestamp), m.Action)), Kind: kind,
		Title:     integration.Line(integration.Sentence(cmp.Or(m.Action, "changed")) + " " + strings.ToLower(m.Type) + " " + m.Name),
		StartedAt: integration.Millis(int64(v.Timestamp)), Environment: s.config.Environment(m.Environment),
		Subjects: []change.Subject{s.config.Within("statsig", cmp.Or(s.config.Project, m.Name), m.Name)},
		Labels:   integration.Labels(map[string]string{"name": m.Name, "type": m.Type, "action": m.Action, "project": s.config.Project}),
		Actor:    change.Actor{Type: change.ByUnknown, Via: "Statsig"},
	}
	if name := cmp.Or(v.User.Name, v.User.Email); name != "" {
		e.Actor.Name = integration.Line(name)
		if strings.Contains(v.User.Email, "@") {
			e.Actor.Type = change.ByPerson
		}
	}
	if s.config.Descriptions {
		e.Detail = integration.ClipDetail(m.Description)
	}
	return e
}
