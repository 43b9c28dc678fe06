package opsgenie

import (
	"context"
	"net/http"
	"strings"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

var _ integration.Pager = (*Source)(nil)

// Pages reports whether there is a key of the API.
func (s *Source) Pages(ctx context.Context) bool {
	key, err := s.config.APIKey.Get(ctx)
	return err == nil && key != ""
}

// creation is the body of "Create Alert" of the Alert API.
type creation struct {
	Message     string            `json:"message"` // at most 130 characters
	Alias       string            `json:"alias"`
	Description string            `json:"description,omitempty"`
	Entity      string            `json:"entity,omitempty"`
	Source      string            `json:"source"`
	Priority    string            `json:"priority"`
	Details     map[string]string `json:"details,omitempty"`
	User        string            `json:"user,omitempty"` // at most 100 characters
}

const (
	maxMessage = 130
	maxUser    = 100
)

// Page creates an alert. Opsgenie counts what has the alias of one that is open as the same.
func (s *Source) Page(ctx context.Context, call integration.Call) error {
	services := strings.Join(call.Services, ", ")
	client := &upstream.Client{
		Tool: "Opsgenie", Base: s.config.api(), HTTP: s.config.http,
		Sign: func(ctx context.Context, r *http.Request) error {
			key, err := s.config.APIKey.Get(ctx)
			r.Header.Set("Authorization", "GenieKey "+key)
			return err
		},
	}
	_, err := client.Post(ctx, "v2/alerts", nil, creation{
		Message: cut(call.Title, maxMessage), Alias: call.Key, Description: strings.TrimSpace(call.Text + "\n" + call.URL), Entity: services, Source: "Tidings",
		Priority: "P1", // somebody asks for a person
		Details:  map[string]string{"service": services, "environment": call.Environment}, User: cut(call.By, maxUser),
	}, nil)
	return err
}

// cut bounds a text in characters, as Opsgenie counts them.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
