package terraform

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
