package statsig

type item struct {
	EventName string   `json:"eventName"`
	Timestamp float64  `json:"timestamp"` // milliseconds
	User      user     `json:"user"`
	Metadata  metadata `json:"metadata"`
}

type user struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

type metadata struct {
	Type        string `json:"type"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Action      string `json:"action"`
	Environment string `json:"environment"`
}
