// Package event is the command that tells a server that something happened.
package event

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
	"tidings.dev/tidings/internal/cli/when"
)

type options struct {
	console console.Console
	connect client.Connect

	title       string
	services    []string
	subjects    []string
	kind        string
	phase       string
	version     string
	previous    string
	commit      string
	environment string
	region      string
	cluster     string
	actor       string
	links       []string
	labels      []string
	diffs       []string
	key         string
	source      string
	story       string
	startedAt   string
	endedAt     string
	detail      string

	file string
	json bool
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	cmd := &cobra.Command{
		Use:   "event TITLE --service NAME",
		Short: "Record that something happened",
		Long: `Records one event from flags, or many from a file: a deploy, a flag that was
switched, a migration, anything that may matter at three in the morning. It is
durable once its id is printed.

A service that the catalog does not know yet is added to it. The same --source and
--key again is the same event: a retry changes nothing, a later --phase updates it.
Every field is explained in docs/events.md.`,
		Example: `  tidings event "pricing 1.42.0 is live" --service pricing --version 1.42.0 --environment production

  # a deploy that takes a while, told twice
  tidings event "pricing 1.42.0" --service pricing --version 1.42.0 --key deploy-4711 --phase started
  tidings event "pricing 1.42.0" --service pricing --version 1.42.0 --key deploy-4711 --phase succeeded

  tidings event "checkout scaled up" -s checkout --kind scaling --diff 'replicas=3=>9' \
    --actor person:maria --link "Pull request=https://github.com/acme/infra/pull/7"

  # JSON, a list, CloudEvents, or one JSON object a line
  tidings event -f events.ndjson
  jq -c '.[]' deploys.json | tidings event -f -`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case o.file != "" && len(args) > 0:
				return fault.New(fault.Invalid, "with -f the title stands in the file: leave %q out", args[0])
			case o.file == "" && len(args) == 0:
				return fault.New(fault.Invalid, `say what happened: tidings event "pricing 1.42.0 is live" --service pricing`)
			case len(args) > 1:
				return fault.New(fault.Invalid, "the title is one argument: put it into quotes (%q came after it)", args[1])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.file != "" {
				return o.send(cmd.Context())
			}
			o.title = args[0]
			return o.record(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&o.services, "service", "s", nil, "a service that it is about; repeat for several")
	flags.StringArrayVar(&o.subjects, "subject", nil, "anything else that it is about: team:payments, github:acme/payments; repeatable")
	flags.StringVar(&o.kind, "kind", "", "deploy, rollback, flag, config, scaling, schema, incident, note, …; default deploy with a version, else note")
	flags.StringVar(&o.phase, "phase", "", "planned, started, succeeded, failed or cancelled; default succeeded")
	flags.StringVar(&o.version, "version", "", "what is there now")
	flags.StringVar(&o.previous, "previous", "", "what was there before")
	flags.StringVar(&o.commit, "commit", "", "the commit; it joins merge, build and deploy into one story")
	flags.StringVarP(&o.environment, "environment", "e", "", "such as production")
	flags.StringVar(&o.region, "region", "", "such as eu-west-1")
	flags.StringVar(&o.cluster, "cluster", "", "such as prod-2")
	flags.StringVar(&o.actor, "actor", "", "who did it: NAME, person:NAME or automation:NAME")
	flags.StringArrayVar(&o.links, "link", nil, "where to read on: TITLE=URL or URL; repeatable")
	flags.StringArrayVar(&o.labels, "label", nil, "KEY=VALUE; repeatable")
	flags.StringArrayVar(&o.diffs, "diff", nil, "what changed: FIELD=OLD=>NEW, in quotes; repeatable")
	flags.StringVar(&o.key, "key", "", "your own id of what happened")
	flags.StringVar(&o.source, "source", "", "which tool says so; default api")
	flags.StringVar(&o.story, "story", "", "joins events of one change, such as a pull request's address")
	flags.StringVar(&o.startedAt, "started-at", "", "when it happened or started: "+when.Help+"; default now")
	flags.StringVar(&o.endedAt, "ended-at", "", "when it was over")
	flags.StringVar(&o.detail, "detail", "", "more in Markdown; - reads it from the standard input")
	flags.StringVarP(&o.file, "file", "f", "", "read events from a file, or from the standard input with -")
	flags.BoolVar(&o.json, "json", false, "print the answer as JSON")
	return cmd
}

// body is one event as POST /api/v1/events reads it.
type body struct {
	Title       string            `json:"title"`
	Subjects    []string          `json:"subjects"`
	Kind        string            `json:"kind,omitempty"`
	Phase       string            `json:"phase,omitempty"`
	Version     string            `json:"version,omitempty"`
	Previous    string            `json:"previous,omitempty"`
	Commit      string            `json:"commit,omitempty"`
	Environment string            `json:"environment,omitempty"`
	Region      string            `json:"region,omitempty"`
	Cluster     string            `json:"cluster,omitempty"`
	Actor       any               `json:"actor,omitempty"`
	Links       []change.Link     `json:"links,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Diff        []change.Diff     `json:"diff,omitempty"`
	Key         string            `json:"key,omitempty"`
	Source      string            `json:"source,omitempty"`
	Story       string            `json:"story,omitempty"`
	StartedAt   time.Time         `json:"started_at,omitzero"`
	EndedAt     time.Time         `json:"ended_at,omitzero"`
	Detail      string            `json:"detail,omitempty"`
}

// body reads the flags; all their faults are named at once.
func (o *options) body() (body, error) {
	b := body{
		Title: o.title, Subjects: o.subjects, Kind: o.kind, Phase: o.phase, Version: o.version, Previous: o.previous, Commit: o.commit,
		Environment: o.environment, Region: o.region, Cluster: o.cluster, Key: o.key, Source: o.source, Story: o.story, Detail: o.detail,
		Actor: actor(o.actor),
	}
	var faults []fault.Fault
	add := func(flag, format string, args ...any) {
		faults = append(faults, fault.Fault{Pointer: flag, Detail: fmt.Sprintf(format, args...)})
	}
	for _, service := range o.services {
		if strings.Contains(service, ":") && !strings.HasPrefix(strings.ToLower(service), "service:") {
			add("--service", "%q is no service: give it as --subject", service)
		}
		b.Subjects = append(b.Subjects, service)
	}
	if len(b.Subjects) == 0 {
		add("--service", "say what it is about, such as --service pricing")
	}
	for _, text := range o.links {
		title, address, found := strings.Cut(text, "=")
		if !found || strings.Contains(title, "://") {
			title, address = "", text
		}
		b.Links = append(b.Links, change.Link{Title: title, URL: address})
	}
	for _, text := range o.labels {
		key, value, found := strings.Cut(text, "=")
		if !found || key == "" {
			add("--label", "%q is not KEY=VALUE", text)
			continue
		}
		if b.Labels == nil {
			b.Labels = map[string]string{}
		}
		b.Labels[key] = value
	}
	for _, text := range o.diffs {
		diff, ok := parseDiff(text)
		if !ok {
			add("--diff", "%q is not FIELD=OLD=>NEW", text)
		}
		b.Diff = append(b.Diff, diff)
	}
	for _, t := range []struct {
		flag, text string
		at         *time.Time
	}{{"--started-at", o.startedAt, &b.StartedAt}, {"--ended-at", o.endedAt, &b.EndedAt}} {
		if t.text == "" {
			continue
		}
		at, err := when.Parse(t.text, o.console.Now())
		if err != nil {
			add(t.flag, "%q is not a time: write %s", t.text, when.Help)
		}
		*t.at = at.UTC()
	}
	return b, fault.InvalidInput("event", faults)
}

func actor(text string) any {
	kind, name, found := strings.Cut(text, ":")
	switch {
	case text == "":
		return nil
	case found && (kind == string(change.ByPerson) || kind == string(change.ByAutomation)):
		return change.Actor{Type: change.ActorType(kind), Name: name}
	}
	return text
}

// parseDiff reads FIELD=OLD=>NEW, FIELD==>NEW and FIELD=>NEW, where there was nothing before, and FIELD=OLD=>.
func parseDiff(text string) (change.Diff, bool) {
	field, values, found := strings.Cut(text, "=")
	if rest, ok := strings.CutPrefix(values, ">"); ok {
		return change.Diff{Field: field, New: rest}, field != ""
	}
	before, after, moved := strings.Cut(values, "=>")
	return change.Diff{Field: field, Old: before, New: after}, found && moved && field != ""
}

// record sends the one event that the flags describe.
func (o *options) record(ctx context.Context) error {
	b, err := o.body()
	if err != nil {
		return err
	}
	if o.detail == "-" {
		text, err := io.ReadAll(o.console.In)
		if err != nil {
			return fmt.Errorf("read the detail: %w", err)
		}
		b.Detail = string(text)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	api, err := o.connect()
	if err != nil {
		return err
	}
	// The key makes it safe to ask again, should the answer get lost.
	request := client.Request{
		Method: http.MethodPost, Path: "events", Type: "application/json", Body: text, Again: true,
		Header: http.Header{"Idempotency-Key": {rand.Text()}},
	}
	answer, err := api.Do(ctx, request)
	if err != nil {
		return err
	}
	return o.print(api, answer)
}

// send sends the events of a file, in as many requests as they need.
func (o *options) send(ctx context.Context) error {
	text, err := o.read()
	if err != nil {
		return err
	}
	api, err := o.connect()
	if err != nil {
		return err
	}
	sent := 0
	for _, part := range split(text) {
		answer, err := api.Do(ctx, client.Request{Method: http.MethodPost, Path: "events", Type: part.media, Body: part.body})
		if err != nil {
			return part.located(err, sent)
		}
		if err := o.print(api, answer); err != nil {
			return err
		}
		sent += part.events
	}
	return nil
}

func (o *options) read() ([]byte, error) {
	if o.file != "-" {
		text, err := os.ReadFile(o.file)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%w", err)
		}
		return text, holds(o.file, text)
	}
	text, err := io.ReadAll(o.console.In)
	if err != nil {
		return nil, fmt.Errorf("read the standard input: %w", err)
	}
	return text, holds("the standard input", text)
}

func holds(name string, text []byte) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return fault.New(fault.Invalid, "%s holds no event", name)
	}
	return nil
}

// print shows what became of the events: one line each, or the answer as it is.
func (o *options) print(api *client.Client, answer []byte) error {
	var said struct {
		Events   []change.Receipt `json:"events"`
		Warnings []fault.Fault    `json:"warnings"`
	}
	if err := api.Decode(answer, &said); err != nil {
		return err
	}
	for _, warning := range said.Warnings {
		fmt.Fprintf(o.console.Err, "warning: %s: %s\n", console.Clean(warning.Pointer), console.Clean(warning.Detail))
	}
	if o.json {
		_, err := o.console.Out.Write(answer)
		return err
	}
	for _, receipt := range said.Events {
		fmt.Fprintf(o.console.Out, "%s  %s\n", receipt.ID, receipt.Status)
	}
	return nil
}
