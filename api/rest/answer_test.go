package rest

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/internal/jsontext"
)

// Whatever a text holds, the JSON that is written by hand gives it back.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "caf\u00e9 \u65e5\u672c \U0001F680 \u2028\u2029", "a\xffb\xc3", "\xed\xa0\x80", "<script>&"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got string
		if err := json.Unmarshal(jsontext.AppendText(nil, text), &got); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(text) && got != text {
			t.Errorf("%q became %q", text, got)
		}
		if !utf8.ValidString(got) || strings.ToValidUTF8(got, "") != got {
			t.Errorf("%q became %q", text, got)
		}
	})
}

// The document of an entity is its JSON and its reference; it is written by hand only to be quick.
func TestEntityIsItsJSON(t *testing.T) {
	t.Parallel()
	tier, yes, owner := 0, true, catalog.Ref{Kind: catalog.Team, Name: "blue"}
	at := noon.Add(123456000)
	for name, e := range map[string]catalog.Entity{
		"bare": {Kind: catalog.API, Name: "Prices"},
		"full": {
			Kind: catalog.Service, Name: "Pricing", Title: "T\"", Description: "D\n<b>", Language: "go", LanguageVersion: "1.26", Tier: &tier,
			UserFacing: &yes, Lifecycle: "production", Platform: "vm", DeployedBy: "x", Type: "y", RPO: "1m", RTO: "2m", Email: "a@example.com",
			TimeZone: "UTC", Owner: &owner, OnCall: []catalog.OnCall{{Role: "primary", Name: "person:ana", Until: at}, {Role: "secondary", Name: "x"}},
			NextOnCall: []catalog.OnCall{{Role: "primary", Name: "person:bo", From: at, Until: at}},
			Contacts:   []catalog.Contact{{Type: "slack", Value: "#x", Title: "X"}}, Links: []catalog.Link{{Type: "docs", URL: "https://x.example.com"}},
			Tags: []catalog.Tag{{Key: "pci"}, {Key: "a", Value: "b"}}, Aliases: []string{"github:acme/x"},
			Relations: []catalog.Relation{{Type: catalog.FamilyDependsOn, Target: owner, Evidence: catalog.Both, Since: at, LastSeen: at}},
			Described: true, Retired: true, UpdatedAt: at,
		},
	} {
		var got, want map[string]any
		if err := json.Unmarshal(appendEntity(nil, &e, nil), &got); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(e)
		if err == nil {
			err = json.Unmarshal(text, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		want["ref"] = e.Ref().String()
		if e.UpdatedAt.IsZero() {
			delete(want, "updated_at")
		}
		// The digits of a second are always six; here they are needed all.
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: encoding/json -, ours +:\n%s", name, diff)
		}
	}
}
