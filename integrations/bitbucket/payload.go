package bitbucket

import "time"

// payload is what is read of any delivery: the fields of the events that are mapped, and no others.
type payload struct {
	Actor      account    `json:"actor"`
	Repository repository `json:"repository"`

	Push *struct {
		Changes []pushed `json:"changes"`
	} `json:"push"`
	CommitStatus *commitStatus `json:"commit_status"`
	PullRequest  *pullRequest  `json:"pullrequest"`
}

type repository struct {
	FullName string `json:"full_name"`
}

type account struct {
	Type        string `json:"type"` // user, team or app_user
	Nickname    string `json:"nickname"`
	DisplayName string `json:"display_name"`
}

type links struct {
	HTML   link `json:"html"`
	Commit link `json:"commit"`
}

type link struct {
	Href string `json:"href"`
}

// pushed is one branch or tag of a push.
type pushed struct {
	New       *reference `json:"new"` // nil where it was deleted
	Old       *reference `json:"old"` // nil where it is new
	Links     links      `json:"links"`
	Forced    bool       `json:"forced"`
	Truncated bool       `json:"truncated"` // there were more than five commits
	Commits   []commit   `json:"commits"`
}

type reference struct {
	Type    string    `json:"type"` // branch, named_branch, bookmark or tag
	Name    string    `json:"name"`
	Message string    `json:"message"` // of an annotated tag
	Date    time.Time `json:"date"`    // of an annotated tag
	Target  commit    `json:"target"`
	Links   links     `json:"links"`
}

type commit struct {
	Hash    string    `json:"hash"`
	Message string    `json:"message"`
	Date    time.Time `json:"date"`
}

type commitStatus struct {
	Key         string    `json:"key"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	State       string    `json:"state"`
	URL         string    `json:"url"`
	Refname     string    `json:"refname"` // empty where whoever set the status did not say
	CreatedOn   time.Time `json:"created_on"`
	UpdatedOn   time.Time `json:"updated_on"`
	Commit      commit    `json:"commit"`
	Links       links     `json:"links"`
}

type pullRequest struct {
	ID          int64     `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	UpdatedOn   time.Time `json:"updated_on"`
	MergeCommit commit    `json:"merge_commit"`
	ClosedBy    account   `json:"closed_by"`
	Author      account   `json:"author"`
	Destination struct {
		Branch struct {
			Name string `json:"name"`
		} `json:"branch"`
	} `json:"destination"`
	Links links `json:"links"`
}
