package ingest_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/github"
	"tidings.dev/tidings/store/sqlite"
)

// BenchmarkDelivery is what one signed delivery of 8 KB costs, without HTTP: verified, decoded, kept and committed.
func BenchmarkDelivery(b *testing.B) {
	b.Setenv(integrationtest.Secret, integrationtest.SecretValue)
	s, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(access.With(b.Context(), access.Administrator))
	defer cancel()
	door := ingest.NewDoor(catalog.NewRoll(s), s, func() {})
	go door.Run(ctx)
	c := &github.Config{}
	integrationtest.Refer(&c.Secret)
	source, err := c.Open()
	if err != nil {
		b.Fatal(err)
	}
	hook := door.Hook("github", "github", source.(integration.Receiver))
	body := []byte(`{"action":"completed","repository":{"full_name":"acme/payments","default_branch":"main","description":"` + strings.Repeat("words that nobody reads ", 150) +
		`"},"sender":{"login":"alice","type":"User"},"workflow_run":{"id":4711,"name":"build","head_branch":"main","head_sha":"0123456789abcdef0123456789abcdef01234567","run_number":4711,` +
		`"status":"completed","conclusion":"success","created_at":"2026-11-22T10:00:00Z","updated_at":"2026-11-22T10:01:00Z","jobs_url":"` + strings.Repeat("https://api.github.com/repos/acme/payments/actions/runs ", 80) + `"}}`)
	var turns atomic.Int64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := turns.Add(1)
			sent := bytes.Replace(body, []byte("4711"), fmt.Appendf(nil, "%d", n), 1)
			d := integration.Delivery{Method: http.MethodPost, Body: sent, Header: http.Header{
				"X-Github-Event": {"workflow_run"}, "X-Github-Delivery": {fmt.Sprint(n)}, "X-Hub-Signature-256": {github.Signature.Sum(integrationtest.SecretValue, sent)},
			}}
			if got, err := hook.Receive(ctx, d); err != nil || got.Outcome != integration.Taken {
				b.Errorf("got %+v, %v", got, err)
			}
		}
	})
}
