package journal_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/journal"
	"tidings.dev/tidings/internal/request"
)

func TestLinesCarryTheRequestAndNoSecret(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := journal.New(&out, journal.Settings{Format: format, Level: "info"})
		ctx := request.With(context.Background(), &request.Info{ID: "req-7"})
		log.InfoContext(ctx, "connect to postgres://tidings:canary@db/tidings", "error", errors.New("Authorization: Bearer canary-canary"),
			"client_secret", "canary", "address", "https://hooks.example.com/x?token=canary&a=b", "path", "/api/v1/events")
		log.DebugContext(ctx, "too small")
		got := out.String()
		if strings.Contains(got, "canary") || strings.Contains(got, "too small") {
			t.Errorf("%s: %s", format, got)
		}
		for _, want := range []string{"req-7", "postgres://tidings:hidden@db/tidings", "/api/v1/events", "a=b"} {
			if !strings.Contains(strings.ReplaceAll(got, `\u0026`, "&"), want) {
				t.Errorf("%s: %q is not in %s", format, want, got)
			}
		}
		if string(log.Recent()) != got {
			t.Errorf("kept %s", log.Recent())
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	log := journal.New(&bytes.Buffer{}, journal.Settings{})
	for range 500 {
		log.Warn("long", "text", strings.Repeat("x", 10_000))
	}
	log.Warn("the newest")
	if kept := log.Recent(); len(kept) > 1<<20+20_000 || !bytes.Contains(kept, []byte("the newest")) {
		t.Errorf("%d bytes are kept", len(kept))
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, settings := range []journal.Settings{{Format: "xml"}, {Level: "loud"}} {
		if settings.Validate() == nil {
			t.Errorf("%+v was taken", settings)
		}
	}
}
