// Package configcheck is the command that reads a configuration file as the server would. Beside serve it alone
// imports internal/daemon, whose file it is.
package configcheck

import (
	"fmt"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/daemon"
)

// New makes the command config with its one verb.
func New(c console.Console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check a configuration file",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "check FILE",
		Short: "Check a configuration file without starting a server",
		Long: `Reads a configuration file as tidings serve --config would, and names every mistake
in it: an unknown key with its line, a value that cannot be. It neither starts nor
changes anything.`,
		Example: `  tidings config check tidings-server.yaml && tidings serve --config tidings-server.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Invalid, "name one file, such as tidings config check tidings-server.yaml")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			config, err := daemon.Load(args[0])
			if err != nil {
				return err
			}
			if err := config.Validate(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%s is fine: %s, listening on %s.\n", args[0], console.Count(len(config.Sources), "source"), config.Listen)
			return err
		},
	})
	return cmd
}
