package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/ranking/report"
	"tidings.dev/tidings/internal/simulator"
)

// reports asks a server of its own about each case after a published report: each tool delivers in its own words, and the
// question is put by the public API.
func (s *settings) reports(ctx context.Context, crowd report.Crowd) (results, error) {
	cases, err := report.All()
	if err != nil {
		return nil, err
	}
	var all results
	for _, one := range cases {
		found, err := replay(ctx, one, crowd)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", one.Name, err)
		}
		all = append(all, *found)
	}
	return all, nil
}

// replay tells a new server of a case, and asks it.
func replay(ctx context.Context, one *report.Report, crowd report.Crowd) (found *result, err error) {
	data, err := os.MkdirTemp("", "tidings-ranking-")
	if err != nil {
		return nil, err
	}
	sources, err := hooks(data)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(data))
	}
	server, end, err := startServer(ctx, data, sources)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := server.describe(ctx, one.Descriptors()); err != nil {
		return nil, err
	}
	deliveries, err := one.Deliveries(crowd)
	if err != nil {
		return nil, err
	}
	for i := range deliveries {
		d := &deliveries[i]
		said, err := server.send(ctx, http.MethodPost, d.Path, d.Header, d.Body)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(said, []byte(`"outcome"`)) && !bytes.Contains(said, []byte(`"outcome":"taken"`)) {
			return nil, fmt.Errorf("what was delivered to %s was not taken: %s: %s", d.Path, said, d.Body)
		}
	}
	found = &result{shape: one.Name, held: one.Held(), incident: &simulator.Incident{
		Services: one.Ask.Services, Environment: one.Ask.Environment, Region: one.Ask.Region, Onset: one.Onset, Asked: one.Asked(), Kind: one.Class,
	}}
	q := question{services: one.Ask.Services, environment: one.Ask.Environment, region: one.Ask.Region, at: one.Onset}
	if found.answer, err = server.ask(ctx, q); err != nil {
		return nil, err
	}
	if err := found.blame(one, crowd); err != nil {
		return nil, err
	}
	for k, off := range []time.Duration{-time.Minute, time.Minute} {
		q.at = one.Onset.Add(off)
		moved, err := server.ask(ctx, q)
		if err != nil {
			return nil, err
		}
		found.moved[k] = moved.place(found.incident.Cause)
		found.lost = found.lost || moved.ruledOut(found.incident.Cause)
	}
	return found, nil
}

// hooks are a source for each tool that delivers; all of them share one secret.
func hooks(data string) ([]daemon.SourceConfig, error) {
	secret := filepath.Join(data, "secret")
	if err := os.WriteFile(secret, []byte(report.Secret), 0o600); err != nil {
		return nil, err
	}
	var all []daemon.SourceConfig
	for _, name := range report.Hooks() {
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: " + name + "\ntype: " + name + "\nsecret: file:" + secret + "\n")); err != nil {
			return nil, err
		}
		all = append(all, source)
	}
	return all, nil
}

// blame finds the cause, and all other changes, in what the server knows. Who told of a change and when it was tell it from
// all others; what the server has not looked at has no events of its own here, and stands nowhere.
func (r *result) blame(one *report.Report, crowd report.Crowd) error {
	events, err := one.Everything(crowd)
	if err != nil {
		return err
	}
	in := r.incident
	seen := map[string]int{} // merges and their deploys are one change
	for i := range events {
		e := &events[i]
		moment, err := one.Moment(e)
		if err != nil {
			return err
		}
		if e.Signal() || moment.Start.After(in.Onset) {
			continue
		}
		refs := r.answer.refs(moment)
		if len(refs) == 0 {
			refs = []simulator.Ref{{Source: moment.Source, Key: "not looked at: " + e.Title}}
		}
		if e.ID == one.Cause && one.Cause != "" {
			in.Cause, in.Lag = refs, in.Onset.Sub(moment.Start)
		}
		rival := simulator.Rival{Refs: refs, At: moment.Start, Here: slices.ContainsFunc(e.Subjects(), func(name string) bool { return slices.Contains(in.Services, name) })}
		if k, ok := seen[refs[0].Source+refs[0].Key]; ok {
			in.Rivals[k].At = moment.Start // the later step
			continue
		}
		seen[refs[0].Source+refs[0].Key] = len(in.Rivals)
		in.Rivals = append(in.Rivals, rival)
	}
	slices.SortStableFunc(in.Rivals, func(a, b simulator.Rival) int { return b.At.Compare(a.At) })
	return nil
}

// refs are those of the change that was told at a moment.
func (a *answer) refs(moment report.Moment) []simulator.Ref {
	for _, lines := range [][]ranked{a.Suspects, a.RuledOut} {
		for i := range lines {
			for _, at := range lines[i].moments {
				if at.source == moment.Source && at.at.Equal(moment.Start) {
					return lines[i].refs
				}
			}
		}
	}
	return nil
}

// printReports prints the cases: of those to learn from each, of those kept apart the sums alone.
func (all results) printReports(out io.Writer, crowd report.Crowd) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nafter published reports, in %s\tcause\tbefore\tplace\tlatest first\tof\tsaid\tnone\t\n", crowd)
	for i := range all {
		r := &all[i]
		if r.held {
			continue
		}
		place, recent, said := fmt.Sprint(r.place()), fmt.Sprint(r.recent()), 0.0
		if len(r.answer.Suspects) > 0 {
			said = r.answer.Suspects[0].probability
		}
		if len(r.incident.Cause) == 0 {
			recent = "–"
			if place = "silent"; !r.silent() {
				place = "names one"
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%.2f\t%.2f\t\n", r.shape, r.incident.Kind, r.incident.Lag, place, recent, len(r.incident.Rivals), said, r.answer.None)
	}
	for _, part := range []struct {
		name string
		of   results
	}{{"all", all}, {"to learn from", all.where(func(r *result) bool { return !r.held })}, {"kept apart", all.where(func(r *result) bool { return r.held })}} {
		part.of.printSummary(w, part.name)
	}
	fmt.Fprintln(w, "\nto learn from, by class of the cause\tcases\tfirst\tof 3\tof 5\tMRR\tlatest first\t")
	groups := map[string]results{}
	for _, r := range all.guilty().where(func(r *result) bool { return !r.held }) {
		groups[r.incident.Kind] = append(groups[r.incident.Kind], r)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		row(w, name, len(groups[name]), groups[name].score((*result).place), percent(groups[name].score((*result).recent).at1))
	}
	_ = w.Flush() // what is printed goes to a person
}

// printSummary prints the figures of some results beside the plain orders.
func (all results) printSummary(w io.Writer, name string) {
	guilty := all.guilty()
	fmt.Fprintf(w, "\n%s\tcases\tfirst\tof 3\tof 5\tMRR\t\n", name)
	row(w, "suspects", len(guilty), guilty.score((*result).place))
	row(w, "latest first", len(guilty), guilty.score((*result).recent))
	row(w, "latest of the service first", len(guilty), guilty.score((*result).here))
	row(w, "chance", len(guilty), guilty.chance())
	row(w, "onset 60 s too early", len(guilty), guilty.score(func(r *result) int { return r.moved[0] }))
	row(w, "onset 60 s too late", len(guilty), guilty.score(func(r *result) int { return r.moved[1] }))
	c := all.calibration()
	loud := all.where(func(r *result) bool { return !r.silent() })
	fmt.Fprintf(w, "causes ruled out\t%d\n", all.ruledOut())
	fmt.Fprintf(w, "silence without a cause, with one\t%s of %d, %s of %d\n", percent(all.innocent().silence()), len(all.innocent()), percent(guilty.silence()), len(guilty))
	fmt.Fprintf(w, "right where one stands out\t%s of %d\n", percent(loud.score((*result).place).at1), len(loud))
	for i, bin := range c.bins {
		if bin.n > 0 {
			fmt.Fprintf(w, "said %d to %d %%\t%.0f\t%s\t%s\n", 10*i, 10*i+10, bin.n, percent(bin.said/bin.n), percent(bin.hits/bin.n))
		}
	}
	fmt.Fprintf(w, "ECE %.3f, Brier %.3f\n", c.ece, c.brier)
}
