// Package source is the commands about sources: how they are doing, what they were sent, and reading that again.
package source

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	json    bool
	limit   int
	outcome string
	failed  bool
}

// New makes the commands.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	list := &cobra.Command{
		Use:     "source",
		Short:   "List the sources, and look at what they were sent",
		Long:    "Lists the sources of events and how they are doing: those that look at the world,\nand those that tools call.",
		Example: "  tidings source\n  tidings source deliveries github --outcome failed\n  tidings source replay github --failed",
		Args:    cobra.NoArgs,
		RunE:    o.with(func(ctx context.Context, api *client.Client, _ []string) error { return o.list(ctx, api) }),
	}
	deliveries := &cobra.Command{
		Use:   "deliveries SOURCE [ID]",
		Short: "List what a source was sent in the last seven days, or show one delivery",
		Long: `Lists the deliveries of a source, the last first: what was taken, what was ignored
and why, what could not be decoded, and what was refused because it was not the
tool's. With an ID it shows that one with its body, without secrets.`,
		Example: "  tidings source deliveries github\n  tidings source deliveries github --outcome failed --json",
		Args:    cobra.RangeArgs(1, 2),
		RunE: o.with(func(ctx context.Context, api *client.Client, args []string) error {
			if len(args) == 2 {
				return o.show(ctx, api, args[0], args[1])
			}
			return o.deliveries(ctx, api, args[0])
		}),
	}
	replay := &cobra.Command{
		Use:   "replay SOURCE [ID…]",
		Short: "Decode deliveries again that are kept",
		Long: `Decodes deliveries again: those that are named, or with --failed all that could not
be decoded, as after an upgrade that can read them. Nothing is doubled: the same
delivery gives events with the same keys.`,
		Example: "  tidings source replay github --failed\n  tidings source replay github 4f2a9c…",
		Args:    cobra.MinimumNArgs(1),
		RunE: o.with(func(ctx context.Context, api *client.Client, args []string) error {
			if o.failed == (len(args) > 1) {
				return fault.New(fault.Invalid, "name deliveries, or say --failed: see tidings source replay --help")
			}
			return o.replay(ctx, api, args[0], args[1:])
		}),
	}
	list.Flags().BoolVar(&o.json, "json", false, "print each source as one line of JSON")
	deliveries.Flags().BoolVar(&o.json, "json", false, "print each delivery as one line of JSON")
	deliveries.Flags().IntVarP(&o.limit, "limit", "n", 50, "how many at most, up to 1000")
	deliveries.Flags().StringVar(&o.outcome, "outcome", "", "only those that were taken, ignored, failed or refused")
	replay.Flags().BoolVar(&o.failed, "failed", false, "all that could not be decoded")
	list.AddCommand(deliveries, replay)
	return list
}

func (o *options) with(run func(context.Context, *client.Client, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		api, err := o.connect()
		if err != nil {
			return err
		}
		return run(cmd.Context(), api, args)
	}
}

type state struct {
	Name        string    `json:"name"`
	Type        string    `json:"type"`
	State       string    `json:"state"`
	Detail      string    `json:"detail"`
	Fault       string    `json:"fault"`
	LastEventAt time.Time `json:"last_event_at"`
	Events      int       `json:"events"`
}

func (o *options) list(ctx context.Context, api *client.Client) error {
	var page struct {
		Sources []json.RawMessage `json:"sources"`
	}
	if err := api.Get(ctx, "sources", nil, &page); err != nil {
		return err
	}
	if o.json {
		return o.lines(page.Sources)
	}
	if len(page.Sources) == 0 {
		fmt.Fprintln(o.console.Out, "There is no source yet: events come by tidings event and the API alone.")
		return nil
	}
	rows := make([][]string, len(page.Sources))
	for i, raw := range page.Sources {
		var s state
		if err := api.Decode(raw, &s); err != nil {
			return err
		}
		last := "–"
		if !s.LastEventAt.IsZero() {
			last = when.Age(s.LastEventAt, o.console.Now())
		}
		about := s.Detail
		if s.Fault != "" {
			about = s.Fault
		}
		rows[i] = []string{s.Name, s.Type, s.State, console.Number(s.Events), last, about}
	}
	console.Table(o.console.Out, o.console.Paint(), []string{"NAME", "TYPE", "STATE", "EVENTS", "LAST", "ABOUT"}, rows)
	return nil
}

type delivery struct {
	ID      string    `json:"id"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	Events  int       `json:"events"`
	Times   int       `json:"times"`
	LastAt  time.Time `json:"last_at"`
}

func path(source string, more ...string) string {
	text := "sources/" + url.PathEscape(source) + "/deliveries"
	for _, part := range more {
		text += "/" + url.PathEscape(part)
	}
	return text
}

func (o *options) page(ctx context.Context, api *client.Client, source, outcome, cursor string, limit int) (all []json.RawMessage, next string, err error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if outcome != "" {
		query.Set("outcome", outcome)
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var page struct {
		Deliveries []json.RawMessage `json:"deliveries"`
		Next       string            `json:"next"`
	}
	err = api.Get(ctx, path(source), query, &page)
	return page.Deliveries, page.Next, err
}

func (o *options) deliveries(ctx context.Context, api *client.Client, source string) error {
	all, next, err := o.page(ctx, api, source, o.outcome, "", o.limit)
	if err != nil {
		return err
	}
	if o.json {
		return o.lines(all)
	}
	if len(all) == 0 {
		fmt.Fprintln(o.console.Out, "Nothing came in the last seven days.")
		return nil
	}
	rows := make([][]string, len(all))
	for i, raw := range all {
		var d delivery
		if err := api.Decode(raw, &d); err != nil {
			return err
		}
		rows[i] = []string{d.ID, d.Outcome, console.Number(d.Events), console.Number(d.Times), when.Age(d.LastAt, o.console.Now()), d.Reason}
	}
	console.Table(o.console.Out, o.console.Paint(), []string{"ID", "OUTCOME", "EVENTS", "TIMES", "LAST", "WHY"}, rows)
	if next != "" {
		fmt.Fprintln(o.console.Err, "There are more: see --limit.")
	}
	return nil
}

func (o *options) show(ctx context.Context, api *client.Client, source, id string) error {
	var raw json.RawMessage
	if err := api.Get(ctx, path(source, id), nil, &raw); err != nil {
		return err
	}
	return o.lines([]json.RawMessage{raw})
}

// replay reads deliveries again, one after the other, and tells what became of each.
func (o *options) replay(ctx context.Context, api *client.Client, source string, ids []string) error {
	for cursor := ""; o.failed; {
		page, next, err := o.page(ctx, api, source, "failed", cursor, 1000)
		if err != nil {
			return err
		}
		for _, raw := range page {
			var d delivery
			if err := api.Decode(raw, &d); err != nil {
				return err
			}
			ids = append(ids, d.ID)
		}
		if cursor = next; next == "" {
			break
		}
	}
	failed := 0
	for _, id := range ids {
		var got delivery
		if err := api.Write(ctx, http.MethodPost, path(source, id, "replay"), nil, &got); err != nil {
			return err
		}
		fmt.Fprintf(o.console.Out, "%s  %s  %s %s\n", id, got.Outcome, console.Count(got.Events, "event"), console.Clean(got.Reason))
		if got.Outcome == "failed" {
			failed++
		}
	}
	if failed > 0 {
		return fault.New(fault.Conflict, "%s of %d still cannot be decoded", console.Number(failed), len(ids))
	}
	if len(ids) == 0 {
		fmt.Fprintln(o.console.Out, "There is nothing to decode again.")
	}
	return nil
}

func (o *options) lines(all []json.RawMessage) error {
	for _, raw := range all {
		fmt.Fprintf(o.console.Out, "%s\n", raw)
	}
	return nil
}
