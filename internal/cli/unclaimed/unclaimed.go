// Package unclaimed is the command that lists the outside names that nobody has claimed.
package unclaimed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	limit int
	json  bool
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	cmd := &cobra.Command{
		Use:   "unclaimed",
		Short: "List the names of other tools that no entity answers to",
		Long: `Lists the names under which other tools sent events and that no entity answers to,
those with the most events first, with what each may mean. Claim one with tidings
alias: its past comes along.`,
		Example: `  tidings unclaimed
  tidings alias github:acme/payments service/payments`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.limit < 1 {
				return fault.New(fault.Invalid, "--limit is at least 1, not %d", o.limit)
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), api)
		},
	}
	cmd.Flags().IntVarP(&o.limit, "limit", "n", 50, "how many at most")
	cmd.Flags().BoolVar(&o.json, "json", false, "print each name as one line of JSON")
	return cmd
}

type name struct {
	Alias       string    `json:"alias"`
	Events      int       `json:"events"`
	LastAt      time.Time `json:"last_at"`
	Suggestions []struct {
		Entity catalog.Ref `json:"entity"`
	} `json:"suggestions"`
}

const maxPage = 1000

func (o *options) run(ctx context.Context, api *client.Client) error {
	var (
		all   []json.RawMessage
		total int
	)
	query := url.Values{}
	for left := o.limit; left > 0; left = o.limit - len(all) {
		query.Set("limit", strconv.Itoa(min(left, maxPage)))
		var page struct {
			Unclaimed []json.RawMessage `json:"unclaimed"`
			Next      string            `json:"next"`
			Total     int               `json:"total"`
		}
		if err := api.Get(ctx, "unclaimed", query, &page); err != nil {
			return err
		}
		all, total = append(all, page.Unclaimed...), page.Total
		if page.Next == "" {
			break
		}
		query.Set("cursor", page.Next)
	}
	if o.json {
		for _, raw := range all {
			fmt.Fprintf(o.console.Out, "%s\n", raw)
		}
		return nil
	}
	if len(all) == 0 {
		fmt.Fprintln(o.console.Out, "Every name is claimed.")
		return nil
	}
	rows := make([][]string, len(all))
	for i, raw := range all {
		var n name
		if err := api.Decode(raw, &n); err != nil {
			return err
		}
		rows[i] = []string{n.Alias, console.Number(n.Events), when.Age(n.LastAt, o.console.Now()), ""}
		if len(n.Suggestions) > 0 {
			rows[i][3] = n.Suggestions[0].Entity.String()
		}
	}
	console.Table(o.console.Out, o.console.Paint(), []string{"NAME", "EVENTS", "LAST", "MAY BE"}, rows)
	if len(all) < total {
		fmt.Fprintf(o.console.Err, "%s of %s.\n", console.Number(len(all)), console.Number(total))
	}
	return nil
}
