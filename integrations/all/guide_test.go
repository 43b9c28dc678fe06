package all

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/guide"
	"tidings.dev/tidings/integrations"
)

// Whoever sets a source up has only its page: the help must have every value that is to be pasted, and the form every
// setting that there is.
func TestEachCanBeSetUpFromItsPageAlone(t *testing.T) {
	t.Parallel()
	for _, spec := range Specs() {
		t.Run(spec.Name, func(t *testing.T) {
			t.Parallel()
			g, err := guide.Read(integrations.Readme(spec.Name))
			if err != nil {
				t.Fatal(err)
			}
			const base, name, secret = "https://tidings.northwind.example", "the-source", "the-secret-4711"
			filled := g.For(base, name, secret)
			var all strings.Builder
			for _, way := range filled.Ways {
				all.WriteString(strings.Join(way.Steps, "\n") + way.Notes)
			}
			help := all.String()
			if filled.Intro == "" || !regexp.MustCompile(`(?i)\bno\s+right|nothing else|writes nothing`).MatchString(filled.Rights) {
				t.Errorf("the README does not say what it brings and which rights it takes: %q, %q", filled.Intro, filled.Rights)
			}
			if left := regexp.MustCompile(`\b(TIDINGS|SECRET|TOKEN|THE-[A-Z]+)\b|step \d`).FindString(help + filled.Rights); left != "" {
				t.Errorf("%s stands in the steps, and the page puts nothing in its place", left)
			}
			if spec.Config == nil {
				if !strings.Contains(help, base) {
					t.Error("the steps do not say where this installation is")
				}
				return
			}
			typed, ok := spec.Config().(integration.Typed)
			if !ok {
				t.Fatal("its configuration cannot be typed on the page")
			}
			checkForm(t, typed)
			checkConfiguration(t, spec, g.Configuration)
			typed.Guard(integration.Guard{})
			if takes, _ := opens(t, spec, g.Configuration).(integration.Receiver); takes == nil {
				return
			}
			if !strings.Contains(help, "/hooks/"+name) {
				t.Error("the steps do not name the address")
			}
			if !g.Issued && !strings.Contains(help, secret) {
				t.Error("the steps do not say where the secret goes")
			}
			if len(integrations.Examples(spec.Name)) == 0 {
				t.Error("there is no example of what it sends")
			}
		})
	}
}

// checkForm holds the form against the settings that the configuration has.
func checkForm(t *testing.T, typed integration.Typed) {
	t.Helper()
	want := settings(reflect.TypeOf(typed).Elem(), "")
	var got, secrets []string
	for _, f := range typed.Form() {
		got = append(got, f.Name)
		if f.Title == "" || f.Type == "" || strings.HasSuffix(f.Title, ".") || f.Help != "" && !strings.HasSuffix(f.Help, ".") {
			t.Errorf("%s: a field has a title, a type, and help that ends with a stop: %+v", f.Name, f)
		}
		if (f.Type == integration.TypeChoice) != (len(f.Choices) > 1) || f.Type == integration.TypeMap && (f.Example == "" || f.Gives == "") {
			t.Errorf("%s: a choice has choices, and a map an example: %+v", f.Name, f)
		}
		if f.Type == integration.TypeSecret {
			secrets = append(secrets, f.Name)
		}
	}
	// The folder for mirrors is of the server's machine, and cannot be typed.
	want = slices.DeleteFunc(want, func(name string) bool { return name == "cache_dir" })
	slices.Sort(want)
	sorted := slices.Sorted(slices.Values(got))
	if !slices.Equal(sorted, want) {
		t.Errorf("the form has %q, the configuration %q", sorted, want)
	}
	if kept := typed.Secrets(); !slices.Equal(slices.Sorted(slices.Values(secrets)), slices.Sorted(slices.Values(kept))) {
		t.Errorf("the form asks for the secrets %q, those that are kept sealed are %q", secrets, kept)
	}
}

// settings are the names in a configuration's tags.
func settings(of reflect.Type, within string) []string {
	var names []string
	for i := range of.NumField() {
		f := of.Field(i)
		tag, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		kind := f.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		switch {
		case rest == "inline":
			names = append(names, settings(kind, within)...)
		case tag == "":
		case kind.Kind() == reflect.Struct && kind != reflect.TypeFor[integration.Secret]():
			names = append(names, settings(kind, within+tag+".")...)
		default:
			names = append(names, within+tag)
		}
	}
	return names
}

// checkConfiguration reads the example of the README as the server would.
func checkConfiguration(t *testing.T, spec integration.Spec, example string) {
	t.Helper()
	if opens(t, spec, example) == nil {
		t.Errorf("the example of the configuration file opens nothing")
	}
}

func opens(t *testing.T, spec integration.Spec, example string) integration.Source {
	t.Helper()
	var file struct {
		Sources []yaml.MapSlice `yaml:"sources"`
	}
	if err := yaml.Unmarshal([]byte(example), &file); err != nil || len(file.Sources) != 1 {
		t.Fatalf("the example has %d sources: %v\n%s", len(file.Sources), err, example)
	}
	var own yaml.MapSlice
	for _, item := range file.Sources[0] {
		switch item.Key {
		case "type":
			if item.Value != spec.Name {
				t.Errorf("the example is of the type %v", item.Value)
			}
		case "name", "every", "allow": // of every source, whatever its type
		default:
			own = append(own, item)
		}
	}
	text, err := yaml.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	config := spec.Config()
	if err := yaml.UnmarshalWithOptions(text, config, yaml.Strict()); err != nil {
		t.Fatalf("the example cannot be read: %v", err)
	}
	opened, err := config.Open()
	if err != nil {
		t.Fatalf("the example does not open: %v", err)
	}
	return opened
}

// What is tried on the page is what the tests try, in whatever folder it lies.
func TestEveryFixtureIsAnExample(t *testing.T) {
	t.Parallel()
	for _, spec := range Specs() {
		if g, err := guide.Read(integrations.Readme(spec.Name)); err != nil || !g.Delivers() {
			continue
		}
		examples := integrations.Examples(spec.Name)
		root := filepath.Join("..", spec.Name, "testdata")
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".txtar") {
				return err
			}
			name := strings.TrimSuffix(filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))), ".txtar")
			if _, found := examples[name]; !found {
				t.Errorf("%s: the fixture %s cannot be tried on the page: see integrations.Examples", spec.Name, name)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
