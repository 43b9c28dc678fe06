package daemon_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/guide"
	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integrations"
	"tidings.dev/tidings/integrations/all"
	"tidings.dev/tidings/integrations/bitbucket"
	"tidings.dev/tidings/integrations/buildkite"
	"tidings.dev/tidings/integrations/circleci"
	"tidings.dev/tidings/integrations/flagsmith"
	"tidings.dev/tidings/integrations/flux"
	"tidings.dev/tidings/integrations/github"
	"tidings.dev/tidings/integrations/growthbook"
	"tidings.dev/tidings/integrations/launchdarkly"
	"tidings.dev/tidings/integrations/pagerduty"
	"tidings.dev/tidings/integrations/sentry"
	"tidings.dev/tidings/integrations/statsig"
	"tidings.dev/tidings/integrations/terraform"
	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/store/storetest"
)

const weekSecret = "a-shared-secret-of-a-whole-week"

// bearer, token and hashed are how tools prove what they send.
func bearer(d *integration.Delivery) { d.Header.Set("Authorization", "Bearer "+weekSecret) }

func token(header string) func(*integration.Delivery) {
	return func(d *integration.Delivery) { d.Header.Set(header, weekSecret) }
}

func hashed(header string, sum func(secret string, body []byte) string) func(*integration.Delivery) {
	return func(d *integration.Delivery) { d.Header.Set(header, sum(weekSecret, d.Body)) }
}

// tools are those that call, with what their source is set to beside the secret, and how they sign.
var tools = map[string]struct {
	settings string
	sign     func(*integration.Delivery)
}{
	"alertmanager": {"same_names: true", bearer},
	"argocd":       {"same_names: true", bearer},
	"atlantis":     {"", bearer},
	"bitbucket":    {"", hashed("X-Hub-Signature", bitbucket.Signature.Sum)},
	"buildkite": {"", func(d *integration.Delivery) {
		stamp := strconv.FormatInt(time.Now().Unix(), 10)
		d.Header.Set("X-Buildkite-Signature", buildkite.Signature.Sum(weekSecret, stamp, d.Body))
	}},
	"circleci":   {"", hashed("Circleci-Signature", circleci.Signature.Sum)},
	"datadog":    {"", bearer},
	"aws":        {"", token("X-Tidings-Token")},
	"flagsmith":  {"", hashed("X-Flagsmith-Signature", flagsmith.Signature.Sum)},
	"flux":       {"", hashed("X-Signature", flux.Signature.Sum)},
	"github":     {"", hashed("X-Hub-Signature-256", github.Signature.Sum)},
	"gitlab":     {"", token("X-Gitlab-Token")},
	"gocd":       {"", token("X-Tidings-Token")},
	"grafana":    {"", bearer},
	"growthbook": {"", hashed("X-GrowthBook-Signature", growthbook.Signature.Sum)},
	"incidentio": {"", func(d *integration.Delivery) {
		id, stamp := fmt.Sprintf("msg_%x", len(d.Body)), strconv.FormatInt(time.Now().Unix(), 10)
		d.Header.Set("Webhook-Id", id)
		d.Header.Set("Webhook-Timestamp", stamp)
		d.Header.Set("Webhook-Signature", signature.Standard{}.Sum(weekSecret, id, stamp, d.Body))
	}},
	"jenkins":      {"", func(d *integration.Delivery) { (&http.Request{Header: d.Header}).SetBasicAuth("tidings", weekSecret) }},
	"launchdarkly": {"", hashed("X-LD-Signature", launchdarkly.Signature.Sum)},
	"newrelic":     {"", bearer},
	"opsgenie":     {"", bearer},
	"pagerduty":    {"", hashed("X-PagerDuty-Signature", pagerduty.Signature.Sum)},
	"sentry":       {"", hashed("Sentry-Hook-Signature", sentry.Signature.Sum)},
	"spinnaker":    {"", bearer},
	"statsig": {"", func(d *integration.Delivery) {
		stamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
		d.Header.Set("X-Statsig-Request-Timestamp", stamp)
		d.Header.Set("X-Statsig-Signature", statsig.Signature.Sum(weekSecret, stamp, d.Body))
	}},
	"statuspage": {"", func(d *integration.Delivery) { d.Query = url.Values{"token": {weekSecret}}.Encode() }},
	"terraform":  {"", hashed("X-Tfe-Notification-Signature", terraform.Signature.Sum)},
	"unleash":    {"", bearer},
	"webhook": {`same_names: true
signature: {header: X-Signature}
fields:
  key: .key
  title: .title
  service: .subjects
  kind: .kind
  phase: .phase
  detail: .detail
  environment: .environment
  region: .region
  cluster: .cluster
  actor: .actor.name
  actor_type: .actor.type
  started_at: .started_at
  ended_at: .ended_at
  version: .version
  previous: .previous
  commit: .commit
  link: .links[0].url
  labels: .labels`, hashed("X-Signature", signature.HMAC{Hash: signature.SHA256}.Sum)},
}

// sent is a delivery on its way to a source.
type sent struct {
	source, name string
	integration.Delivery
}

// fixtures are the deliveries that the tools' own tests have.
func fixtures(t *testing.T) []sent {
	t.Helper()
	inTheWeek(t)
	var sends []sent
	said := map[string][]change.Event{}
	for _, tool := range slices.Sorted(maps.Keys(tools)) {
		names, err := filepath.Glob(filepath.Join("..", "..", "integrations", tool, "testdata", "*.txtar"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s has no fixtures: %v", tool, err)
		}
		if tool == "webhook" { // its fixtures are read by other settings
			continue
		}
		for _, name := range names {
			one := sent{tool, filepath.Base(name), fixed(t, name)}
			switch {
			case undated(t, one):
			case contradicts(t, one, said):
				t.Logf("left out, as another fixture says otherwise: %s/%s", tool, one.name)
			default:
				sends = append(sends, one)
			}
		}
	}
	return sends
}

// inTheWeek checks that no tool that delivers is left out. Slack tells of what people say, which is no part of the log.
func inTheWeek(t *testing.T) {
	t.Helper()
	for _, spec := range all.Specs() {
		how, err := guide.Read(integrations.Readme(spec.Name))
		if err != nil {
			t.Fatal(spec.Name, err)
		}
		if _, told := tools[spec.Name]; how.Delivers() && !told && spec.Name != "slack" {
			t.Errorf("%s delivers, and is not among the tools of the week: say here how it signs", spec.Name)
		}
	}
}

// tells decodes a delivery as of a time.
func tells(t *testing.T, one sent, at time.Time) []change.Event {
	t.Helper()
	source, err := setting(t, one.source, "/dev/null").Open()
	if err != nil {
		t.Fatal(err)
	}
	d := one.Delivery
	d.Method, d.ReceivedAt = http.MethodPost, at
	decoded, _ := source.(integration.Receiver).Decode(d) // what cannot be read tells of nothing
	for i := range decoded.Events {
		decoded.Events[i].Normalize(at, "")
	}
	return decoded.Events
}

// undated reports whether a delivery tells of something without its time: it happened, as far as anybody knows, when it came.
func undated(t *testing.T, one sent) bool {
	t.Helper()
	times := func(at time.Time) (text string) {
		for _, e := range tells(t, one, at) {
			text += fmt.Sprint(e.StartedAt, e.EndedAt)
		}
		return text
	}
	return times(time.Now()) != times(time.Now().Add(-time.Hour))
}

// contradicts reports whether a delivery says something else of a thing than an earlier one did, of the same phase and the
// same instant, so that it depends on their order which is believed: fixtures are variants of each other, and no tool sends
// both. It notes what the delivery says.
func contradicts(t *testing.T, one sent, said map[string][]change.Event) bool {
	t.Helper()
	now := time.Now().Truncate(24 * time.Hour) // the same for all, as it is when they came
	all := tells(t, one, now)
	for _, e := range all {
		for _, before := range said[one.source+" "+e.Key] {
			a, b := before, e
			a.Advance(e)
			b.Advance(before)
			b.ID = a.ID
			if !bytes.Equal(a.AppendDocument(nil), b.AppendDocument(nil)) {
				return true
			}
		}
	}
	for _, e := range all {
		said[one.source+" "+e.Key] = append(said[one.source+" "+e.Key], e)
	}
	return false
}

// setting is the source of a tool, whose secret lies in a file.
func setting(t *testing.T, tool, file string) daemon.SourceConfig {
	t.Helper()
	var source daemon.SourceConfig
	if err := source.UnmarshalYAML([]byte("name: " + tool + "\ntype: " + tool + "\nsecret: file:" + file + "\n" + tools[tool].settings + "\n")); err != nil {
		t.Fatal(tool, err)
	}
	return source
}

// told is an event of the example, as it stands in its file.
type told struct {
	Ago, Took, Source, Key, Kind, Phase, Title, Detail, Environment, Region, Cluster, Version, Previous, Commit string
	Subjects                                                                                                    []string
	Actor                                                                                                       object
	Links                                                                                                       []object
	Labels                                                                                                      map[string]string

	began time.Time
	took  time.Duration
}

func (e *told) ended() time.Time { return e.began.Add(e.took) }

// week is the example organisation's, as its tools tell of it: merges and builds as GitHub does, deploys as Argo CD does, and
// alerts as Alertmanager does; all else by a webhook for anything. What lasts is told of when it begins and when it ends.
func week(t *testing.T, now time.Time) []sent {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "examples", "northwind", "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []sent
	lines := bufio.NewScanner(file)
	for n := 0; lines.Scan(); n++ {
		var e told
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		ago, agoErr := time.ParseDuration(e.Ago)
		took, tookErr := time.ParseDuration(cmp.Or(e.Took, "0s"))
		if agoErr != nil || tookErr != nil {
			t.Fatal(agoErr, tookErr)
		}
		e.began, e.took = now.Add(-ago), took
		all = append(all, e.tell(t, n)...)
	}
	return all
}

func (e *told) tell(t *testing.T, n int) []sent {
	t.Helper()
	name := e.Subjects[0][strings.LastIndexByte(e.Subjects[0], ':')+1:]
	repository := object{"full_name": "northwind/" + strings.TrimPrefix(name, "northwind/"), "default_branch": "main", "html_url": "https://github.com/northwind/" + name}
	who := object{"login": e.Actor["name"], "type": "User"}
	if e.Actor["type"] == "automation" {
		who["type"] = "Bot"
	}
	switch {
	case e.Kind == "merge":
		number, _ := strconv.Atoi(e.Labels["number"])
		return []sent{e.post(t, "github", "pull_request", object{
			"action": "closed", "number": number, "repository": repository, "sender": who,
			"pull_request": object{"number": number, "title": e.Detail, "merged": true, "merged_at": e.began, "merge_commit_sha": e.Commit, "merged_by": who, "user": who, "base": object{"ref": "main"}},
		})}
	case e.Kind == "build":
		var all []sent
		for _, action := range []string{"requested", "in_progress", "completed"} {
			run := object{
				"id": n + 1, "name": "build", "display_title": e.Title, "head_branch": "main", "head_sha": e.Commit, "run_number": n, "run_attempt": 1, "event": "push",
				"status": action, "run_started_at": e.began, "created_at": e.began, "updated_at": e.began, "actor": who, "triggering_actor": who,
			}
			if action == "completed" {
				run["updated_at"], run["conclusion"] = e.ended(), "success"
				if e.Phase == "failed" {
					run["conclusion"] = "failure"
				}
			}
			all = append(all, e.post(t, "github", "workflow_run", object{"action": action, "repository": repository, "sender": who, "workflow_run": run, "workflow": object{"id": 3, "name": "build"}}))
		}
		return all
	case e.Kind == "deploy" && e.Source == "argo-cd" && strings.HasPrefix(e.Subjects[0], "service:"):
		operation := object{"phase": "Running", "message": "", "started_at": e.began, "finished_at": "", "revision": e.Commit, "username": e.Actor["name"], "automated": false}
		body := object{
			"template": "tidings/1", "about": "sync", "server": "https://argocd.northwind.example", "operation": operation, "history": []object{}, "images": []string{}, "live_images": []string{"northwind/" + name + ":" + e.Previous},
			"app": object{"name": name, "namespace": "argocd", "uid": fmt.Sprint("app-", name, e.Environment), "project": "northwind", "environment": e.Environment, "cluster": cmp.Or(e.Cluster, "staging-eu"), "target": name},
		}
		all := []sent{e.post(t, "argocd", "", body)}
		if e.Phase != "started" {
			operation["phase"], operation["finished_at"], body["images"] = "Succeeded", e.ended().Add(time.Minute), []string{"northwind/" + name + ":" + e.Version}
			if e.Phase == "failed" {
				operation["phase"], operation["message"] = "Failed", e.Detail
			}
			all = append(all, e.post(t, "argocd", "", body))
		}
		return all
	case e.Kind == "alert" && e.Source == "alertmanager":
		alert := object{
			"status": "firing", "startsAt": e.began, "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": fmt.Sprintf("%016x", n), "annotations": object{"summary": e.Title},
			"labels": object{"alertname": cmp.Or(e.Labels["alertname"], "Alert"), "service": name, "severity": e.Labels["severity"], "environment": e.Environment},
		}
		body := object{"version": "4", "status": "firing", "receiver": "tidings", "groupKey": "{}", "externalURL": "https://alerts.northwind.example", "alerts": []object{alert}}
		all := []sent{e.post(t, "alertmanager", "", body)}
		if e.took > 0 {
			alert["status"], alert["endsAt"] = "resolved", e.ended()
			all = append(all, e.post(t, "alertmanager", "", body))
		}
		return all
	}
	body := object{
		"key": e.Source + "/" + e.Key, "title": e.Title, "subjects": e.Subjects, "kind": e.Kind, "phase": cmp.Or(e.Phase, "succeeded"), "detail": e.Detail,
		"environment": e.Environment, "region": e.Region, "cluster": e.Cluster, "actor": e.Actor, "started_at": e.began, "version": e.Version, "previous": e.Previous,
		"commit": e.Commit, "links": e.Links, "labels": e.Labels,
	}
	if e.took == 0 {
		return []sent{e.post(t, "webhook", "", body)}
	}
	body["phase"] = "started"
	begun := e.post(t, "webhook", "", body)
	body["phase"], body["ended_at"] = cmp.Or(e.Phase, "succeeded"), e.ended()
	return []sent{begun, e.post(t, "webhook", "", body)}
}

func (e *told) post(t *testing.T, source, event string, body object) sent {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	d := integration.Delivery{Header: http.Header{}, Body: text}
	if event != "" {
		d.Header.Set("X-Github-Event", event)
	}
	return sent{source, e.Title, d}
}

// described tells the roll of the example organisation, and so the aliases by which its tools name services.
func described(t *testing.T, address string) {
	t.Helper()
	root := filepath.Join("..", "..", "examples", "northwind")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "tidings.yaml") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		call(t, http.MethodPost, address+"/api/v1/descriptors?name="+url.QueryEscape(name), "application/yaml", string(content), http.StatusOK)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// send delivers some things in their order, several at a time where a tool would not wait for another.
func send(t *testing.T, servers []string, deliveries []sent, atOnce int) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(atOnce)
	for n, one := range deliveries {
		group.Go(func() error {
			d := one.Delivery
			d.Header = d.Header.Clone()
			tools[one.source].sign(&d)
			address := servers[n%len(servers)] + "/hooks/" + one.source + "?" + d.Query
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(d.Body))
			if err != nil {
				return err
			}
			request.Header = d.Header
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			if err == nil && (answer.StatusCode/100 != 2 || bytes.Contains(text, []byte(`"failed"`)) && one.source == "webhook") {
				err = fmt.Errorf("%s: %s is answered with %s: %s", one.source, one.name, answer.Status, text)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// exported is the whole feed as people read it, line by line with the events of each.
//
// What must differ from one telling to another is left out: ids and the cursors that are made of them, which are numbered in
// the order of arrival; when something came, which is not when it happened; and which of two things of the same microsecond
// stands first, which is also a matter of their numbers. What Tidings tells of itself is no delivery.
func exported(t *testing.T, address string) string {
	t.Helper()
	var lines []string
	for cursor := ""; ; {
		page := get(t, address+"/api/v1/events?fold=1&limit=200&cursor="+url.QueryEscape(cursor))
		for _, row := range page["rows"].([]any) {
			row := row.(object)
			head := row["event"].(object)
			if head["source"] == "tidings" {
				continue
			}
			delete(row, "id")
			var members []string
			for _, one := range whole(t, address, fmt.Sprint(head["id"])) {
				members = append(members, timeless(t, one.(object)))
			}
			slices.Sort(members)
			delete(row, "events")
			delete(row, "event")
			line, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, fmt.Sprintf("%s %s\n\t%s\n", head["started_at"], line, strings.Join(members, "\n\t")))
		}
		if cursor, _ = page["next"].(string); cursor == "" {
			break
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// whole are the events of the line that an event is in.
func whole(t *testing.T, address, id string) []any {
	t.Helper()
	return get(t, address+"/api/v1/events/"+id+"?with=story")["story_events"].([]any)
}

func timeless(t *testing.T, e object) string {
	t.Helper()
	for _, name := range []string{"id", "story_id", "received_at"} {
		delete(e, name)
	}
	steps, _ := e["history"].([]any)
	for _, step := range steps {
		delete(step.(object), "received_at")
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A week of the example organisation, and every delivery that the tools' own tests have, is told once in its order, and then
// in random orders, each with things told twice and several at a time, on one server and on two: the feed is the same, byte
// for byte.
func TestAWeekInAnyOrder(t *testing.T) {
	t.Parallel()
	seeds := []uint64{1, 2, 3, 4}
	if testing.Short() {
		seeds = seeds[:1]
	}
	now := time.Now().UTC().Truncate(time.Second)
	deliveries := append(week(t, now), fixtures(t)...)
	each(t, func(t *testing.T, config daemon.Config) {
		want := ""
		t.Run("in order", func(t *testing.T) { want = tellAWeek(t, config, now, deliveries, 1, 1) })
		for _, seed := range seeds {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // the same order every time is the point
				shuffled := slices.Clone(deliveries)
				for range len(deliveries) / 4 {
					shuffled = append(shuffled, deliveries[random.IntN(len(deliveries))])
				}
				random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				servers := 1
				if config.DatabaseURL != "" && seed%2 == 0 {
					servers = 2
				}
				got := tellAWeek(t, config, now, shuffled, 1+int(seed%2)*7, servers)
				if diff := gocmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("told in another order the feed is another: want -, got +\n%s", diff)
				}
			})
		}
	})
}

// tellAWeek tells deliveries to a new installation, and gives its feed.
func tellAWeek(t *testing.T, config daemon.Config, now time.Time, deliveries []sent, atOnce, servers int) string {
	t.Helper()
	if config.DatabaseURL != "" {
		config.DatabaseURL = storetest.PostgresURL(t)
	} else {
		config.Data = t.TempDir()
	}
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(weekSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	config.Sources = nil
	for _, tool := range slices.Sorted(maps.Keys(tools)) {
		config.Sources = append(config.Sources, setting(t, tool, file))
	}
	var addresses []string
	for range servers {
		addresses = append(addresses, server(t, config))
	}
	described(t, addresses[0])
	send(t, addresses, deliveries, atOnce)
	return exported(t, addresses[0])
}
