package daemon

import (
	"context"
	"fmt"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
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
