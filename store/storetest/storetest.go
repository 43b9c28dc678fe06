// Package storetest holds the one suite that every engine has to pass, and opens empty stores for the tests of other
// packages. A missing PostgreSQL fails; it is never skipped.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes and drops databases

	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// Variable names the PostgreSQL server of the tests; scripts/postgres sets it.
const Variable = "TIDINGS_TEST_POSTGRES"

// Each runs a test on every engine, each with an empty store of its own.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// SQLite opens an empty embedded store.
func SQLite(tb testing.TB) *store.Store {
	tb.Helper()
	s, err := sqlite.Open(context.Background(), Directory(tb))
	return opened(tb, s, err)
}

// Postgres opens an empty store on PostgreSQL.
func Postgres(tb testing.TB) *store.Store {
	tb.Helper()
	s, err := postgres.Open(context.Background(), Database(tb))
	return opened(tb, s, err)
}

func opened(tb testing.TB, s *store.Store, err error) *store.Store {
	tb.Helper()
	if err != nil {
		tb.Fatalf("open the store: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return s
}

// Directory makes a directory for one test, with an embedded store in it that is empty and of the newest schema.
func Directory(tb testing.TB) string {
	tb.Helper()
	file, err := settled()
	if err != nil {
		tb.Fatalf("make an empty store: %v", err)
	}
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tidings.db"), file, 0o600); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// settled is the file of an empty embedded store. The steps of the schema cost many times as much as a copy of what they
// lead to, and so they are taken once.
var settled = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "tidings-storetest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "tidings.db"))
})

// PostgresURL makes a database for one test, with nothing in it, and drops it afterwards.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	return made(tb, "template1")
}

// Database makes a database for one test, with a store in it that is empty and of the newest schema, and drops it afterwards.
func Database(tb testing.TB) string {
	tb.Helper()
	return made(tb, pattern.hold(tb))
}

// pattern is the database that others are made after. It is there while a test has use of it.
var pattern patternDatabase

type patternDatabase struct {
	mu    sync.Mutex
	users int
	name  string
}

func (p *patternDatabase) hold(tb testing.TB) string {
	tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users == 0 {
		name, address := create(tb, "template1")
		s, err := postgres.Open(context.Background(), address)
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			tb.Fatalf("make an empty store: %v", errors.Join(err, drop(name)))
		}
		p.name = name
	}
	p.users++
	tb.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.users--; p.users > 0 {
			return
		}
		if err := drop(p.name); err != nil {
			tb.Errorf("drop the database: %v", err)
		}
	})
	return p.name
}

// made makes a database after another, gives its address, and drops it after the test.
func made(tb testing.TB, after string) string {
	tb.Helper()
	name, address := create(tb, after)
	tb.Cleanup(func() {
		if err := drop(name); err != nil {
			tb.Errorf("drop the database: %v", err)
		}
	})
	return address
}

func create(tb testing.TB, after string) (name, address string) {
	tb.Helper()
	server := os.Getenv(Variable)
	if server == "" {
		tb.Fatalf("%s is not set: run the tests through make test-go, or scripts/postgres --fast -- go test …", Variable)
	}
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("read %s: %v", Variable, err)
	}
	name = "t" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := administer(fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, after)); err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	u.Path = "/" + name
	return name, u.String()
}

func drop(name string) error { return administer(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)) }

// administer runs one statement on the server of the tests.
func administer(statement string) error {
	db, err := sql.Open("pgx", os.Getenv(Variable))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // one statement was all
	_, err = db.ExecContext(context.Background(), statement)
	return err
}
