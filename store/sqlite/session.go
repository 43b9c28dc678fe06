package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math"

	"tidings.dev/tidings/store"
)

// session runs the writer's statements on the driver itself. They are short, and there are many of them: what
// database/sql does around each would cost as much as the statement.
type session struct {
	prepared map[string]driver.Stmt
	args     []driver.NamedValue
}

func newSession() *session { return &session{prepared: map[string]driver.Stmt{}} }

func (s *session) close() error {
	var all error
	for _, stmt := range s.prepared {
		all = errors.Join(all, stmt.Close())
	}
	clear(s.prepared)
	return all
}

// send is store.Engine's Send.
func (s *session) send(ctx context.Context, conn any, statements []store.Statement) (int64, error) {
	// A statement is not interrupted half-way: watching for that takes a goroutine each.
	ctx = context.WithoutCancel(ctx)
	var total int64
	for i := range statements {
		n, err := s.run(ctx, conn, &statements[i])
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}

func (s *session) run(ctx context.Context, conn any, statement *store.Statement) (int64, error) {
	stmt, err := s.prepare(ctx, conn, statement.Text)
	if err != nil {
		return 0, err
	}
	s.args = s.args[:0]
	for i, arg := range statement.Args {
		value, err := valueOf(arg)
		if err != nil {
			return 0, fmt.Errorf("argument %d of %.60q: %w", i+1, statement.Text, err)
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	if statement.Scan == nil {
		result, err := stmt.(driver.StmtExecContext).ExecContext(ctx, s.args)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, s.args)
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // everything was read
	into := make(row, len(rows.Columns()))
	for {
		switch err := rows.Next(into); {
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return 0, err
		}
		if err := statement.Scan(into); err != nil {
			return 0, err
		}
	}
}

func (s *session) prepare(ctx context.Context, conn any, text string) (driver.Stmt, error) {
	if stmt, ok := s.prepared[text]; ok {
		return stmt, nil
	}
	stmt, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60q: %w", text, err)
	}
	s.prepared[text] = stmt
	return stmt, nil
}

// valueOf makes of an argument what the driver takes.
func valueOf(arg any) (driver.Value, error) {
	switch v := arg.(type) {
	case nil, int64, string, []byte, bool:
		return v, nil
	case int:
		return int64(v), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(arg)
}

// row is a row as the driver gives it.
type row []driver.Value

// Scan copies the columns.
func (r row) Scan(into ...any) error {
	if len(into) != len(r) {
		return fmt.Errorf("%d columns were asked for, and there are %d", len(into), len(r))
	}
	for i, value := range r {
		if !assign(into[i], value) {
			return fmt.Errorf("column %d holds %T, which %T does not take", i, value, into[i])
		}
	}
	return nil
}

func assign(into any, value driver.Value) bool {
	switch into := into.(type) {
	case *int64:
		v, ok := value.(int64)
		*into = v
		return ok
	case *int:
		v, ok := value.(int64)
		*into = int(v)
		return ok && v >= math.MinInt && v <= math.MaxInt
	case *string:
		v, ok := value.(string)
		*into = v
		return ok
	case *[]byte:
		switch v := value.(type) {
		case []byte:
			*into = v
		case string:
			*into = []byte(v)
		case nil:
			*into = nil
		default:
			return false
		}
		return true
	}
	return false
}
