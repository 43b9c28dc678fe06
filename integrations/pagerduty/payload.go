package pagerduty

import "time"

// payload is what is read of any delivery: of a webhook the event, of a change event the rest.
type payload struct {
	Event *event `json:"event"`

	// Of the Events API v2.
	RoutingKey  string         `json:"routing_key"`
	EventAction string         `json:"event_action"`
	Payload     *changePayload `json:"payload"`
	Links       []link         `json:"links"`
}

type event struct {
	ID           string     `json:"id"`
	Type         string     `json:"event_type"`
	ResourceType string     `json:"resource_type"`
	OccurredAt   time.Time  `json:"occurred_at"`
	Agent        *reference `json:"agent"`
	Client       *client    `json:"client"`
	Data         data       `json:"data"`
}

type reference struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Summary string `json:"summary"`
	HTMLURL string `json:"html_url"`
}

type client struct {
	Name string `json:"name"`
}

// data is an incident, a service, or something that refers to one of them.
type data struct {
	reference

	Number           int64       `json:"number"`
	CreatedAt        time.Time   `json:"created_at"`
	ReopenedAt       time.Time   `json:"reopened_at"`
	Title            string      `json:"title"`
	Urgency          string      `json:"urgency"`
	ResolveReason    *reason     `json:"resolve_reason"`
	IncidentType     *named      `json:"incident_type"`
	Service          *reference  `json:"service"`
	Priority         *reference  `json:"priority"`
	EscalationPolicy *reference  `json:"escalation_policy"`
	Teams            []reference `json:"teams"`
}

type named struct {
	Name string `json:"name"`
}

type reason struct {
	Type     string     `json:"type"`
	Incident *reference `json:"incident"`
}

type changePayload struct {
	Summary   string  `json:"summary"`
	Timestamp string  `json:"timestamp"`
	Source    string  `json:"source"`
	Details   details `json:"custom_details"`
}

// details may hold anything; these are the names that are read.
type details struct {
	Service     any `json:"service"`
	Environment any `json:"environment"`
	Version     any `json:"version"`
	Commit      any `json:"commit"`
	Kind        any `json:"kind"`
	Actor       any `json:"actor"`
	User        any `json:"user"`
}

type link struct {
	Href string `json:"href"`
	Text string `json:"text"`
}
