package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
)

const putEntity = `mutation ($ref: String!, $fields: [FieldInput!]!) { putEntity(ref: $ref, fields: $fields) {
	ref name tier description userFacing owner { ref } tags { key value } dependsOn { entity { ref } }
} }`

func fields(pairs ...any) []map[string]any {
	var list []map[string]any
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, map[string]any{"field": pairs[i], "value": pairs[i+1]})
	}
	return list
}

func TestPutEntity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	made := h.ask(t, putEntity, map[string]any{"ref": "service:Pricing", "fields": fields(
		"tier", 1, "description", "Prices.", "user-facing", true, "owner", "team:payments", "tag/pci", "yes", "depends-on/service:ledger", "declared",
	)})
	want(t, made["putEntity"], `{"ref": "service:pricing", "name": "Pricing", "tier": 1, "description": "Prices.", "userFacing": true, "owner": {"ref": "team:payments"},
		"tags": [{"key": "pci", "value": "yes"}], "dependsOn": [{"entity": {"ref": "service:ledger"}}]}`)

	// A later edit keeps what it does not name, and the name as it was written; null withdraws.
	changed := h.ask(t, putEntity, map[string]any{"ref": "service:pricing", "fields": fields("tier", nil, "tag/pci", "no")})
	want(t, changed["putEntity"], `{"ref": "service:pricing", "name": "Pricing", "tier": null, "description": "Prices.", "userFacing": true, "owner": {"ref": "team:payments"},
		"tags": [{"key": "pci", "value": "no"}], "dependsOn": [{"entity": {"ref": "service:ledger"}}]}`)

	inline := h.ask(t, `mutation { putEntity(ref: "service:pricing", fields: [{field: "tier", value: 3}, {field: "description"}]) { tier description } }`, nil)
	want(t, inline, `{"putEntity": {"tier": 3, "description": ""}}`)

	// The edit is an event of the log.
	events := dig(t, h.ask(t, `{ feed(filter: {services: ["pricing"]}) { rows { event { kind actor { type name } diff { field old new } } } } }`, nil), "feed", "rows")
	want(t, dig(t, events, 0, "event"), `{"kind": "catalog", "actor": {"type": "person", "name": "administrator"}, "diff": [{"field": "description", "old": "Prices.", "new": ""}, {"field": "tier", "old": "", "new": "3"}]}`)
}

func TestPutEntityFaults(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, a := h.post(t, putEntity, map[string]any{"ref": "service:pricing", "fields": fields("description", "ok", "tier", 9, "colour", "red")})
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "invalid" {
		t.Fatalf("errors are %+v", a.Errors)
	}
	var pointers []string
	for _, f := range a.Errors[0].Extensions.Faults {
		pointers = append(pointers, f["pointer"])
	}
	if diff := cmp.Diff([]string{"/fields/1", "/fields/2"}, pointers); diff != "" {
		t.Error(diff)
	}
	if _, ok := h.roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"}); ok {
		t.Error("a refused edit made the entity")
	}
	_, a = h.post(t, putEntity, map[string]any{"ref": "pricing", "fields": fields()})
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "invalid" {
		t.Errorf("a bare name gives %+v", a.Errors)
	}
}

func TestDeleteEntity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	const query = `mutation ($ref: String!) { deleteEntity(ref: $ref) }`
	want(t, h.ask(t, query, map[string]any{"ref": "service:basket"}), `{"deleteEntity": true}`)
	want(t, h.ask(t, query, map[string]any{"ref": "service:basket"}), `{"deleteEntity": false}`)
	want(t, h.ask(t, `{ entity(ref: "service:basket") { retired described } entities(filter: {kinds: [service]}) { total } }`, nil),
		`{"entity": {"retired": true, "described": false}, "entities": {"total": 2}}`)
	_, a := h.post(t, query, map[string]any{"ref": "service:nowhere"})
	if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "not_found" {
		t.Errorf("errors are %+v", a.Errors)
	}
}

func TestApplyDescriptors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const query = `mutation ($documents: [DocumentInput!]!, $dryRun: Boolean) { applyDescriptors(documents: $documents, dryRun: $dryRun) {
		name format entities changed unchanged faults { line field detail } warnings { line }
	} }`
	documents := []map[string]any{
		{"name": "pricing/tidings.yaml", "content": "kind: service\nname: pricing\ntier: 1\ndescription: Prices.\n"},
		{"name": "broken/tidings.yaml", "content": "kind: [\n"},
	}
	for _, test := range []struct {
		dry               bool
		changed, standing float64
		exists            bool
	}{{true, 1, 0, false}, {false, 1, 0, true}, {false, 0, 1, true}, {true, 0, 1, true}} {
		got := dig(t, h.ask(t, query, map[string]any{"documents": documents, "dryRun": test.dry}), "applyDescriptors")
		first := dig(t, got, 0).(map[string]any)
		if first["format"] != "tidings" || first["changed"] != test.changed || first["unchanged"] != test.standing {
			t.Errorf("%+v: got %v", test, first)
		}
		want(t, first["entities"], `["service:pricing"]`)
		if len(dig(t, got, 1, "faults").([]any)) == 0 {
			t.Error("a broken document has no fault")
		}
		if _, ok := h.roll.Get(catalog.Ref{Kind: catalog.Service, Name: "pricing"}); ok != test.exists {
			t.Errorf("%+v: the entity is there: %t", test, ok)
		}
	}
}

func TestClaimAlias(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	northwind(t, h)
	deploys(t, h)
	const query = `mutation ($alias: String!, $ref: String!) { claimAlias(alias: $alias, ref: $ref) { events entity { ref aliases } } }`
	got := h.ask(t, query, map[string]any{"alias": "pagerduty:PABC", "ref": "service:checkout-api"})
	want(t, got, `{"claimAlias": {"events": 1, "entity": {"ref": "service:checkout-api", "aliases": ["github:acme/checkout", "pagerduty:pabc"]}}}`)
	want(t, h.ask(t, `{ unclaimed { total } }`, nil), `{"unclaimed": {"total": 0}}`)
	for _, test := range []struct{ alias, ref, code string }{
		{"pagerduty:PABC", "service:ledger", "conflict"},
		{"pagerduty:PDEF", "service:nowhere", "not_found"},
		{"no alias", "service:ledger", "invalid"},
	} {
		_, a := h.post(t, query, map[string]any{"alias": test.alias, "ref": test.ref})
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != test.code {
			t.Errorf("%+v: errors are %+v", test, a.Errors)
		}
	}
}

func TestWritesNeedSomebody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, query := range []string{
		`mutation { putEntity(ref: "service:a", fields: []) { ref } }`,
		`mutation { deleteEntity(ref: "service:a") }`,
		`mutation { applyDescriptors(documents: []) { name } }`,
		`mutation { claimAlias(alias: "a:b", ref: "service:a") { events } }`,
	} {
		a := h.as(t, access.Principal{}, query)
		if len(a.Errors) != 1 || a.Errors[0].Extensions.Code != "unauthenticated" {
			t.Errorf("%s: errors are %+v", query, a.Errors)
		}
	}
}
