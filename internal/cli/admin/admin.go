// Package admin is the command for whoever has the database in their hands: it makes a link that lets an administrator in.
//
// Beside serve, configcheck, doctor and database it imports internal/daemon: it works on the database itself.
package admin

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/variable"
	"tidings.dev/tidings/internal/daemon"
)

// New makes the command.
func New(c console.Console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Let an administrator in",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(link(c))
	return cmd
}

func link(c console.Console) *cobra.Command {
	var file, data, database, public string
	cmd := &cobra.Command{
		Use:   "link",
		Short: "Print a one-time link that lets an administrator in",
		Long: `Prints a link, good for an hour and once, by which somebody gets an account that is an
administrator. It is for the first start, and for when nobody can log in any more: who
may run it has the database in their hands. With the embedded store the server must be
stopped for it; on PostgreSQL servers may run. The audit keeps that it was made.`,
		Example: `  tidings admin link --data ./data
  tidings admin link --config tidings-server.yaml
  tidings admin link --database-url env:DATABASE_URL --public-url https://tidings.example.com`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags := cmd.Flags()
			if err := variable.Set(flags, os.LookupEnv); err != nil {
				return err
			}
			config := daemon.Default()
			if file != "" {
				var err error
				if config, err = daemon.Load(file); err != nil {
					return err
				}
			}
			for flag, setting := range map[string]*string{"data": &config.Data, "database-url": &config.DatabaseURL, "public-url": &config.PublicURL} {
				if flags.Changed(flag) {
					*setting = flags.Lookup(flag).Value.String()
				}
			}
			if config.DatabaseURL == "" {
				if _, err := os.Stat(config.Data); err != nil {
					return fault.New(fault.NotFound, "there is no database in %q: name its directory by --data, or give --config", config.Data)
				}
			}
			address, err := daemon.AdministratorLink(cmd.Context(), config)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.Out, address)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "config", "", "the configuration file of the server")
	flags.StringVar(&data, "data", "./data", "directory of the embedded store")
	flags.StringVar(&database, "database-url", "", "a PostgreSQL database instead: postgres://…, env:NAME or file:PATH")
	flags.StringVar(&public, "public-url", "", "where people reach the server, such as https://tidings.example.com")
	return cmd
}
