// Package alias is the command that says which entity an outside name means.
package alias

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/reference"
)

type options struct {
	console console.Console
	connect client.Connect
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	return &cobra.Command{
		Use:   "alias ALIAS KIND/NAME",
		Short: "Say which entity the name of another tool means",
		Long: `Says that a name of another tool, such as github:acme/payments, means an entity.
Events that come under the name are the entity's from now on, and those of the past
become so at once. tidings unclaimed lists the names that nobody has claimed.

What was claimed by mistake is withdrawn with tidings set; the events of the past then
go back to the name.`,
		Example: `  tidings alias github:acme/payments service/payments
  tidings alias pagerduty:PABC123 service/checkout
  tidings set service/checkout alias/pagerduty:pabc123-`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fault.New(fault.Invalid, "name the alias and what it means, such as tidings alias github:acme/payments service/payments")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if scheme, name, _ := strings.Cut(args[0], ":"); scheme == "" || name == "" {
				return fault.New(fault.Invalid, "%q is not an alias: write TOOL:NAME, such as github:acme/payments", args[0])
			}
			ref, err := reference.Parse(args[1])
			if err != nil {
				return err
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), api, args[0], ref)
		},
	}
}

func (o *options) run(ctx context.Context, api *client.Client, alias string, ref catalog.Ref) error {
	var claimed struct {
		Alias  string `json:"alias"`
		Events int    `json:"events"`
	}
	request := map[string]string{"alias": alias, "entity": ref.String()}
	if err := api.Write(ctx, http.MethodPost, "aliases", request, &claimed); err != nil {
		return err
	}
	past := "no event of the past came under it"
	if claimed.Events > 0 {
		past = console.Count(claimed.Events, "event") + " of the past found their entity"
	}
	fmt.Fprintf(o.console.Out, "%s is %s: %s.\n", console.Clean(claimed.Alias), ref, past)
	return nil
}
