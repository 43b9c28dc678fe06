package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"tidings.dev/tidings/fault"
)

// Statement is one step of a write. Scan, where there is one, is given every row of its answer.
type Statement struct {
	Text string
	Args []any
	Scan func(Row) error
}

// Row is a row of an answer; what Scan puts into bytes may be kept.
type Row interface {
	Scan(into ...any) error
}

// tx is a write in progress. Statements are gathered until somebody waits for an answer, and sent at once: the last of
// them with the commit. A statement that fails is therefore told of later, but never after the commit.
type tx struct {
	store   *Store
	conn    *sql.Conn
	pending []Statement
	begun   bool
	// guarded tells that the schema was looked at.
	guarded bool
	rows    int
}

// writeTime bounds one transaction, the wait for its turn included: a database that neither answers nor breaks the
// connection must not hold up the writer for good.
const writeTime = 30 * time.Second

// update runs fn in one transaction of the writer. A fault that fn returns undoes everything.
func (s *Store) update(ctx context.Context, what string, fn func(*tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	conn := s.writer
	if conn != nil {
		s.writing.Lock()
		defer s.writing.Unlock()
	} else {
		var err error
		if conn, err = s.write.Conn(ctx); err != nil {
			return s.fault(what, err)
		}
		defer conn.Close() //nolint:errcheck // it goes back to the others
	}
	t := &tx{store: s, conn: conn, pending: []Statement{{Text: s.engine.Begin}}}
	err := fn(t)
	if err == nil && !t.guarded && (t.begun || len(t.pending) > 1) {
		var rows *sql.Rows
		rows, err = t.query(ctx, `SELECT value, schema FROM counter WHERE name = $1`, "log")
		_, err = t.counter(rows, err, "log")
	}
	if err == nil && (t.begun || len(t.pending) > 1) {
		err = t.send(ctx, Statement{Text: "COMMIT"})
	}
	if err != nil {
		t.undo(ctx)
		return s.fault(what, err)
	}
	if s.engine.Tend != nil {
		s.engine.Tend(ctx, t.rows)
	}
	return nil
}

// undoTime bounds the end of a write that failed.
const undoTime = 5 * time.Second

// undo ends a write that failed; the first error is the one that tells why.
func (t *tx) undo(ctx context.Context) {
	if !t.begun {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	t.pending = nil
	if err := t.send(ctx, Statement{Text: "ROLLBACK"}); err != nil && t.store.writer == nil {
		// Nobody shall write on a connection of which it is not known what it is amidst.
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// pendingAtMost bounds the statements that wait to be sent.
const pendingAtMost = 128

// exec adds a statement that has no answer.
func (t *tx) exec(ctx context.Context, text string, args ...any) error {
	return t.add(ctx, Statement{Text: text, Args: args})
}

// ask adds a statement with an answer, which is there after send.
func (t *tx) ask(ctx context.Context, scan func(Row) error, text string, args ...any) error {
	return t.add(ctx, Statement{Text: text, Args: args, Scan: scan})
}

func (t *tx) add(ctx context.Context, statement Statement) error {
	t.pending = append(t.pending, statement)
	if len(t.pending) < pendingAtMost {
		return nil
	}
	return t.send(ctx)
}

// send runs what was added, and what is added last.
func (t *tx) send(ctx context.Context, last ...Statement) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	statements := append(t.pending, last...)
	if len(statements) == 0 {
		return nil
	}
	t.pending, t.begun = statements[:0], true
	return t.conn.Raw(func(conn any) error {
		n, err := t.store.engine.Send(ctx, conn, statements)
		t.rows += int(n)
		return err
	})
}

// query asks and waits.
func (t *tx) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := t.send(ctx); err != nil {
		return nil, err
	}
	if t.store.writer == nil {
		return t.conn.QueryContext(ctx, text, args...)
	}
	stmt, err := t.store.kept(ctx, t.store.writer, text) //nolint:sqlclosecheck // it is kept until Close
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// take locks a counter until the transaction ends, and so keeps every other writer of it waiting.
func (t *tx) take(ctx context.Context, name string) (int64, error) {
	rows, err := t.query(ctx, `UPDATE counter SET value = value WHERE name = $1 RETURNING value, schema`, name)
	return t.counter(rows, err, name)
}

// counter reads the row of a counter, and guards against a newer schema by it.
func (t *tx) counter(rows *sql.Rows, err error, name string) (int64, error) {
	value, found := int64(0), false
	err = each(rows, err, func(rows *sql.Rows) error {
		found = true
		var schema int64
		if err := rows.Scan(&value, &schema); err != nil {
			return err
		}
		return t.guard(schema)
	})
	if err == nil && !found {
		err = fault.New(fault.Internal, "the counter %q is gone", name)
	}
	return value, err
}

// guard refuses to write into the schema of a newer release.
func (t *tx) guard(schema int64) error {
	t.guarded = true
	return t.store.known(schema)
}

func (t *tx) put(ctx context.Context, name string, value int64) error {
	return t.exec(ctx, `UPDATE counter SET value = $2 WHERE name = $1`, name, value)
}

// rowsAtOnce are the sizes of the statements that write many rows: few shapes, so that each is prepared once.
var rowsAtOnce = []int{64, 8, 2, 1}

// insert writes rows of the same columns: head is "INSERT INTO t (…) VALUES", tail what follows the values.
func (t *tx) insert(ctx context.Context, head, tail string, rows [][]any) error {
	for len(rows) > 0 {
		n := 1
		for _, size := range rowsAtOnce {
			if size <= len(rows) {
				n = size
				break
			}
		}
		args := make([]any, 0, n*len(rows[0]))
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if err := t.exec(ctx, head+values(n, len(rows[0]), t.store.engine.Prepare)+tail, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
