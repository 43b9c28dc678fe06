// Package suspects is the command that asks which changes could be the cause of a trouble.
package suspects

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	services    []string
	at          string
	environment string
	region      string
	cluster     string
	limit       int
	out         bool
	json        bool
	utc         bool
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	cmd := &cobra.Command{
		Use:   "suspects SERVICE…",
		Short: "Rank the changes that could be the cause of a trouble",
		Long: `Ranks the changes of services, and of what they depend on, by how likely each is
the cause of a trouble that began at a time: the likeliest first, with what speaks
for (+) and against it (-), how to take it back, and whom to call. What cannot
have been it is counted, and listed with --ruled-out.

A suspect is no verdict: nothing is run, and nothing is written.`,
		Example: `  tidings suspects pricing
  tidings suspects pricing --at 03:07 --environment production
  tidings suspects checkout-api payments --at 2026-06-11T03:07:00Z --ruled-out
  tidings suspects pricing --at 10m --json | jq -r '.suspects[0].event.title'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.services = args
			api, err := o.connect()
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), api)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.at, "at", "", "when the trouble began: "+when.Help+" (default now)")
	flags.StringVarP(&o.environment, "environment", "e", "", "where it is, such as production")
	flags.StringVar(&o.region, "region", "", "the region, where it is in one alone")
	flags.StringVar(&o.cluster, "cluster", "", "the cluster, likewise")
	flags.IntVarP(&o.limit, "limit", "n", 5, "how many suspects at most")
	flags.BoolVar(&o.out, "ruled-out", false, "list what is ruled out as well, with the reason")
	flags.BoolVar(&o.json, "json", false, "print the answer as JSON")
	flags.BoolVar(&o.utc, "utc", false, "times in UTC only")
	return cmd
}

// answer is what the API says of it.
type answer struct {
	Services []string `json:"services"`
	Onset    struct {
		At time.Time `json:"at"`
	} `json:"onset"`
	Summary  string  `json:"summary"`
	None     float64 `json:"none"`
	Suspects []struct {
		Rank          int                `json:"rank"`
		Event         wire.Event         `json:"event"`
		Probability   float64            `json:"probability"`
		Strength      suspect.Strength   `json:"strength"`
		Evidence      []suspect.Evidence `json:"evidence"`
		BeforeSeconds int64              `json:"before_seconds"`
		Path          []string           `json:"path"`
		Undo          suspect.Undo       `json:"undo"`
		Owner         suspect.Owner      `json:"owner"`
	} `json:"suspects"`
	RuledOut []struct {
		Event    wire.Event `json:"event"`
		Sentence string     `json:"sentence"`
	} `json:"ruled_out"`
	RuledOutCount int `json:"ruled_out_count"`
	Unranked      int `json:"unranked"`
	Unread        int `json:"unread"`
}

func (o *options) run(ctx context.Context, api *client.Client) error {
	values, err := o.values()
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := api.Get(ctx, "suspects", values, &raw); err != nil {
		return err
	}
	if o.json {
		_, err := fmt.Fprintf(o.console.Out, "%s\n", strings.TrimSpace(string(raw)))
		return err
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return fault.New(fault.Invalid, "the server's answer cannot be read: %s", err)
	}
	_, err = fmt.Fprint(o.console.Out, o.text(&a))
	return err
}

func (o *options) values() (url.Values, error) {
	values := url.Values{"service": o.services}
	if o.limit < 1 || o.limit > 500 {
		return nil, fault.New(fault.Invalid, "--limit is from 1 to 500, not %d", o.limit)
	}
	if !o.json {
		// What is ruled out is cut by the same limit: ask for enough of both.
		values.Set("limit", strconv.Itoa(max(o.limit, 100)))
	} else {
		values.Set("limit", strconv.Itoa(o.limit))
	}
	if o.at != "" {
		at, err := when.Parse(o.at, o.console.Now())
		if err != nil {
			return nil, fault.New(fault.Invalid, "--at: %q is not a time: write %s", o.at, when.Help)
		}
		values.Set("at", at.UTC().Format(time.RFC3339Nano))
	}
	for name, value := range map[string]string{"environment": o.environment, "region": o.region, "cluster": o.cluster} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values, nil
}

// text lays a ranking out for people: a block a suspect, so that reasons are read whole and commands copied whole.
func (o *options) text(a *answer) string {
	paint, now := o.console.Paint(), o.console.Now()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", console.Clean(a.Summary))
	fmt.Fprintf(&b, "%s\n", paint.Quiet(fmt.Sprintf("%s at %s; it was none of these: %s", console.Clean(strings.Join(a.Services, ", ")), when.Show(a.Onset.At, now, o.utc), percent(a.None))))
	for _, s := range a.Suspects[:min(len(a.Suspects), o.limit)] {
		fmt.Fprintf(&b, "\n%s  %s  %s\n", paint.Name(fmt.Sprintf("%d", s.Rank)), paint.Name(console.Clean(title(&s.Event))), strength(paint, s.Strength, s.Probability))
		fmt.Fprintf(&b, "   %s\n", paint.Quiet(console.Clean(o.facts(&s.Event, s.BeforeSeconds, now))))
		for _, e := range s.Evidence {
			if shown(e) {
				fmt.Fprintf(&b, "   %s %s\n", sign(e.Weight), console.Clean(e.Sentence))
			}
		}
		if whom := whom(s.Owner); whom != "" {
			fmt.Fprintf(&b, "   who:  %s\n", console.Clean(whom))
		}
		if s.Undo.Text != "" {
			fmt.Fprintf(&b, "   undo: %s\n", console.Clean(s.Undo.Text))
		}
		if s.Undo.URL != "" {
			fmt.Fprintf(&b, "   at:   %s\n", console.Clean(s.Undo.URL))
		}
		for _, lost := range s.Undo.Lost {
			fmt.Fprintf(&b, "   %s\n", paint.Warn("but:  "+console.Clean(lost.Sentence)))
		}
	}
	if more := len(a.Suspects) - o.limit; more > 0 {
		fmt.Fprintf(&b, "\n%s\n", paint.Quiet(console.Count(more, "weaker suspect")+" not shown: --limit"))
	}
	switch {
	case a.RuledOutCount == 0:
	case !o.out:
		fmt.Fprintf(&b, "\n%s\n", paint.Quiet(console.Count(a.RuledOutCount, "change")+" ruled out: --ruled-out"))
	default:
		fmt.Fprintf(&b, "\nRuled out:\n")
		for _, out := range a.RuledOut {
			fmt.Fprintf(&b, "  %s  %s\n    %s\n", paint.Quiet(when.Show(out.Event.StartedAt.Time, now, o.utc)), console.Clean(title(&out.Event)), console.Clean(out.Sentence))
		}
		if more := a.RuledOutCount - len(a.RuledOut); more > 0 {
			fmt.Fprintf(&b, "  and %s more\n", console.Number(more))
		}
	}
	if left := (&suspect.Ranking{Unranked: a.Unranked, Unread: a.Unread}).Left(); left != "" {
		fmt.Fprintf(&b, "\n%s\n", paint.Quiet("Left out: "+left))
	}
	return b.String()
}

// leastShown is the weight from which on evidence is worth a line; --json has all of it.
const leastShown = 0.15

func shown(e suspect.Evidence) bool { return e.Weight >= leastShown || e.Weight <= -leastShown }

func sign(weight float64) string {
	if weight < 0 {
		return "-"
	}
	return "+"
}

// title is what changed, with the service where the title does not name it.
func title(e *wire.Event) string {
	if len(e.Subjects) == 0 {
		return e.Title
	}
	name := strings.TrimPrefix(e.Subjects[0], "service:")
	if strings.Contains(strings.ToLower(e.Title), name) {
		return e.Title
	}
	return name + ": " + e.Title
}

func (o *options) facts(e *wire.Event, before int64, now time.Time) string {
	parts := []string{when.Show(e.StartedAt.Time, now, o.utc)}
	if span := suspect.Span(time.Duration(before) * time.Second); before >= 0 {
		parts = append(parts, span+" before")
	} else {
		parts = append(parts, span+" after")
	}
	for _, part := range []string{e.Kind, e.Environment, e.Actor.Name} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}

func strength(paint console.Paint, s suspect.Strength, probability float64) string {
	text := fmt.Sprintf("%s %s", s, percent(probability))
	if s == suspect.Strong {
		return paint.Warn(text)
	}
	return paint.Quiet(text)
}

func percent(p float64) string { return fmt.Sprintf("%.0f %%", 100*p) }

func whom(owner suspect.Owner) string {
	parts := []string{}
	if owner.Team != "" {
		parts = append(parts, owner.Team)
	}
	if len(owner.OnCall) > 0 {
		parts = append(parts, "on call: "+strings.Join(owner.OnCall, ", "))
	}
	return strings.Join(parts, "; ")
}
