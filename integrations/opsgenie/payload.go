package opsgenie

// payload is what is read of any delivery.
type payload struct {
	Action          string `json:"action"`
	IntegrationName string `json:"integrationName"`
	Alert           *alert `json:"alert"`
}

type alert struct {
	ID        string         `json:"alertId"`
	TinyID    string         `json:"tinyId"`
	Message   string         `json:"message"`
	Entity    string         `json:"entity"`
	Source    string         `json:"source"`
	Username  string         `json:"username"`
	CreatedAt int64          `json:"createdAt"` // milliseconds
	UpdatedAt int64          `json:"updatedAt"` // nanoseconds
	Priority  any            `json:"priority"`  // "P3", or 3
	Tags      []string       `json:"tags"`
	Details   map[string]any `json:"details"`
}
