package incidentio

import "time"

// incident is what is read of one.
type incident struct {
	ID         string           `json:"id"`
	Reference  string           `json:"reference"`
	Name       string           `json:"name"`
	Summary    string           `json:"summary"`
	Permalink  string           `json:"permalink"`
	Mode       string           `json:"mode"`
	CreatedAt  time.Time        `json:"created_at"`
	UpdatedAt  time.Time        `json:"updated_at"`
	Severity   *named           `json:"severity"`
	Type       *named           `json:"incident_type"`
	Status     status           `json:"incident_status"`
	Creator    creator          `json:"creator"`
	Fields     []fieldEntry     `json:"custom_field_entries"`
	Timestamps []timestampEntry `json:"incident_timestamp_values"`
}

type named struct {
	Name string `json:"name"`
}

type status struct {
	Name     string `json:"name"`
	Category string `json:"category"`
}

type creator struct {
	User *named `json:"user"`
}

type fieldEntry struct {
	Field  named   `json:"custom_field"`
	Values []value `json:"values"`
}

type value struct {
	Entry  *entry  `json:"value_catalog_entry"`
	Option *option `json:"value_option"`
	Text   string  `json:"value_text"`
}

type entry struct {
	Name       string `json:"name"`
	ExternalID string `json:"external_id"`
}

type option struct {
	Value string `json:"value"`
}

type timestampEntry struct {
	Timestamp named `json:"incident_timestamp"`
	Value     *struct {
		Value time.Time `json:"value"`
	} `json:"value"`
}
