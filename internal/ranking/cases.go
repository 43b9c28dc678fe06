package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sigs.k8s.io/yaml"

	"tidings.dev/tidings/internal/ranking/report"
	"tidings.dev/tidings/internal/simulator"
)

// The cases are written by hand after the shapes of published post-mortems, under names of our own.
//
//go:embed testdata/cases
var caseFiles embed.FS

// handCase is one trouble as a file tells it.
type handCase struct {
	Story string `json:"story"`
	// Services are what there is, each with what it depends on.
	Services  map[string][]string `json:"services"`
	Resources []string            `json:"resources"`
	Ask       struct {
		Services    []string `json:"services"`
		Environment string   `json:"environment"`
		Region      string   `json:"region"`
	} `json:"ask"`
	Onset time.Time `json:"onset"`
	// Cause is the key of the event that did it; empty when none did.
	Cause  string      `json:"cause"`
	Events []caseEvent `json:"events"`
}

type caseEvent struct {
	Source      string            `json:"source"`
	Key         string            `json:"key"`
	Kind        string            `json:"kind"`
	At          string            `json:"at"` // from the onset on: -12m
	Took        string            `json:"took"`
	Title       string            `json:"title"`
	Subjects    []string          `json:"subjects"`
	Environment string            `json:"environment"`
	Region      string            `json:"region"`
	Cluster     string            `json:"cluster"`
	Phase       string            `json:"phase"`
	Version     string            `json:"version"`
	Previous    string            `json:"previous"`
	Commit      string            `json:"commit"`
	Actor       any               `json:"actor"`
	Exposure    *float64          `json:"exposure"`
	Diff        []simulator.Diff  `json:"diff"`
	Labels      map[string]string `json:"labels"`
}

// A case is asked about in several crowds: so many ordinary changes stand around it, beside those that it tells, and others each
// time, so that no one of them decides what is said of the ranking.
const (
	crowds = 5
	crowd  = 24
)

func readCases() (map[string]handCase, error) {
	files, err := caseFiles.ReadDir("testdata/cases")
	if err != nil {
		return nil, err
	}
	cases := map[string]handCase{}
	for _, file := range files {
		content, err := caseFiles.ReadFile(path.Join("testdata/cases", file.Name()))
		if err != nil {
			return nil, err
		}
		var one handCase
		if err := yaml.UnmarshalStrict(content, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		cases[strings.TrimSuffix(file.Name(), ".yaml")] = one
	}
	return cases, nil
}

// world makes a world of a case: its own events, and one of its crowds, ordinary changes of the day before, around them.
func (c *handCase) world(name string, among uint64) (*simulator.World, error) {
	w := &simulator.World{Shape: simulator.Shape{Name: name, Held: true}, Seed: among}
	w.Descriptors = report.Describe(c.Services, c.Resources, func(string) []string { return nil })
	in := simulator.Incident{Services: c.Ask.Services, Environment: c.Ask.Environment, Region: c.Ask.Region, Onset: c.Onset, Began: c.Onset, Asked: c.Onset.Add(6 * time.Minute), Kind: "none"}
	var wrong []error
	span := func(text string) time.Duration {
		d, err := time.ParseDuration(cmp.Or(text, "0s"))
		wrong = append(wrong, err)
		return d
	}
	for _, e := range c.Events {
		at := c.Onset.Add(span(e.At))
		told := simulator.Event{
			Source: cmp.Or(e.Source, e.Kind), Key: e.Key, Kind: e.Kind, Phase: e.Phase, Title: e.Title, Subjects: e.Subjects, Environment: e.Environment, Region: e.Region,
			Cluster: e.Cluster, StartedAt: at, Told: at, Version: e.Version, Previous: e.Previous, Commit: e.Commit, Diff: e.Diff, Exposure: e.Exposure, Labels: e.Labels,
		}
		switch actor := e.Actor.(type) {
		case string:
			told.Actor = &simulator.Actor{Type: "automation", Name: actor}
		case map[string]any:
			told.Actor = &simulator.Actor{Type: fmt.Sprint(actor["type"]), Name: fmt.Sprint(actor["name"])}
		}
		if took := span(e.Took); took > 0 && e.Phase == "" {
			told.EndedAt = at.Add(took)
		}
		ref := simulator.Ref{Source: told.Source, Key: told.Key}
		if e.Key == c.Cause {
			in.Kind, in.Lag, in.Cause = e.Kind, c.Onset.Sub(at), []simulator.Ref{ref}
		}
		if e.Kind != "alert" && e.Kind != "incident" && !at.After(c.Onset) {
			in.Rivals = append(in.Rivals, rivalOf(&told, c.Ask.Services))
		}
		w.Events = append(w.Events, told)
	}
	w.Events = append(w.Events, c.ordinary(name, among)...)
	for i := range w.Events[len(c.Events):] {
		in.Rivals = append(in.Rivals, rivalOf(&w.Events[len(c.Events)+i], c.Ask.Services))
	}
	slices.SortStableFunc(in.Rivals, func(a, b simulator.Rival) int { return b.At.Compare(a.At) })
	slices.SortStableFunc(w.Events, func(a, b simulator.Event) int { return a.Told.Compare(b.Told) })
	if c.Cause != "" && in.Cause == nil {
		wrong = append(wrong, fmt.Errorf("there is no event %q", c.Cause))
	}
	w.Incidents = []simulator.Incident{in}
	return w, errors.Join(wrong...)
}

func rivalOf(e *simulator.Event, asked []string) simulator.Rival {
	return simulator.Rival{
		Refs: []simulator.Ref{{Source: e.Source, Key: e.Key}}, At: e.StartedAt,
		Here: slices.ContainsFunc(e.Subjects, func(s string) bool { return slices.Contains(asked, s) }),
	}
}

// ordinary makes changes such as there are every day, spread over the day before, some of them shortly before.
func (c *handCase) ordinary(name string, among uint64) []simulator.Event {
	h := fnv.New64a()
	_, _ = io.WriteString(h, name)               // a hash takes everything
	r := rand.New(rand.NewPCG(h.Sum64(), among)) //nolint:gosec // the same numbers every time are the point
	services := slices.Sorted(maps.Keys(c.Services))
	var events []simulator.Event
	for i := range crowd {
		service := services[r.IntN(len(services))]
		at := c.Onset.Add(-time.Duration(r.Int64N(int64(24 * time.Hour))))
		if i%6 == 0 {
			at = c.Onset.Add(-time.Duration(r.Int64N(int64(90 * time.Minute))))
		}
		e := simulator.Event{Source: "ordinary", Key: fmt.Sprint(i), StartedAt: at.Truncate(time.Second), Told: at, Subjects: []string{service}, Environment: c.Ask.Environment}
		switch r.IntN(5) {
		case 0, 1:
			e.Kind, e.Title = "deploy", fmt.Sprintf("%s build %d", service, 100+r.IntN(900))
			e.EndedAt = e.StartedAt.Add(time.Duration(1+r.IntN(8)) * time.Minute)
		case 2:
			e.Kind, e.Title = "config", fmt.Sprintf("%s settings changed", service)
		case 3:
			e.Kind, e.Title = "flag", fmt.Sprintf("%s experiment switch %d", service, r.IntN(50))
		default:
			e.Kind, e.Title = "scaling", fmt.Sprintf("%s %d to %d instances", service, 4+r.IntN(4), 4+r.IntN(4))
			e.Actor = &simulator.Actor{Type: "automation", Name: "autoscaler"}
		}
		events = append(events, e)
	}
	return events
}

// handwritten asks about the cases.
func (s *settings) handwritten(ctx context.Context) (results, error) {
	cases, err := readCases()
	if err != nil {
		return nil, err
	}
	var all results
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		one := cases[name]
		for among := range uint64(crowds) {
			world, err := one.world(name, among+1)
			if err != nil {
				return nil, fmt.Errorf("case %s: %w", name, err)
			}
			found, err := s.world(ctx, world)
			if err != nil {
				return nil, fmt.Errorf("case %s: %w", name, err)
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

func (all results) printCases(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nafter post-mortems\tcrowd\tcause\tplace\tlatest first\tof\tnone\t\n")
	for i := range all {
		r := &all[i]
		place, recent := fmt.Sprint(r.place()), fmt.Sprint(r.recent())
		if len(r.incident.Cause) == 0 {
			recent = "–"
			if place = "silent"; !r.silent() {
				place = "names one"
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%d\t%.2f\t\n", r.shape, r.seed, r.incident.Kind, place, recent, len(r.incident.Rivals), r.answer.None)
	}
	guilty := all.guilty()
	row(w, "suspects\t", len(guilty), guilty.score((*result).place))
	row(w, "latest first\t", len(guilty), guilty.score((*result).recent))
	_ = w.Flush() // what is printed goes to a person
}
