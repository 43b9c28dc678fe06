// Package get is the command that lists what the catalog knows.
package get

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/reference"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	filters map[string]*[]string
	query   string
	unowned bool
	retired bool
	sort    string
	limit   int

	at     string
	claims bool
	output string
	utc    bool
}

var filters = []struct{ name, usage string }{
	{"owner", "what this team or person owns: payments, person:maria"},
	{"tag", "what carries this tag, KEY or KEY:VALUE; several must all match"},
	{"system", "what is part of this system"},
	{"platform", "kubernetes, ecs, lambda, vm, bare-metal, saas or other"},
	{"language", "such as go"},
	{"tier", "0 (most critical) to 3"},
	{"lifecycle", "experimental, production, deprecated or retired"},
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect, filters: map[string]*[]string{}}
	cmd := &cobra.Command{
		Use:   "get KIND | KIND/NAME",
		Short: "List services, teams, people, systems, resources or APIs",
		Long: `Lists what the catalog knows of one kind, or one entity of it: service, team,
person, system, resource or api. The singular, the plural and service:pricing mean
the same. Columns that are empty in every row are left out.

Values of one filter are alternatives, and every filter must match. With --at, one
entity is shown as it was then; with --claims, who says what about it.
tidings describe tells the whole about one entity in words.`,
		Example: `  tidings get services --owner payments --tier 0
  tidings get services --unowned -o wide
  tidings get service/pricing --claims
  tidings get service/pricing --at '2026-06-11 14:30' -o yaml
  tidings get services --tag pci -o json | jq -r '.[].name'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fault.New(fault.Invalid, "name one kind, such as tidings get services, or one entity, such as tidings get service/pricing")
			}
			return nil
		},
		ValidArgs: []string{"services", "teams", "people", "systems", "resources", "apis"},
		RunE: func(cmd *cobra.Command, args []string) error {
			kind, ref, err := reference.Selection(args[0])
			if err != nil {
				return err
			}
			if err := o.check(cmd.Flags(), ref); err != nil {
				return err
			}
			api, err := o.connect()
			if err != nil {
				return err
			}
			if ref.IsZero() {
				return o.list(cmd.Context(), api, kind)
			}
			return o.one(cmd.Context(), api, ref)
		},
	}
	flags := cmd.Flags()
	for _, filter := range filters {
		o.filters[filter.name] = flags.StringSlice(filter.name, nil, filter.usage)
	}
	flags.StringVarP(&o.query, "q", "q", "", "words in name, description, tags, owner or links; one typo is forgiven")
	flags.BoolVar(&o.unowned, "unowned", false, "only what nobody owns")
	flags.BoolVar(&o.retired, "retired", false, "also what nobody claims any more")
	flags.StringVar(&o.sort, "sort", "", "name, tier or owner; default name, or the best match with --q")
	flags.IntVarP(&o.limit, "limit", "n", 0, "how many at most; default all")
	flags.StringVar(&o.at, "at", "", "one entity as it was then: "+when.Help)
	flags.BoolVar(&o.claims, "claims", false, "of one entity, each field with its source and age, and who disagrees")
	flags.StringVarP(&o.output, "output", "o", "", "wide, json or yaml")
	flags.BoolVar(&o.utc, "utc", false, "times in UTC only")
	return cmd
}

// check refuses what would be ignored.
func (o *options) check(flags *pflag.FlagSet, ref catalog.Ref) error {
	if !slices.Contains([]string{"", "wide", "json", "yaml"}, o.output) {
		return fault.New(fault.Invalid, "--output is wide, json or yaml, not %q", o.output)
	}
	if o.limit < 0 {
		return fault.New(fault.Invalid, "--limit is at least 1, not %d", o.limit)
	}
	ofMany := []string{"q", "unowned", "retired", "sort", "limit"}
	for _, filter := range filters {
		ofMany = append(ofMany, filter.name)
	}
	var wrong error
	flags.Visit(func(flag *pflag.Flag) {
		switch {
		case !ref.IsZero() && slices.Contains(ofMany, flag.Name):
			wrong = fault.New(fault.Invalid, "--%s chooses among many: leave it out, or list %ss", flag.Name, ref.Kind)
		case ref.IsZero() && (flag.Name == "at" || flag.Name == "claims"):
			wrong = fault.New(fault.Invalid, "--%s is about one entity: write KIND/NAME, such as service/pricing", flag.Name)
		}
	})
	return wrong
}

const maxPage = 1000

// list reads every page.
func (o *options) list(ctx context.Context, api *client.Client, kind catalog.Kind) error {
	values := url.Values{"kind": {string(kind)}}
	for _, filter := range filters {
		for _, value := range *o.filters[filter.name] {
			values.Add(filter.name, value)
		}
	}
	for name, text := range map[string]string{"q": o.query, "sort": o.sort} {
		if text != "" {
			values.Set(name, text)
		}
	}
	for name, set := range map[string]bool{"unowned": o.unowned, "retired": o.retired} {
		if set {
			values.Set(name, "1")
		}
	}
	entities := []json.RawMessage{}
	total := 0
	for {
		page := maxPage
		if o.limit > 0 {
			page = min(page, o.limit-len(entities))
		}
		values.Set("limit", strconv.Itoa(page))
		var found struct {
			Entities []json.RawMessage `json:"entities"`
			Next     string            `json:"next"`
			Total    int               `json:"total"`
		}
		if err := api.Get(ctx, "entities", values, &found); err != nil {
			return err
		}
		entities, total = append(entities, found.Entities...), found.Total
		if found.Next == "" || len(entities) == o.limit {
			break
		}
		values.Set("cursor", found.Next)
	}
	if o.output == "json" || o.output == "yaml" {
		text, err := json.Marshal(entities)
		if err != nil {
			return err
		}
		return o.text(text)
	}
	if len(entities) == 0 {
		fmt.Fprintf(o.console.Err, "No %s matches.\n", kind)
		return nil
	}
	if err := o.table(api, entities); err != nil {
		return err
	}
	if len(entities) < total {
		fmt.Fprintf(o.console.Err, "%s of %s.\n", console.Number(len(entities)), console.Number(total))
	}
	return nil
}

// one reads one entity.
func (o *options) one(ctx context.Context, api *client.Client, ref catalog.Ref) error {
	values := url.Values{}
	if o.claims {
		values.Set("claims", "1")
	}
	if o.at != "" {
		at, err := when.Parse(o.at, o.console.Now())
		if err != nil {
			return err
		}
		values.Set("at", at.UTC().Format(time.RFC3339Nano))
	}
	body, err := api.Read(ctx, reference.Path(ref), values)
	if err != nil {
		return err
	}
	switch {
	case o.output == "json" || o.output == "yaml":
		return o.text(body)
	case o.claims:
		return o.facts(api, body)
	}
	return o.table(api, []json.RawMessage{body})
}

// text writes the server's JSON, indented or as YAML.
func (o *options) text(body []byte) error {
	if o.output == "yaml" {
		text, err := yaml.JSONToYAML(body)
		if err != nil {
			return err
		}
		_, err = o.console.Out.Write(text)
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(body), "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err := o.console.Out.Write(out.Bytes())
	return err
}

// columns are those of the table, by what is read at a glance.
func (o *options) columns() []column {
	columns := []column{
		{"NAME", func(e *catalog.Entity) string { return e.Name }},
		{"OWNER", func(e *catalog.Entity) string {
			if e.Owner == nil {
				return ""
			}
			return strings.TrimPrefix(e.Owner.String(), "team:")
		}},
		{"TIER", func(e *catalog.Entity) string {
			if e.Tier == nil {
				return ""
			}
			return strconv.Itoa(*e.Tier)
		}},
		{"LIFECYCLE", func(e *catalog.Entity) string { return e.Lifecycle }},
		{"PLATFORM", func(e *catalog.Entity) string { return e.Platform }},
		{"TYPE", func(e *catalog.Entity) string { return e.Type }},
		{"TITLE", func(e *catalog.Entity) string { return e.Title }},
		{"EMAIL", func(e *catalog.Entity) string { return e.Email }},
		{"NOTE", note},
	}
	if o.output != "wide" {
		return columns
	}
	return append(columns[:len(columns)-1], []column{
		{"LANGUAGE", func(e *catalog.Entity) string { return strings.TrimSpace(e.Language + " " + e.LanguageVersion) }},
		{"PART OF", func(e *catalog.Entity) string {
			var names []string
			for _, relation := range e.Related(catalog.FamilyPartOf) {
				names = append(names, relation.Target.String())
			}
			return strings.Join(names, ", ")
		}},
		{"TAGS", func(e *catalog.Entity) string {
			var tags []string
			for _, tag := range e.Tags {
				tags = append(tags, tag.String())
			}
			return strings.Join(tags, ", ")
		}},
		{"CHANGED", func(e *catalog.Entity) string { return when.Age(e.UpdatedAt, o.console.Now()) }},
		{"DESCRIPTION", func(e *catalog.Entity) string { return console.Clip(console.Clean(e.Description), 60) }},
		{"NOTE", note},
	}...)
}

type column struct {
	title string
	cell  func(*catalog.Entity) string
}

// note tells what the other columns cannot.
func note(e *catalog.Entity) string {
	switch {
	case e.Retired:
		return "retired: nobody claims it any more"
	case !e.Described:
		return "not described yet"
	}
	return ""
}

// table leaves out the columns that are empty in every row.
func (o *options) table(api *client.Client, entities []json.RawMessage) error {
	columns := o.columns()
	rows := make([][]string, len(entities))
	used := make([]bool, len(columns))
	for i, raw := range entities {
		var e catalog.Entity
		if err := api.Decode(raw, &e); err != nil {
			return err
		}
		for j, column := range columns {
			cell := column.cell(&e)
			rows[i] = append(rows[i], cell)
			used[j] = used[j] || cell != ""
		}
	}
	var header []string
	shown := make([][]string, len(rows))
	for j, column := range columns {
		if !used[j] {
			continue
		}
		header = append(header, column.title)
		for i := range rows {
			shown[i] = append(shown[i], rows[i][j])
		}
	}
	console.Table(o.console.Out, o.console.Paint(), header, shown)
	return nil
}

// facts shows each field with its source, and below it who says otherwise.
func (o *options) facts(api *client.Client, body []byte) error {
	var entity struct {
		Facts []struct {
			Field string `json:"field"`
			said
			Others []said `json:"others"`
		} `json:"facts"`
	}
	if err := api.Decode(body, &entity); err != nil {
		return err
	}
	var rows [][]string
	for _, fact := range entity.Facts {
		rows = append(rows, append([]string{fact.Field}, o.said(fact.said, "")...))
		for _, other := range fact.Others {
			word := "also"
			if string(other.Value) != string(fact.Value) {
				word = "not shown"
			}
			rows = append(rows, append([]string{""}, o.said(other, word)...))
		}
	}
	header := []string{"FIELD", "VALUE", "SOURCE", "SINCE", "CONFIRMED", ""}
	console.Table(o.console.Out, o.console.Paint(), header, rows)
	return nil
}

// said is what one source says.
type said struct {
	Value       json.RawMessage `json:"value"`
	Source      string          `json:"source"`
	Since       time.Time       `json:"since"`
	ConfirmedAt time.Time       `json:"confirmed_at"`
}

func (o *options) said(s said, word string) []string {
	now := o.console.Now()
	value := string(s.Value)
	var text string
	if json.Unmarshal(s.Value, &text) == nil {
		value = text
	}
	return []string{console.Clip(console.Clean(value), 60), s.Source, when.Show(s.Since, now, o.utc), when.Age(s.ConfirmedAt, now), word}
}
