package opsgenie_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
)

// fakeAlerts answers as "Create Alert" of the Alert API has it: 202 for what will be processed, 401 for a key that is not known.
func fakeAlerts(t *testing.T) (server *httptest.Server, alerts map[string]map[string]any) {
	t.Helper()
	alerts = map[string]map[string]any{}
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var alert map[string]any
		if r.Method != http.MethodPost || r.URL.Path != "/v2/alerts" || json.NewDecoder(r.Body).Decode(&alert) != nil {
			t.Errorf("got %s %s", r.Method, r.URL.Path)
		}
		message, _ := alert["message"].(string)
		switch {
		case r.Header.Get("Authorization") != "GenieKey an-api-key":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"message":"Could not authenticate","took":0.001,"requestId":"1"}`))
		case message == "" || utf8.RuneCountInString(message) > 130:
			w.WriteHeader(http.StatusUnprocessableEntity)
		default:
			alerts[alert["alias"].(string)] = alert
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(`{"result":"Request will be processed","took":0.302,"requestId":"43a29c5c-3dbf-4fa4-9c26-f4f71023e120"}`))
		}
	}))
	t.Cleanup(server.Close)
	return server, alerts
}

func pager(t *testing.T, server *httptest.Server, key string) integration.Pager {
	t.Helper()
	t.Setenv(integrationtest.Secret, key)
	c := config()
	c.API = server.URL
	integrationtest.Refer(&c.APIKey)
	c.Use(server.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.(integration.Pager)
}

func TestPage(t *testing.T) {
	server, alerts := fakeAlerts(t)
	call := integration.Call{
		Key: "tidings/INC-482/opsgenie", Title: "INC-482: " + strings.Repeat("ß", 130), Services: []string{"checkout-api"}, Environment: "production", By: "ines",
		Text: "the rollback did not help", URL: "https://tidings.example.com/i/482",
	}
	source := pager(t, server, "an-api-key")
	if !source.Pages(t.Context()) {
		t.Error("a source with an API key pages")
	}
	for range 2 { // as when the answer was lost
		if err := source.Page(t.Context(), call); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]map[string]any{"tidings/INC-482/opsgenie": {
		"message": "INC-482: " + strings.Repeat("ß", 120) + "…", "alias": "tidings/INC-482/opsgenie", "description": "the rollback did not help\nhttps://tidings.example.com/i/482",
		"entity": "checkout-api", "source": "Tidings", "priority": "P1", "user": "ines", "details": map[string]any{"service": "checkout-api", "environment": "production"},
	}}
	if diff := cmp.Diff(want, alerts); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
	if err := pager(t, server, "another-key").Page(t.Context(), call); !fault.Is(err, fault.Unauthenticated) || strings.Contains(err.Error(), "another-key") {
		t.Errorf("a key that is not known: %v", err)
	}
	if pager(t, server, "").Pages(t.Context()) {
		t.Error("a source without an API key does not page")
	}
}
