package jenkins

// payload is what is read of a notification. The build's log and notes are not.
type payload struct {
	Name  string `json:"name"`
	URL   string `json:"url"` // job/FOLDER/job/NAME/
	Build *build `json:"build"`
}

type build struct {
	FullURL    string         `json:"full_url"`
	URL        string         `json:"url"`
	Number     int64          `json:"number"`
	Phase      string         `json:"phase"`
	Status     string         `json:"status"`
	Timestamp  int64          `json:"timestamp"` // ms; of the start when it starts, of now when it is final
	Duration   int64          `json:"duration"`  // ms
	Parameters map[string]any `json:"parameters"`
	SCM        scm            `json:"scm"`
}

type scm struct {
	URL    string `json:"url"`
	Branch string `json:"branch"`
	Commit string `json:"commit"`
}
