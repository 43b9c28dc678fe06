package report

import (
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"
	"text/template"
	"time"

	"tidings.dev/tidings/integration/signature"
	"tidings.dev/tidings/integrations/github"
	"tidings.dev/tidings/integrations/launchdarkly"
	"tidings.dev/tidings/integrations/pagerduty"
	"tidings.dev/tidings/integrations/terraform"
)

//go:embed tools
var bodies embed.FS

// Secret is what every tool shares with the server that it tells.
const Secret = "of-the-replayed-cases"

// tool is one way to tell: what it can tell of, in whose words, and how it proves itself.
type tool struct {
	body   string   // in tools
	kinds  []string // all when empty
	source string   // the name under which the server has what it told
	event  string   // GitHub's header
	sign   func(header http.Header, body []byte)
	alias  string // what it calls a service, such as github:acme/%s
}

func hashed(h signature.HMAC) func(http.Header, []byte) {
	return func(header http.Header, body []byte) { header.Set(h.Header, h.Sum(Secret, body)) }
}

func carried(header http.Header, _ []byte) { header.Set("Authorization", "Bearer "+Secret) }

func gitlab(header http.Header, _ []byte) { header.Set("X-Gitlab-Token", Secret) }

var (
	deploys = []string{"deploy", "rollback"}
	merges  = []string{"merge"}
	flags   = []string{"flag", "experiment"}
	alerts  = []string{"alert"}
	pages   = []string{"incident"}
)

// toolOf gives what a tool of a name does for a kind. A tool that is no integration posts to the API.
func toolOf(name, kind string) (tool, bool) {
	for _, t := range map[string][]tool{
		"github": {
			{body: "github-deploy", kinds: deploys, source: "github", event: "deployment_status", sign: hashed(github.Signature), alias: "github:acme/%s"},
			{body: "github-merge", kinds: merges, source: "github", event: "pull_request", sign: hashed(github.Signature), alias: "github:acme/%s"},
		},
		"gitlab": {
			{body: "gitlab-deploy", kinds: deploys, source: "gitlab", sign: gitlab, alias: "gitlab:acme/%s"},
			{body: "gitlab-merge", kinds: merges, source: "gitlab", sign: gitlab, alias: "gitlab:acme/%s"},
		},
		"argocd":       {{body: "argocd", kinds: deploys, source: "argocd", sign: carried, alias: "argocd:argocd/%s"}},
		"launchdarkly": {{body: "launchdarkly", kinds: flags, source: "launchdarkly", sign: hashed(launchdarkly.Signature), alias: "launchdarkly:%s"}},
		"unleash":      {{body: "unleash", kinds: flags, source: "unleash", sign: carried, alias: "unleash:%s"}},
		"terraform":    {{body: "terraform", kinds: []string{"infrastructure"}, source: "terraform", sign: hashed(terraform.Signature), alias: "terraform:acme/%s"}},
		"alertmanager": {{body: "alertmanager", kinds: alerts, source: "alertmanager", sign: carried, alias: "alertmanager:service:%s"}},
		"datadog":      {{body: "datadog", kinds: alerts, source: "datadog", sign: carried, alias: "datadog:service:%s"}},
		"opsgenie":     {{body: "opsgenie", kinds: alerts, source: "opsgenie", sign: carried, alias: "opsgenie:service:%s"}},
		"pagerduty": {
			{body: "pagerduty", kinds: pages, source: "pagerduty", sign: hashed(pagerduty.Signature), alias: "pagerduty:%s"},
			{body: "pagerduty-change", kinds: []string{"deploy", "rollback", "config", "maintenance", "infrastructure", "schema"}, source: "pagerduty", alias: "pagerduty:service:%s"},
		},
		"statuspage":  {{body: "statuspage", kinds: []string{"incident", "maintenance"}, source: "statuspage", alias: "statuspage:%s"}},
		"cdevents":    {{body: "cdevents", kinds: deploys, source: "/delivery"}},
		"cloudevents": {{body: "cloudevents", source: "/platform/changes"}},
		"script":      {{body: "script", source: "deploy-bot"}},
		"api":         {{body: "api", source: "api"}},
	}[name] {
		if len(t.kinds) == 0 || slices.Contains(t.kinds, kind) {
			return t, true
		}
	}
	return tool{}, false
}

// Hooks are the tools that a server has a source for.
func Hooks() []string {
	return []string{"github", "gitlab", "argocd", "launchdarkly", "unleash", "terraform", "alertmanager", "datadog", "opsgenie", "pagerduty", "statuspage"}
}

// Plain is the same case, of which all is told in the form of the API alone.
func (r *Report) Plain() *Report {
	plain := *r
	plain.Tools, plain.Events = []string{"api"}, slices.Clone(r.Events)
	for i := range plain.Events {
		plain.Events[i].By = ""
	}
	return &plain
}

// Culprit is the event that did it; nil for none.
func (r *Report) Culprit() *Event {
	if i := slices.IndexFunc(r.Events, func(e Event) bool { return e.ID == r.Cause && r.Cause != "" }); i >= 0 {
		return &r.Events[i]
	}
	return nil
}

// tool is what tells of an event.
func (r *Report) tool(e *Event) (tool, error) {
	names := r.Tools
	if e.By != "" {
		names = []string{e.By}
	}
	for _, anything := range []bool{false, true} {
		for _, name := range names {
			// Symptoms are told by what watches, where there is such a tool.
			if t, ok := toolOf(name, e.Kind); ok && (anything || !e.Signal() || len(t.kinds) > 0) {
				return t, nil
			}
		}
	}
	return tool{}, fmt.Errorf("none of %v tells of a %q", names, e.Kind)
}

// aliases are what tools call a service that the roll knows, unless nobody claimed it.
func (r *Report) aliases(name string) []string {
	var all []string
	for _, of := range Hooks() {
		for _, kind := range []string{"deploy", "merge", "flag", "infrastructure", "alert", "incident"} {
			if t, ok := toolOf(of, kind); ok && !slices.Contains(r.Unclaimed, of) {
				all = append(all, fmt.Sprintf(`"`+t.alias+`"`, name))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Delivery is one request of a tool.
type Delivery struct {
	Path   string
	Header http.Header
	Body   []byte
	At     time.Time
}

// tell gives the requests by which an event is told: of some tools one as it begins, and one as it ends.
func (r *Report) tell(e *Event) ([]Delivery, error) {
	t, err := r.tool(e)
	if err != nil {
		return nil, err
	}
	content, err := bodies.ReadFile("tools/" + t.body + ".json")
	if err != nil {
		return nil, err
	}
	var all []Delivery
	for i, step := range strings.Split(string(content), "\n---\n") {
		parsed, err := template.New(t.body).Funcs(template.FuncMap{"json": asJSON}).Parse(step)
		if err != nil {
			return nil, err
		}
		said := r.saying(e)
		var body bytes.Buffer
		if err := parsed.Execute(&body, said); err != nil {
			return nil, err
		}
		if !json.Valid(body.Bytes()) {
			return nil, fmt.Errorf("%s is no JSON for %q: %s", t.body, e.Title, body.String())
		}
		d := Delivery{Path: "/api/v1/events", Header: http.Header{"Content-Type": {"application/json"}}, Body: body.Bytes(), At: said.start}
		if i > 0 {
			d.At = said.start.Add(said.Took)
		}
		switch t.body {
		case "cloudevents":
			d.Header.Set("Content-Type", "application/cloudevents+json")
		case "statuspage":
			d.Path = "/hooks/statuspage?token=" + Secret
		case "cdevents", "script", "api":
		default:
			d.Path = "/hooks/" + t.source
		}
		if t.event != "" {
			d.Header.Set("X-GitHub-Event", t.event)
			d.Header.Set("X-GitHub-Delivery", fmt.Sprintf("%d-%d", said.ID, i))
		}
		if t.sign != nil {
			t.sign(d.Header, d.Body)
		}
		all = append(all, d)
	}
	return all, nil
}

// saying is an event as the bodies of tools/ name its parts.
type saying struct {
	*Event
	ID, Number                       uint64
	Start, Stop, Earlier             string
	Millis                           int64
	Service, Project, Sha, Before    string
	Login, Account, Environment      string
	Verb, Action, AlertName, Summary string
	Subjects                         []string
	Exposure, Machine                bool
	Took                             time.Duration
	Secret, Version, Previous        string
	Diff                             []Diff
	start                            time.Time
}

// Share is the share in per cent.
func (s *saying) Share() float64 { return *s.Event.Share }

func (r *Report) saying(e *Event) *saying {
	at, _ := Span(e.At)     // check has read it
	took, _ := Span(e.Took) // likewise
	start := r.Onset.Add(at).UTC()
	s := &saying{Event: e, start: start, Took: took, Start: start.Format(time.RFC3339), Stop: start.Add(took).Format(time.RFC3339), Earlier: start.AddDate(0, 0, -2).Format(time.RFC3339), Millis: start.UnixMilli(), Secret: Secret}
	h := fnv.New64a()
	fmt.Fprint(h, r.Name, e.At, e.Title, e.Subjects())
	sum := h.Sum64()
	s.ID, s.Number = sum>>20, sum>>52
	s.Sha, s.Before = e.Commit, hex.EncodeToString(h.Sum([]byte("the one before it"))[:20])
	if s.Sha == "" {
		s.Sha = hex.EncodeToString(h.Sum(h.Sum(h.Sum(nil)))[:20])
	}
	s.Service = e.Subjects()[0]
	s.Project = s.Service
	for _, name := range e.Subjects() {
		if slices.Contains(r.Resources, name) {
			name = "resource:" + name
		}
		s.Subjects = append(s.Subjects, name)
	}
	s.Environment = r.Environment
	if e.Environment != "" {
		s.Environment = strings.TrimPrefix(e.Environment, "-")
	}
	s.Login, s.Machine, s.Account = e.Who, e.Machine, "User"
	s.Version, s.Previous, s.Diff = e.Version, e.Previous, e.Diff
	if s.Machine {
		s.Account = "Bot"
	}
	if r.Bare {
		s.Environment, s.Login, s.Version, s.Previous, s.Diff = strings.TrimPrefix(e.Environment, "-"), "", "", "", nil
	}
	s.Exposure = e.Share != nil
	s.Verb, s.Action = "updated the flag", "updateFallthrough"
	if e.On != nil {
		s.Verb, s.Action = "turned on the flag", "updateOn"
		if !*e.On {
			s.Verb, s.Action = "turned off the flag", "updateOff"
		}
	}
	s.AlertName, s.Summary = "Alert", e.Title
	if name, rest, ok := strings.Cut(e.Title, ": "); ok && !strings.Contains(name, " ") {
		s.AlertName, s.Summary = name, rest
	}
	return s
}

func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
