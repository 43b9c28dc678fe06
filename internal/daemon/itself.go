package daemon

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/journal"
	"tidings.dev/tidings/secret"
)

// ownEvent is one about Tidings itself, told by itself.
func ownEvent(kind, key, title string, at time.Time) change.Event {
	return change.Event{
		Source: access.Tidings.Name, Kind: kind, Key: key, Title: title, StartedAt: at,
		Subjects: []change.Subject{{Name: itself.String()}}, Actor: change.Actor{Type: change.ByAutomation, Name: access.Tidings.Name},
	}
}

// settled is the configuration of the last start, as far as it may be known, kept where Tidings left off as a source.
type settled struct {
	Key    []byte            `json:"key"` // of the fingerprints; another for each installation
	Values map[string]string `json:"values"`
}

// tellConfiguration records which settings differ from those of the last start of any server.
func (d *Daemon) tellConfiguration(ctx context.Context) error {
	last, err := d.store.LastLook(ctx, access.Tidings.Name)
	if err != nil {
		return err
	}
	kept := last.Cursor
	var before settled
	first := json.Unmarshal([]byte(kept), &before) != nil || len(before.Key) == 0
	if first {
		before.Key = make([]byte, 16)
		_, _ = rand.Read(before.Key) // it never fails
	}
	usual, err := harmless(Default(), before.Key)
	if err != nil {
		return err
	}
	now, err := harmless(d.config, before.Key)
	if err != nil {
		return err
	}
	after := settled{Key: before.Key, Values: map[string]string{}}
	for name, value := range now {
		// What is as it is by default need not be kept; each server of several listens where it likes.
		if value != usual[name] && (name != "listen" || d.config.DatabaseURL == "") {
			after.Values[name] = value
		}
	}
	text, err := json.Marshal(after)
	if err != nil || string(text) == kept {
		return err
	}
	var diff []change.Diff
	for _, name := range slices.Sorted(maps.Keys(union(before.Values, after.Values))) {
		was, is := cmp.Or(before.Values[name], usual[name]), cmp.Or(after.Values[name], usual[name])
		if was != is && len(diff) < change.MaxDiff {
			diff = append(diff, change.Diff{Field: name, Old: was, New: is})
		}
	}
	at := d.door.Now().UTC()
	if !first && len(diff) > 0 {
		digest := sha256.Sum256([]byte(kept)) // servers that start together tell of it once
		e := ownEvent("config", "configuration/"+hex.EncodeToString(digest[:12]), "", at)
		e.Title, e.Diff = "Started with another configuration: "+diffNames(diff), diff
		if _, err := d.door.Record(ctx, []change.Event{e}); err != nil {
			return err
		}
	}
	return d.store.Looked(ctx, integration.Looked{Source: access.Tidings.Name, Cursor: string(text), At: at})
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(b)
	maps.Copy(all, a)
	return all
}

func diffNames(diff []change.Diff) string {
	var names []string
	for _, one := range diff {
		names = append(names, one.Field)
	}
	if more := len(names) - 4; more > 0 {
		names = append(names[:4], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// openSettings may be shown, apart from what looks like a secret. What is not listed is only ever a fingerprint: a
// setting of tomorrow may be one.
var openSettings = []string{
	"listen", "data", "drain", "organisation", "no_login", "trusted_proxies", "log", "least_free_mib", "public_url", "ship_to",
	"retention", "incidents", "metrics", "limits", "outbound", "login.default_role", "login.anonymous", "login.session",
}

// harmless flattens a configuration into names and texts that anybody may read.
func harmless(config Config, key []byte) (map[string]string, error) {
	text, err := yaml.Marshal(config)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	all := map[string]string{}
	flatten(all, "", tree)
	for name, value := range all {
		all[name] = shown(name, value, key)
	}
	return all, nil
}

// longestSetting bounds what is kept of one value, in bytes.
const longestSetting = 300

func shown(name, value string, key []byte) string {
	open := slices.ContainsFunc(openSettings, func(known string) bool {
		return name == known || strings.HasPrefix(name, known+".") || strings.HasPrefix(name, known+"[")
	})
	of := strings.HasPrefix(name, "sources[") && (strings.HasSuffix(name, "].type") || strings.HasSuffix(name, "].every"))
	if (open || of) && !secret.Named(name) && len(value) <= longestSetting && journal.Redact(value) == value {
		return value
	}
	if value == "" {
		return ""
	}
	digest := hmac.New(sha256.New, key)
	digest.Write([]byte(name + "\x00" + value))
	return "fingerprint " + hex.EncodeToString(digest.Sum(nil)[:6])
}

// flatten names each value by its path: limits.requests.burst, sources[payments].every.
func flatten(into map[string]string, path string, value any) {
	switch value := value.(type) {
	case nil:
	case map[string]any:
		for name, inner := range value {
			if path != "" {
				name = path + "." + name
			}
			flatten(into, name, inner)
		}
	case []any:
		var plain []string
		for i, inner := range value {
			fields, nested := inner.(map[string]any)
			if !nested {
				plain = append(plain, fmt.Sprint(inner))
				continue
			}
			name, ok := fields["name"].(string)
			if !ok {
				name = fmt.Sprint(i)
			}
			flatten(into, path+"["+name+"]", fields)
		}
		if len(plain) > 0 {
			into[path] = strings.Join(plain, ", ")
		}
	default:
		into[path] = fmt.Sprint(value)
	}
}

// shedding counts what is refused to stay alive, from the first refusal to the last.
type shedding struct {
	mu          sync.Mutex
	began, last time.Time
	counts      map[string]int
	told        bool
}

// note takes in one refusal.
func (s *shedding) note(reason string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.began, s.counts, s.told = at, map[string]int{}, false
	}
	s.last = at
	s.counts[reason]++
}

// shed counts a refusal.
func (d *Daemon) shed(reason string) {
	d.metrics.shed.WithLabelValues(reason).Inc()
	if reason == shedDisk {
		d.health.refused() // it cannot be told before the disk has room
		return
	}
	d.shedding.note(reason, time.Now())
}

// Bounds of what Tidings tells of itself.
const (
	quietTicks   = 6           // looks without a refusal until the flood is over
	leastTrouble = time.Second // shorter ones are retries that worked
	ownTime      = 10 * time.Second
)

// watchItself tells the log of what befell this server, until the context ends.
func (d *Daemon) watchItself(ctx context.Context) {
	tick := time.NewTicker(d.tendEvery())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.tellItself(ctx, time.Now().Add(-quietTicks*d.tendEvery()))
		}
	}
}

// tellItself records what has ended, and that load is being shed. Refusals are over when there were none since quiet.
func (d *Daemon) tellItself(ctx context.Context, quiet time.Time) {
	if d.health.troubled() {
		return // it is told when it can be written
	}
	ctx, cancel := context.WithTimeout(access.With(ctx, access.Tidings), ownTime)
	defer cancel()
	record := func(e change.Event) bool {
		_, err := d.door.Record(ctx, []change.Event{e})
		if err != nil {
			slog.WarnContext(ctx, "what befell this server is not in the log yet", "event", e.Title, "error", err)
		}
		return err == nil
	}
	for _, t := range d.health.ended() {
		if !record(t.event()) {
			return
		}
		d.health.told()
	}
	s := &d.shedding
	s.mu.Lock()
	counts, began, last, told := maps.Clone(s.counts), s.began, s.last, s.told
	s.mu.Unlock()
	over := last.Before(quiet)
	if counts == nil || told && !over {
		return
	}
	if !record(shedEvent(counts, began, last, over)) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !over:
		s.told = true
	case s.last.Equal(last):
		s.counts = nil
	default: // it began anew meanwhile: this is a flood of its own
		s.began, s.told = s.last, false
		for reason, n := range counts {
			s.counts[reason] -= n
		}
	}
}

// shedEvent is one event for one flood: that it began, and later how much was refused.
func shedEvent(counts map[string]int, began, last time.Time, over bool) change.Event {
	e := ownEvent("alert", "shedding/"+began.UTC().Format(time.RFC3339Nano)+"/"+host(), "Refuses requests to stay within its bounds", began.UTC())
	e.Phase, e.Labels = change.Started, map[string]string{"server": host()}
	e.Detail = "What it refuses to stay alive is in docs/operations.md; tidings_shed_total counts it. Whoever was refused was told when to come back."
	if over {
		total := 0
		for reason, n := range counts {
			total += n
			e.Labels["refused_"+reason] = fmt.Sprint(n)
		}
		e.Phase, e.EndedAt = change.Succeeded, last.UTC()
		e.Title = fmt.Sprintf("Refused %d requests in %s to stay within its bounds", total, length(began, last))
	}
	return e
}

// trouble is a time in which this server could write nothing.
type trouble struct {
	began, ended time.Time
	disk, writes bool
	refused      int
}

func (t *trouble) event() change.Event {
	why := "the database took no writes"
	if t.disk {
		why = "the disk was full"
	}
	e := ownEvent("alert", "trouble/"+t.began.UTC().Format(time.RFC3339Nano)+"/"+host(), "Nothing could be written for "+length(t.began, t.ended)+": "+why, t.began.UTC())
	e.Phase, e.EndedAt, e.Labels = change.Succeeded, t.ended.UTC(), map[string]string{"server": host()}
	e.Detail = "Reading went on where the database answered. The log of the server says more."
	if t.refused > 0 {
		e.Labels["refused_"+shedDisk] = fmt.Sprint(t.refused)
	}
	return e
}

// length is a time as people read it, to the second.
func length(from, to time.Time) string {
	return max(to.Sub(from).Round(time.Second), time.Second).String()
}

// host is the name of the machine, by which several servers are told apart.
func host() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// ofIncident is an incident in the log that no tool told of: its services show it then, as they do any other.
func (d *Daemon) ofIncident(ctx context.Context, i *incident.Incident) (change.Event, error) {
	e := ownEvent("incident", "incident/"+strconv.FormatInt(i.Number, 10), i.Title, i.OpenedAt)
	e.Phase, e.Subjects, e.Environment, e.Region, e.Cluster = change.Started, i.Subjects, i.Environment, i.Region, i.Cluster
	e.Labels = map[string]string{"incident": i.Name()}
	if i.Status == incident.Resolved {
		e.Phase, e.EndedAt = change.Succeeded, i.ResolvedAt
	}
	if who := access.From(ctx); who.Type == access.Person {
		e.Actor = change.Actor{Type: change.ByPerson, Name: who.Name}
	}
	events := []change.Event{e}
	err := d.door.Prepare(access.With(ctx, access.Tidings), events)
	return events[0], err
}
