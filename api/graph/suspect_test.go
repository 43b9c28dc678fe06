package graph_test

import (
	"net/http"
	"testing"
	"time"

	"tidings.dev/tidings/change"
)

// What could be the cause comes with its reasons, and with what was changed as any event has it.
func TestSuspects(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.apply(t, say(t, "service:checkout", map[string]any{"depends-on/service:pricing": "declared"}), say(t, "service:pricing", map[string]any{"owner": "team:catalogue"}),
		say(t, "team:catalogue", map[string]any{"title": "Catalogue", "on-call/primary/person:sam": "", "on-call/secondary/pagerduty:PXYZ": ""}), say(t, "person:sam", map[string]any{"title": "Sam Okafor"}))
	h.record(t, change.Event{
		Source: "ci", Key: "1", Kind: "deploy", Phase: change.Succeeded, Title: "pricing 2", Version: "2", Subjects: about("service:pricing"), StartedAt: began.Add(-4 * time.Minute),
	}, change.Event{
		Source: "ci", Key: "2", Kind: "deploy", Phase: change.Succeeded, Title: "pricing 3", Version: "3", Subjects: about("service:pricing"), StartedAt: began.Add(40 * time.Minute),
	})
	const query = `query($at: Time) { suspects(services: ["checkout"], at: $at) { summary none considered ruledOutCount ruledOut { reason event { title } }
		suspects { rank strength direction path beforeSeconds owner { team entity { title } people { name person { ref } } } evidence { name weight sentence } event { title subjects { ref } } events { id } undo { text url tool lost { event sentence } } } } }`
	got := h.ask(t, query, map[string]any{"at": began.Format(time.RFC3339)})["suspects"].(map[string]any)
	first := got["suspects"].([]any)[0].(map[string]any)
	if title := first["event"].(map[string]any)["title"]; title != "pricing 2" || first["direction"] != "down" || first["beforeSeconds"] != 240.0 {
		t.Errorf("the first suspect is not as expected: %v", first)
	}
	want(t, first["owner"], `{"team": "catalogue", "entity": {"title": "Catalogue"}, "people": [
		{"name": "Sam Okafor", "person": {"ref": "person:sam"}}, {"name": "pagerduty:PXYZ", "person": null}]}`)
	if out := got["ruledOut"].([]any); len(out) != 1 || out[0].(map[string]any)["reason"] != "after_onset" {
		t.Errorf("ruled out are %v", out)
	}
	if status, a := h.post(t, `{ suspects(services: ["nobody"]) { summary } }`, nil); status != http.StatusOK || len(a.Errors) != 1 {
		t.Errorf("a service that there is not: %d %v", status, a.Errors)
	}
}
