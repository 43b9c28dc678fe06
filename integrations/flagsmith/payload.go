package flagsmith

import "encoding/json"

type payload struct {
	EventType string `json:"event_type"`
	Data      data   `json:"data"`
}

type data struct {
	ChangedBy     string `json:"changed_by"`
	Timestamp     string `json:"timestamp"`
	NewState      *state `json:"new_state"`
	PreviousState *state `json:"previous_state"`

	// Of a version: it names no environment and no time.
	UUID        string  `json:"uuid"`
	Feature     feature `json:"feature"`
	PublishedBy *user   `json:"published_by"`
}

type state struct {
	Enabled            bool            `json:"enabled"`
	Value              json.RawMessage `json:"feature_state_value"` // compared, and never kept: it can be a secret
	Feature            feature         `json:"feature"`
	Environment        named           `json:"environment"`
	FeatureSegment     json.RawMessage `json:"feature_segment"`
	Identity           any             `json:"identity"`
	IdentityIdentifier any             `json:"identity_identifier"`
}

// Segment reports whether the state is that for a segment of identities.
func (s *state) Segment() bool {
	return len(s.FeatureSegment) > 0 && string(s.FeatureSegment) != "null"
}

type feature struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Project named  `json:"project"`
}

type named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type user struct {
	Email string `json:"email"`
}
