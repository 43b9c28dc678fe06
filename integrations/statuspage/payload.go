package statuspage

import "time"

// payload is what is read of any delivery.
type payload struct {
	Page struct {
		ID string `json:"id"`
	} `json:"page"`
	Incident        *incident        `json:"incident"`
	ComponentUpdate *componentUpdate `json:"component_update"`
	Component       *component       `json:"component"`
}

type incident struct {
	ID             string      `json:"id"`
	Name           string      `json:"name"`
	Status         string      `json:"status"`
	Impact         string      `json:"impact"` // none, minor, major, critical, maintenance
	CreatedAt      time.Time   `json:"created_at"`
	UpdatedAt      time.Time   `json:"updated_at"`
	MonitoringAt   time.Time   `json:"monitoring_at"`
	ResolvedAt     time.Time   `json:"resolved_at"`
	ScheduledFor   time.Time   `json:"scheduled_for"`
	ScheduledUntil time.Time   `json:"scheduled_until"`
	Shortlink      string      `json:"shortlink"`
	Updates        []update    `json:"incident_updates"` // the newest first
	Components     []component `json:"components"`
}

type update struct {
	ID   string `json:"id"`
	Body string `json:"body"`
}

type component struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

type componentUpdate struct {
	ID          string    `json:"id"`
	ComponentID string    `json:"component_id"`
	OldStatus   string    `json:"old_status"`
	NewStatus   string    `json:"new_status"`
	CreatedAt   time.Time `json:"created_at"`
}
