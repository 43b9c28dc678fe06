package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// The names under which connections show in pg_stat_activity.
const (
	serving = "tidings"
	copying = "tidings copy"
)

// engine is what every handle of this engine has in common.
func engine() store.Engine {
	return store.Engine{
		Name: "postgres", Dialect: goose.DialectPostgres, Number: "BIGINT", Code: code, Begin: "BEGIN", Send: send,
		Tables: tables, Load: load, Settle: settle,
		Numbers: "SELECT unnest(CAST(%s AS BIGINT[])) AS item", Keys: "SELECT unnest(CAST(%s AS BYTEA[])) AS item",
		Texts:  "SELECT unnest(CAST(%s AS TEXT[])) AS item",
		Pack:   func(items any) any { return items },
		Within: "CROSS JOIN LATERAL (%s) AS n(value)",
	}
}

// connect opens a handle to copy by, and refuses what is too old.
func connect(ctx context.Context, address string, connections int) (*sql.DB, error) {
	config, err := parse(address, copying)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	if err := check(ctx, db, config); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Snapshot reads the database as it is now, in one transaction, while servers write.
func Snapshot(ctx context.Context, address string) (*store.Snapshot, error) {
	db, err := connect(ctx, address, 1)
	if err != nil {
		return nil, err
	}
	return store.NewSnapshot(ctx, engine(), db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil)
}

// Frozen is a Snapshot of a database that no server is connected to.
func Frozen(ctx context.Context, address string) (*store.Snapshot, error) {
	db, err := connect(ctx, address, 1)
	if err != nil {
		return nil, err
	}
	var servers int
	err = db.QueryRowContext(ctx, "SELECT count(DISTINCT (client_addr, usename)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", serving).Scan(&servers)
	if err != nil {
		return nil, errors.Join(fault.New(code(err), "look for servers: %w", err), db.Close())
	}
	if servers > 0 {
		return nil, errors.Join(fault.New(fault.Unavailable, "a server of Tidings is connected to this database: stop it first"), db.Close())
	}
	return store.NewSnapshot(ctx, engine(), db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil)
}

// Fill prepares an empty database with the schema of a number, to become the copy of another; or goes on with one that
// was broken off.
func Fill(ctx context.Context, address string, schema int64, origin string) (*store.Filling, error) {
	write, err := connect(ctx, address, Writers)
	if err != nil {
		return nil, err
	}
	read, err := connect(ctx, address, 1)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return store.NewFilling(ctx, engine(), read, write, schema, origin)
}

// tables reads the catalogue. The parts of a partitioned table are read through it.
func tables(ctx context.Context, q store.Querier) ([]store.Table, error) {
	rows, err := q.QueryContext(ctx, `SELECT c.relname, a.attname, format_type(a.atttypid, NULL), COALESCE(array_position(i.indkey::int2[], a.attnum), -1) + 1
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
		LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []store.Catalogued
	for rows.Next() {
		var c store.Catalogued
		var declared string
		if err := rows.Scan(&c.Table, &c.Column.Name, &declared, &c.KeyPlace); err != nil {
			return nil, err
		}
		c.Column.Type = types[declared]
		list = append(list, c)
	}
	return store.TablesOf(list), rows.Err()
}

var types = map[string]store.Type{
	"bigint": store.Integer, "integer": store.Integer, "smallint": store.Integer,
	"double precision": store.Real, "boolean": store.Boolean,
	"text": store.Text, "character varying": store.Text, "json": store.Text, "jsonb": store.Text,
	"bytea": store.Bytes,
}

// load writes rows by COPY.
func load(ctx context.Context, conn *sql.Conn, table store.Table, rows [][]any) error {
	names := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		names[i] = column.Name
	}
	for _, row := range rows {
		for i, value := range row {
			if text, ok := value.(string); ok && strings.ContainsRune(text, 0) {
				return fault.New(fault.Invalid, "PostgreSQL cannot hold the character NUL that stands in %s.%s of %v", table.Name, names[i], row[0])
			}
		}
	}
	return conn.Raw(func(driver any) error {
		raw, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", driver)
		}
		_, err := raw.Conn().CopyFrom(ctx, pgx.Identifier{table.Name}, names, pgx.CopyFromRows(rows))
		return err
	})
}

// settle sets the sequences behind the greatest number that a copy brought.
func settle(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `DO $$ DECLARE c record; BEGIN
		FOR c IN SELECT t.relname, a.attname, pg_get_serial_sequence(quote_ident(t.relname), a.attname) AS sequence
			FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid
			WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
			AND t.relname <> 'goose_db_version' AND pg_get_serial_sequence(quote_ident(t.relname), a.attname) IS NOT NULL
		LOOP EXECUTE format('SELECT setval(%L, COALESCE(MAX(%I), 0) + 1, false) FROM %I', c.sequence, c.attname, c.relname); END LOOP; END $$`)
	return err
}
