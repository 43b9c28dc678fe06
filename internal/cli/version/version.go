// Package version is the command that tells which release this is.
package version

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/internal/cli/console"
)

// New makes the command for a release.
func New(c console.Console, release string) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Tell which release this is",
		Long:    "Tells which release of Tidings this is, and what it was built for.",
		Example: "  tidings version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.Out, "tidings %s (%s, %s/%s)\n", release, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
