package daemon

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/internal/journal"
)

// Bundle writes a zip file for whoever has to find out what is wrong. It holds no secret and nothing of the roll or the
// log but their counts. A server adds what it alone knows.
func Bundle(ctx context.Context, w io.Writer, config Config, d *Daemon) error {
	diagnosis := Examine(ctx, config)
	files := []struct {
		name    string
		content func(io.Writer) error
	}{
		{"version.txt", func(w io.Writer) error { return writeVersion(w, &diagnosis) }},
		{"configuration.yaml", func(w io.Writer) error { return writeConfiguration(w, &config) }},
		{"doctor.txt", func(w io.Writer) error { return WriteFindings(w, diagnosis.Findings) }},
		{"tables.txt", func(w io.Writer) error { return writeTables(w, &diagnosis) }},
		{"goroutines.txt", func(w io.Writer) error { return pprof.Lookup("goroutine").WriteTo(w, 1) }},
	}
	if d != nil {
		files = append(files, []struct {
			name    string
			content func(io.Writer) error
		}{
			{"metrics.txt", func(w io.Writer) error { return writeMetrics(w, d.metrics.registry) }},
			{"log.txt", func(w io.Writer) error {
				_, err := w.Write(d.config.Journal.Recent())
				return err
			}},
			{"ready.txt", func(w io.Writer) error {
				for _, check := range d.Checks(ctx) {
					if err := json.NewEncoder(w).Encode(check); err != nil {
						return err
					}
				}
				return nil
			}},
		}...)
	}
	archive := zip.NewWriter(w)
	for _, file := range files {
		// What cannot be found out must not keep the rest from whoever needs it.
		var content bytes.Buffer
		if err := file.content(&content); err != nil {
			fmt.Fprintf(&content, "\nnot complete: %s\n", err)
		}
		part, err := archive.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: time.Now()})
		if err != nil {
			return err
		}
		// Every part passes here once more, whatever wrote it.
		if _, err := io.WriteString(part, journal.Redact(content.String())); err != nil {
			return err
		}
	}
	return archive.Close()
}

// WriteFindings writes one line for each finding, and beneath it what to do.
func WriteFindings(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%-4s  %s: %s\n", f.Grade, f.Check, journal.Redact(f.Detail)); err != nil {
			return err
		}
		if f.Do != "" {
			if _, err := fmt.Fprintf(w, "      → %s\n", f.Do); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeVersion(w io.Writer, d *Diagnosis) error {
	_, err := fmt.Fprintf(w, "tidings %s\n%s\ndatabase %s %s\n", Version, about(), d.Database.Engine, d.Database.Version)
	if build, ok := debug.ReadBuildInfo(); ok && err == nil {
		_, err = fmt.Fprintf(w, "\n%s", build)
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "\n%d processors, %d goroutines\n", runtime.NumCPU(), runtime.NumGoroutine())
	}
	return err
}

// writeConfiguration writes the settings as the log tells of them: what is not known to be harmless is a fingerprint, by
// a key that is gone with this bundle.
func writeConfiguration(w io.Writer, config *Config) error {
	shown, err := harmless(*config, []byte(rand.Text()))
	if err != nil {
		return err
	}
	text, err := yaml.Marshal(shown)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func writeTables(w io.Writer, d *Diagnosis) error {
	var names []string
	for name := range d.Database.Rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, err := fmt.Fprintf(w, "%12d  %s\n", d.Database.Rows[name], name); err != nil {
			return err
		}
	}
	return nil
}

func writeMetrics(w io.Writer, from prometheus.Gatherer) error {
	families, err := from.Gather()
	if err != nil {
		return err
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return err
		}
	}
	return nil
}

// bundleTime is how long a server may take to gather a bundle: the file is checked, and all rows are counted.
const bundleTime = 5 * time.Minute

// mountSupport adds the bundle of a running server, for those who may read settings.
func (d *Daemon) mountSupport(mux *router) {
	mux.open("GET /support/bundle", access.ReadSettings, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), bundleTime)
		defer cancel()
		config := d.config
		config.Listen = d.listener.Addr().String()
		var out bytes.Buffer
		if err := Bundle(ctx, &out, config, d); err != nil {
			refuse(w, http.StatusInternalServerError, "the bundle cannot be made: see the log")
			return
		}
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Disposition", `attachment; filename="tidings-support.zip"`)
		_, _ = w.Write(out.Bytes()) // the client may have gone
	})
}
