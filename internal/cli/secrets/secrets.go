// Package secrets is the command that works on the secrets in the database: it tries them, and rotates what they are
// sealed by. It works on the database directly, since it is needed most when no server can start.
package secrets

import (
	"fmt"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/database"
)

// New makes the command with its two verbs.
func New(c console.Console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "Check and rotate the secrets in the database",
		Long: `Secrets that were typed on the page lie sealed in the database, by a data key that a
key from outside wraps. The configuration names that key: secrets.key is file:PATH,
env:NAME or command: [PROGRAM]. These commands read the same file as the server.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(check(c), rotate(c))
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
			opened, err := from.Secrets(cmd.Context(), cmd.Flags(), false)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.Out, "The key is right: %s can be opened.\n", console.Count(opened, "secret"))
			return nil
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
secrets.previous had wrapped, and drops the old data keys. Servers may go on meanwhile,
and a rotation that was interrupted is ended by the next.

To change the key from outside: set secrets.key to the new one, put the old one under
secrets.previous, start the servers again, rotate, and remove secrets.previous.`,
		Example: `  tidings secrets rotate --config tidings-server.yaml`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sealed, err := from.Secrets(cmd.Context(), cmd.Flags(), true)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.Out, "A new data key seals %s.\n", console.Count(sealed, "secret"))
			return nil
		},
	}
	from.Add(cmd.Flags())
	return cmd
}
