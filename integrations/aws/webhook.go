package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/signature"
)

// Source is what AWS tells.
type Source struct {
	config       *Config
	certificates certificates
}

var (
	_ integration.Sparing    = (*Source)(nil)
	_ integration.Confirming = (*Source)(nil)
)

// maxBody is four times the bound that EventBridge and SNS have.
const maxBody = 1 << 20

// Describe says what it listens to.
func (s *Source) Describe() string {
	switch {
	case len(s.config.Topics) == 0:
		return "API destination of AWS EventBridge"
	case !s.config.Secret.IsSet():
		return fmt.Sprintf("%d topics of AWS SNS", len(s.config.Topics))
	}
	return fmt.Sprintf("API destination of AWS EventBridge, and %d topics of SNS", len(s.config.Topics))
}

// Verify checks the API key of EventBridge, or the signature of SNS. Where both are configured either is proof enough, and
// the header that SNS always sends says which is looked at.
func (s *Source) Verify(ctx context.Context, d integration.Delivery) error {
	if len(s.config.Topics) > 0 && (!s.config.Secret.IsSet() || d.Header.Get(messageType) != "") {
		_, err := s.verified(ctx, d)
		return err
	}
	return signature.Carried{}.Verify(ctx, d, s.config.Valid())
}

// Headers names what Decode reads: nothing.
func (s *Source) Headers() []string { return nil }

// MaxBody is the bound of a delivery.
func (s *Source) MaxBody() int64 { return maxBody }

// Decode reads one event, or the message of SNS that it came in.
func (s *Source) Decode(d integration.Delivery) (integration.Decoded, error) {
	var m message
	if err := integration.ReadJSON(d.Body, &m); err != nil {
		return integration.Decoded{}, err
	}
	if m.TopicARN != "" {
		return s.message(&m)
	}
	return s.envelope(d.Body)
}

// envelope reads an event of EventBridge.
func (s *Source) envelope(body []byte) (integration.Decoded, error) {
	var p envelope
	var out integration.Decoded
	if err := integration.ReadJSON(body, &p); err != nil {
		return out, err
	}
	if p.ID == "" || p.DetailType == "" {
		return out, fault.New(fault.Invalid, "the field id or detail-type is missing: let the target send the matched event as it is")
	}
	out.Key = p.ID
	read, known := map[string]func(*envelope) (change.Event, string, error){
		"ECS Deployment State Change": s.deployment, "ECS Service Action": s.action,
		"CodeDeploy Deployment State-change Notification": s.codeDeploy,
		"EC2 Instance Launch Successful":                  s.scaling, "EC2 Instance Launch Unsuccessful": s.scaling,
		"EC2 Instance Terminate Successful": s.scaling, "EC2 Instance Terminate Unsuccessful": s.scaling,
		"CloudWatch Alarm State Change": s.alarmEvent,
		"AWS API Call via CloudTrail":   s.call,
	}[p.DetailType]
	if !known {
		out.Ignored = fmt.Sprintf("the event %q is none that is mapped", integration.Clip(p.DetailType))
		return out, nil
	}
	return s.decoded(out, &p, read)
}

// decoded is what a reader makes of an event, with where it happened.
func (s *Source) decoded(out integration.Decoded, p *envelope, read func(*envelope) (change.Event, string, error)) (integration.Decoded, error) {
	e, ignored, err := read(p)
	if err != nil || ignored != "" {
		out.Ignored = ignored
		return out, err
	}
	e.Region, e.Environment = integration.Line(p.Region), cmp.Or(e.Environment, s.config.Environment)
	integration.Label(&e, "account", integration.Line(p.Account))
	out.Events = []change.Event{e}
	return out, nil
}

// Spare leaves out what nobody may find: tokens and addresses by which a subscription is confirmed or ended, and the
// variables in parameters of calls.
func (s *Source) Spare(body []byte) []byte {
	var m map[string]any
	if json.Unmarshal(body, &m) != nil {
		return body
	}
	if _, isMessage := m["TopicArn"]; isMessage {
		for _, name := range []string{"Token", "SubscribeURL", "UnsubscribeURL", "Signature"} {
			delete(m, name)
		}
		if text, ok := m["Message"].(string); ok {
			m["Message"] = string(s.Spare([]byte(text)))
		}
	}
	if detail, ok := m["detail"].(map[string]any); ok {
		for _, part := range []string{"requestParameters", "responseElements"} {
			if parameters, ok := detail[part].(map[string]any); ok {
				delete(parameters, "environment")
			}
		}
	}
	spared, err := json.Marshal(m)
	if err != nil {
		return body
	}
	return spared
}
