package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidings.dev/tidings/fault"
)

// A copy knows nothing of what the tables mean: it lists them from the engine's catalogue, so that a table that a later
// step of the schema adds is copied as well.

// Type is what a column holds, as both engines know it.
type Type string

// The types of columns.
const (
	Integer Type = "integer" // int64
	Real    Type = "real"    // float64
	Boolean Type = "boolean" // bool
	Text    Type = "text"    // string
	Bytes   Type = "bytes"   // []byte
)

// Column is one column of a table.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Table is one table with the columns of its primary key in order.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Key     []string `json:"key"`
}

// Catalogued is one column as an engine's catalogue lists it.
type Catalogued struct {
	Table    string
	Column   Column
	KeyPlace int // its place in the primary key, from 1; 0 when it is no part of it
}

// TablesOf gathers the columns of each table, which must follow each other.
func TablesOf(list []Catalogued) []Table {
	var all []Table
	places := map[string]int{}
	for _, c := range list {
		if len(all) == 0 || all[len(all)-1].Name != c.Table {
			all = append(all, Table{Name: c.Table})
		}
		table := &all[len(all)-1]
		table.Columns = append(table.Columns, c.Column)
		if c.KeyPlace > 0 {
			places[c.Table+"."+c.Column.Name] = c.KeyPlace
			table.Key = append(table.Key, c.Column.Name)
		}
	}
	for _, table := range all {
		slices.SortFunc(table.Key, func(a, b string) int { return places[table.Name+"."+a] - places[table.Name+"."+b] })
	}
	return all
}

// Querier is a handle, a connection or a transaction that reads.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// The tables that are no part of what is kept: the number of the schema, and how far a copy came.
const (
	schemaTable = "goose_db_version"
	copyTable   = "unfinished_copy"
)

// tables lists what is to be copied, in the order of the names.
func (e *Engine) tables(ctx context.Context, q Querier) ([]Table, error) {
	all, err := e.Tables(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	all = slices.DeleteFunc(all, func(t Table) bool { return t.Name == schemaTable || t.Name == copyTable })
	for _, table := range all {
		if len(table.Key) == 0 {
			return nil, fmt.Errorf("the table %s has no primary key, and cannot be copied", table.Name)
		}
		for _, column := range table.Columns {
			if column.Type == "" {
				return nil, fmt.Errorf("%s.%s is of a type that cannot be copied", table.Name, column.Name)
			}
		}
	}
	slices.SortFunc(all, func(a, b Table) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// schema is the number of the last step that was applied; 0 where there is no schema at all.
func (e *Engine) schema(ctx context.Context, q Querier) (int64, error) {
	all, err := e.Tables(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("list the tables: %w", err)
	}
	if !slices.ContainsFunc(all, func(t Table) bool { return t.Name == schemaTable }) {
		return 0, nil
	}
	rows, err := q.QueryContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`)
	values, err := collect(rows, err, scanInt)
	if err != nil {
		return 0, fmt.Errorf("read the number of the schema: %w", err)
	}
	return values[0], nil
}

// Snapshot is a database as it was at one instant, open to be read in full. Nothing in it is changed, not even its
// schema.
type Snapshot struct {
	Engine string
	Schema int64
	Tables []Table

	engine  Engine
	conn    *sql.Conn
	release func() error
}

// NewSnapshot reads a database as it is now: begin starts a transaction that sees one instant. It takes over the handle;
// release is called at the end, and may be nil.
func NewSnapshot(ctx context.Context, engine Engine, db *sql.DB, begin string, release func() error) (*Snapshot, error) {
	s := &Snapshot{Engine: engine.Name, engine: engine, release: func() error {
		err := db.Close()
		if release != nil {
			err = errors.Join(err, release())
		}
		return err
	}}
	open := func() error {
		var err error
		if s.conn, err = db.Conn(ctx); err != nil {
			return err
		}
		if _, err := s.conn.ExecContext(ctx, begin); err != nil {
			return err
		}
		if s.Schema, err = engine.schema(ctx, s.conn); err != nil {
			return err
		}
		s.Tables, err = engine.tables(ctx, s.conn)
		return err
	}
	if err := open(); err != nil {
		return nil, errors.Join(engine.fault("read the database", err), s.Close())
	}
	if s.Schema == 0 {
		return nil, errors.Join(fault.New(fault.NotFound, "there is no Tidings in this database"), s.Close())
	}
	return s, nil
}

// Close ends the transaction and releases the database.
func (s *Snapshot) Close() error {
	var err error
	if s.conn != nil {
		_, _ = s.conn.ExecContext(context.Background(), "ROLLBACK") // nothing was written
		err = s.conn.Close()
		s.conn = nil
	}
	return errors.Join(err, s.release())
}

// Count is the number of a table's rows.
func (s *Snapshot) Count(ctx context.Context, table Table) (int64, error) {
	return s.engine.count(ctx, s.conn, table)
}

// Rows gives each row of a table to fn in the order of its key. Values are int64, float64, bool, string, []byte or nil;
// the slice that holds them is used again for the next row.
func (s *Snapshot) Rows(ctx context.Context, table Table, fn func(row []any) error) error {
	return s.engine.rows(ctx, s.conn, table, fn)
}

func (e *Engine) count(ctx context.Context, q Querier, table Table) (int64, error) {
	rows, err := q.QueryContext(ctx, "SELECT COUNT(*) FROM "+table.Name)
	values, err := collect(rows, err, scanInt)
	if err != nil {
		return 0, e.fault("count "+table.Name, err)
	}
	return values[0], nil
}

func (e *Engine) rows(ctx context.Context, q Querier, table Table, fn func(row []any) error) error {
	names := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		names[i] = quoted(column.Name)
	}
	keys := make([]string, len(table.Key))
	for i, key := range table.Key {
		keys[i] = quoted(key)
	}
	rows, err := q.QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+table.Name+" ORDER BY "+strings.Join(keys, ", "))
	row, places := make([]any, len(names)), make([]any, len(names))
	for i := range row {
		places[i] = &row[i]
	}
	var broken error
	err = each(rows, err, func(rows *sql.Rows) error {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		for i, column := range table.Columns {
			if row[i], broken = fit(row[i], column.Type); broken != nil {
				broken = fmt.Errorf("%s.%s: %w", table.Name, column.Name, broken)
				return broken
			}
		}
		broken = fn(row)
		return broken
	})
	if broken != nil {
		return broken
	}
	if err != nil {
		return e.fault("read "+table.Name, err)
	}
	return nil
}

// fit gives a value the Go type of its column: SQLite keeps what it was given, whatever the column says.
func fit(value any, column Type) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case int64:
		switch column {
		case Integer:
			return v, nil
		case Boolean:
			return v != 0, nil
		case Real:
			return float64(v), nil
		}
	case float64:
		if column == Real {
			return v, nil
		}
	case bool:
		if column == Boolean {
			return v, nil
		}
	case string:
		switch column {
		case Text:
			return v, nil
		case Bytes:
			return []byte(v), nil
		}
	case []byte:
		switch column {
		case Text:
			return string(v), nil
		case Bytes:
			return v, nil
		}
	}
	return nil, fmt.Errorf("a %T stands in a column of type %s", value, column)
}

func quoted(name string) string { return `"` + name + `"` }

// Filling is an empty database that becomes the copy of another. Until Finish, no server opens it.
type Filling struct {
	Engine string
	Tables []Table

	store *Store
	conn  *sql.Conn
	known map[string]Table
	done  map[string]Progress
}

// Progress is how far the copy of a table came: its first rows, in the order of the origin, are there.
type Progress struct {
	Rows int64 `json:"rows"`
	Done bool  `json:"done"`
}

// NewFilling prepares an empty database of the schema with the given number, or goes on with a copy of the same
// origin that was broken off. It takes over both handles.
func NewFilling(ctx context.Context, engine Engine, read, write *sql.DB, schema int64, origin string) (*Filling, error) {
	s := &Store{engine: engine, read: read, write: write, prepared: map[statementKey]*sql.Stmt{}}
	f := &Filling{Engine: engine.Name, store: s, known: map[string]Table{}, done: map[string]Progress{}}
	if err := f.open(ctx, schema, origin); err != nil {
		return nil, errors.Join(engine.fault("prepare the copy", err), f.Close())
	}
	return f, nil
}

func (f *Filling) open(ctx context.Context, schema int64, origin string) error {
	engine := &f.store.engine
	newest, err := Newest()
	if err != nil {
		return err
	}
	if schema > newest {
		return fault.New(fault.Invalid, "the origin has schema %d, and this release knows only up to %d: use the release that wrote it, or a later one", schema, newest)
	}
	begun, err := engine.unfinished(ctx, f.store.write)
	if err != nil {
		return err
	}
	if !begun {
		if err := f.begin(ctx, schema, origin); err != nil {
			return err
		}
	} else if err := f.resume(ctx, schema, origin); err != nil {
		return err
	}
	if f.Tables, err = engine.tables(ctx, f.store.write); err != nil {
		return err
	}
	for _, table := range f.Tables {
		f.known[table.Name] = table
	}
	f.conn, err = f.store.write.Conn(ctx)
	return err
}

func (f *Filling) begin(ctx context.Context, schema int64, origin string) error {
	engine := &f.store.engine
	before, err := engine.Tables(ctx, f.store.write)
	if err != nil {
		return err
	}
	if len(before) > 0 {
		return fault.New(fault.Conflict, "the target is not empty: give a new database or directory")
	}
	// The mark comes first: whatever breaks off after it leaves a database that no server takes for its own.
	create := "CREATE TABLE " + copyTable + " (name TEXT PRIMARY KEY, state TEXT NOT NULL)"
	if _, err := f.store.write.ExecContext(ctx, create); err != nil {
		return err
	}
	if err := f.store.migrateTo(ctx, schema); err != nil {
		return err
	}
	// A schema is born with a few rows, in whose place come those of the origin.
	tables, err := engine.tables(ctx, f.store.write)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := f.store.write.ExecContext(ctx, "DELETE FROM "+table.Name); err != nil {
			return err
		}
	}
	_, err = f.store.write.ExecContext(ctx, "INSERT INTO "+copyTable+" (name, state) VALUES ('', $1)", mark(schema, origin))
	return err
}

func mark(schema int64, origin string) string { return fmt.Sprintf("schema %d of %s", schema, origin) }

func (f *Filling) resume(ctx context.Context, schema int64, origin string) error {
	states := map[string]string{}
	rows, err := f.store.write.QueryContext(ctx, "SELECT name, state FROM "+copyTable)
	err = each(rows, err, func(rows *sql.Rows) error {
		var name, state string
		err := rows.Scan(&name, &state)
		states[name] = state
		return err
	})
	if err != nil {
		return err
	}
	if states[""] != mark(schema, origin) {
		return fault.New(fault.Conflict, "the target holds the broken-off copy of another origin: give a new database or directory")
	}
	delete(states, "")
	for name, state := range states {
		var p Progress
		if err := json.Unmarshal([]byte(state), &p); err != nil {
			return fmt.Errorf("read how far %s came: %w", name, err)
		}
		f.done[name] = p
	}
	return nil
}

// unfinished reports whether the database is a copy in the making.
func (e *Engine) unfinished(ctx context.Context, q Querier) (bool, error) {
	all, err := e.Tables(ctx, q)
	if err != nil {
		return false, fmt.Errorf("list the tables: %w", err)
	}
	return slices.ContainsFunc(all, func(t Table) bool { return t.Name == copyTable }), nil
}

// Close releases the database.
func (f *Filling) Close() error {
	if f.conn != nil {
		return errors.Join(f.conn.Close(), f.store.Close())
	}
	return f.store.Close()
}

// Progress tells how far a table came before the copy was broken off.
func (f *Filling) Progress(table Table) Progress { return f.done[table.Name] }

// Match fails where the table is not here, or lacks a column. Columns may stand in another order.
func (f *Filling) Match(table Table) error {
	here, ok := f.known[table.Name]
	if !ok {
		return fault.New(fault.Conflict, "the target has no table %s", table.Name)
	}
	for _, column := range table.Columns {
		if !slices.Contains(here.Columns, column) {
			return fault.New(fault.Conflict, "the target's table %s has no column %s of type %s", table.Name, column.Name, column.Type)
		}
	}
	return nil
}

// Add writes rows of a table, and how far it came with them, in one transaction. The columns are those of the table as
// its origin lists them.
func (f *Filling) Add(ctx context.Context, table Table, rows [][]any, p Progress) error {
	state, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write how far %s came: %w", table.Name, err)
	}
	write := func() error {
		if len(rows) > 0 {
			if err := f.load(ctx, table, rows); err != nil {
				return err
			}
		}
		_, err := f.conn.ExecContext(ctx, "INSERT INTO "+copyTable+" (name, state) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET state = excluded.state",
			table.Name, string(state))
		return err
	}
	if _, err := f.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return f.store.fault("begin to fill "+table.Name, err)
	}
	if err := write(); err != nil {
		_, _ = f.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // the first error is the one that tells why
		return f.store.fault("fill "+table.Name, err)
	}
	if _, err := f.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return f.store.fault("fill "+table.Name, err)
	}
	f.done[table.Name] = p
	return nil
}

func (f *Filling) load(ctx context.Context, table Table, rows [][]any) error {
	if f.store.engine.Load != nil {
		return f.store.engine.Load(ctx, f.conn, table, rows)
	}
	names := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		names[i] = quoted(column.Name)
	}
	head := "INSERT INTO " + table.Name + " (" + strings.Join(names, ", ") + ") VALUES "
	for len(rows) > 0 {
		n := 1
		for _, size := range rowsAtOnce {
			if size <= len(rows) {
				n = size
				break
			}
		}
		stmt, err := f.store.kept(ctx, f.conn, head+values(n, len(names), f.store.engine.Prepare)) //nolint:sqlclosecheck // it is kept until Close
		if err != nil {
			return err
		}
		if _, err := stmt.ExecContext(ctx, slices.Concat(rows[:n]...)...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Rows reads back what a table holds, like Snapshot.Rows, with the columns in the order of the given table.
func (f *Filling) Rows(ctx context.Context, table Table, fn func(row []any) error) error {
	return f.store.engine.rows(ctx, f.conn, table, fn)
}

// Finish brings the schema up to date and takes the mark away: from then on it is a database like any other.
func (f *Filling) Finish(ctx context.Context) error {
	if f.store.engine.Settle != nil {
		if err := f.store.engine.Settle(ctx, f.conn); err != nil {
			return f.store.fault("finish the copy", err)
		}
	}
	newest, err := Newest()
	if err != nil {
		return err
	}
	for _, stmt := range f.store.prepared {
		_ = stmt.Close() // the schema is about to change, and nothing is written any more
	}
	clear(f.store.prepared)
	err = f.conn.Close()
	f.conn = nil
	if err != nil {
		return f.store.fault("finish the copy", err)
	}
	if err := f.store.migrateTo(ctx, newest); err != nil {
		return err
	}
	for _, statement := range []string{"ANALYZE", "DROP TABLE " + copyTable} {
		if _, err := f.store.write.ExecContext(ctx, statement); err != nil {
			return f.store.fault("finish the copy", err)
		}
	}
	return nil
}
