//go:build unix

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Patience with a feed that is not yet as it should be, and with what could come although nothing was done.
const (
	settleTime = 60 * time.Second
	quietTime  = 6 * time.Second
)

// judge holds the feed, the roll, the database, the wire and the logs against what was done.
func (p *scene) judge(ctx context.Context) error {
	if err := p.signal(ctx); err != nil {
		return err
	}
	var o *outcome
	var events []*event
	for began := time.Now(); ; {
		var err error
		if events, err = p.client.feed(ctx, source); err != nil {
			return err
		}
		o = compare(p.act.steps, p.act.sufferers, p.windows, events)
		if len(o.missing)+len(o.wrong) == 0 || time.Since(began) > settleTime {
			break
		}
		if err := waitBriefly(ctx, time.Second); err != nil {
			return err
		}
	}
	if err := waitBriefly(ctx, quietTime); err != nil {
		return err
	}
	events, err := p.client.feed(ctx, source)
	if err != nil {
		return err
	}
	o = compare(p.act.steps, p.act.sufferers, p.windows, events)
	roll, err := p.roll(ctx)
	if err != nil {
		return err
	}
	if content, err := json.MarshalIndent(events, "", "  "); err == nil {
		_ = os.WriteFile(filepath.Join(p.keep, "feed.json"), content, 0o600) // for people; what counts is printed
	}
	p.agent.kill()
	p.server.kill()
	leaks := slices.Clone(p.wire.leaks)
	if p.postgres != "" {
		if err := dump(ctx, p.postgres, filepath.Join(p.keep, "data", "tables")); err != nil {
			return err
		}
	}
	for _, place := range []string{"data", "agent.log", "server.log"} {
		found, err := p.needles.files(filepath.Join(p.keep, place))
		if err != nil {
			return err
		}
		leaks = append(leaks, found...)
	}
	p.print(o, events, roll, leaks)
	if o.precision() < 1 || o.recall() < 1 || len(leaks) > 0 || len(roll) > 0 {
		return errors.New("the feed is not what was done: see above")
	}
	return nil
}

// roll tells which services are not described as the annotations say that the cluster has in the end: what people wrote,
// less what kubectl rollout undo put back with the revision that it went to.
func (p *scene) roll(ctx context.Context) ([]string, error) {
	var faults []string
	for _, w := range p.world.workloads {
		if !w.there {
			continue
		}
		text, err := p.act.arrange(ctx, "", "--namespace", w.namespace, "get", w.kind, w.name, "--output", "jsonpath={.metadata.annotations}")
		if err != nil {
			return nil, err
		}
		annotations := map[string]string{}
		if err := json.Unmarshal([]byte(cmp.Or(text, "{}")), &annotations); err != nil {
			return nil, err
		}
		var service struct {
			Owner string          `json:"owner"`
			Tier  json.RawMessage `json:"tier"`
		}
		if err := p.client.get(ctx, "/api/v1/entities/service/"+w.service, &service); err != nil {
			return nil, err
		}
		owner, tier := annotations["tidings.dev/owner"], annotations["tidings.dev/tier"]
		if _, name, _ := strings.Cut(service.Owner, ":"); name != owner || strings.Trim(string(service.Tier), `"`) != tier {
			faults = append(faults, fmt.Sprintf("%s is of %q with tier %s; its annotations say %q and %q", w.service, service.Owner, service.Tier, owner, tier))
		}
	}
	return faults, nil
}

func (p *scene) print(o *outcome, events []*event, roll, leaks []string) {
	type line struct{ wanted, right, wrong, missing, spurious int }
	lines := map[string]*line{}
	at := func(kind string) *line {
		if lines[kind] == nil {
			lines[kind] = &line{}
		}
		return lines[kind]
	}
	for _, w := range o.wanted {
		at(w.kinds[0]).wanted++
		at(w.kinds[0]).right++
	}
	for _, w := range o.missing {
		at(w.kinds[0]).missing++
		at(w.kinds[0]).right--
	}
	for _, w := range o.wrong {
		at(w.want.kinds[0]).wrong++
		at(w.want.kinds[0]).right--
	}
	for _, e := range o.spurious {
		at(e.Kind).spurious++
	}
	alerts := at("alert")
	alerts.right += o.alerts
	alerts.wanted = alerts.right + alerts.wrong + alerts.missing
	if alerts.right < 0 {
		alerts.right = 0
	}
	fmt.Fprintln(p.out)
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "kind\texpected\tright\twrong\tmissing\tnot done\t")
	for _, kind := range slices.Sorted(maps.Keys(lines)) {
		l := lines[kind]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t\n", kind, l.wanted, l.right, l.wrong, l.missing, l.spurious)
	}
	_ = table.Flush() // what is printed goes to a person
	fmt.Fprintln(p.out)
	for i, w := range o.missing {
		if i < 20 {
			fmt.Fprintf(p.out, "MISSING   %s, at %s\n", w, clock(w.first().at))
		}
	}
	for i, w := range o.wrong {
		if i < 20 {
			fmt.Fprintf(p.out, "WRONG     %s\n          the feed has %s\n          %s\n", w.want, w.event, strings.Join(w.faults, "; "))
		}
	}
	for i, e := range o.spurious {
		if i < 20 {
			fmt.Fprintf(p.out, "NOT DONE  %s\n", e)
		}
	}
	for _, fault := range roll {
		fmt.Fprintf(p.out, "ROLL      %s\n", fault)
	}
	for _, leak := range leaks {
		fmt.Fprintf(p.out, "SECRET    %s\n", leak)
	}
	fmt.Fprintf(p.out, "operations  %s\n", counted(p.act.counts))
	fmt.Fprintf(p.out, "faults      %s\n", counted(p.made))
	fmt.Fprintf(p.out, "wire        %d messages, %d KiB, %d answers lost; %d secrets planted, %d found\n", p.wire.requests, p.wire.bytes>>10, p.wire.lost, len(p.world.canaries), len(leaks))
	fmt.Fprintf(p.out, "agent       at most %d MiB\n", p.bytes>>20)
	fmt.Fprintf(p.out, "feed        %d events; %d operations told together with others or cancelled out while the agent was away\n", len(events), o.folded)
	fmt.Fprintf(p.out, "precision   %.4f\nrecall      %.4f\n", o.precision(), o.recall())
	if o.precision() < 1 || o.recall() < 1 || len(leaks)+len(roll) > 0 {
		fmt.Fprintf(p.out, "again by    make scenario ARGS=\"-seed %d -operations %d\"\n", p.seed, p.operations)
	}
}

func counted(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}
