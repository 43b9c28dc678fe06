package kubernetes_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

func TestRunning(t *testing.T) {
	t.Parallel()
	asked, exposure := 3, 20.0
	for state, want := range map[string]observe.Running{
		`{"kind":"Deployment","namespace":"shop","name":"cart","uid":"1","created_at":"2026-06-08T08:00:00Z","environment":"staging","replicas":3,
		  "template":{"containers":[{"name":"init","init":true,"image":"busybox"},{"name":"proxy","image":"envoy:1.30"},{"name":"cart","image":"shop/cart:main-1a2b3c4"}]},
		  "rollout":{"ready":2,"updated":1,"phase":"progressing","message":"one to go","weight":20,"changed_at":"2026-06-08T08:30:00Z"},
		  "autoscaler":{"min":2,"max":9},"hosts":["shop.example.com"],
		  "troubles":[{"kind":"probe","container":"cart","pods":1,"message":"HTTP probe failed with statuscode: 500"}]}`: {
			Kind: "Deployment", Group: "shop", Name: "cart", Environment: "staging", Cluster: "prod", Region: "eu", Version: "main-1a2b3c4", Commit: "1a2b3c4",
			Images: []observe.Image{
				{Container: "cart", Image: "shop/cart:main-1a2b3c4", Version: "main-1a2b3c4"}, {Container: "proxy", Image: "envoy:1.30", Version: "1.30"},
			},
			Asked: &asked, Ready: 2, Updated: 1, Least: 2, Most: 9, Phase: "progressing", Message: "one to go", Exposure: &exposure, Hosts: []string{"shop.example.com"},
			Troubles:  []string{"cart fails its probes: container cart, 1 pod: HTTP probe failed with statuscode: 500"},
			CreatedAt: time.Date(2026, 6, 8, 8, 0, 0, 0, time.UTC), ChangedAt: time.Date(2026, 6, 8, 8, 30, 0, 0, time.UTC),
		},
		`{"kind":"CronJob","name":"report","schedule":"0 3 * * *","time_zone":"Europe/Berlin","suspended":true,
		  "labels":{"app.kubernetes.io/version":"7"},"template":{"containers":[{"name":"report","image":"shop/report:latest"}]}}`: {
			Kind: "CronJob", Name: "report", Environment: "production", Cluster: "prod", Region: "eu", Version: "7",
			Images: []observe.Image{{Container: "report", Image: "shop/report:latest", Version: "latest"}}, Schedule: "0 3 * * * Europe/Berlin", Stopped: true,
		},
		`{"kind":"ConfigMap","name":"settings"}`: {},
		`[]`:                                     {},
	} {
		got, runs := kubernetes.Interpreter{}.Running(observe.Scope{Cluster: "prod", Environment: "production", Region: "eu"}, json.RawMessage(state))
		if diff := cmp.Diff(want, got); diff != "" || runs != (want.Kind != "") {
			t.Errorf("%s runs: %v (-want +got)\n%s", state, runs, diff)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := observe.Observation{
		Object: "shop/deployment/cart", Collection: kubernetes.Deployments, State: json.RawMessage(`{"kind":"Deployment","namespace":"shop","name":"cart","uid":"1","of_a_newer_agent":true}`),
	}
	act := good
	act.State, act.Act = nil, &observe.Act{At: monday, Verb: "patch", User: "alice"}
	gone := good
	gone.State, gone.Gone = nil, true
	for _, o := range []observe.Observation{good, act, gone} {
		if err := (kubernetes.Interpreter{}).Check(o); err != nil {
			t.Error(err)
		}
	}
	for name, change := range map[string]func(*observe.Observation){
		"a collection that nobody knows": func(o *observe.Observation) { o.Collection = "pods" },
		"no JSON":                        func(o *observe.Observation) { o.State = json.RawMessage(`{`) },
		"another shape":                  func(o *observe.Observation) { o.State = json.RawMessage(`{"replicas":"three"}`) },
		"no id": func(o *observe.Observation) {
			o.State = json.RawMessage(`{"kind":"Deployment","namespace":"shop","name":"cart"}`)
		},
		"the name of another": func(o *observe.Observation) { o.Object = "shop/deployment/web" },
		"an act of nobody":    func(o *observe.Observation) { o.Act = &observe.Act{At: monday, Verb: "patch"} },
		"an act of no time":   func(o *observe.Observation) { o.Act = &observe.Act{User: "alice", Verb: "patch"} },
	} {
		o := good
		change(&o)
		if err := (kubernetes.Interpreter{}).Check(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
