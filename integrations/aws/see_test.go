package aws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/aws"
	"tidings.dev/tidings/integrations/aws/awstest"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/secret"
)

var noon = integrationtest.Now

// watching is a source that looks at a fake.
func watching(t *testing.T, f *awstest.Fake, change func(c *aws.Config)) *aws.Watching {
	t.Helper()
	t.Setenv(integrationtest.Secret, "an-aws-secret")
	c := &aws.Config{Mapping: mapping(), Regions: []string{awstest.Region}, AccessKeyID: awstest.Key}
	integrationtest.Refer(&c.SecretAccessKey)
	if change != nil {
		change(c)
	}
	c.Use(&http.Client{Transport: f})
	opened, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	opened.(*aws.Watching).Hurry()
	return opened.(*aws.Watching)
}

// sink keeps what was seen.
type sink struct {
	objects  map[string]observe.Observation
	complete []string
	troubles map[string]string
}

func (s *sink) Put(o observe.Observation) { s.objects[o.Object] = o }
func (s *sink) Complete(c string)         { s.complete = append(s.complete, c) }
func (s *sink) Trouble(c, sentence string) {
	if s.troubles[c] = sentence; sentence == "" {
		delete(s.troubles, c)
	}
}

// world is what a server does with what was seen: each look is compared with what is known.
type world struct {
	t      *testing.T
	source *aws.Watching
	known  map[string]observe.Known
	at     time.Time
	looked bool
	last   *sink
}

func newWorld(t *testing.T, source *aws.Watching) *world {
	return &world{t: t, source: source, known: map[string]observe.Known{}, at: noon}
}

// look looks, and gives the events that follow.
func (w *world) look() []change.Event {
	w.t.Helper()
	before := w.at
	w.at = w.at.Add(time.Minute)
	w.last = &sink{objects: map[string]observe.Observation{}, troubles: map[string]string{}}
	if err := w.source.See(w.t.Context(), secret.Marker([]byte("a key")), w.last); err != nil {
		w.t.Fatal(err)
	}
	interpreter := aws.Spec.Interpreter
	var events []change.Event
	for _, name := range slices.Sorted(maps.Keys(w.last.objects)) {
		o := w.last.objects[name]
		if err := interpreter.Check(o); err != nil {
			w.t.Fatal(err)
		}
		look := observe.Look{Source: "aws", Known: w.known[name], Observation: o, First: !w.looked, Before: w.at}
		if w.looked {
			look.After = before
		}
		events = append(events, w.told(interpreter.Interpret(look))...)
		w.known[name] = observe.Known{Object: name, Collection: o.Collection, State: o.State}
	}
	for name, known := range w.known {
		if _, there := w.last.objects[name]; !there && slices.Contains(w.last.complete, known.Collection) {
			events = append(events, w.told(interpreter.Interpret(observe.Look{
				Source: "aws", Known: known, Observation: observe.Observation{Object: name, Collection: known.Collection, Gone: true}, After: before, Before: w.at,
			}))...)
			delete(w.known, name)
		}
	}
	w.looked = true
	return events
}

func (w *world) told(f observe.Finding) []change.Event {
	w.t.Helper()
	for i := range f.Statements {
		if _, err := f.Statements[i].Normalize(); err != nil {
			w.t.Error(err)
		}
	}
	for i := range f.Events {
		e := &f.Events[i]
		if len(e.Subjects) == 0 {
			e.Subjects = []change.Subject{{Name: f.Subject}}
		}
		if faults := e.Normalize(w.at, ""); len(faults) > 0 {
			w.t.Errorf("%s: %v", e.Title, faults)
		}
	}
	return f.Events
}

// line is an event in one line.
func line(e change.Event) string {
	text := fmt.Sprintf("%s %s %s [%s]", e.Kind, e.Phase, e.Title, e.Subjects[0].Name)
	if e.Version != "" {
		text += " " + e.Previous + ">" + e.Version
	}
	if e.Exposure != nil {
		text += fmt.Sprintf(" %g%%", *e.Exposure)
	}
	if e.Actor.Name != "" {
		text += " by " + e.Actor.Name
	}
	if !e.Dark {
		text += " told"
	}
	for _, d := range e.Diff {
		text += fmt.Sprintf("; %s", d.Field)
	}
	return text
}

func lines(events []change.Event) []string {
	var list []string
	for _, e := range events {
		list = append(list, line(e))
	}
	return list
}

func (w *world) expect(what string, want ...string) []change.Event {
	w.t.Helper()
	events := w.look()
	if got := lines(events); !slices.Equal(got, want) {
		w.t.Errorf("%s: got\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	if len(w.last.troubles) > 0 {
		w.t.Errorf("%s: %v", what, w.last.troubles)
	}
	return events
}

func shop() *awstest.Fake {
	f := awstest.New(time.Now)
	f.Definitions["payments:41"] = awstest.Definition{Image: "acme/payments:2.13.1", CPU: 256, Memory: 512, Environment: map[string]string{"LEVEL": "canary-info", "SAME": "canary"}, Secrets: map[string]string{"DSN": "arn:aws:ssm:eu-west-1:111122223333:parameter/dsn"}}
	f.Definitions["payments:42"] = awstest.Definition{Image: "acme/payments:2.14.0", CPU: 256, Memory: 1024, Environment: map[string]string{"LEVEL": "canary-debug", "SAME": "canary"}}
	f.Definitions["search:1"] = awstest.Definition{Image: "acme/search@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
	done := awstest.Deployment{ID: "ecs-svc/1", Status: "PRIMARY", Definition: "payments:41", Rollout: "COMPLETED", Desired: 2, Running: 2, CreatedAt: noon.Add(-24 * time.Hour), UpdatedAt: noon.Add(-23 * time.Hour)}
	f.Services = []*awstest.Service{
		{Cluster: "prod", Name: "payments-api", Definition: "payments:41", Desired: 2, Running: 2, CreatedAt: noon.Add(-time.Hour * 99), Deployments: []awstest.Deployment{done}},
		{Cluster: "prod", Name: "search", Definition: "search:1", Desired: 1, Running: 1},
		{Cluster: "prod", Name: "third", Definition: "search:1"},
		{Cluster: "staging", Name: "search", Definition: "search:1"},
	}
	f.Tags[f.Services[1].ARN()] = map[string]string{"Service": "search-api", "Team": "Discovery", "tier": "1", "Environment": "prod", "cost:centre": "42", "aws:cloudformation:stack-name": "x"}
	f.Tags["arn:aws:ecs:eu-west-1:111122223333:service/other/one"] = map[string]string{"a": "b"}
	f.Tags["arn:aws:ecs:eu-west-1:111122223333:service/other/two"] = map[string]string{"a": "b"}
	resize := &awstest.Function{
		Name: "resize", Code: "sha-7", Modified: "2026-11-20T10:00:00.000+0000", Memory: 128, Vars: map[string]string{"KEY": "canary"},
		Aliases:  []awstest.Alias{{Name: "live", Version: "7", Revision: "r1"}},
		Versions: map[string]awstest.Function{"7": {Code: "sha-7", Memory: 128}, "8": {Code: "sha-8", Memory: 256}},
	}
	f.Functions = []*awstest.Function{resize, {Name: "thumbs", Code: "t-1", Modified: "2026-11-20T10:00:00.000+0000"}, {Name: "third", Code: "x"}}
	f.Groups = []*awstest.Group{
		{Name: "workers", Min: 1, Max: 6, Desired: 3, InService: 3, Template: "6"},
		{Name: "nodes", Min: 1, Max: 6, Desired: 1, InService: 1, Template: "1", Tags: map[string]string{"eks:cluster-name": "prod"}},
		{Name: "third", Tags: map[string]string{"service": "batch"}},
	}
	return f
}

// The first look makes no event, gives each service its place in the roll, and keeps no value of a variable.
func TestSeeAFakeAWS(t *testing.T) {
	f := shop()
	source := watching(t, f, nil)
	w := newWorld(t, source)
	w.expect("the first look")
	w.expect("the second look, of the same")
	if len(w.last.objects) != 10 || len(w.last.complete) != 3 || !slices.Equal(slices.Sorted(slices.Values(w.last.complete)), slices.Sorted(slices.Values(source.Collections()))) {
		t.Errorf("saw %d, and all of %q", len(w.last.objects), w.last.complete)
	}
	if f.Asked["DescribeTaskDefinition"] != 2 || f.Asked["GetFunctionConfiguration"] != 1 {
		t.Errorf("what never changes was asked for again: %v", f.Asked)
	}
	for name, o := range w.last.objects {
		if strings.Contains(string(o.State), "canary") {
			t.Errorf("%s has the value of a variable: %s", name, o.State)
		}
	}
	subject := func(arn string) (string, []string) {
		finding := aws.Spec.Interpreter.Interpret(observe.Look{Source: "aws", Observation: w.last.objects[arn], First: true, Before: noon})
		var claims []string
		for _, s := range finding.Statements {
			for _, c := range s.Claims {
				claims = append(claims, fmt.Sprintf("%s=%s", c.Field, c.Value))
			}
		}
		return finding.Subject, claims
	}
	group := func(name string) string {
		return awstest.ARN("autoscaling", "autoScalingGroup:4711:autoScalingGroupName/"+name)
	}
	for arn, want := range map[string]string{
		f.Services[0].ARN(): "service:payments", f.Services[1].ARN(): "service:search-api", f.Services[3].ARN(): "service:search",
		f.Functions[0].ARN(): "service:images", f.Functions[1].ARN(): "service:thumbs", group("workers"): "service:workers", group("nodes"): "aws:autoscaling/nodes", group("third"): "service:batch",
	} {
		if got, _ := subject(arn); got != want {
			t.Errorf("%s is %s, want %s", arn, got, want)
		}
	}
	_, claims := subject(f.Services[1].ARN())
	for _, want := range []string{
		"alias/aws:ecs/prod/search=true", "alias/aws:" + strings.ToLower(f.Services[1].ARN()) + "=true", `platform="ecs"`, `owner="discovery"`, "tier=1", `tag/cost/centre="42"`,
	} {
		if !slices.ContainsFunc(claims, func(c string) bool { return strings.EqualFold(c, want) }) {
			t.Errorf("%s is not claimed: %q", want, claims)
		}
	}
	running, ok := aws.Spec.Interpreter.Running(observe.Scope{}, w.last.objects[f.Services[0].ARN()].State)
	if !ok || running.Version != "2.13.1" || *running.Asked != 2 || running.Ready != 2 || running.Phase != "complete" || running.Environment != "production" || running.Cluster != "prod" || running.Images[0].Version != "2.13.1" {
		t.Errorf("runs %+v", running)
	}
	if running, _ := aws.Spec.Interpreter.Running(observe.Scope{}, w.last.objects[f.Services[1].ARN()].State); running.Version != "sha256:0123456789ab" || running.Environment != "production" {
		t.Errorf("runs %+v", running)
	}
	if running, _ := aws.Spec.Interpreter.Running(observe.Scope{}, w.last.objects[f.Functions[0].ARN()].State); running.Version != "7" {
		t.Errorf("runs %+v", running)
	}
	if len(f.Strange) > 0 {
		t.Errorf("asked elsewhere: %q", f.Strange)
	}
}

// A deployment of a fake ECS is told once at each of its steps, with what it changes; the keys are those of EventBridge.
func TestADeploymentOfAFakeECS(t *testing.T) {
	f := shop()
	w := newWorld(t, watching(t, f, func(c *aws.Config) { c.LookAt = []string{"ecs"} }))
	w.expect("the first look")
	s := f.Services[0]
	next := awstest.Deployment{ID: "ecs-svc/4711", Status: "PRIMARY", Definition: "payments:42", Rollout: "IN_PROGRESS", Desired: 2, CreatedAt: noon.Add(70 * time.Second), UpdatedAt: noon.Add(75 * time.Second)}
	s.Deployments[0].Status, s.Definition = "ACTIVE", "payments:42"
	s.Deployments = append([]awstest.Deployment{next}, s.Deployments...)
	began := w.expect("it begins", "deploy started Deployed payments-api by ECS [service:payments] 2.13.1>2.14.0; payments/image; payments/env/DSN; payments/env/LEVEL; task/memory; task_definition")
	s.Deployments[0].Running = 1
	w.expect("it goes on")
	s.Deployments[0].Rollout, s.Deployments[0].UpdatedAt, s.Deployments = "COMPLETED", noon.Add(170*time.Second), s.Deployments[:1]
	ended := w.expect("it ends", "deploy succeeded Deployed payments-api by ECS [service:payments] >2.14.0")
	w.expect("it has ended")
	const key = "ecs/111122223333/eu-west-1/prod/payments-api/ecs-svc/4711"
	if began[0].Key != key || ended[0].Key != key || began[0].Story != "aws:"+key || !began[0].StartedAt.Equal(next.CreatedAt) || !ended[0].EndedAt.Equal(s.Deployments[0].UpdatedAt) || began[0].Environment != "production" {
		t.Errorf("told %+v\nand %+v", began[0], ended[0])
	}

	// EventBridge and CloudTrail tell of the same: in whatever order, it is one event that is not dark.
	told := decode(t, "ecs-started", "ecs-completed", "call-update-service")
	if told[0].Key != key || told[2].Key != key {
		t.Fatalf("told by the keys %q and %q", told[0].Key, told[2].Key)
	}
	var want string
	for _, all := range [][]change.Event{{told[0], told[2], began[0], told[1], ended[0]}, {began[0], ended[0], told[2], told[1], told[0]}, {told[1], ended[0], told[0], began[0], told[2]}} {
		e := all[0]
		for _, step := range all[1:] {
			e.Advance(step)
		}
		got := fmt.Sprint(line(e), e.Actor, e.StartedAt, e.Story, len(e.Diff))
		if want == "" {
			want = got
		}
		if got != want || e.Dark || e.Actor.Name != "ada@example.com" || e.Version != "2.14.0" || e.Previous != "2.13.1" {
			t.Errorf("together they are %s, want %s", got, want)
		}
	}
}

func decode(t *testing.T, names ...string) []change.Event {
	t.Helper()
	source, err := config().Open()
	if err != nil {
		t.Fatal(err)
	}
	var events []change.Event
	for _, name := range names {
		decoded, err := source.(integration.Receiver).Decode(integrationtest.Read(t, "testdata/"+name+".txtar", nil).Delivery)
		if err != nil {
			t.Fatal(err)
		}
		for i := range decoded.Events {
			decoded.Events[i].Normalize(noon, "")
		}
		events = append(events, decoded.Events...)
	}
	return events
}

// What goes wrong in a fake ECS: a deployment fails, the circuit breaker goes back, another takes its place; services come
// and go; the number of tasks changes by somebody's hand and by Application Auto Scaling.
func TestTroublesOfAFakeECS(t *testing.T) {
	f := shop()
	w := newWorld(t, watching(t, f, func(c *aws.Config) { c.LookAt = []string{"ecs"} }))
	w.expect("the first look")
	s := f.Services[0]
	old := s.Deployments[0]
	old.Status = "ACTIVE"
	bad := awstest.Deployment{ID: "ecs-svc/2", Status: "PRIMARY", Definition: "payments:42", Rollout: "IN_PROGRESS", CreatedAt: noon.Add(70 * time.Second)}
	s.Definition, s.Deployments = "payments:42", []awstest.Deployment{bad, old}
	w.expect("it begins", "deploy started Deployed payments-api by ECS [service:payments] 2.13.1>2.14.0; payments/image; payments/env/DSN; payments/env/LEVEL; task/memory; task_definition")
	bad.Status, bad.Rollout, bad.Reason = "ACTIVE", "FAILED", "ECS deployment circuit breaker: tasks failed to start."
	back := awstest.Deployment{ID: "ecs-svc/3", Status: "PRIMARY", Definition: "payments:41", Rollout: "IN_PROGRESS", Reason: "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.", CreatedAt: noon.Add(130 * time.Second)}
	s.Definition, s.Deployments = "payments:41", []awstest.Deployment{back, bad, old}
	w.expect("it fails", "deploy failed Deployed payments-api by ECS [service:payments]",
		"rollback succeeded ECS rolls back payments-api [service:payments] 2.14.0>2.13.1 by ECS circuit breaker told; payments/image; payments/env/DSN; payments/env/LEVEL; task/memory; task_definition")
	back.Rollout, back.Reason = "COMPLETED", "ECS deployment ecs-svc/3 completed."
	s.Deployments = []awstest.Deployment{back}
	w.expect("it is back", "deploy succeeded Deployed payments-api by ECS [service:payments] >2.13.1")
	first := awstest.Deployment{ID: "ecs-svc/4", Status: "PRIMARY", Definition: "payments:41", Rollout: "IN_PROGRESS", CreatedAt: noon.Add(250 * time.Second)}
	s.Deployments = []awstest.Deployment{first, back}
	w.expect("somebody forces one", "deploy started Deployed payments-api by ECS [service:payments] >2.13.1")
	second := awstest.Deployment{ID: "ecs-svc/5", Status: "PRIMARY", Definition: "payments:41", Rollout: "COMPLETED", CreatedAt: noon.Add(310 * time.Second)}
	s.Deployments = []awstest.Deployment{second}
	w.expect("and another", "deploy succeeded Deployed payments-api by ECS [service:payments] >2.13.1", "deploy cancelled Deployed payments-api by ECS [service:payments]")
	s.Desired = 4
	w.expect("somebody scales", "scaling succeeded Scaled payments-api from 2 to 4 [service:payments]; desiredCount")
	s.Desired = 3
	f.Scalings = []awstest.Scaling{{ID: "act-1", Cluster: "prod", Service: "payments-api", To: 3, Cause: "monitor alarm cpu-low in state ALARM triggered policy cpu-70", At: noon.Add(430 * time.Second)}}
	if got := w.expect("the autoscaler does", "scaling succeeded Scaled payments-api from 4 to 3 [service:payments] by Application Auto Scaling told; desiredCount"); !got[0].StartedAt.Equal(noon.Add(430*time.Second)) || got[0].Detail != "Monitor alarm cpu-low in state ALARM triggered policy cpu-70" {
		t.Errorf("got %+v", got[0])
	}
	f.Services = append(f.Services[:3], &awstest.Service{Cluster: "prod", Name: "fresh", Definition: "search:1", CreatedAt: noon.Add(500 * time.Second), Deployments: []awstest.Deployment{{ID: "ecs-svc/9", Status: "PRIMARY", Definition: "search:1", Rollout: "IN_PROGRESS"}}})
	w.expect("one comes and one goes", "infrastructure succeeded ECS service fresh was created [service:fresh]", "deploy started Deployed fresh by ECS [service:fresh] >sha256:0123456789ab",
		"infrastructure succeeded ECS service search is gone [service:search]")
}

// Code, settings and aliases of a fake Lambda.
func TestAFakeLambda(t *testing.T) {
	f := shop()
	w := newWorld(t, watching(t, f, func(c *aws.Config) { c.LookAt = []string{"lambda"} }))
	w.expect("the first look")
	resize := f.Functions[0]
	resize.Code, resize.Modified = "sha-8", "2026-11-22T12:01:30.000+0000"
	code := w.expect("new code", "deploy succeeded Deployed the code of resize [service:images]; code")
	if code[0].Key != "lambda/111122223333/eu-west-1/resize/2026-11-22T12:01:30.000+0000" || !code[0].StartedAt.Equal(noon.Add(90*time.Second)) {
		t.Errorf("got %+v", code[0])
	}
	resize.Memory, resize.Vars, resize.Modified = 256, map[string]string{"KEY": "canary-2", "NEW": "canary"}, "2026-11-22T12:02:30.000+0000"
	for _, d := range w.expect("new settings", "config succeeded Changed the settings of resize [service:images]; env/KEY; env/NEW; memory")[0].Diff {
		if strings.Contains(d.Old+d.New, "canary") {
			t.Errorf("the value of a variable came through: %+v", d)
		}
	}
	resize.Aliases[0].Weights, resize.Aliases[0].Revision = map[string]float64{"8": 0.1}, "5bf3a02c"
	canary := w.expect("a canary", "traffic succeeded Sends 10 % of live of resize to version 8 [service:images] 7>8 10%; alias/live/weight/8; code; memory")
	if told := decode(t, "call-alias-canary")[0]; told.Key != canary[0].Key || told.Title != canary[0].Title || told.Story != canary[0].Story || told.Kind != canary[0].Kind {
		t.Errorf("seen as %q, told as %q", canary[0].Key, told.Key)
	}
	resize.Aliases[0].Weights, resize.Aliases[0].Revision = map[string]float64{"8": 0.5}, "r3"
	w.expect("more of it", "traffic succeeded Sends 50 % of live of resize to version 8 [service:images] 7>8 50%; alias/live/weight/8; code; memory")
	resize.Aliases[0] = awstest.Alias{Name: "live", Version: "8", Revision: "r4"}
	w.expect("all of it", "deploy succeeded Pointed live of resize to version 8 [service:images] 7>8; alias/live/version; alias/live/weight/8; code; memory")
	resize.Aliases = append(resize.Aliases, awstest.Alias{Name: "beta", Version: "7", Revision: "r5"})
	w.expect("another alias", "deploy succeeded Pointed beta of resize to version 7 [service:images] >7; alias/beta/version")
	resize.Aliases = resize.Aliases[:1]
	w.expect("it is gone", "config succeeded Removed the alias beta of resize [service:images]; alias/beta")
	f.Functions = f.Functions[:2]
	w.expect("a function is gone", "infrastructure succeeded Lambda function third is gone [service:third]")
}

// Sizes, instances and settings of fake groups.
func TestAFakeAutoScaling(t *testing.T) {
	f := shop()
	w := newWorld(t, watching(t, f, func(c *aws.Config) { c.LookAt = []string{"autoscaling"} }))
	f.Activities = []awstest.Activity{{ID: "old", Group: "workers", Description: "Launching", Cause: "long ago", Status: "Successful", StartedAt: noon.Add(-time.Hour), EndedAt: noon.Add(-time.Hour)}}
	w.expect("the first look")
	workers := f.Groups[0]
	did := func(id, description, cause, status string, at time.Duration) {
		f.Activities = append([]awstest.Activity{{ID: id, Group: "workers", Description: description, Cause: cause, Status: status, StartedAt: noon.Add(at), EndedAt: noon.Add(at + 10*time.Second)}}, f.Activities...)
	}
	const difference = "  At 2026-11-22T12:01:08Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 3 to 5."
	workers.Desired = 5
	did("a1", "Launching a new EC2 instance: i-1", "At 2026-11-22T12:01:05Z a monitor alarm cpu in state ALARM triggered policy up changing the desired capacity from 3 to 5."+difference, "InProgress", 68*time.Second)
	scaled := w.expect("the group scales", "scaling succeeded Scaled workers from 3 to 5 [service:workers] by Auto Scaling told; desired")
	if scaled[0].Story != "aws:autoscaling/111122223333/eu-west-1/workers/2026-11-22T12:01:05Z" || !scaled[0].StartedAt.Equal(noon.Add(65*time.Second)) {
		t.Errorf("got %+v", scaled[0])
	}
	f.Activities[0].Status = "Successful"
	w.expect("its instances are there")
	workers.Desired = 4
	did("a2", "Terminating EC2 instance: i-1", "At 2026-11-22T12:03:05Z a user request update of AutoScalingGroup constraints to min: 1, max: 6, desired: 4 changing the desired capacity from 5 to 4."+difference, "Successful", 188*time.Second)
	w.expect("somebody scales", "scaling succeeded Scaled workers from 5 to 4 [service:workers]; desired")
	did("a3", "Terminating EC2 instance: i-2", "At 2026-11-22T12:04:05Z an instance was taken out of service in response to an ELB system health check failure.", "Successful", 245*time.Second)
	did("a4", "Launching a new EC2 instance: i-3", "At 2026-11-22T12:04:08Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 3 to 4.", "Failed", 250*time.Second)
	w.expect("an instance is unwell, and another cannot be had", "scaling succeeded Terminated an instance in workers [service:workers] by Auto Scaling told", "scaling failed Launched an instance in workers [service:workers] by Auto Scaling told")
	workers.Max, workers.Template = 9, "7"
	w.expect("settings", "infrastructure succeeded Changed max of the group workers [service:workers]; max; launch_template")
	workers.Min = 2
	w.expect("bounds", "config succeeded Changed min of the group workers [service:workers]; min")
	if running, _ := aws.Spec.Interpreter.Running(observe.Scope{}, w.last.objects[awstest.ARN("autoscaling", "autoScalingGroup:4711:autoScalingGroupName/workers")].State); *running.Asked != 4 || running.Least != 2 || running.Most != 9 || running.Phase != "progressing" {
		t.Errorf("runs %+v", running)
	}
}

// What a fake AWS refuses is said in words that help, and is not gone.
func TestFailuresOfAFakeAWS(t *testing.T) {
	html := func() (int, string, string) { return 200, "text/html", "<html>log in</html>" }
	always := func(status int, contentType, body string) func(string) (int, string, string) {
		return func(string) (int, string, string) { return status, contentType, body }
	}
	for name, c := range map[string]struct {
		fail func(operation string) (int, string, string)
		want fault.Code
		says string
	}{
		"a policy that allows nothing": {func(op string) (int, string, string) { return awstest.Denied("ecs:" + op) }, fault.Forbidden, "ecs:ListClusters"},
		"throttled, as ECS says it":    {always(400, "application/x-amz-json-1.1", `{"__type":"ThrottlingException","message":"Rate exceeded"}`), fault.RateLimited, "no more requests"},
		"throttled, as Lambda says it": {always(429, "application/json", `{"Type":"User","message":"Rate exceeded"}`), fault.RateLimited, "no more requests"},
		"throttled, in XML":            {always(400, "text/xml", `<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`), fault.RateLimited, "no more requests"},
		"a key that was revoked":       {always(403, "text/xml", `<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>`), fault.Unauthenticated, "InvalidClientTokenId"},
		"401":                          {always(401, "text/plain", ""), fault.Unauthenticated, "credentials"},
		"a fault of AWS":               {always(500, "application/x-amz-json-1.1", `{"__type":"ServerException","message":"oops"}`), fault.Unavailable, "fault of its own"},
		"a web page":                   {func(string) (int, string, string) { return html() }, fault.Unavailable, "web page"},
		"nothing":                      {always(200, "application/json", " "), fault.Unavailable, "nothing"},
		"a refusal that is none":       {always(400, "application/x-amz-json-1.1", `{"__type":"InvalidParameterException","message":"No."}`), fault.Invalid, "InvalidParameterException"},
	} {
		t.Run(name, func(t *testing.T) {
			f := shop()
			f.Fail = c.fail
			seen := &sink{objects: map[string]observe.Observation{}, troubles: map[string]string{}}
			err := watching(t, f, nil).See(t.Context(), secret.Marker([]byte("k")), seen)
			if code(err) != c.want || !strings.Contains(err.Error(), c.says) || len(seen.objects)+len(seen.complete) > 0 {
				t.Errorf("got %v, and saw %v", err, seen)
			}
			if len(seen.troubles) < 3 {
				t.Errorf("the source says %v", seen.troubles)
			}
			if c.want == fault.RateLimited && fault.RetryAfter(err) < 30*time.Second {
				t.Errorf("it is asked again after %s", fault.RetryAfter(err))
			}
			for _, text := range append(slices.Collect(maps.Values(seen.troubles)), err.Error()) {
				if strings.Contains(text, "an-aws-secret") {
					t.Errorf("it tells the secret: %s", text)
				}
			}
		})
	}
}

// A part that may not be seen is said, with the action that is missing; all else is seen, and what is behind it is not gone.
func TestAPolicyOfAFakeAWSThatLacksAnAction(t *testing.T) {
	f := shop()
	w := newWorld(t, watching(t, f, nil))
	w.expect("the first look")
	f.Fail = func(op string) (int, string, string) {
		switch op {
		case "ListAliases":
			return awstest.Denied("lambda:ListAliases")
		case "GetResources":
			return awstest.Denied("tag:GetResources")
		}
		return 0, "", ""
	}
	if events := w.look(); len(events) > 0 {
		t.Errorf("got %q", lines(events))
	}
	said := fmt.Sprint(w.last.troubles)
	for _, want := range []string{"lambda:ListAliases", "tag:GetResources", "eu-west-1", "to arn:aws:sts::111122223333:assumed-role/tidings/tidings"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %s", want, said)
		}
	}
	if len(w.last.complete) != 2 || len(w.last.objects) != 7 {
		t.Errorf("saw %d, all of %q", len(w.last.objects), w.last.complete)
	}
	f.Fail = nil
	w.expect("all is well again")
}

// Tags say whose a service is: while they cannot be read for a moment, nothing is said of it anew.
func TestTagsOfAFakeAWSThatAreAway(t *testing.T) {
	f := shop()
	away := func(op string) (int, string, string) {
		if op == "GetResources" {
			return 500, "text/plain", "oops"
		}
		return 0, "", ""
	}
	f.Fail = away
	w := newWorld(t, watching(t, f, nil))
	if w.look(); len(w.last.objects) != 3 || len(w.last.troubles) != 3 {
		t.Errorf("saw %v; %v", w.last.objects, w.last.troubles)
	}
	w.looked, f.Fail = false, nil
	w.expect("all of it")
	f.Fail = away
	if events := w.look(); len(events) > 0 || len(w.last.objects) != 10 || len(w.last.troubles) != 1 {
		t.Errorf("got %q, saw %d; %v", lines(events), len(w.last.objects), w.last.troubles)
	}
}

// A function that has no alias is asked for one now and then.
func TestAliasesOfAFakeLambdaThatComeLater(t *testing.T) {
	f := shop()
	w := newWorld(t, watching(t, f, func(c *aws.Config) { c.LookAt = []string{"lambda"} }))
	w.expect("the first look")
	f.Functions[1].Aliases, f.Functions[1].Versions = []awstest.Alias{{Name: "live", Version: "1", Revision: "r"}}, map[string]awstest.Function{"1": {Code: "t-1"}}
	asked := f.Asked["ListAliases"]
	var got []string
	for range 10 {
		got = append(got, lines(w.look())...)
	}
	if !slices.Equal(got, []string{"deploy succeeded Pointed live of thumbs to version 1 [service:thumbs] >1; alias/live/version"}) {
		t.Errorf("got %q", got)
	}
	if n := f.Asked["ListAliases"] - asked; n > 25 {
		t.Errorf("asked for aliases %d times in ten looks", n)
	}
}

// The policy to paste allows what is asked for, and nothing else.
func TestThePolicyIsWhatIsAskedOfAFakeAWS(t *testing.T) {
	f := shop()
	newWorld(t, watching(t, f, nil)).expect("a look at everything")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "make a policy of the name")
	_, text, _ = strings.Cut(text, "```json\n")
	text, _, _ = strings.Cut(text, "```")
	var policy struct {
		Statement []struct{ Action []string }
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil || len(policy.Statement) != 1 {
		t.Fatalf("the policy cannot be read: %v\n%s", err, text)
	}
	allowed := policy.Statement[0].Action
	slices.Sort(allowed)
	if asked := slices.Sorted(maps.Keys(f.Actions)); !slices.Equal(asked, allowed) {
		t.Errorf("asked %q, allowed %q", asked, allowed)
	}
}

// A role is taken on, with the external id, and its keys are used until shortly before they end.
func TestARoleOfAFakeAWS(t *testing.T) {
	f := shop()
	f.External = "4711"
	role := func(c *aws.Config) {
		c.Roles, c.ExternalID, c.LookAt = []string{awstest.Role}, "4711", []string{"autoscaling"}
	}
	w := newWorld(t, watching(t, f, role))
	w.expect("the first look")
	w.expect("the second look")
	if f.Asked["AssumeRole"] != 1 || w.source.Collections()[0] != "autoscaling 111122223333 eu-west-1" {
		t.Errorf("asked %v for %q", f.Asked, w.source.Collections())
	}
	f.External = "another"
	seen := &sink{objects: map[string]observe.Observation{}, troubles: map[string]string{}}
	if err := watching(t, f, role).See(context.Background(), secret.Marker([]byte("k")), seen); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "trust policy") {
		t.Errorf("got %v", err)
	}
}

// The server's own credentials are for its configuration file alone.
func TestATypedSourceHasNoCredentialsOfTheServer(t *testing.T) {
	t.Parallel()
	c := &aws.Config{Regions: []string{"eu-west-1"}}
	c.Guard(integration.Guard{})
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if err := c.Narrow(); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	for _, wrong := range []*aws.Config{
		{Regions: []string{"eu-west-1.evil.example/"}, AccessKeyID: awstest.Key},
		{Regions: []string{"eu-west-1"}, Roles: []string{"admin"}},
		{Regions: []string{"eu-west-1"}, LookAt: []string{"iam"}},
		{Roles: []string{awstest.Role}},
		{Regions: []string{"eu-west-1"}, AccessKeyID: "a secret, by mistake"},
		{Topics: []string{"tidings"}},
		{Regions: slices.Repeat([]string{"eu-west-1"}, 61)},
	} {
		if err := wrong.Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

// Whatever state comes, it is compared without a panic, and events are fit for the log.
func FuzzInterpret(f *testing.F) {
	f.Add([]byte(`{"arn":"a","service":{"definition":"a:1","deployments":[{"id":"1","status":"PRIMARY"}]}}`), []byte(`{"arn":"a","service":{"definition":"a:2","deployments":[{"id":"2","status":"PRIMARY","rollout":"FAILED","reason":"rolling back"}]}}`))
	f.Add([]byte(`{"arn":"a","function":{"code":"1","aliases":[{"name":"live","version":"1"}]}}`), []byte(`{"arn":"a","function":{"code":"2","aliases":[{"name":"live","version":"1","weights":{"2":0.5}}]}}`))
	f.Add([]byte(`{"arn":"a","group":{"desired":1}}`), []byte(`{"arn":"a","group":{"desired":2,"activities":[{"id":"1","status":"Failed","cause":"At x a y changing the desired capacity from 1 to 2"}]}}`))
	f.Fuzz(func(t *testing.T, before, after []byte) {
		for _, text := range [][]byte{before, after} {
			if !json.Valid(text) || aws.Spec.Interpreter.Check(observe.Observation{State: text}) != nil {
				return
			}
		}
		for _, gone := range []bool{false, true} {
			look := observe.Look{Source: "aws", Known: observe.Known{State: before}, Observation: observe.Observation{Object: "a", State: after, Gone: gone}, After: noon, Before: noon.Add(time.Hour)}
			if gone {
				look.State = nil
			}
			finding := aws.Spec.Interpreter.Interpret(look)
			for _, e := range finding.Events {
				if e.Key == "" || e.Title == "" {
					t.Errorf("an event without a key or a title: %+v", e)
				}
			}
			aws.Spec.Interpreter.Running(observe.Scope{}, after)
		}
	})
}
