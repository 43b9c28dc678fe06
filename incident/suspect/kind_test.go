package suspect_test

import (
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident/suspect"
)

// TestWhatANoteSpeaksOf checks what changes are taken for of which nobody said what they are.
func TestWhatANoteSpeaksOf(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Reverted the checkout change":       "rollback",
		"Add an index to bucket_db":          "schema",
		"Rotated the account of vSphere":     "secret",
		"dark-mode flag on for 10 %":         "flag",
		"ledger 8 to 12 instances":           "scaling",
		"terraform apply: edge-network":      "infrastructure",
		"Timeout of pricing from 2s to 3s":   "config",
		"push rank-rpc 4.60.0":               "deploy",
		"Merged #412":                        "merge",
		"Collapse long threads":              "note",
		"Deploy of the new timeout settings": "deploy",
	} {
		q := question()
		all := suspect.Stories(&q, []change.Event{changed("note", pricing, time.Minute, func(e *change.Event) { e.Title = title })}, places)
		if len(all) != 1 || all[0].Kind != want || all[0].Head.Kind != "note" {
			t.Errorf("%s: %+v, want one note that is taken for %q", title, all, want)
		}
	}
}

// TestOneKindOnly checks that a tool which calls everything a deploy is not believed, and one that knows others is.
func TestOneKindOnly(t *testing.T) {
	t.Parallel()
	titles := []string{"Rotated the password of ledger-db", "Show prices in yen", "Add an index to orders", "Translate the footer"}
	told := func(last string) []suspect.Candidate {
		var events []change.Event
		for i, title := range titles {
			kind := "deploy"
			if i == len(titles)-1 {
				kind = last
			}
			events = append(events, changed(kind, pricing, time.Duration(i+1)*time.Minute, func(e *change.Event) { e.Title = title }))
		}
		q := question()
		return suspect.Stories(&q, events, places)
	}
	kinds := func(all []suspect.Candidate) map[string]int {
		counts := map[string]int{}
		for i := range all {
			counts[all[i].Kind]++
		}
		return counts
	}
	if got := kinds(told("deploy")); got["secret"] != 1 || got["schema"] != 1 || got["deploy"] != 2 {
		t.Errorf("where all are deploys: %v", got)
	}
	if got := kinds(told("flag")); got["flag"] != 1 || got["deploy"] != 3 {
		t.Errorf("where one is a flag: %v", got)
	}
}

// TestNotes checks that a note is a suspect, and less of one than a change: but where all are notes.
func TestNotes(t *testing.T) {
	t.Parallel()
	note := changed("note", pricing, 4*time.Minute, func(e *change.Event) { e.Title = "Collapse long threads" })
	deploy := changed("deploy", pricing, 5*time.Minute)
	mixed := rank(question(), note, deploy)
	if len(mixed.Suspects) != 2 || mixed.Suspects[0].Head.ID != deploy.ID {
		t.Errorf("a note before a deploy: %+v", mixed.Suspects)
	}
	alone := rank(question(), note)
	if len(alone.Suspects) != 1 || alone.Suspects[0].Score <= mixed.Suspects[1].Score {
		t.Errorf("a note among notes: %+v", alone.Suspects)
	}
}
