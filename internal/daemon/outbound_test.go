package daemon_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/tidings/api/login"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/daemon"
)

// inside is a server of this machine that says whether anybody asked it.
func inside(t *testing.T) (address string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// What the configuration says of a provider and of a collector keeps to the rule of every other address.
func TestOnlyWhatIsAllowedInsideIsAsked(t *testing.T) {
	t.Parallel()
	for name, allow := range map[string][]string{"nothing allowed": nil, "allowed beside it": {"127.0.0.1"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider, providerAsked := inside(t)
			collector, collectorAsked := inside(t)
			config := traced(t, settings(func(c *daemon.Config) {
				c.Data = t.TempDir()
				c.Login.Providers = []login.ProviderConfig{{Name: "company", Issuer: provider, ClientID: "tidings", Allow: allow}}
			}), collector)
			config.Traces.Allow = allow
			d := open(t, config)
			if status, _, _ := fetch(t, d.URL()+"/api/v1/entities/service/tidings"); status != http.StatusOK {
				t.Fatalf("got %d", status)
			}
			if allow != nil {
				eventually(t, "the provider is asked", func() bool { return providerAsked.Load() > 0 })
			} else {
				time.Sleep(200 * time.Millisecond) // it is looked for at once
			}
			stop(t, d) // which sends the spans
			if got, want := providerAsked.Load() > 0, allow != nil; got != want {
				t.Errorf("the provider was asked: got %v, want %v", got, want)
			}
			if got, want := collectorAsked.Load() > 0, allow != nil; got != want {
				t.Errorf("the collector was asked: got %v, want %v", got, want)
			}
		})
	}
}

func TestEveryAllowIsChecked(t *testing.T) {
	t.Parallel()
	config := daemon.Default()
	wrong := []string{"https://inside"}
	config.Outbound.Allow, config.Storage.Allow, config.Traces.Allow = wrong, wrong, wrong
	config.Login.Providers = []login.ProviderConfig{{Name: "company", Issuer: "https://id.example.com", ClientID: "tidings", Allow: wrong}}
	var got []string
	if err, ok := errors.AsType[*fault.Error](config.Validate()); ok {
		for _, one := range err.Faults {
			got = append(got, one.Pointer)
		}
	}
	if want := []string{"login.providers[0].allow", "outbound.allow", "storage.allow", "traces.allow"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
