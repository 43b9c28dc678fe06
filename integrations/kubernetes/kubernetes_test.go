package kubernetes_test

import (
	"encoding/json"
	"testing"
	"time"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

func FuzzInterpret(f *testing.F) {
	f.Add("deployments", `{"kind":"Deployment","namespace":"shop","name":"cart","uid":"1","generation":1}`, `{"kind":"Deployment","namespace":"shop","name":"cart","uid":"1","generation":2,"replicas":3}`, "{}")
	f.Fuzz(func(_ *testing.T, collection, known, state, memory string) {
		now := time.Date(2026, 6, 8, 9, 0, 0, 0, time.UTC)
		k := kubernetes.Interpreter{}
		k.Interpret(observe.Look{
			Source: "prod", Known: observe.Known{State: json.RawMessage(known), Memory: json.RawMessage(memory)},
			Observation: observe.Observation{Object: "shop/deployment/cart", Collection: collection, State: json.RawMessage(state), SeenAt: now},
			After:       now.Add(-time.Second), Before: now,
		})
	})
}
