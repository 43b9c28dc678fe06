// Package describe is the command that tells people all about one entity.
package describe

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/line"
	"tidings.dev/tidings/internal/cli/reference"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	at     string
	format string
	to     descriptor.Target
	events int
	utc    bool

	then time.Time // zero means now
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	cmd := &cobra.Command{
		Use:   "describe KIND/NAME",
		Short: "Tell all about one service, team, person, system, resource or API",
		Long: `Tells all about one entity: its fields with who says so and since when, who is on
call, links, what it depends on and what depends on it, and the latest events.

With --format it is written as a descriptor instead: a tidings.yaml, an entity of a
Backstage catalog-info.yaml, or its Kubernetes annotations: to paste into a manifest
(kubernetes), as a patch of a kustomization.yaml (kustomize), as the values of a chart
(helm), or as a command (kubectl). kustomize and kubectl are for --workload; without it
for the workload that the entity is known as, else for a Deployment of its name.`,
		Example: `  tidings describe service/pricing
  tidings describe service/pricing --at yesterday
  tidings describe service/pricing --format tidings > tidings.yaml
  tidings describe service/pricing --format kubectl --workload deployment/pricing --namespace shop | sh
  tidings describe service/pricing --format helm --key pricing.deploymentAnnotations
  tidings describe team/payments --events 20`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Invalid, "name one entity, such as tidings describe service/pricing")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ref, err := reference.Parse(args[0])
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("format") && !slices.Contains(descriptor.Formats(), o.format) {
				return fault.New(fault.Invalid, "--format is %s, not %q", descriptor.FormatWords(), o.format)
			}
			for _, flag := range []struct {
				name    string
				formats []string
			}{{"workload", []string{"kustomize", "kubectl"}}, {"namespace", []string{"kustomize", "kubectl"}}, {"key", []string{"helm"}}} {
				if cmd.Flags().Changed(flag.name) && !slices.Contains(flag.formats, o.format) {
					return fault.New(fault.Invalid, "--%s goes with --format %s", flag.name, strings.Join(flag.formats, " or "))
				}
			}
			if o.format != "" && o.at != "" {
				return fault.New(fault.Invalid, "a descriptor is written as things are now: leave --at or --format out")
			}
			if o.events < 0 || o.events > 1000 {
				return fault.New(fault.Invalid, "--events is from 0 to 1000, not %d", o.events)
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			if o.format != "" {
				return o.descriptor(cmd.Context(), api, ref)
			}
			return o.run(cmd.Context(), api, ref)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.at, "at", "", "as it was then: "+when.Help)
	flags.StringVar(&o.format, "format", "", "print a descriptor: "+descriptor.FormatWords())
	flags.StringVar(&o.to.Workload, "workload", "", "of kustomize and kubectl: the workload to annotate, such as deployment/pricing")
	flags.StringVar(&o.to.Namespace, "namespace", "", "of kustomize and kubectl: its namespace")
	flags.StringVar(&o.to.Key, "key", "", "of helm: where the chart's values take annotations (default annotations)")
	flags.IntVar(&o.events, "events", 10, "how many of the latest events")
	flags.BoolVar(&o.utc, "utc", false, "times in UTC only")
	return cmd
}

func (o *options) descriptor(ctx context.Context, api *client.Client, ref catalog.Ref) error {
	text, err := api.Read(ctx, reference.Path(ref)+"/descriptor", o.query())
	if err != nil {
		return err
	}
	_, err = o.console.Out.Write(text)
	return err
}

func (o *options) query() url.Values {
	q := url.Values{"format": {o.format}}
	for name, value := range map[string]string{"workload": o.to.Workload, "namespace": o.to.Namespace, "key": o.to.Key} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// entity is the answer to a GET with claims.
type entity struct {
	catalog.Entity
	Facts []fact `json:"facts"`
}

type fact struct {
	Field catalog.Field `json:"field"`
	said
	Others []said `json:"others"`
}

type said struct {
	Value       json.RawMessage `json:"value"`
	Source      string          `json:"source"`
	Since       time.Time       `json:"since"`
	ConfirmedAt time.Time       `json:"confirmed_at"`
}

func (s said) text() string {
	var text string
	if json.Unmarshal(s.Value, &text) == nil {
		return text
	}
	return string(s.Value)
}

// relations is the answer about both directions.
type relations struct {
	Owns         []related `json:"owns"`
	DependsOn    []related `json:"depends_on"`
	DependedOnBy []related `json:"depended_on_by"`
	PartOf       []related `json:"part_of"`
	Parts        []related `json:"parts"`
	Provides     []related `json:"provides"`
	ProvidedBy   []related `json:"provided_by"`
	Consumes     []related `json:"consumes"`
	ConsumedBy   []related `json:"consumed_by"`
}

type related struct {
	Entity   catalog.Ref      `json:"entity"`
	Evidence catalog.Evidence `json:"evidence"`
}

func (o *options) run(ctx context.Context, api *client.Client, ref catalog.Ref) error {
	at := url.Values{}
	events := url.Values{"entity": {ref.String()}, "limit": {fmt.Sprint(max(o.events, 1))}}
	if o.at != "" {
		var err error
		if o.then, err = when.Parse(o.at, o.console.Now()); err != nil {
			return err
		}
		text := o.then.UTC().Format(time.RFC3339Nano)
		at.Set("at", text)
		events.Set("until", text)
	}
	var (
		e      entity
		around relations
		latest struct {
			Events []wire.Event `json:"events"`
		}
	)
	claims := url.Values{"claims": {"1"}, "at": at["at"]}
	if err := api.Get(ctx, reference.Path(ref), claims, &e); err != nil {
		return err
	}
	if err := api.Get(ctx, reference.Path(ref)+"/relations", at, &around); err != nil {
		return err
	}
	if err := api.Get(ctx, "events", events, &latest); err != nil {
		return err
	}
	p := &page{options: o, paint: o.console.Paint()}
	p.head(&e)
	p.fields(&e)
	p.people(&e)
	p.links(&e)
	p.relations(&around)
	p.others(&e)
	if o.events > 0 {
		p.section("Latest events")
		if len(latest.Events) == 0 {
			p.line("  none")
		}
		items := make([]line.Item, len(latest.Events))
		for i, event := range latest.Events {
			items[i] = line.Item{Event: event, Count: 1}
		}
		below := o.console
		below.Out = &p.out
		rows := line.NewWriter(below, o.utc).Indent("  ")
		if err := rows.Write(items); err != nil {
			return err
		}
	}
	_, err := o.console.Out.Write(p.out.Bytes())
	return err
}

// page gathers the text.
type page struct {
	*options
	paint console.Paint
	out   bytes.Buffer
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

func (p *page) section(title string) { p.line("\n%s", p.paint.Name(title)) }

// table writes rows below the title of a section, unless there are none.
func (p *page) table(title string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	p.section(title)
	for i := range rows {
		rows[i] = append([]string{""}, rows[i]...) // two columns of indent
	}
	console.Table(&p.out, p.paint, nil, rows)
}

func (p *page) head(e *entity) {
	title := string(e.Kind) + "/" + e.Name
	if e.Title != "" && !strings.EqualFold(e.Title, e.Name) {
		title += " – " + e.Title
	}
	p.line("%s", p.paint.Name(console.Clean(title)))
	if !p.then.IsZero() {
		p.line("%s", p.paint.Quiet("as it was at "+when.Show(p.then, p.console.Now(), p.utc)))
	}
	if e.Retired {
		p.line("%s", p.paint.Warn("Retired: nobody claims it any more. Its past stays."))
	} else if !e.Described {
		p.line("%s", p.paint.Warn("Not described yet: it is known only because something named it."))
	}
	if e.Description != "" {
		p.line("\n%s", console.CleanLines(e.Description))
	}
}

// fields are those with one value, and who says so; below them who says otherwise.
func (p *page) fields(e *entity) {
	order := []catalog.Field{
		catalog.FieldOwner, catalog.FieldTier, catalog.FieldUserFacing, catalog.FieldLifecycle, catalog.FieldType, catalog.FieldPlatform,
		catalog.FieldDeployedBy, catalog.FieldLanguage, catalog.FieldLanguageVersion, catalog.FieldRPO, catalog.FieldRTO,
		catalog.FieldEmail, catalog.FieldTimeZone,
	}
	var rows [][]string
	for _, field := range order {
		i := slices.IndexFunc(e.Facts, func(f fact) bool { return f.Field == field })
		if i < 0 {
			continue
		}
		f := e.Facts[i]
		rows = append(rows, []string{string(field), f.text(), p.by(f.said)})
		for _, other := range f.Others {
			if string(other.Value) != string(f.Value) {
				rows = append(rows, []string{"", "not " + other.text(), "as said by " + p.by(other)})
			}
		}
	}
	p.table("Fields", rows)
}

// by is a source and the age of its word.
func (p *page) by(s said) string {
	return s.Source + ", " + when.Age(s.Since, p.console.Now())
}

func (p *page) people(e *entity) {
	shifts := func(all []catalog.OnCall) (rows [][]string) {
		for _, shift := range all {
			var words []string
			if !shift.From.IsZero() {
				words = append(words, "from "+when.Show(shift.From, p.console.Now(), p.utc))
			}
			if !shift.Until.IsZero() {
				words = append(words, "until "+when.Show(shift.Until, p.console.Now(), p.utc))
			}
			rows = append(rows, []string{shift.Role, shift.Name, strings.Join(words, " ")})
		}
		return rows
	}
	p.table("On call", shifts(e.OnCall))
	p.table("On call next", shifts(e.NextOnCall))
	var rows [][]string
	for _, contact := range e.Contacts {
		rows = append(rows, []string{contact.Type, contact.Value, contact.Title})
	}
	p.table("Contacts", rows)
}

func (p *page) links(e *entity) {
	var rows [][]string
	for _, link := range e.Links {
		rows = append(rows, []string{link.Type, link.URL, link.Title})
	}
	p.table("Links", rows)
}

func (p *page) relations(r *relations) {
	for _, list := range []struct {
		title string
		all   []related
	}{
		{"Part of", r.PartOf},
		{"Parts", r.Parts},
		{"Owns", r.Owns},
		{"Depends on", r.DependsOn},
		{"Depended on by", r.DependedOnBy},
		{"Provides", r.Provides},
		{"Provided by", r.ProvidedBy},
		{"Consumes", r.Consumes},
		{"Consumed by", r.ConsumedBy},
	} {
		var rows [][]string
		for i, one := range list.all {
			if i == maxShown {
				rows = append(rows, []string{"and " + console.Number(len(list.all)-i) + " more"})
				break
			}
			evidence := string(one.Evidence)
			if one.Evidence == catalog.Both {
				evidence = "declared and observed"
			}
			rows = append(rows, []string{one.Entity.String(), evidence})
		}
		p.table(list.title, rows)
	}
}

// maxShown is how many of one list are shown.
const maxShown = 30

func (p *page) others(e *entity) {
	var rows [][]string
	for _, tag := range e.Tags {
		rows = append(rows, []string{tag.Key, tag.Value})
	}
	p.table("Tags", rows)
	rows = nil
	for _, alias := range e.Aliases {
		rows = append(rows, []string{alias})
	}
	p.table("Known elsewhere as", rows)

	// Who speaks of it at all, strongest claims first in number.
	fields := map[string]int{}
	confirmed := map[string]time.Time{}
	for _, f := range e.Facts {
		for _, s := range append([]said{f.said}, f.Others...) {
			fields[s.Source]++
			if s.ConfirmedAt.After(confirmed[s.Source]) {
				confirmed[s.Source] = s.ConfirmedAt
			}
		}
	}
	rows = nil
	for source, n := range fields {
		rows = append(rows, []string{source, console.Count(n, "field"), "confirmed " + when.Age(confirmed[source], p.console.Now())})
	}
	slices.SortFunc(rows, func(a, b []string) int {
		return cmp.Or(cmp.Compare(fields[b[0]], fields[a[0]]), cmp.Compare(a[0], b[0]))
	})
	p.table("Sources", rows)
}
