package rest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write openapi.json anew from openapi.yaml")

// specification is what the tests need of an OpenAPI document.
type specification struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
	// Components are looked up by their references.
	Components map[string]map[string]json.RawMessage `json:"components"`
}

type operation struct {
	OperationID string                     `json:"operationId"`
	Parameters  []parameter                `json:"parameters"`
	RequestBody json.RawMessage            `json:"requestBody"`
	Responses   map[string]json.RawMessage `json:"responses"`
}

type parameter struct {
	Ref  string `json:"$ref"`
	Name string `json:"name"`
	In   string `json:"in"`
}

func readSpecification(t *testing.T) specification {
	t.Helper()
	var s specification
	if err := json.Unmarshal(openapiJSON, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpenAPIAsJSONSaysTheSame(t *testing.T) {
	t.Parallel()
	var value any
	if err := yaml.Unmarshal(openapiYAML, &value); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want.Bytes(), openapiJSON) {
		t.Error("openapi.json is not what openapi.yaml says: go test ./api/rest -run OpenAPI -update")
	}
}

// parameters lists those of one place, with references followed.
func (s *specification) parameters(t *testing.T, all []parameter, in string) []string {
	t.Helper()
	var names []string
	for _, p := range all {
		if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
			if err := json.Unmarshal(s.Components["parameters"][name], &p); err != nil {
				t.Fatalf("%s: %v", p.Ref, err)
			}
		}
		if p.In == in {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Every route is documented with the parameters that it takes, and nothing else is.
func TestRoutesAndDocumentAgree(t *testing.T) {
	t.Parallel()
	type side struct {
		Query, Path []string
		Body        bool
	}
	mounted, documented := map[string]side{}, map[string]side{}
	for _, route := range New(Deps{}).routes {
		var path []string
		for part := range strings.SplitSeq(route.path, "/") {
			if strings.HasPrefix(part, "{") {
				path = append(path, strings.Trim(part, "{}"))
			}
		}
		slices.Sort(path)
		query := slices.Clone(route.query)
		slices.Sort(query)
		mounted[route.method+" "+route.path] = side{Query: query, Path: path, Body: route.body > 0}
	}
	s := readSpecification(t)
	ids := map[string]bool{}
	for path, item := range s.Paths {
		var shared []parameter
		if raw, ok := item["parameters"]; ok {
			if err := json.Unmarshal(raw, &shared); err != nil {
				t.Fatal(err)
			}
		}
		for method, raw := range item {
			if method == "parameters" {
				continue
			}
			var op operation
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatal(path, method, err)
			}
			if op.OperationID == "" || ids[op.OperationID] {
				t.Errorf("%s %s: the operationId %q is empty or used twice", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
			all := slices.Concat(shared, op.Parameters)
			documented[strings.ToUpper(method)+" "+path] = side{
				Query: s.parameters(t, all, "query"), Path: s.parameters(t, all, "path"), Body: op.RequestBody != nil,
			}
		}
	}
	if diff := cmp.Diff(mounted, documented); diff != "" {
		t.Errorf("mounted -, documented +:\n%s", diff)
	}
}

// Every reference of the document leads somewhere, and every component is used.
func TestOpenAPIReferences(t *testing.T) {
	t.Parallel()
	s := readSpecification(t)
	have := map[string]bool{}
	for kind, components := range s.Components {
		for name := range components {
			if kind != "securitySchemes" {
				have["#/components/"+kind+"/"+name] = false
			}
		}
	}
	for _, part := range strings.Split(string(openapiJSON), `"$ref":"`)[1:] {
		to, _, _ := strings.Cut(part, `"`)
		if _, ok := have[to]; !ok {
			t.Errorf("%s leads nowhere", to)
		}
		have[to] = true
	}
	for to, used := range have {
		if !used {
			t.Errorf("%s is used nowhere", to)
		}
	}
}

// Schema compiles a schema of the document, for the tests that hold answers against it.
func Schema(name string) (*jsonschema.Schema, error) {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapiJSON))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", value); err != nil {
		return nil, err
	}
	return compiler.Compile("openapi.json#/components/schemas/" + name)
}
