// Package report holds troubles that others published, told once more as the tools of an organisation would have told
// Tidings of them: each a file with its source, what is known, and what was assumed around it. Nothing in it knows of
// the simulator, so that neither can teach the other its habits. internal/ranking replays them.
package report

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

//go:embed cases
var files embed.FS

// Report is one trouble. What is said of it comes from Source; names, surroundings and the clock are ours.
type Report struct {
	Name string `json:"-"`
	// Source is where it was published; Story what happened, and Assumed what was made up for want of knowing.
	Source  string `json:"source"`
	Story   string `json:"story"`
	Assumed string `json:"assumed"`
	// Class is what sort of cause it was, such as "migration"; "none" where no change was it.
	Class string `json:"class"`
	// Tools are those of the organisation: each kind of change is told by the first that can tell it.
	Tools []string `json:"tools"`
	// Unclaimed are tools of whose names nobody said which service they are.
	Unclaimed []string `json:"unclaimed"`
	// Environment is what tools that know of environments say, unless an event has its own; Bare that tools say little.
	Environment string              `json:"environment"`
	Bare        bool                `json:"bare"`
	Services    map[string][]string `json:"services"`  // with what each depends on
	Resources   []string            `json:"resources"` // those of them that are none
	Ask         Question            `json:"ask"`
	// Onset is when it was thought to have begun.
	Onset time.Time `json:"onset"`
	// Cause is the id of the event that did it; empty for none.
	Cause  string  `json:"cause"`
	Events []Event `json:"events"`
}

// Question is what is asked, After so long.
type Question struct {
	Services    []string `json:"services"`
	Environment string   `json:"environment"`
	Region      string   `json:"region"`
	After       string   `json:"after"`
}

// Event is something that happened, before a tool tells of it.
type Event struct {
	ID          string            `json:"id"`
	By          string            `json:"by"` // the tool; the first that can when empty
	Kind        string            `json:"kind"`
	At          string            `json:"at"`   // from the onset on: -12m
	Took        string            `json:"took"` // 3m
	Of          any               `json:"of"`   // a name or several
	Title       string            `json:"title"`
	Detail      string            `json:"detail"`
	Flag        string            `json:"flag"`
	On          *bool             `json:"enabled"` // a flag that is switched
	Share       *float64          `json:"share"`
	ShareBefore float64           `json:"before"`
	Environment string            `json:"env"`
	Region      string            `json:"region"`
	Cluster     string            `json:"cluster"`
	Who         string            `json:"who"`
	Machine     bool              `json:"machine"`
	Version     string            `json:"version"`
	Previous    string            `json:"previous"`
	Commit      string            `json:"commit"`
	Phase       string            `json:"phase"`
	Severity    string            `json:"severity"`
	Diff        []Diff            `json:"diff"`
	Labels      map[string]string `json:"labels"`
}

// Diff is one difference.
type Diff struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Subjects are the names that it is about, as the roll has them.
func (e *Event) Subjects() []string {
	switch of := e.Of.(type) {
	case string:
		return []string{of}
	case []any:
		var all []string
		for _, one := range of {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	return nil
}

// Signal reports whether it is a symptom.
func (e *Event) Signal() bool { return e.Kind == "alert" || e.Kind == "incident" }

// Span reads a duration such as -12m; zero for none.
func Span(text string) (time.Duration, error) { return time.ParseDuration(cmp.Or(text, "0s")) }

// Held reports whether a case is only reported on: nobody looks at its misses. A hash of its name decides.
func (r *Report) Held() bool { return r.hash()%2 == 1 }

func (r *Report) hash() uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, r.Name) // a hash takes everything
	return h.Sum64() >> 7            // the lowest bits of this hash follow the last letter
}

// All reads every case, by name.
func All() ([]*Report, error) {
	entries, err := files.ReadDir("cases")
	if err != nil {
		return nil, err
	}
	var all []*Report
	for _, entry := range entries {
		content, err := files.ReadFile(path.Join("cases", entry.Name()))
		if err != nil {
			return nil, err
		}
		r := &Report{Name: strings.TrimSuffix(entry.Name(), ".yaml")}
		if err := yaml.UnmarshalStrict(content, r); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		all = append(all, r)
	}
	return all, nil
}

// check names what a case lacks.
func (r *Report) check() error {
	var wrong []error
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if r.Source == "" || r.Story == "" || r.Assumed == "" || r.Class == "" || r.Onset.IsZero() {
		fail("source, story, assumed, class and onset are required")
	}
	if (r.Cause == "") != (r.Class == "none") {
		fail("the class is none where there is no cause, and only there")
	}
	known := map[string]bool{}
	for name, needs := range r.Services {
		known[name] = true
		for _, need := range needs {
			if _, ok := r.Services[need]; !ok && !slices.Contains(r.Resources, need) {
				fail("%s depends on %s, which is neither a service nor a resource", name, need)
			}
		}
	}
	for _, resource := range r.Resources {
		known[resource] = true
	}
	for _, name := range r.Ask.Services {
		if !known[name] {
			fail("%s is asked about and is no service", name)
		}
	}
	ids := map[string]bool{"": true}
	for i := range r.Events {
		e := &r.Events[i]
		ids[e.ID] = true
		for _, text := range []string{e.At, e.Took} {
			if _, err := Span(text); err != nil {
				fail("event %q: %w", e.Title, err)
			}
		}
		if e.Title == "" || len(e.Subjects()) == 0 || e.At == "" {
			fail("event %d has no title, subject or time", i+1)
		}
		for _, name := range e.Subjects() {
			if !known[name] {
				fail("event %q: there is no %s", e.Title, name)
			}
		}
		if _, err := r.tool(e); err != nil {
			fail("event %q: %w", e.Title, err)
		}
	}
	if !ids[r.Cause] {
		fail("there is no event %q", r.Cause)
	}
	return errors.Join(wrong...)
}

// Descriptors describe what the case's roll knows.
func (r *Report) Descriptors() string { return Describe(r.Services, r.Resources, r.aliases) }

// Describe writes descriptors of services by what each depends on, and of resources; aliases are how tools call one.
func Describe(services map[string][]string, resources []string, aliases func(name string) []string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(services)) {
		var needs []string
		for _, other := range services[name] {
			if slices.Contains(resources, other) {
				other = "resource:" + other
			}
			needs = append(needs, other)
		}
		fmt.Fprintf(&text, "---\nname: %s\naliases: [%s]\ndepends_on: [%s]\n", name, strings.Join(aliases(name), ", "), strings.Join(needs, ", "))
	}
	for _, name := range resources {
		fmt.Fprintf(&text, "---\nkind: resource\nname: %s\naliases: [%s]\n", name, strings.Join(aliases(name), ", "))
	}
	return text.String()
}
