// Package secrets is the command that works on the secrets in the database: it tries them, rotates what they are sealed by,
// and forgets those of a key that is lost. It works on the database directly, since it is needed most when no server can start.
package secrets

import (
	"fmt"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/database"
)

// New makes the command with its verbs.
func New(c console.Console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "Check, rotate and forget the secrets in the database",
		Long: `Secrets that were typed on the page lie sealed in the database, by a data key that a
key from outside wraps. The configuration names that key: secrets.key is file:PATH,
env:NAME or command: [PROGRAM]. These commands read the same file as the server.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(check(c), rotate(c), forget(c))
	return cmd
}

func check(c console.Console) *cobra.Command {
	var from database.Flags
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "Open every secret, and name those that do not open",
		Long:    "Opens every secret in the database with the configured key, and shows none of them.",
		Example: `  tidings secrets check --config tidings-server.yaml`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return from.Secrets(cmd.Context(), cmd.Flags(), func(s *database.Secrets) error {
				opened, err := s.Check(cmd.Context())
				if err == nil {
					fmt.Fprintf(c.Out, "The key is right: %s can be opened.\n", console.Count(opened, "secret"))
				}
				return err
			})
		},
	}
	from.Add(cmd.Flags())
	return cmd
}

func rotate(c console.Console) *cobra.Command {
	var from database.Flags
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Seal every secret by a new data key",
		Long: `Makes a new data key, seals every secret by it, wraps by secrets.key what a key under
secrets.previous had wrapped, and drops the old data keys. On PostgreSQL servers may go
on meanwhile; with the embedded store the server must be stopped. A rotation that was
interrupted is ended by the next.

To change the key from outside: set secrets.key to the new one, put the old one under
secrets.previous, start the servers again, rotate, and remove secrets.previous.`,
		Example: `  tidings secrets rotate --config tidings-server.yaml`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return from.Secrets(cmd.Context(), cmd.Flags(), func(s *database.Secrets) error {
				sealed, err := s.Rotate(cmd.Context())
				if err == nil {
					fmt.Fprintf(c.Out, "A new data key seals %s.\n", console.Count(sealed, "secret"))
				}
				return err
			})
		},
	}
	from.Add(cmd.Flags())
	return cmd
}

func forget(c console.Console) *cobra.Command {
	var from database.Flags
	var sure bool
	cmd := &cobra.Command{
		Use:   "forget",
		Short: "Drop the secrets of a key that is lost",
		Long: `Drops the data keys that neither secrets.key nor a key under secrets.previous opens, and
the secrets that they seal: enter them anew on their pages. Fingerprints of before can no
longer be compared with later ones. Without --yes it only tells what would be dropped.

Without the key that was in use no server starts. Look for it before: what is dropped
can only be had back from a backup, and with that key.`,
		Example: `  tidings secrets forget --config tidings-server.yaml
  tidings secrets forget --config tidings-server.yaml --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return from.Secrets(cmd.Context(), cmd.Flags(), func(s *database.Secrets) error {
				keys, secrets, err := s.Forget(cmd.Context(), sure)
				switch {
				case err != nil:
					return err
				case keys == 0:
					fmt.Fprintln(c.Out, "Nothing is lost: the key opens every data key.")
					return nil
				case sure:
					fmt.Fprintf(c.Out, "Forgotten: %s, and %s.\n", console.Count(keys, "data key"), console.Count(len(secrets), "secret"))
				default:
					fmt.Fprintf(c.Out, "With --yes these are forgotten: %s, and %s.\n", console.Count(keys, "data key"), console.Count(len(secrets), "secret"))
				}
				for _, name := range secrets {
					fmt.Fprintln(c.Out, "  "+name)
				}
				return nil
			})
		},
	}
	from.Add(cmd.Flags())
	cmd.Flags().BoolVar(&sure, "yes", false, "without it nothing is dropped")
	return cmd
}
