package daemon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/secret"
	kept "tidings.dev/tidings/setting"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// What was set on the page and cannot be opened asks its tool to send again, and says why on its page and in the doctor's list:
// of an address where nothing is, a tool gives up for good.
func TestASourceThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		keyed(t, &config)
		d, err := daemon.Open(t.Context(), config) // makes the keys
		if err == nil {
			err = d.Close(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		put(t, config, map[string]string{
			"newer":   `{"type": "github", "settings": {"of_tomorrow": true}}`,
			"unknown": `{"type": "of_tomorrow"}`,
			"sealed":  `{"type": "github"}`,
			"looks":   `{"type": "git", "settings": {"of_tomorrow": true}}`,
			"off":     `{"type": "github", "disabled": true, "settings": {"of_tomorrow": true}}`,
		})
		url := server(t, config)
		for name, want := range map[string]int{"newer": 503, "unknown": 503, "sealed": 503, "looks": 404, "off": 404} {
			status, wait, text := sendTo(t, url+"/hooks/"+name)
			if status != want || want == 503 && (wait != "60" || !strings.Contains(text, "send it again later")) {
				t.Errorf("%s: %d, again after %q: %s", name, status, wait, text)
			}
		}
		states := map[string]object{}
		for _, one := range get(t, url+"/api/v1/sources")["sources"].([]any) {
			states[one.(object)["name"].(string)] = one.(object)
		}
		for name, says := range map[string]string{"newer": "of_tomorrow", "unknown": "of_tomorrow", "sealed": "does not open", "looks": "of_tomorrow"} {
			if s := states[name]; s["state"] != "failing" || !strings.Contains(fmt.Sprint(s["fault"]), says) {
				t.Errorf("%s is shown as %v", name, s)
			}
		}
		var said []string
		for _, f := range daemon.Examine(t.Context(), config).Findings {
			if f.Grade == daemon.Ill {
				if f.Do == "" {
					t.Errorf("%s: what is to be done?", f.Check)
				}
				said = append(said, f.Check)
			}
		}
		if got := strings.Join(said, ", "); !strings.HasSuffix(got, "source looks, source newer, source sealed, source unknown") {
			t.Errorf("the doctor names %s", got)
		}
	})
}

// put writes settings as another version would have; a secret of "sealed" opens nowhere.
func put(t *testing.T, config daemon.Config, sources map[string]string) {
	t.Helper()
	var s *store.Store
	var err error
	if config.DatabaseURL == "" {
		s, err = sqlite.Open(t.Context(), config.Data)
	} else {
		s, err = postgres.Open(t.Context(), config.DatabaseURL)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keys, err := s.DataKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for _, key := range keys {
		if key.Purpose == secret.ForSealing {
			last = key.ID
		}
	}
	for name, value := range sources {
		one := kept.Setting{Name: "source:" + name, Value: json.RawMessage(value), ChangedAt: time.Now(), ChangedBy: "a test"}
		if name == "sealed" {
			one.Secrets = map[string]kept.Secret{"secret": {ChangedAt: time.Now(), Sealed: secret.Sealed{Key: last, Text: []byte("another key made this")}}}
		}
		if err := s.PutSetting(t.Context(), one, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func sendTo(t *testing.T, address string) (status int, wait, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Hub-Signature-256", "sha256=00")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var problem struct {
		Detail string `json:"detail"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&problem); err != nil {
		t.Error(err)
	}
	return answer.StatusCode, answer.Header.Get("Retry-After"), problem.Detail
}
