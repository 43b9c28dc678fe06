// Package backup copies a database as a whole: into an archive and back, and from one engine to the other. It knows
// tables and rows, and nothing of what they mean.
//
// It is what an operator's commands and the server's shipping use; nothing else may import it.
package backup

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// Place is where a database is: the directory of the embedded store, or the address of a PostgreSQL database.
type Place struct {
	Directory string
	URL       string
}

// ParsePlace reads what a flag says: sqlite:DIRECTORY, postgres://…, or env:NAME and file:PATH that hold one of them.
func ParsePlace(flag, text string) (Place, error) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		value, found := os.LookupEnv(name)
		if !found {
			return Place{}, fault.New(fault.Invalid, "%s: the variable %s is not set", flag, name)
		}
		text = value
	} else if path, ok := strings.CutPrefix(text, "file:"); ok {
		content, err := os.ReadFile(path)
		if err != nil {
			return Place{}, fault.New(fault.Invalid, "%s: %w", flag, err)
		}
		text = strings.TrimSpace(string(content))
	}
	if dir, ok := strings.CutPrefix(text, "sqlite:"); ok && dir != "" {
		return Place{Directory: dir}, nil
	}
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		return Place{URL: text}, nil
	}
	return Place{}, fault.New(fault.Invalid, "%s: write sqlite:DIRECTORY, postgres://user@host/database, env:NAME or file:PATH", flag)
}

// String names the place without its password.
func (p Place) String() string {
	if p.URL == "" {
		return "sqlite:" + p.Directory
	}
	address, err := url.Parse(p.URL)
	if err != nil {
		return "postgres"
	}
	return (&url.URL{Scheme: "postgres", Host: address.Host, Path: address.Path}).String()
}

// snapshot opens the database as it is now, while servers write.
func (p Place) snapshot(ctx context.Context, temp string) (*store.Snapshot, error) {
	if p.URL != "" {
		return postgres.Snapshot(ctx, p.URL)
	}
	return sqlite.Snapshot(ctx, p.Directory, temp)
}

// frozen opens a database that no server writes.
func (p Place) frozen(ctx context.Context) (*store.Snapshot, error) {
	if p.URL != "" {
		return postgres.Frozen(ctx, p.URL)
	}
	return sqlite.Frozen(ctx, p.Directory)
}

func (p Place) fill(ctx context.Context, schema int64, origin string) (*store.Filling, error) {
	if p.URL != "" {
		return postgres.Fill(ctx, p.URL, schema, origin)
	}
	return sqlite.Fill(ctx, p.Directory, schema, origin)
}

// Progress is told how many rows of a table are done, of how many.
type Progress func(table string, done, of int64)

// batch is how many rows are written in one transaction.
const batch = 2000

// pour writes rows into a table a batch at a time.
type pour struct {
	filling *store.Filling
	table   store.Table
	state   store.Progress
	rows    [][]any
	of      int64
	tell    Progress
}

func newPour(filling *store.Filling, table store.Table, of int64, tell Progress) (*pour, error) {
	if err := filling.Match(table); err != nil {
		return nil, err
	}
	return &pour{filling: filling, table: table, state: filling.Progress(table), of: of, tell: tell}, nil
}

// add keeps the row; it must not be changed afterwards.
func (p *pour) add(ctx context.Context, row []any) error {
	p.rows = append(p.rows, row)
	if len(p.rows) < batch {
		return nil
	}
	return p.flush(ctx, false)
}

func (p *pour) flush(ctx context.Context, done bool) error {
	p.state.Rows += int64(len(p.rows))
	p.state.Done = done
	if err := p.filling.Add(ctx, p.table, p.rows, p.state); err != nil {
		return err
	}
	p.rows = p.rows[:0]
	p.tell(p.table.Name, p.state.Rows, p.of)
	return nil
}

// compare reads back what was filled, and fails where a table is not what it was.
func compare(ctx context.Context, filling *store.Filling, tables []store.Table, want map[string]Sum, tell Progress) error {
	for _, table := range tables {
		var got Sum
		var line []byte
		err := filling.Rows(ctx, table, func(row []any) error {
			line = store.AppendRow(line[:0], row)
			got.add(line)
			if got.Rows%batch == 0 {
				tell("check "+table.Name, got.Rows, want[table.Name].Rows)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if got != want[table.Name] {
			return fmt.Errorf("the copy of %s is not like its original: %s, where %s was expected", table.Name, got, want[table.Name])
		}
		tell("check "+table.Name, got.Rows, got.Rows)
	}
	return nil
}
