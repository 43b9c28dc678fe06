// Package store keeps the roll and the log in a SQL database. The SQL is written once for both engines; the packages
// sqlite and postgres beneath open a database and say how it differs. Rules are not here: what an event or an entity
// is, how a report advances an event and claims merge, stands in change and catalog.
//
// There is one writer at a time, on one server or many: each write begins by locking the row of its counter, where the
// engine does not see to that by itself, so that the numbers it hands out are in the order of commit and without gaps.
// Writes are gathered into groups before they come here, which makes that cheap.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tidings.dev/tidings/fault"
)

// Engine is what differs between two databases.
type Engine struct {
	Name    string
	Dialect goose.Dialect
	// Clustered ends the definition of a table that is kept in the order of its key; Number is the 64-bit type of a primary
	// key that numbers the rows.
	Clustered, Number string
	// Numbers, Keys and Texts are queries of one column, item, from a parameter that stands for %s and holds many of them.
	Numbers, Keys, Texts string
	// Pack makes such a parameter of []int64, [][]byte or []string.
	Pack func(items any) any
	// Within joins to each item of a table w the numbers n.value that the query that stands for %s selects as seq.
	Within string
	// Ordered tells that a query with a limit reads an index in its order, whatever the planner expects to find there:
	// PostgreSQL fetches and sorts all where it expects few.
	Ordered bool
	// Together is how many reads of one page of the feed are worth waiting for at the same time; zero means one.
	Together int
	// Code classifies a driver's error by its code.
	Code func(error) fault.Code
	// Locker keeps two servers from migrating at once; it may be nil.
	Locker lock.SessionLocker
	// Prepare keeps statements prepared and writes on one connection: for a driver that does not do so by itself.
	Prepare bool
	// Measure tells how much room the database takes.
	Measure func(ctx context.Context, db *sql.DB) (Health, error)
	// Begin is the statement that begins a write.
	Begin string
	// Send runs statements on a connection of the driver, one after another until one fails, in as few round trips as the
	// driver has, and gives the number of rows that were written.
	Send func(ctx context.Context, conn any, statements []Statement) (int64, error)
	// Tend is called after a write with the number of rows written, outside of any transaction.
	Tend func(ctx context.Context, rows int)
	// Listen calls its function for every hint of another server, until it fails or the context ends; Notify gives one.
	// Both are nil for an engine that has but one server.
	Listen func(ctx context.Context, hint func()) error
	Notify func(ctx context.Context, db *sql.DB) error
	// Tables lists the tables of the database, but for those that the engine keeps for itself.
	Tables func(ctx context.Context, q Querier) ([]Table, error)
	// Load writes many rows into a table within the transaction of a connection; nil means by INSERT. Settle readies a
	// database that was filled so for writers; it may be nil.
	Load   func(ctx context.Context, conn *sql.Conn, table Table, rows [][]any) error
	Settle func(ctx context.Context, conn *sql.Conn) error
	// Rewrite writes the whole database anew, so that its files hold nothing of what was changed or deleted; it is nil where
	// that would hold up servers.
	Rewrite func(ctx context.Context, conn *sql.Conn) error
	// Clock is the database's own time in microseconds since 1970, as an expression: leases of several servers are held
	// against it. It is empty for an engine that has but one server.
	Clock string
	// Close releases what the engine holds besides the two handles; it may be nil.
	Close func() error
}

// Store is an open database.
type Store struct {
	engine Engine
	read   *sql.DB
	write  *sql.DB

	// writer is the one connection that writes, where the engine has but one writer.
	writer  *sql.Conn
	writing sync.Mutex

	announced chan struct{}

	// schema is the newest that this release knows.
	schema int64

	mu       sync.RWMutex
	prepared map[statementKey]*sql.Stmt
	// deflaters make bodies of deliveries small.
	deflaters sync.Pool
}

type statementKey struct {
	on   preparer
	text string
}

//go:embed migrations/*.sql
var migrations embed.FS

// New brings the schema of an open database up to date. It takes over both handles.
func New(ctx context.Context, engine Engine, read, write *sql.DB) (*Store, error) {
	s := &Store{engine: engine, read: read, write: write, prepared: map[statementKey]*sql.Stmt{}, announced: make(chan struct{}, 1)}
	err := s.migrate(ctx)
	if err == nil && engine.Prepare {
		s.writer, err = write.Conn(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Engine names the database: sqlite or postgres.
func (s *Store) Engine() string { return s.engine.Name }

// Close releases the database. What was acknowledged is durable already.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all error
	for _, stmt := range s.prepared {
		all = errors.Join(all, stmt.Close())
	}
	if s.writer != nil {
		all = errors.Join(all, s.writer.Close())
	}
	if s.engine.Close != nil {
		all = errors.Join(all, s.engine.Close())
	}
	return errors.Join(all, s.write.Close(), s.read.Close())
}

// Ping reports whether the database answers, and has the schema of this release.
func (s *Store) Ping(ctx context.Context) error {
	var schema int64
	if err := s.read.QueryRowContext(ctx, `SELECT schema FROM counter WHERE name = 'log'`).Scan(&schema); err != nil {
		return s.fault("ping", err)
	}
	return s.known(schema)
}

// guardedSince is the migration that put the schema beside the counters.
const guardedSince = 3

// stampSchema writes the number of a step beside the counters. Writers lock these rows: those of older servers wait for the
// step, and then see that it was taken. The rows are locked one by one in the order in which writers do.
func stampSchema(number int64) string {
	var b strings.Builder
	for _, name := range []string{"roll", "entity", "log"} {
		fmt.Fprintf(&b, "\nUPDATE counter SET schema = %d WHERE name = '%s';", number, name)
	}
	fmt.Fprintf(&b, "\nUPDATE counter SET schema = %d;\n", number)
	return b.String()
}

// known refuses a schema that only a newer release knows.
func (s *Store) known(schema int64) error {
	if schema <= s.schema {
		return nil
	}
	return fault.New(fault.Unavailable,
		"a newer release brought the database to schema %d, and this one knows up to %d: it writes nothing; run the newer release", schema, s.schema)
}

// migrate brings the schema up to date. A database of a newer release is refused, and left as it is.
func (s *Store) migrate(ctx context.Context) error {
	unfinished, err := s.engine.unfinished(ctx, s.write)
	if err != nil {
		return s.fault("look at the database", err)
	}
	if unfinished {
		return fault.New(fault.Conflict, "this database is a copy that was broken off: run the same restore or move again, or drop it")
	}
	newest, err := Newest()
	if err != nil {
		return err
	}
	return s.migrateTo(ctx, newest)
}

// Newest is the number of the newest step of the schema.
func Newest() (int64, error) {
	steps, err := (&Engine{}).steps()
	if err != nil {
		return 0, err
	}
	return steps[len(steps)-1].Version, nil
}

// steps are the steps of the schema in order; a file's name begins with its number.
func (e *Engine) steps() ([]*goose.Migration, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	now := strconv.FormatInt(time.Now().UnixMicro(), 10)
	var steps []*goose.Migration
	for _, entry := range entries {
		text, err := migrations.ReadFile("migrations/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		number, err := goose.NumericComponent(entry.Name())
		if err != nil {
			return nil, fmt.Errorf("number of a migration: %w", err)
		}
		statements := strings.NewReplacer("{{clustered}}", e.Clustered, "{{number}}", e.Number, "{{now}}", now).Replace(string(text))
		switch {
		case number > guardedSince:
			// First of all, so that no writer is amidst anything while tables change.
			statements = stampSchema(number) + statements
		case number == guardedSince:
			statements += stampSchema(number)
		}
		steps = append(steps, goose.NewGoMigration(number, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, statements)
				return err
			},
		}, nil))
	}
	return steps, nil
}

func (s *Store) migrateTo(ctx context.Context, number int64) error {
	steps, err := s.engine.steps()
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true)}
	if s.engine.Locker != nil {
		options = append(options, goose.WithSessionLocker(s.engine.Locker))
	}
	provider, err := goose.NewProvider(s.engine.Dialect, s.write, nil, options...)
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	s.schema = steps[len(steps)-1].Version
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return s.fault("read the schema's version", err)
	}
	if err := s.known(version); err != nil {
		return err
	}
	if _, err := provider.UpTo(ctx, number); err != nil {
		return s.fault("bring the schema up to date", err)
	}
	return nil
}

// fault gives a driver's error its code; nil stays nil.
func (s *Store) fault(what string, err error) error { return s.engine.fault(what, err) }

func (e *Engine) fault(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	code := fault.Internal
	switch {
	case errors.Is(err, sql.ErrNoRows):
		code = fault.NotFound
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrConnDone):
		code = fault.Unavailable
	case e.Code != nil:
		code = e.Code(err)
	}
	return fault.New(code, "%s: %w", what, err)
}

// query reads outside of a write.
func (s *Store) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if !s.engine.Prepare {
		return s.read.QueryContext(ctx, text, args...)
	}
	stmt, err := s.kept(ctx, s.read, text) //nolint:sqlclosecheck // it is kept until Close
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// kept prepares a text once for the life of the store.
func (s *Store) kept(ctx context.Context, on preparer, text string) (*sql.Stmt, error) {
	key := statementKey{on, text}
	s.mu.RLock()
	stmt, ok := s.prepared[key]
	s.mu.RUnlock()
	if ok {
		return stmt, nil
	}
	stmt, err := on.PrepareContext(context.WithoutCancel(ctx), text)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60q: %w", text, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.prepared[key]; ok {
		return other, stmt.Close() //nolint:sqlclosecheck // another took its place
	}
	s.prepared[key] = stmt
	return stmt, nil
}

// values writes "($1,$2),($3,$4)" for a number of rows and columns, or "(?,?),(?,?)": SQLite looks a name up for each
// parameter that has one, which for many rows costs more than the rows.
func values(rows, columns int, nameless bool) string {
	var b strings.Builder
	for row := range rows {
		if row > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for column := range columns {
			if column > 0 {
				b.WriteByte(',')
			}
			if nameless {
				b.WriteByte('?')
			} else {
				fmt.Fprintf(&b, "$%d", row*columns+column+1)
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}

// list writes "($3,$4,$5,$5)" and appends its arguments. The last item is repeated up to a power of two, so that few
// shapes of a statement have to be prepared; items must not be empty.
func list[T any](args *[]any, items []T) string {
	size := 1
	for size < len(items) {
		size *= 2
	}
	var b strings.Builder
	b.WriteByte('(')
	for i := range size {
		if i > 0 {
			b.WriteByte(',')
		}
		if i < len(items) {
			*args = append(*args, items[i])
		}
		fmt.Fprintf(&b, "$%d", len(*args))
	}
	b.WriteByte(')')
	return b.String()
}

// numbers is a query of many numbers, which are one argument: a text of its own for each count would have to be prepared.
func (s *Store) numbers(args *[]any, items []int64) string {
	*args = append(*args, s.engine.Pack(items))
	return fmt.Sprintf(s.engine.Numbers, fmt.Sprintf("$%d", len(*args)))
}

// keys is a query of many keys, which are one argument.
func (s *Store) keys(args *[]any, items [][]byte) string {
	*args = append(*args, s.engine.Pack(items))
	return fmt.Sprintf(s.engine.Keys, fmt.Sprintf("$%d", len(*args)))
}

// fewKeys are looked for by a list of them: to unpack them takes longer than to find them.
const fewKeys = 4

// among writes the keys that a column is to be among, for "key IN".
func (s *Store) among(args *[]any, items [][]byte) string {
	if len(items) <= fewKeys {
		return list(args, items)
	}
	return "(" + s.keys(args, items) + ")"
}

// texts is a query of many texts, which are one argument.
func (s *Store) texts(args *[]any, items []string) string {
	*args = append(*args, s.engine.Pack(items))
	return fmt.Sprintf(s.engine.Texts, fmt.Sprintf("$%d", len(*args)))
}

// each gives every row to scan and closes the rows.
func each(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// collect gathers what scan makes of every row, and closes the rows.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	var all []T
	err = each(rows, err, func(rows *sql.Rows) error {
		one, err := scan(rows)
		all = append(all, one)
		return err
	})
	return all, err
}

func scanInt(rows *sql.Rows) (int64, error) {
	var value int64
	err := rows.Scan(&value)
	return value, err
}
