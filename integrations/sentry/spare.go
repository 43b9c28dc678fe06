package sentry

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// read are the fields of an event that Decode reads. All others hold what people did, and who they are: addresses, cookies,
// stacks with values.
var read = []string{
	"event_id", "issue_id", "title", "culprit", "level", "environment", "release", "timestamp", "url", "web_url", "project", "platform",
}

// readTags are the tags that Decode reads.
var readTags = []any{"environment", "release", "level"}

// Spare leaves of an event what is read of it.
func (s *Source) Spare(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var content map[string]any
	if decoder.Decode(&content) != nil {
		return nil // of what is no JSON nobody can tell what it holds
	}
	data, _ := content["data"].(map[string]any)
	for _, name := range []string{"event", "error"} {
		if event, ok := data[name].(map[string]any); ok {
			tags, _ := event["tags"].([]any)
			maps.DeleteFunc(event, func(field string, _ any) bool { return !slices.Contains(read, field) })
			event["tags"] = slices.DeleteFunc(tags, func(tag any) bool {
				pair, _ := tag.([]any)
				return len(pair) != 2 || !slices.Contains(readTags, pair[0])
			})
		}
	}
	spared, err := json.Marshal(content)
	if err != nil {
		return nil
	}
	return spared
}
