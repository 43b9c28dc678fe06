package buildkite

// payload is what is read of a delivery. A build's environment is not.
type payload struct {
	Event    string `json:"event"`
	Build    *build `json:"build"`
	Pipeline struct {
		Slug       string `json:"slug"`
		Name       string `json:"name"`
		Repository string `json:"repository"`
	} `json:"pipeline"`
}

// build is a build as it is when the delivery is sent, which may be later than the event.
type build struct {
	ID         string `json:"id"`
	Number     int64  `json:"number"`
	WebURL     string `json:"web_url"`
	State      string `json:"state"`
	Blocked    bool   `json:"blocked"`
	Message    string `json:"message"`
	Commit     string `json:"commit"` // HEAD until it is known
	Branch     string `json:"branch"`
	Tag        string `json:"tag"`
	Source     string `json:"source"` // webhook, ui, api, schedule or trigger_job
	CreatedAt  string `json:"created_at"`
	StartedAt  string `json:"started_at"`
	FinishedAt string `json:"finished_at"`
	Creator    struct {
		Name string `json:"name"`
	} `json:"creator"`
	TriggeredFrom struct {
		BuildID string `json:"build_id"`
	} `json:"triggered_from"`
}
