package daemon_test

import (
	"archive/zip"
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/journal"
)

func graded(findings []daemon.Finding, grade daemon.Grade) []string {
	var all []string
	for _, f := range findings {
		if f.Grade == grade {
			all = append(all, f.Check)
		}
	}
	return all
}

func TestDoctorFindsNothingWrongBesideAServer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		if config.Data != "" {
			config.Data = filepath.Join(config.Data, "own") // made by the server, for its user alone
		}
		config.Listen = strings.TrimPrefix(server(t, config), "http://")
		diagnosis := daemon.Examine(t.Context(), config)
		if bad := append(graded(diagnosis.Findings, daemon.Ill), graded(diagnosis.Findings, daemon.Suspect)...); len(bad) > 0 || diagnosis.Ill() {
			t.Errorf("got %+v", diagnosis.Findings)
		}
		if diagnosis.Database.Rows["entity"] == 0 || diagnosis.Database.Schema != diagnosis.Database.Known {
			t.Errorf("got %+v", diagnosis.Database)
		}
	})
}

func TestDoctorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tidings.db"), bytes.Repeat([]byte("damaged "), 1000), 0o644); err != nil { //nolint:gosec // its mode is the point
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // its mode is the point
		t.Fatal(err)
	}
	busy := strings.TrimPrefix(server(t, settings(func(c *daemon.Config) { c.Data = t.TempDir() })), "http://")
	diagnosis := daemon.Examine(t.Context(), settings(func(c *daemon.Config) {
		c.Data, c.Listen, c.LeastFree = dir, busy, 1<<30
		c.Sources = []daemon.SourceConfig{{Name: "lost", Every: 1}}
	}))
	if got := strings.Join(graded(diagnosis.Findings, daemon.Ill), " "); got != "configuration configuration disk database" {
		t.Errorf("got %s: %+v", got, diagnosis.Findings)
	}
	if got := strings.Join(graded(diagnosis.Findings, daemon.Suspect), " "); !strings.HasPrefix(got, "directory") {
		t.Errorf("got %s", got)
	}
	for _, f := range diagnosis.Findings {
		if f.Grade != daemon.Well && f.Do == "" {
			t.Errorf("%s: what is to be done?", f.Check)
		}
	}
}

// Secrets in the configuration, the environment, the database's address and the log must not be in what is sent away.
func TestTheBundleHoldsNoSecret(t *testing.T) {
	const canary = "canary-4f1e"
	t.Setenv("TIDINGS_TOKEN", canary+"-token")
	t.Setenv("DATABASE_URL", "postgres://tidings:"+canary+"-database@127.0.0.1:1/none?sslmode=disable")
	var log bytes.Buffer
	kept := journal.New(&log, journal.Settings{Level: "debug"})
	kept.Error("cannot connect", "url", os.Getenv("DATABASE_URL"), "webhook_secret", canary, "error", "Authorization: Bearer "+canary)
	watch := daemon.WatchRepository("https://user:" + canary + "@git.example.invalid/x.git?token=" + canary)
	running := settings(func(c *daemon.Config) { c.Data, c.Journal, c.Metrics = t.TempDir(), kept, "open" })
	url := server(t, running)
	if response, err := http.Post(url+"/api/v1/events?token="+canary, "application/json", strings.NewReader("{")); err == nil {
		response.Body.Close()
	}
	slog.Debug("not kept: another log")
	_, _, fetched := fetch(t, url+"/support/bundle")
	var offline bytes.Buffer
	if err := daemon.Bundle(t.Context(), &offline, settings(func(c *daemon.Config) {
		c.DatabaseURL = "env:DATABASE_URL"
		c.Sources = []daemon.SourceConfig{watch}
	}), nil); err != nil {
		t.Fatal(err)
	}
	var straight bytes.Buffer
	if err := daemon.Bundle(t.Context(), &straight, settings(func(c *daemon.Config) { c.DatabaseURL = os.Getenv("DATABASE_URL") }), nil); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"running": fetched, "offline": offline.String(), "straight": straight.String()} {
		archive, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatalf("%s: %v: %.200s", name, err, content)
		}
		var names []string
		for _, part := range archive.File {
			file, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(file)
			if err != nil || len(text) == 0 && part.Name != "tables.txt" {
				t.Errorf("%s: %s is empty: %v", name, part.Name, err)
			}
			if strings.Contains(string(text), canary) {
				t.Errorf("%s: %s holds a secret: %s", name, part.Name, text)
			}
			names = append(names, part.Name)
		}
		want := 5
		if name == "running" {
			want = 8
		}
		if len(names) != want {
			t.Errorf("%s: got %v", name, names)
		}
	}
}
