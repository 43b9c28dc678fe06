//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// event is one of the feed, as the API shows it.
type event struct {
	ID          string            `json:"id"`
	Source      string            `json:"source"`
	Key         string            `json:"key"`
	Kind        string            `json:"kind"`
	Phase       string            `json:"phase"`
	Title       string            `json:"title"`
	Detail      string            `json:"detail"`
	Subjects    []string          `json:"subjects"`
	Cluster     string            `json:"cluster"`
	Environment string            `json:"environment"`
	Actor       actor             `json:"actor"`
	StartedAt   time.Time         `json:"started_at"`
	EndedAt     time.Time         `json:"ended_at"`
	ReceivedAt  time.Time         `json:"received_at"`
	Version     string            `json:"version"`
	Previous    string            `json:"previous"`
	Diff        []diff            `json:"diff"`
	Labels      map[string]string `json:"labels"`
	Dark        bool              `json:"dark"`
}

type diff struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

func (e *event) String() string {
	text := fmt.Sprintf("%s %s %s %q on %v by %s %s at %s (%s, %s)", e.Kind, e.Phase, clock(e.StartedAt), e.Title, e.Subjects, e.Actor.Type, e.Actor.Name, e.object(), e.aspect(), e.Key)
	for _, d := range e.Diff {
		text += fmt.Sprintf(", %s %q → %q", d.Field, d.Old, d.New)
	}
	return text
}

func (e *event) object() string { return e.Labels["object"] }

// aspect is what of its object an event is about.
func (e *event) aspect() string {
	_, rest, _ := strings.Cut(e.object(), "/")
	kind, _, _ := strings.Cut(rest, "/")
	first := ""
	if len(e.Diff) > 0 {
		first = e.Diff[0].Field
	}
	switch change := e.Labels["change"]; {
	case e.Kind == "alert":
		return "alert"
	case strings.HasPrefix(e.object(), "node/"):
		return aspectNode
	case change == "created", change == "removed", change == "exposed", change == "hidden":
		return aspectExistence
	case kind == "configmap", kind == "secret":
		return aspectData
	case e.Kind == "traffic":
		return aspectTraffic
	case e.Kind == "scaling":
		return aspectReplicas
	case strings.HasPrefix(first, "autoscaling/"):
		return aspectAutoscaling
	case first == "paused", first == "suspended", first == "schedule", first == "time_zone", strings.HasPrefix(first, "strategy/"):
		return aspectSettings
	}
	return aspectTemplate
}

// client asks the server.
type client struct {
	http *http.Client
	url  string
}

func (c *client) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %d: %.300s", path, answer.StatusCode, content)
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("GET %s: %w: %.300s", path, err, content)
	}
	return nil
}

// feed reads all events of a source.
func (c *client) feed(ctx context.Context, source string) ([]*event, error) {
	var all []*event
	for cursor, page := "", 0; page == 0 || cursor != ""; page++ {
		var answer struct {
			Events []*event `json:"events"`
			Next   string   `json:"next"`
		}
		if err := c.get(ctx, "/api/v1/events?limit=1000&source="+url.QueryEscape(source)+"&cursor="+url.QueryEscape(cursor), &answer); err != nil {
			return nil, err
		}
		all = append(all, answer.Events...)
		cursor = answer.Next
	}
	return all, nil
}
