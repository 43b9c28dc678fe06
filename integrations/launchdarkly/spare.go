package launchdarkly

import (
	"bytes"
	"encoding/json"
	"maps"
)

// Spare drops from a body what Decode does not read of the versions of a flag: their rules name the people who use a service.
func (s *Source) Spare(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var content map[string]any
	if decoder.Decode(&content) != nil {
		return nil // of what is no JSON nobody can tell what it holds
	}
	for _, name := range []string{"delta", "triggerBody", "merge", "subentries"} {
		delete(content, name)
	}
	for _, name := range []string{"currentVersion", "previousVersion"} {
		if version, ok := content[name].(map[string]any); ok {
			maps.DeleteFunc(version, func(field string, _ any) bool { return field != "customProperties" })
		}
	}
	spared, err := json.Marshal(content)
	if err != nil {
		return nil
	}
	return spared
}
