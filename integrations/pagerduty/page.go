package pagerduty

import (
	"cmp"
	"context"
	"strings"
	"time"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

var _ integration.Pager = (*Source)(nil)

// Pages reports whether there is a routing key.
func (s *Source) Pages(ctx context.Context) bool {
	key, err := s.config.RoutingKey.Get(ctx)
	return err == nil && key != ""
}

// trigger is the body of "Trigger Events" of the Events API v2.
type trigger struct {
	RoutingKey string    `json:"routing_key"`
	Action     string    `json:"event_action"`
	DedupKey   string    `json:"dedup_key"`
	Payload    problem   `json:"payload"`
	Links      []seeAlso `json:"links,omitempty"`
	Client     string    `json:"client"`
	ClientURL  string    `json:"client_url,omitempty"`
}

type problem struct {
	Summary   string            `json:"summary"` // at most 1,024 characters
	Source    string            `json:"source"`
	Severity  string            `json:"severity"`
	Timestamp time.Time         `json:"timestamp"`
	Component string            `json:"component,omitempty"`
	Details   map[string]string `json:"custom_details,omitempty"`
}

type seeAlso struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// Page triggers an alert. PagerDuty takes what has the key of one that is open as more of the same.
func (s *Source) Page(ctx context.Context, call integration.Call) error {
	key, err := s.config.RoutingKey.Get(ctx)
	if err != nil {
		return err
	}
	services := strings.Join(call.Services, ", ")
	t := trigger{
		RoutingKey: key, Action: "trigger", DedupKey: call.Key, Client: "Tidings", ClientURL: call.URL,
		Payload: problem{
			// Somebody asks for a person: services that wake nobody for less are told the most.
			Summary: integration.Line(call.Title), Source: cmp.Or(services, "Tidings"), Severity: "critical", Timestamp: call.At.UTC(), Component: services,
			Details: map[string]string{"asked by": call.By, "environment": call.Environment, "said": call.Text},
		},
	}
	if call.URL != "" {
		t.Links = []seeAlso{{Href: call.URL, Text: "What changed before"}}
	}
	client := &upstream.Client{Tool: "PagerDuty", Base: s.config.eventsAPI(), HTTP: s.config.HTTP}
	_, err = client.Post(ctx, "v2/enqueue", nil, t, nil)
	return err
}
