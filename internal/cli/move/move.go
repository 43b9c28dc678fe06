// Package move is the command that takes everything from one engine to the other.
package move

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/database"
)

// New makes the command.
func New(c console.Console) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "move --from DATABASE --to DATABASE",
		Short: "Move from SQLite to PostgreSQL, or back",
		Long: `Copies everything from one database into an empty one, of the same engine or the
other. DATABASE is sqlite:DIRECTORY or postgres://…, or env:NAME or file:PATH that
holds one.

No server may run on the source: what it recorded meanwhile would stay behind. A move
that was broken off goes on where it stopped when it is run again. At the end every
row is read back and compared; the source is left as it is.`,
		Example: `  tidings move --from sqlite:/var/lib/tidings --to env:DATABASE_URL
  tidings move --from env:DATABASE_URL --to sqlite:/var/lib/tidings`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			source, err := backup.ParsePlace("--from", from)
			if err != nil {
				return err
			}
			target, err := backup.ParsePlace("--to", to)
			if err != nil {
				return err
			}
			began := time.Now()
			tell, done := database.Progress(c)
			report, err := backup.Move(cmd.Context(), source, target, tell)
			done()
			if err != nil {
				return err
			}
			database.Tell(c.Out, "Moved to "+target.String(), report, time.Since(began))
			fmt.Fprintf(c.Out, "Start the server on it. The source %s was not changed.\n", source)
			return nil
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the database that is there")
	cmd.Flags().StringVar(&to, "to", "", "the empty database")
	return cmd
}
