package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// Move copies a database that no server writes into an empty one of either engine. A move that was broken off goes on
// where it stopped; at the end every table is compared with the original, row for row.
func Move(ctx context.Context, from, to Place, tell Progress) (Report, error) {
	var report Report
	if from == to {
		return report, fault.New(fault.Invalid, "the source and the target are the same")
	}
	snapshot, err := from.frozen(ctx)
	if err != nil {
		return report, err
	}
	defer snapshot.Close() //nolint:errcheck // it was only read
	// Two moves have the same origin when they are from the same place: what changed there in between is found at the end.
	origin := sha256.Sum256([]byte(from.URL + "\x00" + from.Directory))
	filling, err := to.fill(ctx, snapshot.Schema, "move "+hex.EncodeToString(origin[:8]))
	if err != nil {
		return report, err
	}
	finished := false
	defer func() {
		if !finished {
			_ = filling.Close() // the first error is the one that tells why
		}
	}()
	report.Header.Engine, report.Header.Schema = snapshot.Engine, snapshot.Schema
	sums := map[string]Sum{}
	for _, table := range snapshot.Tables {
		sum, err := moveTable(ctx, snapshot, filling, table, tell)
		if err != nil {
			return report, err
		}
		sums[table.Name] = sum
		report.Rows += sum.Rows
		report.Tables++
	}
	if err := compare(ctx, filling, snapshot.Tables, sums, tell); err != nil {
		return report, fault.New(fault.Conflict, "%w. If the source was written between two attempts, begin anew with an empty target", err)
	}
	if err := filling.Finish(ctx); err != nil {
		return report, err
	}
	finished = true
	return report, filling.Close()
}

// moveTable copies what is missing of a table, and gives the sum of all of it.
func moveTable(ctx context.Context, snapshot *store.Snapshot, filling *store.Filling, table store.Table, tell Progress) (Sum, error) {
	var sum Sum
	of, err := snapshot.Count(ctx, table)
	if err != nil {
		return sum, err
	}
	p, err := newPour(filling, table, of, tell)
	if err != nil {
		return sum, err
	}
	var line []byte
	// Rows come in the order of the key, so that what an attempt before brought is the beginning.
	there := p.state.Rows
	err = snapshot.Rows(ctx, table, func(row []any) error {
		line = store.AppendRow(line[:0], row)
		sum.add(line)
		if sum.Rows <= there {
			return nil
		}
		return p.add(ctx, slices.Clone(row))
	})
	if err != nil {
		return sum, err
	}
	return sum, p.flush(ctx, true)
}
