package daemon_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/store/storetest"
)

// own are the events of a kind that Tidings told of itself, newest first.
func own(t *testing.T, url, kind string) []object {
	t.Helper()
	var all []object
	events, _ := get(t, url+"/api/v1/events?service=tidings&class=signal&class=change&kind="+kind)["events"].([]any)
	for _, e := range events {
		all = append(all, e.(object))
	}
	return all
}

func stop(t *testing.T, d *daemon.Daemon) {
	t.Helper()
	if err := d.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, config daemon.Config) *daemon.Daemon {
	t.Helper()
	d, err := daemon.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAnotherConfigurationIsInTheLog(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		stop(t, open(t, config))
		stop(t, open(t, config)) // as it was
		changed := config
		changed.Organisation = "Acme"
		changed.Limits.Streams = 7
		changed.Storage.Endpoint = "https://hunter2-canary.example.com"
		changed.TrustedProxies = []string{"10.0.0.0/8"}
		stop(t, open(t, changed))
		url := server(t, changed) // as it was
		told := own(t, url, "config")
		if len(told) != 1 {
			t.Fatalf("got %d events: %v", len(told), told)
		}
		text, err := json.Marshal(told[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`"title":"Started with another configuration: limits.streams, organisation, storage.endpoint, trusted_proxies"`,
			`{"field":"limits.streams","new":"7","old":"200"}`, `{"field":"organisation","new":"Acme","old":"Tidings"}`,
			`{"field":"storage.endpoint","new":"fingerprint `, `"actor":{"name":"tidings","type":"automation"}`,
		} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s is not in %s", want, text)
			}
		}
		if strings.Contains(string(text), "hunter2-canary") {
			t.Errorf("what may be a secret is in %s", text)
		}
	})
}

func TestShedLoadIsOneEvent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		config.TendEvery(50 * time.Millisecond)
		d := open(t, config)
		for range 30 {
			d.Shed()
		}
		eventually(t, "the beginning of the flood", func() bool { return len(own(t, d.URL(), "alert")) == 1 })
		eventually(t, "the end of the flood", func() bool {
			told := own(t, d.URL(), "alert")
			return len(told) == 1 && told[0]["phase"] == "succeeded" && strings.HasPrefix(told[0]["title"].(string), "Refused 30 requests")
		})
		d.Shed()
		d.Shed()
		stop(t, d) // which tells of it at the latest
		told := own(t, server(t, config), "alert")
		if len(told) != 2 || told[0]["phase"] != "succeeded" || told[0]["labels"].(object)["refused_body"] != "2" {
			t.Errorf("got %v", told)
		}
	})
}

func TestAFullDiskIsInTheLogOnceThereIsRoom(t *testing.T) {
	t.Parallel()
	config := settings(func(c *daemon.Config) { c.Data = t.TempDir() })
	config.TendEvery(50 * time.Millisecond)
	d := open(t, config)
	defer stop(t, d)
	began := time.Now()
	d.NeedFree(1 << 60)
	eventually(t, "the full disk", func() bool { return d.Ready(t.Context()) != nil })
	eventually(t, "a while", func() bool { return time.Since(began) > 1200*time.Millisecond })
	d.NeedFree(1)
	eventually(t, "the event", func() bool { return len(own(t, d.URL(), "alert")) == 1 })
	checkTrouble(t, own(t, d.URL(), "alert")[0], "the disk was full", began)
}

// checkTrouble holds an event to the time in which nothing could be written.
func checkTrouble(t *testing.T, e object, why string, began time.Time) {
	t.Helper()
	started, err := time.Parse(time.RFC3339Nano, e["started_at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	ended, err := time.Parse(time.RFC3339Nano, e["ended_at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(e["title"].(string), why) || started.Before(began.Truncate(time.Microsecond)) || ended.Sub(started) < time.Second {
		t.Errorf("got %v", e)
	}
}

func TestADatabaseThatTookNoWritesIsInTheLog(t *testing.T) {
	t.Parallel()
	config := settings(func(c *daemon.Config) { c.Data, c.DatabaseURL = "", storetest.PostgresURL(t) })
	config.TendEvery(50 * time.Millisecond)
	d := open(t, config)
	defer stop(t, d)
	address, err := url.Parse(config.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(address.Path, "/")
	address.Path = "/postgres"
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set := func(statement string) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	set("ALTER DATABASE " + name + " SET default_transaction_read_only = on")
	eventually(t, "the refusal", func() bool {
		response, err := httpPost(t, d.URL()+"/api/v1/events", `{"title":"x","service":"pricing"}`)
		return err == nil && response >= 500 && d.Ready(t.Context()) != nil
	})
	eventually(t, "a while", func() bool { return time.Since(began) > 1500*time.Millisecond })
	set("ALTER DATABASE " + name + " RESET default_transaction_read_only")
	eventually(t, "the event", func() bool { return d.Ready(t.Context()) == nil && len(own(t, d.URL(), "alert")) > 0 })
	told := own(t, d.URL(), "alert")
	checkTrouble(t, told[len(told)-1], "the database took no writes", began)
}

func httpPost(t *testing.T, address, body string) (int, error) {
	t.Helper()
	response, err := http.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
