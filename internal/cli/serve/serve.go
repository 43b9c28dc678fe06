// Package serve is the command that runs the server.
package serve

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/variable"
	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/journal"
	"tidings.dev/tidings/internal/telemetry"
)

// Release is what the build calls this version.
func Release() string { return daemon.Version }

// Settings are the flags that make a configuration.
type Settings struct {
	file     string
	listen   string
	data     string
	database string
	name     string
	noLogin  bool
	drain    time.Duration
	example  string
	watch    string
	storage  []string // where storage may be
	verbose  bool
}

// New makes the command.
func New() *cobra.Command {
	var o Settings
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Runs the server: the page, the API, and the sources that look at the world.

Everything works without a single flag: the embedded store lies in ./data. Each
flag can be given as a variable as well (--no-login is TIDINGS_NO_LOGIN=true), or
in a YAML file; a flag is stronger than a variable, and that than the file.

  tidings serve --no-login
  tidings serve --config tidings-server.yaml
  tidings serve --database-url env:DATABASE_URL`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := o.Config(cmd.Flags())
			if err != nil {
				return err
			}
			return run(cmd.Context(), config, cmd.OutOrStdout(), cmd.ErrOrStderr(), o.verbose)
		},
	}
	o.Add(cmd.Flags())
	return cmd
}

// Add declares the flags.
func (o *Settings) Add(flags *pflag.FlagSet) {
	flags.StringVar(&o.file, "config", "", "a YAML file with settings and sources")
	flags.StringVar(&o.listen, "listen", daemon.DefaultListen, "address to answer on, host:port; port 0 takes a free one")
	flags.StringVar(&o.data, "data", "./data", "directory of the embedded store")
	flags.StringVar(&o.database, "database-url", "", "a PostgreSQL database instead: postgres://…, env:NAME or file:PATH")
	flags.String("ship-to", "", "copy the embedded store continuously to this directory, or s3://BUCKET/PREFIX")
	flags.String("s3-endpoint", os.Getenv("AWS_ENDPOINT_URL_S3"), "URL of S3-compatible storage (also AWS_ENDPOINT_URL_S3)")
	flags.String("s3-region", os.Getenv("AWS_REGION"), "its region (also AWS_REGION)")
	flags.StringSliceVar(&o.storage, "s3-allow", nil, "networks, addresses or names inside that it may be at, such as 10.20.0.0/16")
	flags.StringVar(&o.name, "organisation", "", "the name that the page shows")
	flags.BoolVar(&o.noLogin, "no-login", false, "everyone is the administrator; for trials on this machine")
	flags.DurationVar(&o.drain, "drain", 0, "how long to go on, not ready, after being told to end (PostgreSQL: 5s unless given)")
	flags.StringVar(&o.example, "example", "", "fill an empty roll from the descriptors and events of this directory")
	flags.StringVar(&o.watch, "watch", "", "watch this git repository as the service tidings")
	flags.String("log-format", "text", "how the log is written: text or json")
	flags.String("log-level", "warn", "the least that is logged: debug, info, warn or error; debug has a line for each request")
	flags.BoolVar(&o.verbose, "verbose", false, "log everything: --log-level debug")
}

// Config reads the flags, the variables and the file.
func (o *Settings) Config(flags *pflag.FlagSet) (daemon.Config, error) {
	if err := variable.Set(flags, os.LookupEnv); err != nil {
		return daemon.Config{}, err
	}
	config := daemon.Default()
	if o.file != "" {
		var err error
		if config, err = daemon.Load(o.file); err != nil {
			return config, err
		}
	}
	for flag, setting := range map[string]*string{"listen": &config.Listen, "data": &config.Data, "database-url": &config.DatabaseURL, "organisation": &config.Organisation, "log-format": &config.Log.Format, "log-level": &config.Log.Level, "ship-to": &config.ShipTo, "s3-endpoint": &config.Storage.Endpoint, "s3-region": &config.Storage.Region} {
		// What the usual variables say of storage is a default, and the file is stronger.
		if flags.Changed(flag) || *setting == "" && strings.HasPrefix(flag, "s3-") {
			*setting = flags.Lookup(flag).Value.String()
		}
	}
	if flags.Changed("no-login") {
		config.NoLogin = o.noLogin
	}
	if flags.Changed("s3-allow") {
		config.Storage.Allow = o.storage
	}
	if flags.Changed("drain") {
		config.Drain = o.drain
	}
	config.Example = o.example
	if o.watch != "" {
		config.Sources = append(config.Sources, daemon.WatchRepository(o.watch))
	}
	return config, nil
}

func run(ctx context.Context, config daemon.Config, out, log io.Writer, verbose bool) error {
	if verbose {
		config.Log.Level = "debug"
	}
	if err := config.Log.Validate(); err != nil {
		return fault.New(fault.Invalid, "log: %w", err)
	}
	var err error
	if config.Traces.Settings, err = telemetry.Environment(os.LookupEnv); err != nil {
		return err
	}
	config.Journal = journal.New(log, config.Log)
	slog.SetDefault(config.Journal.Logger)
	d, err := daemon.Open(ctx, config)
	if err != nil {
		return err
	}
	where := cmp.Or(config.DatabaseURL, strconv.Quote(config.Data))
	if config.DatabaseURL != "" {
		where = "PostgreSQL"
	}
	fmt.Fprintf(out, "Tidings %s answers at %s (store: %s). Ctrl-C stops it.\n", daemon.Version, d.URL(), where)
	if link := d.FirstLink(); link != "" {
		fmt.Fprintf(out, "Nobody has an account yet. Log in as the first administrator, within an hour: %s\n", link)
	}
	<-ctx.Done()
	return d.Close(ctx)
}
