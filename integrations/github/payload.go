package github

import (
	"slices"
	"time"
)

// payload is what is read of any delivery: the fields of the events that are mapped, and no others.
type payload struct {
	Action     string     `json:"action"`
	Repository repository `json:"repository"`
	Sender     user       `json:"sender"`

	Deployment       *deployment       `json:"deployment"`
	DeploymentStatus *deploymentStatus `json:"deployment_status"`
	WorkflowRun      *workflowRun      `json:"workflow_run"`
	PullRequest      *pullRequest      `json:"pull_request"`
	Release          *release          `json:"release"`

	// Of a push.
	Ref        string   `json:"ref"`
	Before     string   `json:"before"`
	After      string   `json:"after"`
	Deleted    bool     `json:"deleted"`
	Forced     bool     `json:"forced"`
	Compare    string   `json:"compare"`
	Commits    []commit `json:"commits"`
	HeadCommit *commit  `json:"head_commit"`

	// files are those that were changed, of an event that does not name them and of which GitHub was asked; partly where there
	// are more.
	files []string
}

// changed are the files that were changed, as far as they are known. A push names them.
func (p *payload) changed() []string {
	files := p.files
	for i := range p.Commits {
		c := &p.Commits[i]
		files = slices.Concat(files, c.Added, c.Removed, c.Modified)
	}
	return files
}

type repository struct {
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
	HTMLURL       string `json:"html_url"`
	// Of lists of the API.
	Archived bool `json:"archived"`
	Disabled bool `json:"disabled"`
}

type user struct {
	Login string `json:"login"`
	Type  string `json:"type"` // User, Bot or Organization
}

type deployment struct {
	ID                  int64     `json:"id"`
	SHA                 string    `json:"sha"`
	Ref                 string    `json:"ref"`
	Task                string    `json:"task"`
	Environment         string    `json:"environment"`
	OriginalEnvironment string    `json:"original_environment"`
	Description         string    `json:"description"`
	Creator             user      `json:"creator"`
	CreatedAt           time.Time `json:"created_at"`
}

type deploymentStatus struct {
	State          string    `json:"state"`
	Description    string    `json:"description"`
	Environment    string    `json:"environment"`
	TargetURL      string    `json:"target_url"`
	LogURL         string    `json:"log_url"`
	EnvironmentURL string    `json:"environment_url"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

type workflowRun struct {
	ID           int64     `json:"id"`
	Name         string    `json:"name"`
	DisplayTitle string    `json:"display_title"`
	HeadBranch   string    `json:"head_branch"`
	HeadSHA      string    `json:"head_sha"`
	RunNumber    int64     `json:"run_number"`
	RunAttempt   int64     `json:"run_attempt"`
	Event        string    `json:"event"`
	Status       string    `json:"status"`
	Conclusion   string    `json:"conclusion"`
	HTMLURL      string    `json:"html_url"`
	RunStartedAt time.Time `json:"run_started_at"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	Actor        user      `json:"triggering_actor"`
}

type pullRequest struct {
	Number         int64     `json:"number"`
	Title          string    `json:"title"`
	Body           string    `json:"body"`
	HTMLURL        string    `json:"html_url"`
	Merged         bool      `json:"merged"`
	MergedAt       time.Time `json:"merged_at"`
	UpdatedAt      time.Time `json:"updated_at"`
	MergeCommitSHA string    `json:"merge_commit_sha"`
	MergedBy       user      `json:"merged_by"`
	User           user      `json:"user"`
	Base           struct {
		Ref string `json:"ref"`
	} `json:"base"`
	Labels []struct {
		Name string `json:"name"`
	} `json:"labels"`
}

type release struct {
	ID          int64     `json:"id"`
	TagName     string    `json:"tag_name"`
	Name        string    `json:"name"`
	Body        string    `json:"body"`
	HTMLURL     string    `json:"html_url"`
	Draft       bool      `json:"draft"`
	Prerelease  bool      `json:"prerelease"`
	Author      user      `json:"author"`
	PublishedAt time.Time `json:"published_at"`
	CreatedAt   time.Time `json:"created_at"`
}

type commit struct {
	ID        string    `json:"id"`
	Message   string    `json:"message"`
	Timestamp time.Time `json:"timestamp"`
	URL       string    `json:"url"`
	Added     []string  `json:"added"`
	Removed   []string  `json:"removed"`
	Modified  []string  `json:"modified"`
	Author    struct {
		Name     string `json:"name"`
		Username string `json:"username"`
	} `json:"author"`
}
