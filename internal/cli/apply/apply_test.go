package apply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files string
		want  []string
	}{
		{"within bounds, all go together", "a/CODEOWNERS a/x b/x", []string{"a/CODEOWNERS a/x b/x"}},
		{"in order, up to the bound", "a b c d e", []string{"a b c", "d e"}},
		{"a CODEOWNERS and what it governs stay together", "a/1 a/2 b/.github/CODEOWNERS b/1 b/c/2", []string{"a/1 a/2", "b/.github/CODEOWNERS b/1 b/c/2"}},
		{"over the bound, if need be", "CODEOWNERS a b c/d/e f", []string{"CODEOWNERS a b c/d/e f"}},
		{"the innermost governs", "CODEOWNERS a/1 a/2 b/CODEOWNERS b/1 b/2", []string{"CODEOWNERS a/1 a/2", "b/CODEOWNERS b/1 b/2"}},
		{"two of one root are one", "a/.gitlab/CODEOWNERS a/1 a/docs/CODEOWNERS b/1", []string{"a/.gitlab/CODEOWNERS a/1 a/docs/CODEOWNERS", "b/1"}},
		{"bytes count as well", "a b huge c", []string{"a b", "huge", "c"}},
	} {
		var documents []document
		for name := range strings.FieldsSeq(tt.files) {
			doc := document{name: name}
			if name == "huge" {
				doc.content = make([]byte, 1<<20)
			}
			documents = append(documents, doc)
		}
		var got []string
		for _, batch := range split(documents, bounds{documents: 3, bytes: 1 << 20}) {
			var names []string
			for _, doc := range batch {
				names = append(names, doc.name)
			}
			got = append(got, strings.Join(names, " "))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Many thousands make batches that hold all of them, each once.
func TestSplitMany(t *testing.T) {
	t.Parallel()
	var documents []document
	for i := range 10_000 {
		documents = append(documents, document{name: fmt.Sprintf("s%05d/tidings.yaml", i)})
	}
	batches := split(documents, batchBounds)
	if len(batches) != 5 {
		t.Errorf("%d batches, want 5", len(batches))
	}
	n := 0
	for _, batch := range batches {
		for _, doc := range batch {
			if doc.name != documents[n].name {
				t.Fatalf("document %d is %s, want %s", n, doc.name, documents[n].name)
			}
			n++
		}
	}
	if n != len(documents) {
		t.Errorf("%d documents, want %d", n, len(documents))
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"https://github.com/acme/shop.git":           "github.com/acme/shop",
		"https://robot:token@GitHub.com/acme/shop/":  "github.com/acme/shop",
		"git@github.com:acme/shop.git":               "github.com/acme/shop",
		"ssh://git@git.example:2222/acme/group/shop": "git.example/acme/group/shop",
		"git.example:/srv/shop.git":                  "git.example/srv/shop",
		"https://git.example/a@b/shop":               "git.example/a@b/shop",
		"":                                           "",
		"/srv/git/shop.git":                          "",
		"../shop":                                    "",
		`C:\git\shop`:                                "",
		"file:///srv/git/shop":                       "",
		"https://git.example":                        "",
	} {
		if got := address(remote); got != want {
			t.Errorf("address(%q) = %q, want %q", remote, got, want)
		}
	}
}
