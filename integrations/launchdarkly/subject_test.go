package launchdarkly_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/launchdarkly"
)

func known() *catalog.Index {
	roll := catalog.NewIndex()
	for i, e := range []catalog.Entity{
		{Kind: catalog.Service, Name: "pricing"},
		{Kind: catalog.Service, Name: "basket", Aliases: []string{"launchdarkly:service:shopping-cart"}},
		{Kind: catalog.Service, Name: "search", Aliases: []string{"launchdarkly:tag:search", "launchdarkly:tag:both"}},
		{Kind: catalog.Service, Name: "index", Aliases: []string{"launchdarkly:tag:both", "launchdarkly:tag:index"}},
	} {
		e.ID = int64(i + 1)
		roll.Put(&e)
	}
	return roll
}

// Which services a flag is of: its own name before what it says of itself, that before its project; what two claim is nobody's.
func TestWhichServicesAFlagIsOf(t *testing.T) {
	t.Parallel()
	c := config()
	c.Know(known())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ flag, values, want string }{
		"by its name":                   {"checkout-v2;search", `["pricing"]`, "service:checkout"},
		"by the roll's names":           {"a", `["Pricing"]`, "service:pricing"},
		"by an alias of a value":        {"a", `["pricing", "shopping-cart"]`, "service:pricing launchdarkly:service:shopping-cart"},
		"by a value that nobody knows":  {"a;search", `["Old Shop"]`, "launchdarkly:service:old shop"},
		"by a tag of the configuration": {"a;payments,search", `[]`, "service:payments"},
		"by tags that are claimed":      {"a;ui,search,index", `[]`, "launchdarkly:tag:search launchdarkly:tag:index"},
		"by a tag that two claim":       {"a;both", `[]`, "launchdarkly:shop"},
		"by its project":                {"a", `[]`, "launchdarkly:shop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{"_id": "1", "date": 1795320124771, "kind": "flag", "name": "A", "accesses": [{"resource": "proj/shop:env/prd:flag/%s"}],
				"currentVersion": {"customProperties": {"service": {"name": "Service", "value": %s}}}}`, test.flag, test.values)
			decoded, err := source.(integration.Receiver).Decode(integration.Delivery{Body: []byte(body)})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, subject := range decoded.Events[0].Subjects {
				names = append(names, subject.Name)
			}
			if diff := cmp.Diff(test.want, strings.Join(names, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The list has no custom properties: the flag is asked for, once each look, and one that is gone is its project's.
func TestTheListAsksForTheFlag(t *testing.T) {
	l, now := newAuditLog(t), time.Now()
	l.flags = map[string]string{"shop/checkout": `{"key": "checkout", "customProperties": {"service": {"name": "Service", "value": ["pricing"]}}}`}
	l.turnedOn("1", now.Add(-time.Hour))
	l.turnedOn("2", now.Add(-time.Minute))
	l.add(fmt.Sprintf(`{"_id":"3","date":%d,"kind":"flag","name":"Gone","accesses":[{"resource":"proj/shop:env/prd:flag/gone"}]}`, now.Add(-2*time.Hour).UnixMilli()), now.Add(-2*time.Hour))
	poller := asked(t, l)
	events, look := integrationtest.Round(t, poller, "")
	got := map[string]string{}
	for _, e := range events {
		got[e.Key] = e.Subjects[0].Name
	}
	want := map[string]string{"entry/1": "launchdarkly:service:pricing", "entry/2": "launchdarkly:service:pricing", "entry/3": "launchdarkly:shop"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if l.asked != 3 {
		t.Errorf("%d requests, want 3: the log and two flags", l.asked)
	}
	if events, _ := integrationtest.Round(t, poller, look.Cursor); len(events) > 0 || l.asked != 4 {
		t.Errorf("the next look tells of %v, by %d requests", events, l.asked-3)
	}
}

// What is kept of a delivery has no rules in it, which name people, and still says the same.
func TestWhatIsKeptOfAFlag(t *testing.T) {
	t.Parallel()
	source, err := config().Open()
	if err != nil {
		t.Fatal(err)
	}
	kept := string(source.(*launchdarkly.Source).Spare([]byte(`{"_id": "1", "date": 1795320124771, "delta": {"patch": ["ada"]}, "currentVersion":
		{"customProperties": {"service": {"value": ["pricing"]}}, "environments": {"prd": {"targets": [{"values": ["somebody"]}]}}}}`)))
	if want := `{"_id":"1","currentVersion":{"customProperties":{"service":{"value":["pricing"]}}},"date":1795320124771}`; kept != want {
		t.Errorf("kept is %s", kept)
	}
}
