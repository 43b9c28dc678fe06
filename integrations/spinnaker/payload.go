package spinnaker

// payload is what is read of an event. Contexts of stages hold whatever users write: only the account is read.
type payload struct {
	Details struct {
		Type        string `json:"type"`
		Application string `json:"application"`
	} `json:"details"`
	Content struct {
		ExecutionID string     `json:"executionId"`
		Execution   *execution `json:"execution"`
	} `json:"content"`
	EventID string `json:"eventId"`
}

type execution struct {
	ID             string `json:"id"`
	Application    string `json:"application"`
	Name           string `json:"name"`
	Status         string `json:"status"`
	StartTime      int64  `json:"startTime"` // ms
	EndTime        int64  `json:"endTime"`   // ms
	Authentication struct {
		User string `json:"user"`
	} `json:"authentication"`
	Trigger trigger `json:"trigger"`
	Stages  []stage `json:"stages"`
}

type trigger struct {
	Type      string `json:"type"` // manual, git, docker, jenkins, cron, pipeline, webhook …
	User      string `json:"user"`
	Hash      string `json:"hash"` // of a git trigger
	Tag       string `json:"tag"`  // of a docker trigger
	Artifacts []struct {
		Type    string `json:"type"`
		Version string `json:"version"`
	} `json:"artifacts"`
	BuildInfo struct {
		SCM []struct {
			SHA1 string `json:"sha1"`
		} `json:"scm"`
	} `json:"buildInfo"`
	ParentExecution struct {
		ID string `json:"id"`
	} `json:"parentExecution"`
}

type stage struct {
	Type    string         `json:"type"`
	Status  string         `json:"status"`
	Context map[string]any `json:"context"`
}

// account is where a stage deploys to.
func (s stage) account() string {
	for _, name := range []string{"account", "credentials", "deploy.account.name"} {
		if account, _ := s.Context[name].(string); account != "" {
			return account
		}
	}
	if clusters, _ := s.Context["clusters"].([]any); len(clusters) > 0 {
		if cluster, _ := clusters[0].(map[string]any); cluster != nil {
			account, _ := cluster["account"].(string)
			return account
		}
	}
	return ""
}
