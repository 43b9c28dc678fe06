// Package feed is the command that shows what happened, and what happens.
package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/line"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	filters      map[string]*[]string
	query        string
	since        string
	until        string
	dependencies bool
	depth        int

	follow bool
	fold   bool
	limit  int
	json   bool
	utc    bool

	sinceAt, untilAt time.Time
}

// filters are the parameters of the API that may be repeated, with what they mean.
var filters = []struct{ name, short, usage string }{
	{"service", "s", "what happened to this service"},
	{"team", "", "to what this team owns"},
	{"system", "", "to what is part of this system"},
	{"tag", "", "to what carries this tag, KEY or KEY:VALUE"},
	{"entity", "", "to this entity, such as resource:orders-db"},
	{"kind", "", "deploy, rollback, flag, config, scaling, schema, incident, …"},
	{"class", "", "change, signal or note"},
	{"phase", "", "planned, started, succeeded, failed or cancelled"},
	{"environment", "e", "such as production"},
	{"actor", "", "who did it"},
	{"actor-type", "", "person, automation or unknown"},
	{"source", "", "which tool said so"},
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect, filters: map[string]*[]string{}}
	cmd := &cobra.Command{
		Use:   "feed",
		Short: "Show what happened, newest first",
		Long: `Shows what happened, newest first, one line each: when, what kind, to what, what
changed from what to what, by whom, and how long ago. Times are those of this
machine with UTC in brackets.

Values of one filter are alternatives, and every filter must match. With --follow
the newest come last, and new ones as they happen until Ctrl-C; a lost connection
is made again and nothing is missed.`,
		Example: `  tidings feed --service pricing --since 2h
  tidings feed --team payments --class change --environment production --limit 100

  # what changed in checkout, or in what it depends on, around half past two
  tidings feed --service checkout --with-dependencies --since 14:00 --until 14:45

  tidings feed --follow --kind deploy --kind rollback
  tidings feed --since 1d --json | jq -r .title`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(cmd.Flags()); err != nil {
				return err
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), api)
		},
	}
	flags := cmd.Flags()
	for _, filter := range filters {
		o.filters[filter.name] = flags.StringSliceP(filter.name, filter.short, nil, filter.usage)
	}
	flags.StringVarP(&o.query, "q", "q", "", "words that the event must hold")
	flags.StringVar(&o.since, "since", "", "from then on: "+when.Help)
	flags.StringVar(&o.until, "until", "", "before then")
	flags.BoolVar(&o.dependencies, "with-dependencies", false, "also what happened to what those depend on")
	flags.IntVar(&o.depth, "depth", 0, "the same, to so many steps (1 to 10)")
	flags.BoolVarP(&o.follow, "follow", "f", false, "go on with what happens, until Ctrl-C")
	flags.BoolVar(&o.fold, "fold", false, "one line for each story, and for each storm of like events")
	flags.IntVarP(&o.limit, "limit", "n", 0, "how many at most; default 50, with --follow 10, with --since all of them")
	flags.BoolVar(&o.json, "json", false, "print each event as one line of JSON")
	flags.BoolVar(&o.utc, "utc", false, "times in UTC only")
	return cmd
}

// everything is the limit with --since alone: that already says how many.
const everything = 1 << 30

func (o *options) complete(flags *pflag.FlagSet) error {
	var err error
	if o.sinceAt, err = o.instant("--since", o.since); err != nil {
		return err
	}
	if o.untilAt, err = o.instant("--until", o.until); err != nil {
		return err
	}
	switch {
	case o.follow && o.until != "":
		return fault.New(fault.Invalid, "--follow has no end: leave --until out")
	case o.follow && o.fold:
		return fault.New(fault.Invalid, "--follow shows events as they come, before they are a story: leave --fold out")
	case !flags.Changed("limit"):
		o.limit = 50
		if o.follow {
			o.limit = 10
		}
		if o.since != "" {
			o.limit = everything
		}
	case o.limit < 0, o.limit == 0 && !o.follow:
		return fault.New(fault.Invalid, "--limit is at least 1, not %d", o.limit)
	}
	return nil
}

func (o *options) instant(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := when.Parse(text, o.console.Now())
	if err != nil {
		return at, fault.New(fault.Invalid, "%s: %q is not a time: write %s", flag, text, when.Help)
	}
	return at, nil
}

// values are the filters as the API takes them.
func (o *options) values() url.Values {
	values := url.Values{}
	for _, filter := range filters {
		for _, value := range *o.filters[filter.name] {
			name := filter.name
			if name == "actor-type" {
				name = "actor_type"
			}
			values.Add(name, value)
		}
	}
	if o.query != "" {
		values.Set("q", o.query)
	}
	for name, at := range map[string]time.Time{"since": o.sinceAt, "until": o.untilAt} {
		if !at.IsZero() {
			values.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	if o.dependencies {
		values.Set("with", "dependencies")
	}
	if o.depth != 0 {
		values.Set("depth", strconv.Itoa(o.depth))
	}
	return values
}

// item is one line of the feed.
type item struct {
	line.Item
	raw json.RawMessage // as the server wrote it
}

// page is an answer of the API, with events or rows.
type page struct {
	Events        []json.RawMessage `json:"events"`
	Rows          []json.RawMessage `json:"rows"`
	Next          string            `json:"next"`
	SearchedUntil time.Time         `json:"searched_until"`
}

// Bounds of the pages.
const (
	maxPage = 500
	// maxEmpty is how many pages in a row may find nothing, where the server searches a bounded span at a time.
	maxEmpty = 100
)

// list reads up to the limit, newest first, and hands each page on.
func (o *options) list(ctx context.Context, api *client.Client, show func([]item) error) error {
	values := o.values()
	if o.fold {
		values.Set("fold", "1")
	}
	empty := 0
	for left := o.limit; left > 0; {
		values.Set("limit", strconv.Itoa(min(left, maxPage)))
		var found page
		if err := api.Get(ctx, "events", values, &found); err != nil {
			return err
		}
		items, err := o.items(found)
		if err != nil {
			return err
		}
		if err := show(items); err != nil {
			return err
		}
		if left -= len(items); found.Next == "" {
			return nil
		}
		if empty++; len(items) > 0 {
			empty = 0
		}
		if empty == maxEmpty {
			fmt.Fprintf(o.console.Err, "searched back to %s: go on with --until, or narrow it by --since\n", when.Show(found.SearchedUntil, o.console.Now(), o.utc))
			return nil
		}
		values.Set("cursor", found.Next)
	}
	return nil
}

func (o *options) items(found page) ([]item, error) {
	items := make([]item, 0, len(found.Events)+len(found.Rows))
	for _, raw := range found.Events {
		one, err := newItem(raw)
		if err != nil {
			return nil, err
		}
		items = append(items, one)
	}
	for _, raw := range found.Rows {
		var row struct {
			Event json.RawMessage `json:"event"`
			Count int             `json:"count"`
		}
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, fault.New(fault.Invalid, "the server's answer cannot be read: %s", err)
		}
		one, err := newItem(row.Event)
		if err != nil {
			return nil, err
		}
		one.raw, one.Count = raw, row.Count
		items = append(items, one)
	}
	return items, nil
}

func newItem(raw json.RawMessage) (item, error) {
	one := item{raw: raw, Item: line.Item{Count: 1}}
	if err := json.Unmarshal(raw, &one.Event); err != nil {
		return one, fault.New(fault.Invalid, "the server's event cannot be read: %s", err)
	}
	return one, nil
}

func (o *options) run(ctx context.Context, api *client.Client) error {
	p := &printer{options: o, lines: line.NewWriter(o.console, o.utc)}
	if o.follow {
		return o.followed(ctx, api, p)
	}
	if err := o.list(ctx, api, p.print); err != nil {
		return err
	}
	if p.printed == 0 && !o.json {
		fmt.Fprintln(o.console.Err, "Nothing happened that matches. Widen --since, or leave a filter out.")
	}
	return nil
}

// followed shows the latest, oldest of them first, and then what comes. The stream is opened before the latest are
// read, so that nothing is missed between; what stands in both is printed once.
func (o *options) followed(ctx context.Context, api *client.Client, p *printer) error {
	printed := map[string]bool{}
	err := api.Stream(ctx, "stream", o.values(), client.Listener{
		Opened: func() error {
			var latest []item
			err := o.list(ctx, api, func(items []item) error {
				latest = append(latest, items...)
				return nil
			})
			if err != nil {
				return err
			}
			slices.Reverse(latest)
			for _, one := range latest {
				printed[string(one.raw)] = true
			}
			if len(latest) == 0 && !o.json {
				fmt.Fprintln(o.console.Err, "Nothing yet. Waiting for what happens; Ctrl-C ends it.")
			}
			return p.print(latest)
		},
		Message: func(message client.Message) error {
			one, err := newItem(message.Data)
			if err != nil || printed[string(bytes.TrimSpace(message.Data))] {
				return err
			}
			return p.print([]item{one})
		},
		Lost: func(err error) {
			fmt.Fprintf(o.console.Err, "The connection is lost (%s). Trying again; nothing will be missed.\n", reason(err))
		},
		Found: func() { fmt.Fprintln(o.console.Err, "Connected again.") },
	})
	if ctx.Err() != nil {
		return nil // Ctrl-C is how it ends
	}
	return err
}

func reason(err error) string {
	if known, ok := err.(*fault.Error); ok { //nolint:errorlint // only the outermost is for people
		return known.Detail
	}
	return err.Error()
}

type printer struct {
	*options
	lines   *line.Writer
	printed int
}

func (p *printer) print(items []item) error {
	p.printed += len(items)
	if !p.json {
		rows := make([]line.Item, len(items))
		for i := range items {
			rows[i] = items[i].Item
		}
		return p.lines.Write(rows)
	}
	var out bytes.Buffer
	for _, one := range items {
		if err := json.Compact(&out, one.raw); err != nil {
			return err
		}
		out.WriteByte('\n')
	}
	_, err := p.console.Out.Write(out.Bytes())
	return err
}
