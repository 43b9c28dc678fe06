package launchdarkly_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/launchdarkly"
)

// auditLog is an honest fake of LaunchDarkly's audit log: pages of twenty at most, the newest first, between two times.
type auditLog struct {
	*httptest.Server
	entries []json.RawMessage
	dates   []int64
	flags   map[string]string // by PROJECT/KEY; where there are some, one of their custom properties counts
	asked   int
	fails   http.HandlerFunc
}

func newAuditLog(t *testing.T) *auditLog {
	t.Helper()
	l := &auditLog{}
	l.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.asked++
		switch {
		case r.Header.Get("Authorization") != "a-token":
			w.WriteHeader(http.StatusUnauthorized)
			return
		case l.fails != nil:
			l.fails(w, r)
			return
		case l.flags[strings.TrimPrefix(r.URL.Path, "/api/v2/flags/")] != "":
			fmt.Fprint(w, l.flags[strings.TrimPrefix(r.URL.Path, "/api/v2/flags/")])
			return
		case r.URL.Path != "/api/v2/auditlog":
			w.WriteHeader(http.StatusNotFound)
			return
		}
		q := r.URL.Query()
		limit, _ := strconv.Atoi(q.Get("limit"))
		after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
		before, err := strconv.ParseInt(q.Get("before"), 10, 64)
		if err != nil {
			before = 1 << 60
		}
		order := make([]int, len(l.entries))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return int(l.dates[b] - l.dates[a]) })
		items := []json.RawMessage{}
		for _, i := range order {
			if l.dates[i] > after && l.dates[i] < before && len(items) < min(limit, 20) {
				items = append(items, l.entries[i])
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *auditLog) add(entry string, at time.Time) {
	l.entries, l.dates = append(l.entries, json.RawMessage(entry)), append(l.dates, at.UnixMilli())
}

func (l *auditLog) turnedOn(id string, at time.Time) {
	l.add(fmt.Sprintf(`{"_id":%q,"date":%d,"kind":"flag","name":"Checkout","titleVerb":"turned on the flag","accesses":[{"action":"updateOn","resource":"proj/shop:env/prd:flag/checkout"}]}`, id, at.UnixMilli()), at)
}

func asked(t *testing.T, l *auditLog) integration.Poller {
	t.Helper()
	t.Setenv(integrationtest.Secret, "a-token")
	c := config()
	integrationtest.Refer(&c.Token)
	c.Address = l.URL
	if c.Property = ""; l.flags != nil {
		c.Property = "service"
	}
	c.Use(l.Client())
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.(integration.Poller)
}

func TestTheFirstLookGoesBackAndTheNextOnlyOn(t *testing.T) {
	l, now := newAuditLog(t), time.Now()
	l.turnedOn("too-old", now.Add(-15*24*time.Hour))
	for i := range 1203 { // more than one look takes; by threes in one millisecond
		l.turnedOn(fmt.Sprintf("e%d", i), now.Add(-time.Duration(1300-i/3*3)*time.Minute))
	}
	l.add(fmt.Sprintf(`{"_id":"m","date":%d,"kind":"member","accesses":[]}`, now.UnixMilli()), now.Add(-time.Minute))
	poller := asked(t, l)
	first, err := poller.Poll(t.Context(), "")
	if err != nil || !first.More || first.Backfill.Done || first.Backfill.At.IsZero() {
		t.Fatalf("the first look is a part of the whole: %v, %+v, %v", first.More, first.Backfill, err)
	}
	rest, last := integrationtest.Round(t, asked(t, l), first.Cursor) // another server goes on
	keys := map[string]bool{}
	for _, e := range append(first.Events, rest...) {
		keys[e.Key] = true
	}
	if len(keys) != 1203 || keys["entry/too-old"] || !last.Backfill.Done {
		t.Fatalf("%d entries of 1203 were found, done: %v", len(keys), last.Backfill.Done)
	}
	again, last := integrationtest.Round(t, poller, last.Cursor)
	if len(again) != 0 {
		t.Errorf("nothing was new, and %d entries are told again", len(again))
	}
	l.turnedOn("new", now)
	l.turnedOn("late", now.Add(-5*time.Minute)) // dated before what was told
	l.asked = 0
	if fresh, _ := integrationtest.Round(t, poller, last.Cursor); len(fresh) != 2 || l.asked != 1 {
		t.Errorf("two entries are new, and %d were found by %d requests", len(fresh), l.asked)
	}
}

// What a webhook tells and what the log lists is one event, to the last field.
func TestWebhookAndPollTellTheSame(t *testing.T) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		fixture := integrationtest.Read(t, name, nil)
		l := newAuditLog(t)
		poller := asked(t, l)
		told, err := poller.(integration.Receiver).Decode(fixture.Delivery)
		if err != nil {
			continue
		}
		l.add(string(fixture.Body), time.Now())
		found, _ := integrationtest.Round(t, poller, "")
		if len(found) != len(told.Events) {
			t.Errorf("%s: %d events are told, %d found", name, len(told.Events), len(found))
			continue
		}
		for i := range found {
			if !bytes.Equal(found[i].AppendDocument(nil), told.Events[i].AppendDocument(nil)) {
				t.Errorf("%s: told %s, found %s", name, told.Events[i].AppendDocument(nil), found[i].AppendDocument(nil))
			}
		}
	}
}

func TestWhatLaunchDarklyRefuses(t *testing.T) {
	now := time.Now()
	reset := strconv.FormatInt(now.Add(8*time.Second).UnixMilli(), 10)
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   fault.Code
	}{
		"the token is gone":  {401, nil, `{"code":"unauthorized","message":"Invalid key"}`, fault.Unauthenticated},
		"the token may not":  {403, nil, `{"code":"forbidden","message":"Forbidden"}`, fault.Forbidden},
		"too many":           {429, map[string]string{"X-Ratelimit-Reset": reset}, `{"code":"rate_limited"}`, fault.RateLimited},
		"a fault of its own": {503, nil, "", fault.Unavailable},
		"a proxy's page":     {200, map[string]string{"Content-Type": "text/html"}, "<html>", fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			l := newAuditLog(t)
			l.fails = func(w http.ResponseWriter, _ *http.Request) {
				for key, value := range c.header {
					w.Header().Set(key, value)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}
			_, err := asked(t, l).Poll(t.Context(), "")
			if !fault.Is(err, c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if wait := fault.RetryAfter(err); c.status == 429 && (wait < 5*time.Second || wait > 8*time.Second) {
				t.Errorf("it says eight seconds, and %v is waited", wait)
			}
		})
	}
}

// A limit that the last page used up is waited for before the next one is asked for.
func TestALimitIsWaitedFor(t *testing.T) {
	l := newAuditLog(t)
	l.fails = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Ratelimit-Global-Remaining", "40")
		w.Header().Set("X-Ratelimit-Route-Remaining", "0")
		w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(time.Now().Add(9*time.Second).UnixMilli(), 10))
		items := make([]string, 20)
		for i := range items {
			items[i] = fmt.Sprintf(`{"_id":"e%d","date":%d,"kind":"member"}`, i, time.Now().Add(-time.Duration(i)*time.Minute).UnixMilli())
		}
		_, _ = fmt.Fprintf(w, `{"items":[%s]}`, bytes.Join(raw(items), []byte(",")))
	}
	look, err := asked(t, l).Poll(t.Context(), "")
	if err != nil || l.asked != 1 || !look.More || look.Wait < 5*time.Second {
		t.Errorf("after %d requests: more %v, wait %v, %v", l.asked, look.More, look.Wait, err)
	}
}

func raw(texts []string) [][]byte {
	all := make([][]byte, len(texts))
	for i := range texts {
		all[i] = []byte(texts[i])
	}
	return all
}

// Without a token nothing is asked, and nothing is wrong.
func TestWithoutATokenTheWebhookAloneTells(t *testing.T) {
	t.Parallel()
	var c launchdarkly.Config
	c.Guard(integration.Guard{})
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	look, err := source.(integration.Poller).Poll(t.Context(), "")
	if err != nil || look.Idle == "" {
		t.Errorf("it looked: %+v, %v", look, err)
	}
}

func FuzzAuditLog(f *testing.F) {
	f.Add(fmt.Appendf(nil, `{"items":[{"_id":"1","date":%d,"kind":"flag","name":"Checkout","titleVerb":"turned on the flag","description":"* turned on",
		"accesses":[{"action":"updateOn","resource":"proj/shop:env/prd;tag:flag/checkout;payments"}],"member":{"email":"ana@acme.example","firstName":"Ana"},
		"_links":{"site":{"href":"/shop/prd/features/checkout"}},"target":{"resources":["proj/shop:env/prd:flag/checkout"]}}]}`, time.Now().UnixMilli()),
		[]byte(`{"customProperties":{"service":{"value":["payments"]}}}`))
	f.Add([]byte(`{"items":[]}`), []byte(`{}`))
	f.Setenv(integrationtest.Secret, "a-token")
	f.Fuzz(func(t *testing.T, list, flag []byte) {
		c := config()
		integrationtest.Refer(&c.Token)
		c.Use(&http.Client{Transport: integrationtest.Answer(func(r *http.Request) []byte {
			if strings.Contains(r.URL.Path, "/flags/") {
				return flag
			}
			return list
		})})
		source, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		integrationtest.Look(t, source.(integration.Poller))
	})
}
