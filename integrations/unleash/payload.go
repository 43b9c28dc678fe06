package unleash

import (
	"encoding/json"
	"time"
)

// event is what the webhook posts without a template of one's own.
type event struct {
	ID              int64     `json:"id"`
	Type            string    `json:"type"`
	CreatedBy       string    `json:"createdBy"`
	CreatedAt       time.Time `json:"createdAt"`
	CreatedByUserID int64     `json:"createdByUserId"` // below zero for what is no user: a token, Unleash itself
	Data            state     `json:"data"`
	PreData         state     `json:"preData"`
	Tags            []tag     `json:"tags"`
	FeatureName     string    `json:"featureName"`
	Project         string    `json:"project"`
	Environment     string    `json:"environment"`
}

type tag struct {
	Value string `json:"value"`
}

// state is a strategy or the variants, before and after. What is in it depends on the type of the event, and on Unleash's
// version: what has another form is passed over.
type state struct {
	Name            string
	ChangeRequestID int64
	Constraints     []json.RawMessage // whom they name is not read
	Segments        []json.RawMessage
	Rollout         string
	Variants        []variant
	there           bool
}

type variant struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"` // of 1000; its payload is not read
}

// UnmarshalJSON reads what is known of a state.
func (s *state) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil {
		_ = json.Unmarshal(text, &s.Variants) // older versions have the variants as they are
		return nil
	}
	s.there = fields != nil
	var parameters map[string]json.RawMessage
	for name, into := range map[string]any{
		"name": &s.Name, "changeRequestId": &s.ChangeRequestID, "constraints": &s.Constraints, "segments": &s.Segments,
		"variants": &s.Variants, "parameters": &parameters,
	} {
		_ = json.Unmarshal(fields[name], into)
	}
	if rollout := parameters["rollout"]; json.Unmarshal(rollout, &s.Rollout) != nil {
		var number json.Number
		_ = json.Unmarshal(rollout, &number)
		s.Rollout = number.String()
	}
	return nil
}
