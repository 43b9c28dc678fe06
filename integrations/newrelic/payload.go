package newrelic

import _ "embed"

// template is the payload that the workflow must have in New Relic.
//
//go:embed template.json
var template string

// version is that of the template.
const version = "tidings/1"

// payload is what the template sends.
type payload struct {
	Template  string   `json:"template"`
	ID        string   `json:"id"`
	URL       string   `json:"issueUrl"`
	Title     string   `json:"title"`
	Priority  string   `json:"priority"` // CRITICAL, HIGH, MEDIUM or LOW
	Entities  []string `json:"impactedEntities"`
	State     string   `json:"state"`
	Trigger   string   `json:"trigger"`
	CreatedAt int64    `json:"createdAt"` // milliseconds
	UpdatedAt int64    `json:"updatedAt"`
	// AcknowledgedAt, AcknowledgedBy and ClosedAt are zero until somebody acknowledges the issue, or it is closed.
	AcknowledgedAt int64    `json:"acknowledgedAt"`
	AcknowledgedBy string   `json:"acknowledgedBy"`
	ClosedAt       int64    `json:"closedAt"`
	Policies       []string `json:"alertPolicyNames"`
	Conditions     []string `json:"alertConditionNames"`
}
