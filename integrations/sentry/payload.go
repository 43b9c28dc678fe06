package sentry

// payload is what is read of any delivery: requests, users, contexts and stack traces are not.
type payload struct {
	Action string `json:"action"`
	Actor  actor  `json:"actor"`
	Data   data   `json:"data"`
}

type actor struct {
	Type string `json:"type"` // user or application
	Name string `json:"name"`
}

type data struct {
	// Of a metric alert.
	MetricAlert      *metricAlert `json:"metric_alert"`
	DescriptionTitle string       `json:"description_title"`
	DescriptionText  string       `json:"description_text"`
	WebURL           string       `json:"web_url"`
	// Of an issue alert.
	Event         *event `json:"event"`
	TriggeredRule string `json:"triggered_rule"`
	// Of an issue.
	Issue *issue `json:"issue"`
}

type metricAlert struct {
	ID          any    `json:"id"` // a text, or a number
	Title       string `json:"title"`
	DateStarted string `json:"date_started"`
	DateClosed  string `json:"date_closed"`
	Rule        struct {
		Name        string   `json:"name"`
		Environment string   `json:"environment"`
		Projects    []string `json:"projects"`
	} `json:"alert_rule"`
	Projects []string `json:"projects"`
}

type event struct {
	ID          string   `json:"event_id"`
	IssueID     string   `json:"issue_id"`
	Title       string   `json:"title"`
	Culprit     string   `json:"culprit"`
	Level       string   `json:"level"`
	Environment string   `json:"environment"`
	Release     string   `json:"release"`
	Timestamp   float64  `json:"timestamp"` // seconds
	URL         string   `json:"url"`
	WebURL      string   `json:"web_url"`
	Tags        [][]*any `json:"tags"`
}

type issue struct {
	ID        string `json:"id"`
	ShortID   string `json:"shortId"`
	Title     string `json:"title"`
	Culprit   string `json:"culprit"`
	Level     string `json:"level"`
	Priority  string `json:"priority"`
	FirstSeen string `json:"firstSeen"`
	WebURL    string `json:"web_url"`
	Permalink string `json:"permalink"`
	Project   struct {
		Slug string `json:"slug"`
	} `json:"project"`
}
