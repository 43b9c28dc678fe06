package terraform

import (
	"strings"
	"time"
)

// payload is what is read of a notification: of a run, or of a workspace, which has details.
type payload struct {
	Organization string `json:"organization_name"`
	Workspace    string `json:"workspace_name"`

	RunID         string         `json:"run_id"`
	RunURL        string         `json:"run_url"`
	RunMessage    string         `json:"run_message"`
	RunCreatedBy  string         `json:"run_created_by"`
	Notifications []notification `json:"notifications"`

	Trigger string   `json:"trigger"`
	Message string   `json:"message"`
	Details *details `json:"details"`
	// ConfigurationURL is of the API; its host is that of the page as well.
	ConfigurationURL string `json:"notification_configuration_url"`
}

type notification struct {
	Message      string `json:"message"`
	Trigger      string `json:"trigger"`
	RunStatus    string `json:"run_status"`
	RunUpdatedAt string `json:"run_updated_at"`
	RunUpdatedBy string `json:"run_updated_by"`
}

type details struct {
	Organization string      `json:"organization_name"`
	Workspace    string      `json:"workspace_name"`
	New          *assessment `json:"new_assessment_result"`
	Prior        *assessment `json:"prior_assessment_result"`

	AutoDestroyAt string `json:"auto_destroy_at"`
	RunID         string `json:"run_external_id"`
	RunStatus     string `json:"run_status"`
	RunCreatedAt  string `json:"run_created_at"`
	RunError      string `json:"run_create_error_message"`
}

type assessment struct {
	ID               string `json:"id"`
	Succeeded        bool   `json:"succeeded"`
	Drifted          bool   `json:"drifted"`
	ResourcesDrifted int    `json:"resources_drifted"`
	ChecksFailed     int    `json:"checks_failed"`
	ChecksErrored    int    `json:"checks_errored"`
	CreatedAt        string `json:"created_at"`
}

// runs is a page of a list of runs (JSON:API), with what they refer to.
type runs struct {
	Data []struct {
		ID         string `json:"id"`
		Attributes struct {
			Status    string    `json:"status"`
			Message   string    `json:"message"`
			CreatedAt time.Time `json:"created-at"`
			Times     times     `json:"status-timestamps"`
		} `json:"attributes"`
		Relationships struct {
			Workspace relation `json:"workspace"`
			CreatedBy relation `json:"created-by"`
		} `json:"relationships"`
	} `json:"data"`
	Included []struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Attributes struct {
			Name     string `json:"name"`     // of a workspace
			Username string `json:"username"` // of a user
		} `json:"attributes"`
	} `json:"included"`
	Meta struct {
		Pagination struct {
			Next int `json:"next-page"`
		} `json:"pagination"`
	} `json:"meta"`
}

type relation struct {
	Data struct {
		ID string `json:"id"`
	} `json:"data"`
}

// times are when a run came into each of its states, such as force-canceled-at.
type times map[string]string

func (t times) of(status string) string { return t[strings.ReplaceAll(status, "_", "-")+"-at"] }
