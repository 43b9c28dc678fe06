// Package storetest holds the one suite that every engine has to pass, and opens empty stores for the tests of other
// packages. A missing PostgreSQL fails; it is never skipped.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
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
	s, err := sqlite.Open(context.Background(), tb.TempDir())
	return opened(tb, s, err)
}

// Postgres opens an empty store on PostgreSQL.
func Postgres(tb testing.TB) *store.Store {
	tb.Helper()
	s, err := postgres.Open(context.Background(), PostgresURL(tb))
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

// PostgresURL makes an empty database for one test and drops it afterwards.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv(Variable)
	if server == "" {
		tb.Fatalf("%s is not set: run the tests through make test-go, or scripts/postgres --fast -- go test …", Variable)
	}
	name := "t" + strings.ReplaceAll(uuid.NewString(), "-", "")
	admin := func(statement string) error {
		db, err := sql.Open("pgx", server)
		if err != nil {
			return err
		}
		defer db.Close() //nolint:errcheck // one statement was all
		_, err = db.ExecContext(context.Background(), statement)
		return err
	}
	if err := admin("CREATE DATABASE " + name); err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := admin(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			tb.Errorf("drop the database: %v", err)
		}
	})
	address, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("read %s: %v", Variable, err)
	}
	address.Path = "/" + name
	return address.String()
}
