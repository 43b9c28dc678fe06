package daemon

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/ingest"
)

// loadExample reads the descriptors of a folder, oncall.jsonl, tags.jsonl and events.jsonl, whose times are given as distances from
// now, and verdicts.jsonl.
func (d *Daemon) loadExample(ctx context.Context) error {
	documents, err := descriptor.Walk(os.DirFS(d.config.Example))
	if err != nil {
		return err
	}
	ctx = access.With(ctx, access.Principal{Type: access.System, Name: "example", Role: access.RoleAdministrator})
	// The example was described before its events happened.
	past := *d.door
	past.Now = func() time.Time { return d.door.Now().Add(-exampleAge) }
	outcomes, err := past.Describe(ctx, documents, false)
	if err != nil {
		return err
	}
	for _, outcome := range outcomes {
		for _, problem := range outcome.Faults {
			slog.WarnContext(ctx, "the example has a fault", "document", outcome.Name, "line", problem.Line, "field", problem.Field, "detail", problem.Detail)
		}
	}
	if err := d.rosterExample(ctx, &past); err != nil {
		return err
	}
	if err := d.tagExample(ctx); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(d.config.Example, "events.jsonl"))
	if err != nil {
		return err
	}
	body, err := relive(content, d.door.Now().UTC())
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/x-ndjson"}}
	batch, err := wire.Read(header, body, d.door.Now())
	if err != nil {
		return err
	}
	for i := range batch.Events {
		e := &batch.Events[i]
		e.ReceivedAt = cmp.Or(e.EndedAt, e.StartedAt).Add(2 * time.Second)
	}
	receipts, err := d.door.Record(ctx, batch.Events)
	if err != nil {
		return err
	}
	known := map[outsideEvent]uuid.UUID{}
	for i, receipt := range receipts {
		known[outsideEvent{batch.Events[i].Source, batch.Events[i].Key}] = receipt.ID
	}
	return d.judgeExample(ctx, known)
}

// exampleShift is a line of oncall.jsonl: who takes over in a team, how long after now, and for how long.
type exampleShift struct {
	Team string `json:"team"`
	Role string `json:"role"`
	Name string `json:"name"`
	In   string `json:"in"`
	Took string `json:"took"`
}

// rosterExample says of each team, and of each service of it that has people on call, who takes over from them, as a pager does that
// is asked for it.
func (d *Daemon) rosterExample(ctx context.Context, past *ingest.Door) error {
	content, err := os.ReadFile(filepath.Join(d.config.Example, "oncall.jsonl"))
	if err != nil {
		return err
	}
	now := d.door.Now().UTC()
	shifts := map[catalog.Ref][]catalog.Claim{}
	for n, line := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		var s exampleShift
		err := json.Unmarshal(line, &s)
		in, wrong := time.ParseDuration(s.In)
		took, wrongToo := time.ParseDuration(s.Took)
		if err := cmp.Or(err, wrong, wrongToo); err != nil {
			return fault.New(fault.Invalid, "oncall.jsonl:%d: %w", n+1, err)
		}
		team := catalog.Ref{Kind: catalog.Team, Name: s.Team}
		from := now.Add(in)
		shifts[team] = append(shifts[team], catalog.Shift(s.Role, s.Name, from.Format(time.RFC3339), from.Add(took).Format(time.RFC3339)))
	}
	var statements []catalog.Statement
	for team, claims := range shifts {
		source := catalog.Source{Name: "pagerduty:policy/" + team.Name, Rank: catalog.Integration}
		statements = append(statements, catalog.Statement{Ref: team, Source: source, Claims: claims})
		for _, owned := range d.roll.Owned(team) {
			if len(owned.OnCall) > 0 {
				statements = append(statements, catalog.Statement{Ref: owned.Ref(), Source: source, Claims: claims})
			}
		}
	}
	_, err = past.Apply(ctx, statements)
	return err
}

// exampleTag is a line of tags.jsonl: the tag that a pipeline gave a service, and how long ago.
type exampleTag struct {
	Ago     string `json:"ago"`
	By      string `json:"by"`
	Service string `json:"service"`
	Tag     string `json:"tag"`
}

// tagExample says what pipelines said of services over time. What is older than the example was told when that was described, as
// it is when a pipeline is connected that knows since when.
func (d *Daemon) tagExample(ctx context.Context) error {
	content, err := os.ReadFile(filepath.Join(d.config.Example, "tags.jsonl"))
	if err != nil {
		return err
	}
	now := d.door.Now().UTC()
	for n, line := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		var t exampleTag
		err := json.Unmarshal(line, &t)
		ago, wrong := time.ParseDuration(t.Ago)
		if err := cmp.Or(err, wrong); err != nil {
			return fault.New(fault.Invalid, "tags.jsonl:%d: %w", n+1, err)
		}
		then := *d.door
		then.Now = func() time.Time { return now.Add(-min(ago, exampleAge)) }
		key, value, _ := strings.Cut(t.Tag, ":")
		_, err = then.Apply(ctx, []catalog.Statement{{
			Ref: catalog.Ref{Kind: catalog.Service, Name: t.Service}, Source: catalog.Source{Name: t.By, Rank: catalog.Integration},
			Since: now.Add(-ago), Partial: true, Claims: []catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyTag, key), value)},
		}})
		if err != nil {
			return fmt.Errorf("tags.jsonl:%d: %w", n+1, err)
		}
	}
	return nil
}

// outsideEvent is an event as its source calls it.
type outsideEvent struct {
	Source string `json:"source"`
	Key    string `json:"key"`
}

// exampleVerdict is a line of verdicts.jsonl: what somebody found of a change in an incident that is over.
type exampleVerdict struct {
	Ago      string           `json:"ago"`
	By       string           `json:"by"`
	Incident outsideEvent     `json:"incident"`
	Change   outsideEvent     `json:"change"`
	Finding  incident.Finding `json:"finding"`
	Reason   string           `json:"reason"`
}

// judgeExample keeps what people found of the incidents of the example, at the times at which they did: the ranking has a record of its own from the first
// day. The incidents are made at once, of what was recorded.
func (d *Daemon) judgeExample(ctx context.Context, known map[outsideEvent]uuid.UUID) error {
	if err := d.keeper.Follow(ctx); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(d.config.Example, "verdicts.jsonl"))
	if err != nil {
		return err
	}
	for n, line := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		var v exampleVerdict
		if err := json.Unmarshal(line, &v); err != nil {
			return fault.New(fault.Invalid, "verdicts.jsonl:%d: %w", n+1, err)
		}
		if err := d.judgeOne(ctx, &v, known); err != nil {
			return fmt.Errorf("verdicts.jsonl:%d: %w", n+1, err)
		}
	}
	return nil
}

func (d *Daemon) judgeOne(ctx context.Context, v *exampleVerdict, known map[outsideEvent]uuid.UUID) error {
	ago, err := time.ParseDuration(v.Ago)
	if err != nil {
		return fault.New(fault.Invalid, "ago: %w", err)
	}
	trouble, err := d.keeper.Having(ctx, known[v.Incident])
	if err != nil {
		return err
	}
	at := d.door.Now().UTC().Add(-ago)
	then := &incident.Keeper{Store: d.store, Log: d.keeper.Log, Roll: d.roll, Ranked: d.ranked.Ranked, Now: func() time.Time { return at }}
	by := access.With(ctx, access.Principal{Type: access.Person, Name: v.By, Role: access.RoleMember})
	_, err = then.Judge(by, trouble.Number, known[v.Change], v.Finding, v.Reason)
	return err
}

// exampleAge is how long ago the example was described.
const exampleAge = 8 * 24 * time.Hour

// relive gives events their times: "ago" is how long before now each began, "took" how long it lasted.
func relive(content []byte, now time.Time) ([]byte, error) {
	var out bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var event map[string]any
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, fault.New(fault.Invalid, "events.jsonl:%d: %w", n, err)
		}
		span := func(key string) (time.Duration, error) {
			text, _ := event[key].(string)
			delete(event, key)
			length, err := time.ParseDuration(cmp.Or(text, "0s"))
			if err != nil {
				return 0, fault.New(fault.Invalid, "events.jsonl:%d: %s: %w", n, key, err)
			}
			return length, nil
		}
		ago, err := span("ago")
		if err != nil {
			return nil, err
		}
		_, lasted := event["took"]
		took, err := span("took")
		if err != nil {
			return nil, err
		}
		event["started_at"] = now.Add(-ago)
		if lasted {
			event["ended_at"] = now.Add(took - ago)
		}
		line, err := json.Marshal(event)
		if err != nil {
			return nil, err
		}
		out.Write(append(line, '\n'))
	}
	return out.Bytes(), lines.Err()
}
