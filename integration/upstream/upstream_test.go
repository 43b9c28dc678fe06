package upstream_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration/upstream"
)

// Each way in which a tool can fail is a fault with words that help, and never tells the credential.
func TestAnswersBecomeFaults(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   fault.Code
		says   string
		after  time.Duration
	}{
		"the token is not known":      {401, nil, `{"message":"Bad credentials"}`, fault.Unauthenticated, "Bad credentials", 0},
		"the token may not":           {403, map[string]string{"X-RateLimit-Remaining": "4999"}, `{"message":"Resource not accessible"}`, fault.Forbidden, "permissions", 0},
		"there is nothing":            {404, nil, `{}`, fault.NotFound, "/things", 0},
		"too many, in seconds":        {429, map[string]string{"Retry-After": "17"}, ``, fault.RateLimited, "no more requests", 17 * time.Second},
		"too many, as a date":         {429, map[string]string{"Retry-After": now.Add(time.Minute).Format(http.TimeFormat)}, ``, fault.RateLimited, "", time.Minute},
		"too many, GitHub":            {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795348920"}, `{"message":"API rate limit exceeded"}`, fault.RateLimited, "rate limit", 2 * time.Minute},
		"too many, GitHub's other":    {403, nil, `{"message":"You have exceeded a secondary rate limit"}`, fault.RateLimited, "", time.Minute},
		"too many, in milliseconds":   {429, map[string]string{"X-RateLimit-Reset": "1795348830000"}, ``, fault.RateLimited, "", 30 * time.Second},
		"too many, seconds from now":  {429, map[string]string{"RateLimit-Reset": "5"}, ``, fault.RateLimited, "", 5 * time.Second},
		"too many, the newest form":   {429, map[string]string{"RateLimit": `"default";r=0;t=9`}, ``, fault.RateLimited, "", 9 * time.Second},
		"a fault of its own":          {500, nil, `<html>`, fault.Unavailable, "fault of its own (500)", 0},
		"down, and says until when":   {503, map[string]string{"Retry-After": "3"}, ``, fault.Unavailable, "", 3 * time.Second},
		"a web page":                  {200, map[string]string{"Content-Type": "text/html"}, `<!doctype html><p>Log in`, fault.Unavailable, "web page", 0},
		"nothing":                     {200, nil, ``, fault.Unavailable, "with nothing", 0},
		"another type":                {200, nil, `{"name": 7}`, fault.Unavailable, "field Name", 0},
		"cut short":                   {200, nil, `{"name": "a`, fault.Unavailable, "not JSON", 0},
		"refused":                     {422, nil, `{"errors":["per_page is too large"]}`, fault.Invalid, "per_page", 0},
		"the connection is cut short": {0, nil, ``, fault.Unavailable, "did not answer", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if test.status == 0 {
					panic(http.ErrAbortHandler)
				}
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}))
			defer server.Close()
			client := upstream.Client{
				Tool: "The tool", Base: server.URL + "/api", HTTP: server.Client(), Now: func() time.Time { return now },
				Sign: func(_ context.Context, r *http.Request) error {
					r.Header.Set("Authorization", "Bearer canary")
					return nil
				},
			}
			var into struct{ Name string }
			_, err := client.Get(t.Context(), "things?token=canary", nil, &into)
			if !fault.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || fault.RetryAfter(err) != test.after {
				t.Errorf("got %v (after %s), want %s, %q after %s", err, fault.RetryAfter(err), test.want, test.says, test.after)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error tells the credential: %v", err)
			}
		})
	}
}

// Pages are followed at the host that the credential is for, and nowhere else.
func TestPages(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("page") {
		case "":
			w.Header().Set("Link", `<https://elsewhere.example/a>; rel="last", </api/things?page=2>; rel="next"`)
		case "2":
			w.Header().Set("Link", `<https://elsewhere.example/api/things?page=3>; rel="next"`)
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", "60")
		}
		_, _ = w.Write([]byte(`[]`))
	}))
	defer server.Close()
	client := upstream.Client{Tool: "The tool", Base: server.URL + "/api/", HTTP: server.Client()}
	first, err := client.Get(t.Context(), "/things", nil, nil)
	if err != nil || first.Next != server.URL+"/api/things?page=2" || first.Wait != 0 {
		t.Fatalf("got %q, wait %s, %v", first.Next, first.Wait, err)
	}
	second, err := client.Get(t.Context(), first.Next, nil, nil)
	if err != nil || second.Wait != time.Minute {
		t.Fatalf("wait %s, %v", second.Wait, err)
	}
	if _, err := client.Get(t.Context(), second.Next, nil, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a page at another host was asked for: %v", err)
	}
}
