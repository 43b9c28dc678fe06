package pagerduty_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/pagerduty"
)

func config() *pagerduty.Config {
	c := &pagerduty.Config{ChangeService: "payments"}
	c.Services = map[string]string{"PF9KMXH": "checkout", "checkout-api": "checkout", "jenkins-ledger": "ledger"}
	c.Environments = map[string]string{"prd": "production"}
	integrationtest.Refer(&c.Secret)
	return c
}

func TestConformance(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: pagerduty.Spec, Config: func() integration.Config { return config() },
		Sign: func(_ *testing.T, secret string, d *integration.Delivery) {
			// While a secret is being rotated there, there are two.
			d.Header.Set("X-PagerDuty-Signature", pagerduty.Signature.Sum("another", d.Body)+","+pagerduty.Signature.Sum(secret, d.Body))
		},
	})
}

// keyed puts a routing key into a change event.
func keyed(t *testing.T, key string, d *integration.Delivery) {
	t.Helper()
	var body map[string]json.RawMessage
	if err := json.Unmarshal(d.Body, &body); err != nil {
		t.Fatal(err)
	}
	if body["routing_key"], _ = json.Marshal(key); key == "" {
		delete(body, "routing_key")
	}
	d.Body, _ = json.Marshal(body)
}

func TestChangeEvents(t *testing.T) {
	integrationtest.Run(t, integrationtest.Suite{
		Spec: pagerduty.Spec, Config: func() integration.Config { return config() }, Directory: "testdata/change", Unsigned: true,
		Sign: func(t *testing.T, secret string, d *integration.Delivery) { keyed(t, secret, d) },
		Bare: func(d *integration.Delivery) { keyed(t, "", d) },
	})
}

// What sends to PagerDuty takes nothing but 202 for its change event.
func TestTheAnswerToAChangeEvent(t *testing.T) {
	source, err := config().Open()
	if err != nil {
		t.Fatal(err)
	}
	fixture := integrationtest.Read(t, "testdata/change/build.txtar", nil)
	decoded, err := source.(integration.Receiver).Decode(fixture.Delivery)
	if err != nil || decoded.Answer == nil || decoded.Answer.Status != http.StatusAccepted || !bytes.Contains(decoded.Answer.Body, []byte(`"success"`)) {
		t.Errorf("got %+v, %v", decoded.Answer, err)
	}
}

// The steps of an incident give one event, whatever their order.
func TestStepsInAnyOrder(t *testing.T) {
	source, err := config().Open()
	if err != nil {
		t.Fatal(err)
	}
	steps := []string{"triggered", "acknowledged", "priority-updated", "resolved"}
	told := func(order []string) string {
		var known *change.Event
		for _, step := range order {
			decoded, err := source.(integration.Receiver).Decode(integrationtest.Read(t, "testdata/"+step+".txtar", nil).Delivery)
			if err != nil || len(decoded.Events) != 1 {
				t.Fatalf("%s: %v", step, err)
			}
			e := decoded.Events[0]
			e.Normalize(integrationtest.Now, "")
			e.ID = uuid.Nil
			if known == nil {
				known = &e
			} else {
				known.Advance(e)
			}
		}
		return string(known.AppendDocument(nil))
	}
	want := told(steps)
	for _, order := range [][]string{
		{"resolved", "priority-updated", "acknowledged", "triggered"},
		{"acknowledged", "triggered", "resolved", "priority-updated"},
		{"priority-updated", "resolved", "triggered", "resolved", "acknowledged"},
	} {
		if got := told(order); got != want {
			t.Errorf("%v:\n%s\n%v:\n%s", order, got, steps, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, pattern := range []string{"testdata/*.txtar", "testdata/change/*.txtar"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			f.Add(integrationtest.Seed(f, name).Body)
		}
	}
	source, err := config().Open()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		integrationtest.Fuzz(t, source, integration.Delivery{Body: body})
	})
}
