package daemon

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the documents that are made from the code")

// documented is docs/metrics.md.
func documented(all []listed) string {
	var b strings.Builder
	b.WriteString(`# Metrics

` + "`GET /metrics`" + ` speaks the Prometheus text format. Beside what is listed here there are the usual ` + "`go_*` and `process_*`" + `
metrics. Times are in seconds, sizes in bytes. Labels have few values: names that outsiders choose are counted apart for
the first hundred sources only, and as ` + "`other`" + ` from there on. A dashboard and alert rules that use them lie in
[deploy/observability](../deploy/observability/); what to do about each alert stands in [operations.md](operations.md).

This page is made from the code: ` + "`go test ./internal/daemon -run Metrics -update`" + `.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
`)
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b listed) int { return cmp.Compare(a.name, b.name) })
	for _, metric := range all {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", metric.name, metric.kind, strings.Join(metric.labels, ", "), metric.help)
	}
	return b.String()
}

func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	newCollector(&Daemon{metrics: m})
	const path = "../../docs/metrics.md"
	want := documented(m.listed)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("docs/metrics.md is not what the code says (%v): go test ./internal/daemon -run Metrics -update", err)
	}
}

// Whoever posts events names their sources: that must not make metrics without end.
func TestSourcesOfMetricsAreBounded(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.source("first")
	for i := range 1000 {
		m.source(fmt.Sprint(i))
	}
	if m.source("one more") != "other" || m.source("first") != "first" || len(m.sources) != namedSources {
		t.Errorf("%d sources are named", len(m.sources))
	}
}

// What the dashboard and the alert rules ask for has to be there, or they would show nothing and never fire.
func TestObservabilityAsksForMetricsThatExist(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	newCollector(&Daemon{metrics: m})
	known := map[string]string{}
	for _, metric := range m.listed {
		known[metric.name] = metric.kind
	}
	named := regexp.MustCompile(`\btidings_[a-z_]+`)
	for _, name := range []string{"alerts.yaml", "dashboard.json"} {
		content, err := os.ReadFile("../../deploy/observability/" + name)
		if err != nil {
			t.Fatal(err)
		}
		found := named.FindAllString(string(content), -1)
		if len(found) < 8 {
			t.Errorf("%s names %d metrics", name, len(found))
		}
		for _, metric := range found {
			base, ofHistogram := metric, false
			for _, end := range []string{"_bucket", "_sum", "_count"} {
				if cut, ok := strings.CutSuffix(metric, end); ok {
					base, ofHistogram = cut, true
				}
			}
			if kind, ok := known[base]; !ok || ofHistogram != (kind == aHistogram) {
				t.Errorf("%s asks for %s, which is not there", name, metric)
			}
		}
	}
}
