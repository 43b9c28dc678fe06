package daemon_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"tidings.dev/tidings/internal/daemon"
)

// northwind is the example organisation, with the teams that have a channel of their own.
const northwind = "../../examples/northwind"

// teams follow what they own, with quiet hours at night.
var teams = []string{"apps", "catalogue", "discovery", "fulfilment", "growth", "media", "messaging", "parcelbee", "partners", "payments", "platform", "risk", "storefront"}

// loud is how many messages in a day are more than a channel of one team can take.
const loud = 10

// played is a workspace with a Tidings of which the test tells the time, and when it works.
func played(t *testing.T, clock *atomic.Int64, change ...func(*daemon.Config)) *workspace {
	t.Helper()
	now := func() time.Time { return time.UnixMicro(clock.Load()).UTC() }
	var d *daemon.Daemon
	w := inSlackBy(t, func(config daemon.Config) string {
		config.Play(now)
		d = running(t, config)
		return d.URL()
	}, change...)
	w.now = now
	w.step = func(t *testing.T) {
		t.Helper()
		if err := d.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// The last day of the example organisation is played through, minute by minute, from the night before at twelve past three to
// five past nine in the morning after the incident: every team follows what it owns, a channel of incidents has the pager, and
// whoever leads reads a digest. What is said is counted, by channel and sort: docs/chat.md has the numbers.
func TestDayOfTheExample(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().In(berlin).AddDate(0, 0, -1)
	end := time.Date(today.Year(), today.Month(), today.Day(), 3, 12, 40, 0, berlin)
	var clock atomic.Int64
	clock.Store(end.UnixMicro())

	content, err := os.ReadFile(filepath.Join(northwind, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lived, err := daemon.Relive(content, end)
	if err != nil {
		t.Fatal(err)
	}
	var before [][]byte
	minutes := map[int64][]object{} // what happens, by the minute in which it is told
	raw := bytes.Split(content, []byte("\n"))
	for n, line := range bytes.Split(bytes.TrimSpace(lived), []byte("\n")) {
		var e object
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e["source"] == "pagerduty" { // it is told by the source that is configured, under the ids that links have
			e["source"], e["key"] = "pager", strings.Replace(fmt.Sprint(e["key"]), "INC-", "incident/QINC", 1)
		}
		begun, err := time.Parse(time.RFC3339Nano, fmt.Sprint(e["started_at"]))
		if err != nil {
			t.Fatal(err)
		}
		if begun.Before(end.Add(-24 * time.Hour)) {
			before = append(before, raw[n])
			continue
		}
		told := begun
		if ended, err := time.Parse(time.RFC3339Nano, fmt.Sprint(e["ended_at"])); err == nil {
			// What lasts is told twice, as tools do.
			first := maps.Clone(e)
			delete(first, "ended_at")
			first["phase"] = "started"
			minutes[begun.Unix()/60] = append(minutes[begun.Unix()/60], first)
			told = ended
		}
		minutes[told.Unix()/60] = append(minutes[told.Unix()/60], e)
	}
	// What was before the day is there from the beginning.
	roll := t.TempDir()
	if err := os.CopyFS(roll, os.DirFS(northwind)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(roll, "events.jsonl"), bytes.Join(before, []byte("\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	w := played(t, &clock, func(config *daemon.Config) { config.Example = roll })
	tell := func(lines []byte) {
		call(t, http.MethodPost, w.url+"/api/v1/events", "application/x-ndjson", string(lines), http.StatusCreated)
	}
	clock.Store(end.Add(-24 * time.Hour).UnixMicro())

	channels := map[string]string{w.channel: "incidents"}
	follow := func(channel string, follow object) {
		id := w.call(t, "conversations.create", url.Values{"name": {fmt.Sprintf("%s-%d", channel, time.Now().UnixNano())}})["channel"].(object)["id"].(string)
		channels[id] = channel
		follow["source"], follow["channel"], follow["zone"] = "slack", id, "Europe/Berlin"
		body, err := json.Marshal(follow)
		if err != nil {
			t.Fatal(err)
		}
		post(t, w.url+"/api/v1/follows", string(body))
	}
	for _, team := range teams {
		follow(team, object{"teams": []string{team}, "quiet_from": "22:00", "quiet_to": "07:00"})
	}
	follow("leads", object{"teams": teams, "environments": []string{"production"}, "digest": "09:00"})

	told := 0
	for at := end.Add(-24 * time.Hour); at.Before(end.Add(6 * time.Hour)); at = at.Add(time.Minute) {
		clock.Store(at.Truncate(time.Minute).Add(59 * time.Second).UnixMicro())
		if all := minutes[at.Unix()/60]; len(all) > 0 {
			var lines []byte
			for _, e := range all {
				line, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				lines = append(append(lines, line...), '\n')
			}
			told += len(all)
			tell(lines)
			for _, e := range all {
				if id, found := strings.CutPrefix(fmt.Sprint(e["key"]), "incident/"); found {
					w.event(t, "Ev"+id, w.pagerDuty(w.say(t, "High error rate"), "Triggered", id))
				}
			}
		}
		w.step(t)
		clock.Add((30 * time.Second).Microseconds()) // what waited for others of its kind goes out
		w.step(t)
	}

	// How many messages there are, and how often one was changed, is what Slack says.
	type sort struct{ channel, topic string }
	counts := map[sort][2]int{}
	cursor := ""
	for {
		page := get(t, w.url+"/api/v1/posts?limit=100&cursor="+cursor)
		for _, p := range page["posts"].([]any) {
			one := p.(object)
			if one["state"] == "waiting" && one["topic"] == "digest" {
				continue // tomorrow's
			}
			if one["state"] != "sent" {
				t.Errorf("not sent: %v", one)
			}
			sends := int(one["sends"].(float64))
			if sends == 0 {
				continue // nothing was to be said
			}
			key := sort{channels[one["channel"].(string)], one["topic"].(string)}
			counts[key] = [2]int{counts[key][0] + 1, counts[key][1] + sends - 1}
		}
		if cursor, _ = page["next"].(string); cursor == "" {
			break
		}
	}
	total, most := 0, map[string]int{}
	var table strings.Builder
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "channel\tsort\tmessages\tchanged in place")
	for _, key := range slices.SortedFunc(maps.Keys(counts), func(a, b sort) int {
		return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.topic, b.topic))
	}) {
		n := counts[key]
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\n", key.channel, key.topic, n[0], n[1])
		total += n[0]
		most[key.channel] += n[0]
	}
	_ = out.Flush()
	t.Logf("%d reports of %d events in a day, %d messages in %d channels\n%s", told, len(bytes.Split(bytes.TrimSpace(lived), []byte("\n")))-len(before), total, len(channels), table.String())
	for id, name := range channels {
		messages, _ := w.call(t, "conversations.history", url.Values{"channel": {id}, "limit": {"200"}})["messages"].([]any)
		if most[name] > loud {
			t.Errorf("%s: %d messages in a day are noise", name, most[name])
		}
		if name != "incidents" && len(messages) != most[name] {
			t.Errorf("%s: Slack has %d messages, and %d were counted", name, len(messages), most[name])
		}
	}
}
