package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"tidings.dev/tidings/store"
)

// send is store.Engine's Send: all statements go out together, and the server takes them one after another. Each sees
// what was committed before it began, so one that waits for a lock is followed by what the lock was kept for.
func send(ctx context.Context, conn any, statements []store.Statement) (int64, error) {
	var batch pgx.Batch
	var total int64
	for _, statement := range statements {
		queued := batch.Queue(statement.Text, statement.Args...)
		if statement.Scan != nil {
			queued.Query(func(rows pgx.Rows) error {
				for rows.Next() {
					if err := statement.Scan(rows); err != nil {
						return err
					}
				}
				return rows.Err()
			})
			continue
		}
		queued.Exec(func(tag pgconn.CommandTag) error {
			if statement.Text == "COMMIT" && tag.String() != "COMMIT" {
				return fmt.Errorf("the server answered the commit with %s", tag)
			}
			total += tag.RowsAffected()
			return nil
		})
	}
	err := conn.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close()
	return total, err
}
