package growthbook

import (
	"encoding/json"
	"maps"
	"slices"
)

type payload struct {
	Event        string   `json:"event"`
	Created      float64  `json:"created"` // milliseconds
	Data         data     `json:"data"`
	User         *user    `json:"user"`
	Tags         []string `json:"tags"`
	Environments []string `json:"environments"`
}

type data struct {
	Object   object `json:"object"`
	Previous object `json:"previous_attributes"`
	// Names of what was there before in another form; the values are not read.
	keys []string
}

// UnmarshalJSON reads the object and what it was before, and the names of all that was changed.
func (d *data) UnmarshalJSON(text []byte) error {
	type plain data
	var fields struct {
		plain
		Previous map[string]json.RawMessage `json:"previous_attributes"`
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	*d = data(fields.plain)
	for _, key := range slices.Sorted(maps.Keys(fields.Previous)) {
		if key != "dateUpdated" && key != "revision" {
			d.keys = append(d.keys, key)
		}
	}
	_ = json.Unmarshal(fields.Previous["environments"], &d.Previous.Environments)
	_ = json.Unmarshal(fields.Previous["status"], &d.Previous.Status)
	return nil
}

func (d *data) changed() []string { return d.keys[:min(len(d.keys), 20)] }

type object struct {
	ID           string                 `json:"id"`
	FeatureID    string                 `json:"featureId"` // of a safe rollout
	Name         string                 `json:"name"`
	Project      string                 `json:"project"`
	Status       string                 `json:"status"`
	Environments map[string]environment `json:"environments"`
}

type environment struct {
	Enabled *bool `json:"enabled"`
}

type user struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Email string `json:"email"`
}
