package ingest

import (
	"context"
	"log/slog"
	"time"
)

// reattribute gives the past of an outside name to the one entity that answers to it.
func (d *Door) reattribute(ctx context.Context, alias string) (int, error) {
	found := d.Roll.Resolve(alias)
	if len(found) != 1 {
		return 0, nil
	}
	n, err := d.Store.Reattribute(ctx, alias, found[0].Ref(), found[0].ID)
	if n > 0 {
		d.Committed()
	}
	return n, err
}

// reattributeEvery is how soon a name that was claimed gets the events that slipped past its claim.
const reattributeEvery = 2 * time.Second

// Reattribute gives outside names that are claimed what they still lack, until the context ends. A claim re-attributes
// the past of its name by itself; but its server can be killed in between, and events that were resolved before the
// claim, here or on another server, can be committed after it. The list of unclaimed names is the work that is left:
// nothing else has to be remembered.
func (d *Door) Reattribute(ctx context.Context) {
	tick := time.NewTicker(reattributeEvery)
	defer tick.Stop()
	for seen, done := uint64(0), false; ; {
		version := d.Roll.Version()
		if outside := d.outside.Swap(false); outside || !done || version != seen {
			err := d.sweep(ctx)
			if done = err == nil; done {
				seen = version
			} else if ctx.Err() == nil {
				slog.WarnContext(ctx, "claimed names wait for their past", "error", err, "again_in", reattributeEvery)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

const namesAtOnce = 1000

func (d *Door) sweep(ctx context.Context) error {
	for after := ""; ; {
		names, err := d.Store.UnclaimedNames(ctx, after, namesAtOnce)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := d.reattribute(ctx, name); err != nil {
				return err
			}
			after = name
		}
		if len(names) < namesAtOnce {
			return nil
		}
	}
}
