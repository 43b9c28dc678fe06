// Package incident is the commands about what is in trouble.
package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	services, statuses, environments []string
	since, onset, zone               string
	limit, severity                  int
	environment, reason, through, to string
	json, utc, all, sure, back       bool
}

// New makes the commands.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	list := &cobra.Command{
		Use:   "incident",
		Short: "List incidents, and do what is to be done about one",
		Long: `Lists incidents, those opened last first: those that are not resolved, and with
--all the others as well. Incidents are made of what tools page and alert for, of
what people open by hand, and of what is said in chat.`,
		Example: "  tidings incident\n  tidings incident show 482\n  tidings incident open \"Checkout fails for one in ten\" --service checkout-api --severity 2\n  tidings incident ack 482",
		Args:    cobra.NoArgs,
		RunE:    o.with(func(ctx context.Context, api *client.Client, _ []string) error { return o.list(ctx, api) }),
	}
	filters := func(cmd *cobra.Command) {
		flags := cmd.Flags()
		flags.StringSliceVarP(&o.services, "service", "s", nil, "of this service")
		flags.StringSliceVar(&o.statuses, "status", nil, "open, acknowledged or resolved")
		flags.StringSliceVarP(&o.environments, "environment", "e", nil, "such as production")
		flags.StringVar(&o.since, "since", "", "opened from then on: "+when.Help)
		flags.BoolVar(&o.all, "all", false, "those as well that are resolved")
		flags.IntVarP(&o.limit, "limit", "n", 50, "how many at most")
		flags.BoolVar(&o.json, "json", false, "print each incident as one line of JSON")
		flags.BoolVar(&o.utc, "utc", false, "times in UTC only")
	}
	filters(list)
	listed := &cobra.Command{
		Use: "list", Short: "List incidents", Long: list.Long, Example: "  tidings incident list --all --since 7d", Args: cobra.NoArgs, RunE: list.RunE,
	}
	filters(listed)
	show := o.one("show", "Show one incident with its timeline", "Shows what is known of an incident, and what was said and done about it.", o.show)
	show.Flags().BoolVar(&o.json, "json", false, "print the incident and its entries as JSON, one line each")
	show.Flags().BoolVar(&o.utc, "utc", false, "times in UTC only")
	open := &cobra.Command{
		Use:     "open TITLE",
		Short:   "Open an incident by hand",
		Long:    "Opens an incident. What could be the cause is shown by tidings suspects, and on its page.",
		Example: "  tidings incident open \"Checkout fails for one in ten\" --service checkout-api --severity 2 --since 03:05",
		Args:    cobra.ExactArgs(1),
		RunE:    o.with(func(ctx context.Context, api *client.Client, args []string) error { return o.open(ctx, api, args[0]) }),
	}
	open.Flags().StringSliceVarP(&o.services, "service", "s", nil, "what is in trouble; it may be repeated")
	open.Flags().StringVarP(&o.environment, "environment", "e", "", "where it is, such as production")
	open.Flags().IntVar(&o.severity, "severity", 0, "1, the worst, to 5")
	open.Flags().StringVar(&o.onset, "since", "", "when it began: "+when.Help+" (default now)")
	resolve := o.one("resolve", "Say that it is over", "Says that an incident is over.", func(ctx context.Context, api *client.Client, number string) error {
		return o.patch(ctx, api, number, map[string]any{"status": incident.Resolved, "text": o.reason})
	})
	resolve.Flags().StringVarP(&o.reason, "reason", "m", "", "how it ended")
	note := &cobra.Command{
		Use: "note NUMBER TEXT…", Short: "Note something in its timeline", Long: "Writes a note, which may be Markdown, into the timeline of an incident.",
		Example: "  tidings incident note 482 \"errors fall since the rollback\"", Args: cobra.MinimumNArgs(2),
		RunE: o.with(func(ctx context.Context, api *client.Client, args []string) error {
			var i answer
			if err := api.Write(ctx, http.MethodPost, path(args[0])+"/timeline", map[string]string{"text": strings.Join(args[1:], " ")}, &i); err != nil {
				return err
			}
			fmt.Fprintf(o.console.Out, "Noted in %s.\n", i.Name)
			return nil
		}),
	}
	page := o.one("page", "Page whoever is on call", "Pages whoever is on call for an incident, through a source of PagerDuty or Opsgenie that\nhas a key to page with. Its timeline tells what became of it.", o.page)
	page.Flags().StringVar(&o.through, "through", "", "the source to page through (default the only one there is)")
	page.Flags().StringVarP(&o.reason, "reason", "m", "", "what is said to whom is paged")
	page.Flags().BoolVar(&o.sure, "yes", false, "page: without it nobody is")
	export := o.one("export", "Write it out as a post-mortem, in Markdown", "Writes an incident out in Markdown, with its timeline, its suspects and what people\nfound: the draft of a post-mortem.", o.export)
	export.Flags().StringVar(&o.zone, "zone", "", "the zone of its readers, such as Europe/Berlin, beside UTC")
	list.AddCommand(listed, show, open, o.one("ack", "Say that you took it", "Says that somebody took an incident.", func(ctx context.Context, api *client.Client, number string) error {
		return o.patch(ctx, api, number, map[string]any{"status": incident.Acknowledged})
	}), resolve, note, o.role(), page, export)
	return list
}

func (o *options) role() *cobra.Command {
	role := &cobra.Command{
		Use: "role NUMBER ROLE", Short: "Take a role in it, hand it over, or give it back",
		Long: `Takes a role in an incident, such as commander, communications or scribe; gives
it to somebody else with --to, and to nobody with --back.`,
		Example: "  tidings incident role 482 commander\n  tidings incident role 482 commander --to priya.raman\n  tidings incident role 482 commander --back",
		Args:    cobra.ExactArgs(2),
		RunE: o.with(func(ctx context.Context, api *client.Client, args []string) error {
			return o.assign(ctx, api, args[0], args[1])
		}),
	}
	role.Flags().StringVar(&o.to, "to", incident.Me, "the person who has it from now on")
	role.Flags().BoolVar(&o.back, "back", false, "nobody has it from now on")
	role.MarkFlagsMutuallyExclusive("to", "back")
	return role
}

func (o *options) assign(ctx context.Context, api *client.Client, number, role string) error {
	to := &o.to
	if o.back {
		to = nil
	}
	var i answer
	if err := api.Write(ctx, http.MethodPatch, path(number), map[string]any{"roles": map[string]*string{role: to}}, &i); err != nil {
		return err
	}
	if who := i.Roles[strings.ToLower(strings.TrimSpace(role))]; who != "" {
		fmt.Fprintf(o.console.Out, "%s is %s of %s.\n", console.Clean(strings.TrimPrefix(who, "person:")), console.Clean(role), i.Name)
		return nil
	}
	fmt.Fprintf(o.console.Out, "Nobody is %s of %s.\n", console.Clean(role), i.Name)
	return nil
}

// page pages somebody, who may be asleep: only for one who says so.
func (o *options) page(ctx context.Context, api *client.Client, number string) error {
	if !o.sure {
		return fault.New(fault.Invalid, "this pages whoever is on call: say so by --yes")
	}
	var i answer
	if err := api.Write(ctx, http.MethodPost, path(number)+"/page", map[string]string{"source": o.through, "text": o.reason}, &i); err != nil {
		return err
	}
	fmt.Fprintf(o.console.Out, "Paged for %s. Its timeline tells what became of it.\n", i.Name)
	return nil
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

// one is a command about one incident.
func (o *options) one(verb, short, long string, run func(context.Context, *client.Client, string) error) *cobra.Command {
	return &cobra.Command{
		Use: verb + " NUMBER", Short: short, Long: long, Example: "  tidings incident " + verb + " 482",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Invalid, "name one incident, such as tidings incident %s 482", verb)
			}
			return nil
		},
		RunE: o.with(func(ctx context.Context, api *client.Client, args []string) error { return run(ctx, api, args[0]) }),
	}
}

func path(number string) string { return "incidents/" + url.PathEscape(number) }

type answer struct {
	Number      int64           `json:"number"`
	Name        string          `json:"name"`
	Title       string          `json:"title"`
	Status      incident.Status `json:"status"`
	Severity    int             `json:"severity"`
	Environment string          `json:"environment"`
	Subjects    []string        `json:"subjects"`
	Onset       struct {
		At time.Time        `json:"at"`
		By incident.OnsetBy `json:"by"`
	} `json:"onset"`
	OpenedAt   time.Time         `json:"opened_at"`
	ResolvedAt time.Time         `json:"resolved_at"`
	Roles      map[string]string `json:"roles"`
	MergedInto int64             `json:"merged_into"`
}

func (a *answer) severity() string {
	if a.Severity == 0 {
		return ""
	}
	return "SEV " + strconv.Itoa(a.Severity)
}

func (a *answer) subjects() string {
	names := make([]string, len(a.Subjects))
	for i, name := range a.Subjects {
		names[i] = strings.TrimPrefix(name, "service:")
	}
	if more := len(names) - 3; more > 0 {
		names = append(names[:3], fmt.Sprintf("+%d", more))
	}
	return console.Clean(strings.Join(names, ", "))
}

func (o *options) list(ctx context.Context, api *client.Client) error {
	values := url.Values{"service": o.services, "status": o.statuses, "environment": o.environments, "limit": {strconv.Itoa(o.limit)}}
	if len(o.statuses) == 0 && !o.all {
		values["status"] = []string{string(incident.Open), string(incident.Acknowledged)}
	}
	if o.limit < 1 || o.limit > 1000 {
		return fault.New(fault.Invalid, "--limit is from 1 to 1000, not %d", o.limit)
	}
	if o.since != "" {
		at, err := when.Parse(o.since, o.console.Now())
		if err != nil {
			return fault.New(fault.Invalid, "--since: %q is not a time: write %s", o.since, when.Help)
		}
		values.Set("since", at.UTC().Format(time.RFC3339Nano))
	}
	var page struct {
		Incidents []json.RawMessage `json:"incidents"`
	}
	if err := api.Get(ctx, "incidents", values, &page); err != nil {
		return err
	}
	if o.json {
		for _, raw := range page.Incidents {
			fmt.Fprintf(o.console.Out, "%s\n", raw)
		}
		return nil
	}
	if len(page.Incidents) == 0 {
		fmt.Fprintln(o.console.Err, "No incident that matches. With --all those are listed as well that are resolved.")
		return nil
	}
	rows := make([][]string, len(page.Incidents))
	for n, raw := range page.Incidents {
		var i answer
		if err := api.Decode(raw, &i); err != nil {
			return err
		}
		rows[n] = []string{i.Name, string(i.Status), i.severity(), i.subjects(), console.Clean(i.Title), when.Show(i.OpenedAt, o.console.Now(), o.utc)}
	}
	console.Table(o.console.Out, o.console.Paint(), []string{"INCIDENT", "STATUS", "SEVERITY", "IN TROUBLE", "WHAT", "OPENED"}, rows)
	return nil
}

func (o *options) open(ctx context.Context, api *client.Client, title string) error {
	draft := map[string]any{"title": title, "services": o.services}
	if o.environment != "" {
		draft["environment"] = o.environment
	}
	if o.severity != 0 {
		draft["severity"] = o.severity
	}
	if o.onset != "" {
		at, err := when.Parse(o.onset, o.console.Now())
		if err != nil {
			return fault.New(fault.Invalid, "--since: %q is not a time: write %s", o.onset, when.Help)
		}
		draft["onset"] = at.UTC().Format(time.RFC3339Nano)
	}
	var i answer
	if err := api.Write(ctx, http.MethodPost, "incidents", draft, &i); err != nil {
		return err
	}
	fmt.Fprintf(o.console.Out, "%s is open: %s.\n", i.Name, i.subjects())
	return nil
}

func (o *options) patch(ctx context.Context, api *client.Client, number string, change map[string]any) error {
	var i answer
	if err := api.Write(ctx, http.MethodPatch, path(number), change, &i); err != nil {
		return err
	}
	fmt.Fprintf(o.console.Out, "%s is %s.\n", i.Name, i.Status)
	return nil
}

func (o *options) export(ctx context.Context, api *client.Client, number string) error {
	values := url.Values{}
	if o.zone != "" {
		values.Set("zone", o.zone)
	}
	text, err := api.Read(ctx, path(number)+"/export", values)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(o.console.Out, console.CleanLines(string(text)))
	return err
}

// shownEntries is how much of a timeline one page has.
const shownEntries = 500

func (o *options) show(ctx context.Context, api *client.Client, number string) error {
	raw, err := api.Read(ctx, path(number), nil)
	if err != nil {
		return err
	}
	var i answer
	if err := api.Decode(raw, &i); err != nil {
		return err
	}
	var entries []json.RawMessage
	for after := int64(0); ; {
		var page struct {
			Entries []json.RawMessage `json:"entries"`
			Next    int64             `json:"next"`
		}
		values := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(shownEntries)}}
		if err := api.Get(ctx, path(number)+"/timeline", values, &page); err != nil {
			return err
		}
		entries = append(entries, page.Entries...)
		if after = page.Next; after == 0 {
			break
		}
	}
	if o.json {
		fmt.Fprintf(o.console.Out, "%s\n", strings.TrimSpace(string(raw)))
		for _, one := range entries {
			fmt.Fprintf(o.console.Out, "%s\n", one)
		}
		return nil
	}
	paint, now := o.console.Paint(), o.console.Now()
	fmt.Fprintf(o.console.Out, "%s  %s\n", paint.Name(i.Name), paint.Name(console.Clean(i.Title)))
	fmt.Fprintf(o.console.Out, "%s\n", strings.Join(slices.DeleteFunc([]string{string(i.Status), i.severity(), i.subjects(), console.Clean(i.Environment)}, func(s string) bool { return s == "" }), " · "))
	fmt.Fprintf(o.console.Out, "began %s (by the %s)\n", when.Show(i.Onset.At, now, o.utc), i.Onset.By)
	for _, role := range slices.Sorted(maps.Keys(i.Roles)) {
		fmt.Fprintf(o.console.Out, "%s: %s\n", console.Clean(role), console.Clean(i.Roles[role]))
	}
	if i.MergedInto != 0 {
		fmt.Fprintf(o.console.Out, "merged into %s\n", incident.NameOf(i.MergedInto))
	}
	fmt.Fprintln(o.console.Out)
	rows := make([][]string, len(entries))
	for n, one := range entries {
		var e struct {
			Kind   incident.EntryKind `json:"kind"`
			At     time.Time          `json:"at"`
			By     change.Actor       `json:"by"`
			Text   string             `json:"text"`
			Fields map[string]string  `json:"fields"`
		}
		if err := api.Decode(one, &e); err != nil {
			return err
		}
		what := string(e.Kind)
		if phase := e.Fields[incident.FieldPhase]; phase != "" && e.Kind == incident.EntrySignal {
			what += " " + phase
		}
		if finding := e.Fields[incident.FieldFinding]; finding != "" {
			what = finding
			e.Text = e.Fields[incident.FieldTitle]
		}
		if e.Kind == incident.EntryRole {
			e.Text = (&incident.Entry{By: e.By, Fields: e.Fields}).RoleWords()
		}
		rows[n] = []string{when.Show(e.At, now, o.utc), what, console.Clean(e.By.Name), console.Clean(e.Text)}
	}
	console.Table(o.console.Out, paint, []string{"WHEN", "WHAT", "WHO", ""}, rows)
	return nil
}
