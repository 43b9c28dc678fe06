// Package apply is the command that brings descriptors into the catalog.
package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"

	"github.com/spf13/cobra"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/cli/client"
	"tidings.dev/tidings/internal/cli/console"
)

type options struct {
	console console.Console
	connect client.Connect

	files  []string
	trees  []string
	name   string
	dryRun bool
}

// New makes the command.
func New(c console.Console, connect client.Connect) *cobra.Command {
	o := options{console: c, connect: connect}
	cmd := &cobra.Command{
		Use:   "apply -f FILE… | -r DIR",
		Short: "Bring descriptors into the catalog",
		Long: `Reads descriptors and sends them to the server: tidings.yaml, catalog-info.yaml
(Backstage), entity.datadog.yaml, effx.yaml, opslevel.yml, cortex.yaml and
CODEOWNERS, each as it is. With -r a directory or a git checkout is read whole.

A file replaces what it said before, and nothing else: applying it again changes
nothing. It is known by its path in its repository (github.com/acme/shop/tidings.yaml),
or below its folder where there is none; --name says otherwise. A mistake is named
with its file, line and field, and does not stop the other files: then the exit code
is 1.`,
		Example: `  tidings apply -r .
  tidings apply -r . --dry-run
  tidings apply -f tidings.yaml -f team.tidings.yaml
  tidings describe service/pricing --format tidings | sed 's/tier: 2/tier: 1/' | tidings apply -f -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(o.files) > 0 {
				o.files = append(o.files, args...) // what a shell made of -f *.yaml
			} else if len(args) > 0 {
				return fault.New(fault.Invalid, "say how to read %q: -f for a file, -r for a directory", args[0])
			}
			return o.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&o.files, "file", "f", nil, "a file; - is the standard input; repeatable")
	flags.StringArrayVarP(&o.trees, "recursive", "r", nil, "a directory, with all that is below it; repeatable")
	flags.StringVar(&o.name, "name", "", "what the files are called before their path, instead of their repository")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only tell what would change")
	return cmd
}

func (o *options) run(ctx context.Context) error {
	if len(o.files) == 1 && o.files[0] == "-" && len(o.trees) == 0 {
		return o.input(ctx)
	}
	documents, err := o.read()
	if err != nil {
		return err
	}
	api, err := o.connect()
	if err != nil {
		return err
	}
	batches := split(documents, batchBounds)
	report := &report{options: o, total: len(documents), batches: len(batches), live: console.Terminal(o.console.Err)}
	for _, batch := range batches {
		if len(batches) > 1 || report.live {
			report.progress()
		}
		outcomes, err := o.send(ctx, api, batch)
		if err != nil {
			report.clear()
			if report.documents > 0 {
				fmt.Fprintf(o.console.Err, "%s of %s are applied; apply again to go on.\n", console.Number(report.documents), console.Count(report.total, "document"))
			}
			return err
		}
		report.add(batch, outcomes)
	}
	return report.end()
}

// input applies the standard input. The server calls it by what it describes, unless it is given a name.
func (o *options) input(ctx context.Context) error {
	content, err := io.ReadAll(io.LimitReader(o.console.In, maxRequest+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the standard input: %w", err)
	case len(content) > maxRequest:
		return fault.New(fault.TooLarge, "the standard input is over %d MiB: send less at a time", maxRequest>>20)
	case len(bytes.TrimSpace(content)) == 0:
		return fault.New(fault.Invalid, "the standard input is empty: send it a descriptor such as a tidings.yaml")
	}
	api, err := o.connect()
	if err != nil {
		return err
	}
	query := o.query()
	if o.name != "" {
		query.Set("name", o.name)
	}
	body, err := api.Do(ctx, client.Request{
		Method: http.MethodPost, Path: "descriptors", Query: query, Type: "application/yaml", Body: content, Again: true,
	})
	outcomes, err := read(api, body, err)
	if err != nil {
		return err
	}
	report := &report{options: o, total: len(outcomes)}
	report.add([]document{{path: "standard input"}}, outcomes)
	return report.end()
}

func (o *options) query() url.Values {
	query := url.Values{}
	if o.dryRun {
		query.Set("dry_run", "1")
	}
	return query
}

// send applies one batch as a form of files, which carries any bytes.
func (o *options) send(ctx context.Context, api *client.Client, batch []document) ([]outcome, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, doc := range batch {
		part, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": doc.name})},
		})
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(doc.content); err != nil {
			return nil, err
		}
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	answer, err := api.Do(ctx, client.Request{
		Method: http.MethodPost, Path: "descriptors", Query: o.query(), Type: form.FormDataContentType(), Body: body.Bytes(), Again: true,
	})
	outcomes, err := read(api, answer, err)
	if err != nil {
		return nil, err
	}
	if len(outcomes) != len(batch) {
		return nil, fmt.Errorf("the server answers about %d documents, and was sent %d", len(outcomes), len(batch))
	}
	return outcomes, nil
}

// outcome is what became of one document.
type outcome struct {
	Name     string    `json:"name"`
	Entities []string  `json:"entities"`
	Changed  int       `json:"changed"`
	Faults   []mistake `json:"faults"`
	Warnings []mistake `json:"warnings"`
}

type mistake struct {
	Line   int    `json:"line"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// read reads an answer; a refusal that tells of documents is one as well.
func read(api *client.Client, body []byte, refusal error) ([]outcome, error) {
	var answer struct {
		Documents []outcome `json:"documents"`
	}
	if refusal != nil {
		if json.Unmarshal(body, &answer) == nil && len(answer.Documents) > 0 {
			return answer.Documents, nil
		}
		return nil, refusal
	}
	err := api.Decode(body, &answer)
	return answer.Documents, err
}
