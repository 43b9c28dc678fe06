package source

import (
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/guide"
)

// Tool is an integration as whoever sets it up sees it.
type Tool struct {
	integration.Spec
	Guide    guide.Guide
	Form     []integration.Field // what can be typed; nil for what an agent brings
	Delivers bool                // it calls us
	Looks    bool                // it can be looked at
	Examples []Example           // of what it sends, by name
}

// Example is a delivery as the tool would send it.
type Example struct {
	Name   string // such as deployment-status-success
	Title  string // a sentence; empty where nobody wrote one
	Header http.Header
	Query  string
	Body   string
}

// Tools are all that there are.
type Tools struct {
	list   []Tool
	byName map[string]*Tool
}

// NewTools reads what stands beside the code of each tool.
func NewTools(specs []integration.Spec, readme func(tool string) string, examples func(tool string) map[string][]byte) (*Tools, error) {
	t := &Tools{list: make([]Tool, len(specs)), byName: map[string]*Tool{}}
	for i, spec := range specs {
		read, err := guide.Read(readme(spec.Name))
		if err != nil {
			return nil, fmt.Errorf("the guide of %s: %w", spec.Name, err)
		}
		tool := Tool{Spec: spec, Guide: read, Delivers: read.Delivers()}
		if spec.Config != nil {
			config := spec.Config()
			if typed, ok := config.(integration.Typed); ok {
				tool.Form = typed.Form()
			}
			_, asks := config.(integration.Asking)
			tool.Looks = spec.Class != integration.ClassChat && (asks || !tool.Delivers)
		}
		if tool.Delivers {
			tool.Examples = readExamples(examples(spec.Name))
		}
		t.list[i] = tool
		t.byName[spec.Name] = &t.list[i]
	}
	return t, nil
}

// List gives every tool, by title.
func (t *Tools) List() []*Tool {
	list := slices.Collect(maps.Values(t.byName))
	slices.SortFunc(list, func(a, b *Tool) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	return list
}

// Get finds a tool by its type.
func (t *Tools) Get(name string) (*Tool, bool) {
	tool, ok := t.byName[name]
	return tool, ok
}

// readExamples leaves out what no decoder takes: an example shows how it should be.
func readExamples(files map[string][]byte) []Example {
	var all []Example
	for _, name := range slices.Sorted(maps.Keys(files)) {
		archive := txtar.Parse(files[name])
		e := Example{Name: name, Title: strings.TrimSpace(string(archive.Comment)), Header: http.Header{}}
		makes := false
		for _, file := range archive.Files {
			switch file.Name {
			case "header":
				for line := range strings.Lines(string(file.Data)) {
					if key, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
						e.Header.Add(textproto.CanonicalMIMEHeaderKey(key), strings.TrimSpace(value))
					}
				}
			case "query":
				e.Query = strings.TrimSpace(string(file.Data))
			case "body":
				e.Body = strings.TrimSuffix(string(file.Data), "\n")
			case "want":
				makes = strings.Contains(string(file.Data), `"events"`)
			}
		}
		if makes {
			all = append(all, e)
		}
	}
	return all
}
