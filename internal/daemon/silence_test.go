package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/internal/daemon"
)

// A source that went silent raises one alert, which ends when the source is heard again; one that is quiet at this hour of the
// week raises none.
func TestASilentSourceRaisesOneAlert(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		d := running(t, config)
		url := d.URL()
		now := time.Now().UTC().Truncate(time.Hour)
		var batch []string
		tell := func(source string, at time.Time) {
			batch = append(batch, fmt.Sprintf(`{"title":"built","kind":"build","service":"pricing","source":%q,"key":"%s %d","started_at":%q}`, source, source, at.Unix(), at.Format(time.RFC3339)))
		}
		for hour := 10; hour < 4*7*24; hour++ {
			tell("ci", now.Add(-time.Duration(hour)*time.Hour))
			if hour%24 > 12 { // it never tells at this time of day
				tell("nightly", now.Add(-time.Duration(hour)*time.Hour))
			}
		}
		for len(batch) > 0 {
			n := min(len(batch), 400)
			post(t, url+"/api/v1/events", "["+strings.Join(batch[:n], ",")+"]")
			batch = batch[n:]
		}
		alerts := func(want string) {
			t.Helper()
			for range 2 { // to look again tells nothing anew
				if err := d.TellSilence(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			found, _ := get(t, url+"/api/v1/events?source=tidings&kind=alert")["events"].([]any)
			var all []string
			for _, e := range found {
				e := e.(object)
				all = append(all, fmt.Sprint(e["title"], " ", e["phase"]))
			}
			if got := strings.Join(all, ", "); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		since := now.Add(-10 * time.Hour).Format("2 January 15:04")
		alerts("ci is silent since " + since + " started")
		tell("ci", now)
		post(t, url+"/api/v1/events", batch[0])
		alerts("ci was silent from " + since + " succeeded")
	})
}
