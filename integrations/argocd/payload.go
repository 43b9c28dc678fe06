package argocd

import "time"

// payload is what the template of the README writes.
type payload struct {
	Template string `json:"template"`
	About    string `json:"about"` // sync or health
	Server   string `json:"server"`
	App      app    `json:"app"`

	Operation    *operation `json:"operation"`
	History      []synced   `json:"history"` // oldest first
	Images       []string   `json:"images"`  // that the sync applied; Argo CD before 2.14 does not tell
	LiveImages   []string   `json:"live_images"`
	ReconciledAt text       `json:"reconciled_at"` // when live_images were looked at

	Health *health `json:"health"`
}

type app struct {
	Name        string `json:"name"`
	Namespace   string `json:"namespace"`
	UID         string `json:"uid"`
	Project     string `json:"project"`
	Environment string `json:"environment"` // the label of that name
	Cluster     string `json:"cluster"`     // its name, or its address
	Target      string `json:"target"`      // the namespace that it is deployed to
}

type operation struct {
	Phase      string   `json:"phase"`
	Message    string   `json:"message"`
	StartedAt  text     `json:"started_at"`
	FinishedAt text     `json:"finished_at"` // empty while it runs
	Revision   string   `json:"revision"`
	Revisions  []string `json:"revisions"` // of an application with several sources
	Username   string   `json:"username"`
	Automated  bool     `json:"automated"`
	DryRun     bool     `json:"dry_run"`
}

type synced struct {
	Revision  string   `json:"revision"`
	Revisions []string `json:"revisions"`
	StartedAt text     `json:"started_at"`
}

type health struct {
	Status   string   `json:"status"`
	Since    text     `json:"since"` // Argo CD before 2.14 does not tell
	Degraded []string `json:"degraded"`
}

// text is a time as it stands there, RFC 3339, or nothing: a template writes what is not there as an empty text.
type text string

func (t text) time() time.Time {
	at, err := time.Parse(time.RFC3339Nano, string(t))
	if err != nil {
		return time.Time{}
	}
	return at
}
