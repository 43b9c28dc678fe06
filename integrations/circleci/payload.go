package circleci

// payload is what is read of a delivery.
type payload struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	HappenedAt string `json:"happened_at"`
	Project    struct {
		Name string `json:"name"`
		Slug string `json:"slug"` // github/acme/payments, or circleci/… of ids
	} `json:"project"`
	Workflow *run     `json:"workflow"`
	Job      *run     `json:"job"`
	Pipeline pipeline `json:"pipeline"`
}

// run is a workflow, which was created, or a job, which started.
type run struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Status    string `json:"status"`
	CreatedAt string `json:"created_at"`
	StartedAt string `json:"started_at"`
	StoppedAt string `json:"stopped_at"`
	URL       string `json:"url"` // of a workflow only
}

type pipeline struct {
	ID      string `json:"id"`
	Number  int64  `json:"number"`
	Trigger struct {
		Type string `json:"type"`
	} `json:"trigger"`
	// VCS is there for projects that log in by GitHub or Bitbucket; all others have the parameters of their trigger.
	VCS struct {
		Repository string `json:"target_repository_url"`
		Revision   string `json:"revision"`
		Branch     string `json:"branch"`
		Tag        string `json:"tag"`
		Commit     struct {
			Subject string `json:"subject"`
			Author  struct {
				Name string `json:"name"`
			} `json:"author"`
		} `json:"commit"`
	} `json:"vcs"`
	Parameters struct {
		Git struct {
			Repository string `json:"checkout_url"`
			Revision   string `json:"checkout_sha"`
			Branch     string `json:"branch"`
			Tag        string `json:"tag"`
		} `json:"git"`
		// GitLab is what the trigger tells, of GitLab, of GitHub's app and of Bitbucket Data Center alike.
		GitLab struct {
			Username string `json:"user_username"`
			Title    string `json:"commit_title"`
			Author   string `json:"commit_author_name"`
		} `json:"gitlab"`
	} `json:"trigger_parameters"`
}
