package gitlab

import "slices"

// payload is what is read of any delivery: the fields of the events that are mapped, and no others. Times are texts, of
// several forms: some are "2021-04-28 21:50:00 +0200", some end in UTC.
type payload struct {
	ObjectKind string     `json:"object_kind"`
	Project    project    `json:"project"`
	User       user       `json:"user"`
	Attributes attributes `json:"object_attributes"`

	// Of a deployment.
	DeploymentID    int64  `json:"deployment_id"`
	Status          string `json:"status"`
	StatusChangedAt string `json:"status_changed_at"`
	DeployableURL   string `json:"deployable_url"`
	Environment     string `json:"environment"`
	EnvironmentTier string `json:"environment_tier"`
	EnvironmentURL  string `json:"environment_external_url"`
	ShortSHA        string `json:"short_sha"`
	CommitURL       string `json:"commit_url"`
	CommitTitle     string `json:"commit_title"`

	// Of a push; the ref of a deployment too.
	Ref          string   `json:"ref"`
	Before       string   `json:"before"`
	After        string   `json:"after"`
	UserUsername string   `json:"user_username"`
	Commits      []commit `json:"commits"` // the first twenty
	Count        int      `json:"total_commits_count"`

	// Of a release.
	Action      string  `json:"action"`
	Name        string  `json:"name"`
	Tag         any     `json:"tag"` // a text here, and a boolean of other events
	Description string  `json:"description"`
	CreatedAt   string  `json:"created_at"`
	URL         string  `json:"url"`
	Commit      *commit `json:"commit"`

	// files are those that were changed, of an event that does not name them and of which GitLab was asked.
	files []string
}

// unlisted stands for what the commits changed that a push does not list: it lies in no folder.
const unlisted = "…"

// changed are the files that were changed, as far as they are known. A push names those of its first twenty commits.
func (p *payload) changed() []string {
	files := p.files
	for i := range p.Commits {
		c := &p.Commits[i]
		files = slices.Concat(files, c.Added, c.Removed, c.Modified)
	}
	if p.Count > len(p.Commits) {
		files = append(files, unlisted)
	}
	return files
}

type project struct {
	ID            int64  `json:"id"`
	Path          string `json:"path_with_namespace"`
	DefaultBranch string `json:"default_branch"`
	WebURL        string `json:"web_url"`
}

type user struct {
	Username string `json:"username"`
}

// attributes are those of a pipeline, a merge request or a feature flag.
type attributes struct {
	ID          int64  `json:"id"`
	IID         int64  `json:"iid"`
	Name        string `json:"name"`
	Action      string `json:"action"`
	Status      string `json:"status"`
	URL         string `json:"url"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
	FinishedAt  string `json:"finished_at"`
	Ref         string `json:"ref"`
	Tag         bool   `json:"tag"`
	SHA         string `json:"sha"`
	Source      string `json:"source"`
	Title       string `json:"title"`
	Description string `json:"description"`

	TargetBranch    string  `json:"target_branch"`
	MergeCommitSHA  string  `json:"merge_commit_sha"`
	SquashCommitSHA string  `json:"squash_commit_sha"`
	LastCommit      *commit `json:"last_commit"`

	Active *bool `json:"active"`
}

// commit is one of a push, a merge request or a release; in a pipeline's it has another id, which is not read.
type commit struct {
	ID       any      `json:"id"`
	Message  string   `json:"message"`
	Added    []string `json:"added"`
	Removed  []string `json:"removed"`
	Modified []string `json:"modified"`
}

func (c *commit) hash() string {
	if c == nil {
		return ""
	}
	hash, _ := c.ID.(string)
	return hash
}
