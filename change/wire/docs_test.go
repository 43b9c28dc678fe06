package wire

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/change"
)

// The tables of the page for users are written from those of the reader, so neither can know less than the other.
func TestDocsTellWhatIsRead(t *testing.T) {
	t.Parallel()
	const path = "../../docs/events.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := string(page)
	for name, table := range map[string]string{
		"fields": fieldTable(), "kinds": kindTable(), "phases": phaseTable(), "cdevents": cdeventsTable(),
	} {
		start := fmt.Sprintf("<!-- %s: written by go test ./change/wire -update -->\n", name)
		before, rest, found := strings.Cut(want, start)
		_, after, ended := strings.Cut(rest, "<!-- end -->")
		if !found || !ended {
			t.Fatalf("%s has no place for the table of %s", path, name)
		}
		want = before + start + "\n" + table + "\n<!-- end -->" + after
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(page)); diff != "" {
		t.Errorf("run go test ./change/wire -update:\n%s", diff)
	}
}

func fieldTable() string {
	var b strings.Builder
	b.WriteString("| field | what it is | meaning | read too |\n| --- | --- | --- | --- |\n")
	for _, f := range fields {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.name, f.shape, f.meaning, quoted(strings.Fields(f.aliases)))
	}
	return b.String()
}

func kindTable() string {
	var b strings.Builder
	b.WriteString("A *change* could be a cause, a *signal* is a symptom, a *note* is neither, as a rule: where all that is told are notes, they are suspects like changes.\n\n| kind | class | read too |\n| --- | --- | --- |\n")
	for _, kind := range change.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", kind.Name, kind.Class, quoted(kind.Aliases))
	}
	return b.String()
}

func phaseTable() string {
	var b strings.Builder
	b.WriteString("| phase | read too | of alerts, incidents and SLO burns also |\n| --- | --- | --- |\n")
	for _, phase := range change.Phases() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", phase, quoted(wordsFor(phaseWords, phase)), quoted(wordsFor(signalWords, phase)))
	}
	return b.String()
}

func wordsFor(all map[string]string, phase change.Phase) []string {
	var found []string
	for word, of := range all {
		if of == string(phase) && word != of {
			found = append(found, word)
		}
	}
	slices.Sort(found)
	return found
}

func cdeventsTable() string {
	subjects := map[string]string{
		"service": "`service:<subject.id>`, or `cdevents:<subject.id>` where a service cannot have the name", "environment": "`environment:<subject.id>`",
		"incident":    "`service:<content.service.id>`, else the environment, else `cdevents:<context.source>`",
		"pipelinerun": "`pipeline:<content.pipelineName>`", "taskrun": "`task:<content.taskName>`",
		"build":       "the package of `content.artifactId`, else `cdevents:<context.source>`",
		"testcaserun": "`test:<content.testCase.name>`", "testsuiterun": "`test:<content.testSuite.name>`", "change": "`repo:<content.repository.id>`",
		"artifact": "its package, such as `pkg:oci/checkout`", "branch": "`repo:<content.repository.id>`", "repository": "`repo:<subject.id>`",
		"ticket": "`cdevents:<context.source>`", "testoutput": "`cdevents:<context.source>`",
	}
	var b strings.Builder
	b.WriteString("| subject | predicate: kind, phase | about |\n| --- | --- | --- |\n")
	for i := 0; i < len(cdevents); {
		thing, _, _ := strings.Cut(cdevents[i].name, ".")
		var predicates []string
		for ; i < len(cdevents) && strings.HasPrefix(cdevents[i].name, thing+"."); i++ {
			_, predicate, _ := strings.Cut(cdevents[i].name, ".")
			predicates = append(predicates, fmt.Sprintf("%s: %s, %s", predicate, cdevents[i].kind, cdevents[i].phase))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", thing, strings.Join(predicates, "<br>"), subjects[thing])
	}
	return b.String()
}

func quoted(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "` `") + "`"
}

// Every row stands at the number of its field, and no name has two meanings.
func TestFieldsAreInOrder(t *testing.T) {
	t.Parallel()
	seen := map[string]field{}
	for i, f := range fields {
		if int(f.field) != i+1 || f.field.String() != f.name {
			t.Errorf("%s stands at %d", f.name, i)
		}
		for _, n := range append(strings.Fields(f.aliases), f.name) {
			if other, ok := seen[n]; ok {
				t.Errorf("%s names %v and %v", n, other, f.field)
			}
			seen[n] = f.field
		}
	}
	if len(fields) != int(fieldCount)-1 {
		t.Errorf("%d of %d fields have a row", len(fields), fieldCount-1)
	}
	for words, want := range map[*map[string]string]int{&phaseWords: 50, &signalWords: 10} {
		for word, phase := range *words {
			if change.Phase(phase).Code() == 0 || word != strings.ToLower(word) || len(*words) < want {
				t.Errorf("%q is not a word for %q", word, phase)
			}
		}
	}
}
