package argocd

import (
	"encoding/json"
	"time"

	"tidings.dev/tidings/change"
)

// Tell gives the events of an application.
func Tell(s *Source, body []byte) []change.Event {
	var a application
	if json.Unmarshal(body, &a) != nil {
		return nil
	}
	asked := s.asking("https://argocd.example.com")
	asked.now = func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	events, _ := asked.events(&a, time.Time{})
	return events
}
