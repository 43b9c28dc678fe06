// Package delete is the command that withdraws what people claimed about an entity.
package delete

import (
	"context"
	"fmt"
	"net/http"

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
		Use:   "delete KIND/NAME",
		Short: "Withdraw what people said about an entity",
		Long: `Withdraws what people said about an entity, on the page or with tidings set. What
descriptors, platforms and tools say stays, and wins again. An entity that nobody
speaks of any more is retired: it leaves the lists and keeps its past.

To take back what a descriptor says, delete the file's content and apply it again.`,
		Example: `  tidings delete service/pricing
  tidings get service/pricing --claims   # who says what`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Invalid, "name one entity, such as tidings delete service/pricing")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ref, err := reference.Parse(args[0])
			if err != nil {
				return err
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), api, ref)
		},
	}
}

func (o *options) run(ctx context.Context, api *client.Client, ref catalog.Ref) error {
	body, err := api.Do(ctx, client.Request{Method: http.MethodDelete, Path: reference.Path(ref), Again: true})
	if err != nil {
		return err
	}
	var left struct {
		Retired bool `json:"retired"`
	}
	if err := api.Decode(body, &left); err != nil {
		return err
	}
	if left.Retired {
		fmt.Fprintf(o.console.Out, "What people said about %s is withdrawn. Nobody speaks of it any more: it is retired, and keeps its past.\n", ref)
		return nil
	}
	fmt.Fprintf(o.console.Out, "What people said about %s is withdrawn. It stays, for others speak of it: see tidings get %s/%s --claims.\n", ref, ref.Kind, ref.Name)
	return nil
}
