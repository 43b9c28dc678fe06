// Package database says which database an operator's command works on, by the same flags, variables and file as serve,
// and shows how far the work is.
//
// It may be imported by the commands that work on a database directly. Beside serve and configcheck it imports
// internal/daemon, whose configuration it reads.
package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"tidings.dev/tidings/internal/backup"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/variable"
	"tidings.dev/tidings/internal/daemon"
)

// Flags choose a database.
type Flags struct {
	file     string
	data     string
	database string
}

// Add declares the flags.
func (f *Flags) Add(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "config", "", "the configuration file of the server")
	flags.StringVar(&f.data, "data", "./data", "directory of the embedded store")
	flags.StringVar(&f.database, "database-url", "", "a PostgreSQL database instead: postgres://…, env:NAME or file:PATH")
}

// Place reads the flags, the variables and the file.
func (f *Flags) Place(flags *pflag.FlagSet) (backup.Place, error) {
	config, err := f.config(flags)
	if err != nil {
		return backup.Place{}, err
	}
	address, directory, err := config.Database()
	return backup.Place{URL: address, Directory: directory}, err
}

// Secrets are those of a database.
type Secrets = daemon.Secrets

// Secrets gives the secrets of the database to what works on them.
func (f *Flags) Secrets(ctx context.Context, flags *pflag.FlagSet, work func(*Secrets) error) error {
	config, err := f.config(flags)
	if err != nil {
		return err
	}
	secrets, err := daemon.OpenSecrets(ctx, config)
	if err != nil {
		return err
	}
	return errors.Join(work(secrets), secrets.Close())
}

// config is the configuration as the server would read it.
func (f *Flags) config(flags *pflag.FlagSet) (daemon.Config, error) {
	config := daemon.Default()
	if err := variable.Set(flags, os.LookupEnv); err != nil {
		return config, err
	}
	if f.file != "" {
		var err error
		if config, err = daemon.Load(f.file); err != nil {
			return config, err
		}
	}
	if flags.Changed("data") {
		config.Data = f.data
	}
	if flags.Changed("database-url") {
		config.DatabaseURL = f.database
	}
	return config, nil
}

// Storage declares the flags of S3-compatible storage.
func Storage(flags *pflag.FlagSet, remote *backup.Remote) {
	flags.StringVar(&remote.Endpoint, "s3-endpoint", os.Getenv("AWS_ENDPOINT_URL_S3"), "URL of S3-compatible storage (TIDINGS_S3_ENDPOINT, AWS_ENDPOINT_URL_S3)")
	flags.StringVar(&remote.Region, "s3-region", os.Getenv("AWS_REGION"), "its region (TIDINGS_S3_REGION, AWS_REGION)")
	flags.StringSliceVar(&remote.Allow, "s3-allow", nil, "networks, addresses or names inside that it may be at, such as 10.20.0.0/16 (TIDINGS_S3_ALLOW)")
}

// Release is what the build calls this version.
func Release() string { return daemon.Version }

// between two lines that tell how far the work is; a terminal's line is written over.
const (
	onTerminal = 200 * time.Millisecond
	inLog      = 5 * time.Second
)

// Progress tells on w how far the work is; done ends its line.
func Progress(c console.Console) (tell backup.Progress, done func()) {
	terminal := console.Terminal(c.Err)
	every := inLog
	if terminal {
		every = onTerminal
	}
	began := time.Now()
	last := began
	tell = func(table string, rows, of int64) {
		if now := time.Now(); now.Sub(last) < every {
			return
		}
		last = time.Now()
		line := fmt.Sprintf("%s: %s of %s rows", table, console.Number(int(rows)), console.Number(int(of)))
		if terminal {
			fmt.Fprint(c.Err, "\r\x1b[K"+line)
		} else {
			fmt.Fprintln(c.Err, line)
		}
	}
	return tell, func() {
		if terminal {
			fmt.Fprint(c.Err, "\r\x1b[K")
		}
	}
}

// Tell writes what was copied.
func Tell(w io.Writer, what string, report backup.Report, took time.Duration) {
	fmt.Fprintf(w, "%s: %s in %s, schema %d of %s, in %s.\n", what, console.Count(int(report.Rows), "row"),
		console.Count(report.Tables, "table"), report.Header.Schema, report.Header.Engine, took.Round(time.Millisecond*10))
}
