// Package restore is the command that makes a database out of a backup.
package restore

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/database"
)

// New makes the command.
func New(c console.Console) *cobra.Command {
	var to database.Flags
	var remote backup.Remote
	var shipped bool
	cmd := &cobra.Command{
		Use:   "restore SOURCE",
		Short: "Make a database out of a backup",
		Long: `Restores a backup into an empty database: a directory without one, or a PostgreSQL
database without tables. It need not be the engine that the backup was taken of, nor
the same release: a backup of an earlier schema is brought up to date at the end.

Every row is read back and compared before the database may be used. A restore that
was broken off goes on when it is run again; until its end no server opens the
database.

With --shipped, SOURCE is where serve --ship-to copied an embedded store to, and the
target is a directory.`,
		Example: `  tidings restore --data /var/lib/tidings tidings.tar.zst
  tidings restore --database-url env:DATABASE_URL s3://backups/tidings.tar.zst
  tidings restore --data /var/lib/tidings --shipped s3://backups/live`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Invalid, "name one source, such as tidings restore tidings.tar.zst")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			place, err := to.Place(cmd.Flags())
			if err != nil {
				return err
			}
			if shipped {
				recovered, err := backup.Recover(cmd.Context(), args[0], remote, place)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.Out, "Restored into %s what was shipped from %s on: a snapshot, and %s.\n",
					place, recovered.Line, console.Count(recovered.Segments, "segment"))
				return nil
			}
			content, err := backup.Load(cmd.Context(), args[0], remote, c.In)
			if err != nil {
				return err
			}
			defer content.Close()
			began := time.Now()
			tell, done := database.Progress(c)
			report, err := backup.Restore(cmd.Context(), content, place, tell)
			done()
			if err != nil {
				return err
			}
			database.Tell(c.Out, "Restored into "+place.String(), report, time.Since(began))
			return nil
		},
	}
	to.Add(cmd.Flags())
	database.Storage(cmd.Flags(), &remote)
	cmd.Flags().BoolVar(&shipped, "shipped", false, "SOURCE was written by serve --ship-to")
	return cmd
}
