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
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
)

// itself is how Tidings stands in its own roll.
var itself = catalog.Ref{Kind: catalog.Service, Name: "tidings"}

// introduce puts Tidings into its own roll and log, and fills an empty installation with the example when one is set.
func (d *Daemon) introduce(ctx context.Context) error {
	fresh := d.roll.Len(catalog.Service) == 0
	_, err := d.door.Apply(ctx, []catalog.Statement{{
		Ref: itself, Source: catalog.Source{Name: "tidings", Rank: catalog.Integration},
		Claims: []catalog.Claim{
			catalog.Say(catalog.FieldDescription, "This page: what runs here, who owns it, and what just changed."),
			catalog.Say(catalog.FieldLanguage, "go"),
			catalog.Say(catalog.Key(catalog.FamilyTag, "database"), d.store.Engine()),
		},
	}})
	if err != nil {
		return fmt.Errorf("describe tidings: %w", err)
	}
	if fresh && d.config.Example != "" {
		if err := d.loadExample(ctx); err != nil {
			return fmt.Errorf("load the example %s: %w", d.config.Example, err)
		}
	}
	now := d.door.Now().UTC()
	start := ownEvent("deploy", "version/"+Version, "Tidings "+Version+" runs for the first time", now)
	start.Version, start.Detail = Version, about()
	receipts, err := d.door.Record(ctx, []change.Event{start})
	if err != nil {
		return fmt.Errorf("record the start: %w", err)
	}
	if err := d.tellConfiguration(ctx); err != nil {
		return fmt.Errorf("tell of the configuration: %w", err)
	}
	if receipts[0].Status == change.Recorded {
		return nil
	}
	start.Kind, start.Key, start.Title, start.Version = "restart", "start/"+now.Format(time.RFC3339Nano), "Tidings "+Version+" started", ""
	start.Detail = about()
	_, err = d.door.Record(ctx, []change.Event{start})
	return err
}

// loadExample reads the descriptors of a folder, and events.jsonl, whose times are given as distances from now.
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
	_, err = d.door.Record(ctx, batch.Events)
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
