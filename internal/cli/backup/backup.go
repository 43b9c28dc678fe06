// Package backup is the command that takes a backup, and the one that tries whether a backup is whole.
package backup

import (
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/database"
	"tidings.dev/tidings/internal/cli/variable"
)

// New makes the command.
func New(c console.Console) *cobra.Command {
	var from database.Flags
	var remote backup.Remote
	var temp string
	cmd := &cobra.Command{
		Use:   "backup TARGET",
		Short: "Take a backup while the server runs",
		Long: `Takes a backup of everything, of one instant, while servers go on writing: all that
was acknowledged before is in it. TARGET is a file, s3://BUCKET/KEY, or - for the
standard output. The same archive can be restored into either engine.

A file, or an object, has its name only when all of it is there. The embedded store
is copied first: this takes as much room as the database, beside it or in --temp.

Storage is reached with the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the
shared credentials file, or the role of the machine.`,
		Example: `  tidings backup --data /var/lib/tidings tidings.tar.zst
  tidings backup --database-url env:DATABASE_URL s3://backups/tidings.tar.zst
  tidings backup - | ssh vault 'cat > tidings.tar.zst'`,
		Args: one("target", "tidings backup tidings.tar.zst"),
		RunE: func(cmd *cobra.Command, args []string) error {
			place, err := from.Place(cmd.Flags())
			if err != nil {
				return err
			}
			began := time.Now()
			tell, done := database.Progress(c)
			var report backup.Report
			err = backup.Save(cmd.Context(), args[0], remote, c.Out, func(w io.Writer) error {
				report, err = backup.Write(cmd.Context(), place, temp, database.Release(), w, tell)
				return err
			})
			done()
			if err != nil {
				return err
			}
			database.Tell(c.Err, "The backup is complete", report, time.Since(began))
			return nil
		},
	}
	from.Add(cmd.Flags())
	database.Storage(cmd.Flags(), &remote)
	cmd.Flags().StringVar(&temp, "temp", "", "directory for the copy of the embedded store; its own when not set")
	cmd.AddCommand(verify(c))
	return cmd
}

func verify(c console.Console) *cobra.Command {
	var remote backup.Remote
	var temp string
	cmd := &cobra.Command{
		Use:   "verify SOURCE",
		Short: "Restore a backup to throw it away, and compare every row",
		Long: `Restores an archive into a temporary embedded store, reads every table back, compares
counts and sums with those in the archive, brings the schema up to date, and removes
all of it. What passes can be restored.`,
		Example: `  tidings backup verify tidings.tar.zst
  tidings backup verify s3://backups/tidings.tar.zst`,
		Args: one("source", "tidings backup verify tidings.tar.zst"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := variable.Set(cmd.Flags(), os.LookupEnv); err != nil {
				return err
			}
			content, err := backup.Load(cmd.Context(), args[0], remote, c.In)
			if err != nil {
				return err
			}
			defer content.Close()
			began := time.Now()
			tell, done := database.Progress(c)
			report, err := backup.Verify(cmd.Context(), content, temp, tell)
			done()
			if err != nil {
				return err
			}
			database.Tell(c.Out, args[0]+" is whole, of "+report.Header.CreatedAt.Format(time.RFC3339), report, time.Since(began))
			return nil
		},
	}
	database.Storage(cmd.Flags(), &remote)
	cmd.Flags().StringVar(&temp, "temp", "", "directory for the temporary store; that of the system when not set")
	return cmd
}

func one(what, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fault.New(fault.Invalid, "name one %s, such as %s", what, example)
		}
		return nil
	}
}
