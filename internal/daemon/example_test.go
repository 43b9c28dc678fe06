package daemon_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/internal/daemon"
)

// The ranking has a record of its own on the first start of the example, beside that of plain recency; verdicts stand where
// people gave them, and another start adds none.
func TestTheExampleHasATrackRecord(t *testing.T) {
	t.Parallel()
	config := daemon.Config{Listen: "127.0.0.1:0", Data: t.TempDir(), NoLogin: true, Example: northwind}
	for range 2 {
		d := open(t, config)
		got := call(t, http.MethodGet, d.URL()+"/api/v1/suspects/record", "", "", http.StatusOK)
		since, err := time.Parse(time.RFC3339Nano, got["since"].(string))
		if age := time.Since(since); err != nil || age < 6*24*time.Hour {
			t.Errorf("the first verdict is %s old: %v", age, err)
		}
		delete(got, "since")
		want := object{
			"incidents": 2.0, "verdicts": 3.0, "missed": 0.0,
			"ranker": object{"at_1": 2.0, "at_3": 2.0, "at_5": 2.0}, "recency": object{"at_1": 1.0, "at_3": 2.0, "at_5": 2.0},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		stop(t, d)
	}
}
