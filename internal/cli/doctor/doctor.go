// Package doctor is the command that looks whether an installation is well, and gathers what a person needs who has to
// find out. It imports internal/daemon, whose configuration and database it looks at.
package doctor

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/serve"
	"tidings.dev/tidings/internal/daemon"
)

// New makes the command.
func New(c console.Console) *cobra.Command {
	var settings serve.Settings
	var ready bool
	var bundle string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether an installation is well, and say what to do",
		Long: `Looks at the configuration, the address, the directory and its permissions, the
disk, the database (version, schema, damage, clock) and the sources, as tidings serve
with the same flags, variables and file would find them. It changes nothing, and works
beside a running server. It exits with 1 when something does not work.

With --ready it only asks the server on this machine whether it can serve.

With --bundle it writes a zip file instead, to be sent to whoever helps: the version,
the configuration without its secrets, what doctor says, and counts. From a server that
runs and lets you (TIDINGS_TOKEN), also its metrics and the newest lines of its log.`,
		Example: `  tidings doctor --config /etc/tidings/tidings.yaml
  tidings doctor --ready
  tidings doctor --bundle support.zip`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := settings.Config(cmd.Flags())
			if err != nil {
				return err
			}
			switch {
			case ready:
				return ask(cmd.Context(), c, config)
			case bundle != "":
				return gather(cmd.Context(), c, config, bundle)
			}
			diagnosis := daemon.Examine(cmd.Context(), config)
			if err := daemon.WriteFindings(c.Out, diagnosis.Findings); err != nil {
				return err
			}
			if diagnosis.Ill() {
				return errors.New("something does not work: see the lines that begin with fail")
			}
			return nil
		},
	}
	settings.Add(cmd.Flags())
	cmd.Flags().BoolVar(&ready, "ready", false, "only ask the server at the address to listen on whether it can serve")
	cmd.Flags().StringVar(&bundle, "bundle", "", "write a zip file for whoever helps, without secrets")
	return cmd
}

func ask(ctx context.Context, c console.Console, config daemon.Config) error {
	status, body, err := daemon.Probe(ctx, config.Listen)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return errors.New("the server is not ready:\n" + strings.TrimSpace(body))
	}
	_, err = io.WriteString(c.Out, "ready\n")
	return err
}

// fetchTime is longer than a server takes to check a large database.
const fetchTime = 6 * time.Minute

// largest is more than any bundle has.
const largest = 64 << 20

// gather takes the bundle of the running server, or makes one of what can be seen without it.
func gather(ctx context.Context, c console.Console, config daemon.Config, path string) error {
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	from := "the running server"
	content := fetch(ctx, c, config)
	if content != nil {
		_, err = file.Write(content)
	} else {
		from = "what can be seen from here: no server answered that let you have its own"
		err = daemon.Bundle(ctx, file, config, nil)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	_, err = io.WriteString(c.Out, path+" is written, from "+from+". It holds no secret that is known as one: look before you send it.\n")
	return err
}

// fetch gives nil where no server answers, or this is not allowed.
func fetch(ctx context.Context, c console.Console, config daemon.Config) []byte {
	if _, _, err := daemon.Probe(ctx, config.Listen); err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, daemon.LocalURL(config.Listen)+"/support/bundle", nil)
	if err != nil {
		return nil
	}
	if token := c.Env("TIDINGS_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, largest))
	if err != nil || response.StatusCode != http.StatusOK {
		return nil
	}
	return content
}
