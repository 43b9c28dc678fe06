// Package agent has the commands that look at a platform and tell the server what they see.
package agent

import (
	"github.com/spf13/cobra"

	"tidings.dev/tidings/internal/cli/console"
)

// New makes the command; release is what the build calls this version.
func New(c console.Console, release string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Look at a platform, and tell the server what is seen",
		Long: `An agent looks at a platform and tells the server what it sees: what runs, what
changed, and who did it. It runs beside the platform, and needs no way in from the
server: it asks, and never listens but for what you open.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKubernetes(c, release))
	return cmd
}
