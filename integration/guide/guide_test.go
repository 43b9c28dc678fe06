package guide_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/integration/guide"
)

const readme = "# Beacon\n\nDeploys.\n\n## Set it up\n\n" +
	"1. Make a secret, which stands below as SECRET: `openssl rand -hex 32`.\n" +
	"2. In Tidings, on the page of sources or in the configuration file:\n\n   ```yaml\n   sources:\n     - name: beacon\n   ```\n\n" +
	"3. In Beacon the URL `https://TIDINGS/hooks/beacon`, the header\n   `X-Key: SECRET`, and `https://u:SECRET@TIDINGS/hooks/beacon`:\n\n```json\n{\"a\": 1}\n```\n\n" +
	"4. Deploy.\n\nThe webhook gives no right, [see](../x.md).\n\n## What becomes what\n\n| a | b |\n\n## Limits\n\nNone.\n"

func TestRead(t *testing.T) {
	t.Parallel()
	g, err := guide.Read(readme)
	if err != nil {
		t.Fatal(err)
	}
	got := g.For("https://tidings.example.com", "my-beacon", "s3cr3t")
	want := guide.Guide{
		Intro: "Deploys.", Configuration: "sources:\n  - name: beacon", Rights: "The webhook gives no right, see.", Gives: "| a | b |", Limits: "None.",
		Ways: []guide.Way{{Steps: []string{
			"In Beacon the URL `https://tidings.example.com/hooks/my-beacon`, the header\n`X-Key: s3cr3t`, and `https://u:s3cr3t@tidings.example.com/hooks/my-beacon`:\n\n```json\n{\"a\": 1}\n```",
			"Deploy.",
		}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if open := g.For("https://tidings.example.com", "x", ""); !strings.Contains(open.Ways[0].Steps[0], "X-Key: SECRET") {
		t.Errorf("a secret that is not known: %s", open.Ways[0].Steps[0])
	}
}

func TestReadNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# Beacon\n\nDeploys.\n", strings.Replace(readme, "In Tidings, ", "Here ", 1)} {
		if g, err := guide.Read(text); err == nil {
			t.Errorf("read as %+v", g)
		}
	}
}
