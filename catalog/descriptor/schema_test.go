package descriptor_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"tidings.dev/tidings/catalog/descriptor"
)

// compileSchema gives a check of documents by the published schema.
func compileSchema(t *testing.T) func(any) error {
	t.Helper()
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(descriptor.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("tidings.schema.json", content); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("tidings.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(document any) error {
		// Through JSON, for the numbers of the YAML parser have types that the validator does not know.
		raw, err := json.Marshal(document)
		if err != nil {
			return err
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		return schema.Validate(instance)
	}
}

// documents are the tidings.yaml documents of a fixture.
func documents(t *testing.T, fixture string) []any {
	t.Helper()
	archive, err := txtar.ParseFile(fixture)
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, file := range archive.Files {
		if file.Name == "want" {
			continue
		}
		decoder := yaml.NewDecoder(bytes.NewReader(file.Data))
		for {
			var document any
			if decoder.Decode(&document) != nil {
				break
			}
			all = append(all, document)
		}
	}
	return all
}
