package atlantis

// payload is what is read of a webhook: of an apply, or of drift. The addresses of repositories hold credentials, and are not
// read.
type payload struct {
	// Of an apply.
	Workspace string `json:"Workspace"`
	Repo      struct {
		FullName string `json:"FullName"`
	} `json:"Repo"`
	Pull struct {
		Number     int64  `json:"Num"`
		HeadCommit string `json:"HeadCommit"`
		URL        string `json:"URL"`
		BaseBranch string `json:"BaseBranch"`
		Author     string `json:"Author"`
	} `json:"Pull"`
	User struct {
		Username string `json:"Username"`
	} `json:"User"`
	Success     *bool  `json:"Success"`
	Directory   string `json:"Directory"`
	ProjectName string `json:"ProjectName"`

	// Of drift.
	Repository  string    `json:"repository"`
	Ref         string    `json:"ref"`
	DetectionID string    `json:"detection_id"`
	Projects    []drifted `json:"projects"`
}

type drifted struct {
	Name      string `json:"project_name"`
	Path      string `json:"path"`
	Workspace string `json:"workspace"`
	HasDrift  bool   `json:"has_drift"`
	Summary   string `json:"summary"`
}
