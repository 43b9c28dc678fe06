package argocd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Asked is a source that asks Argo CD as well: what a notification would have told is read from its applications, under
// the same keys.
type Asked struct {
	*Source
	client *upstream.Client
	now    func() time.Time
	// What was told of each application, by the last commit; what the last look adds to it, and the cursor that confirms that.
	told, pending map[string]string
	returned      string
}

var (
	_ integration.Receiver = (*Asked)(nil)
	_ integration.Poller   = (*Asked)(nil)
)

func (s *Source) asking(base string) *Asked {
	client := &upstream.Client{
		Tool: "Argo CD", Base: base, HTTP: s.config.HTTP, Sign: s.config.Bearer,
	}
	return &Asked{Source: s, client: client, now: time.Now, told: map[string]string{}}
}

// Describe says what it listens to and asks.
func (s *Asked) Describe() string {
	at := "Argo CD at " + s.client.Base[strings.Index(s.client.Base, "://")+3:]
	if s.config.Secret.IsSet() {
		return s.Source.Describe() + ", and " + at
	}
	return at
}

// Bounds of a look.
const (
	askedAtOnce = 100     // applications of one look
	longestMark = 1 << 10 // bytes
)

// listed are the fields of a list: Argo CD gives some alone, and leaves out those that it does not know. What else is needed
// is asked for of the applications that changed.
var listed = strings.Join([]string{
	"items.metadata.name", "items.metadata.namespace", "items.status.health", "items.status.operationState.phase",
	"items.status.operationState.startedAt", "items.status.operationState.finishedAt",
}, ",")

// Poll asks for the applications of which something is not told yet.
func (s *Asked) Poll(ctx context.Context, cursor string) (integration.Look, error) {
	if _, err := s.config.Token.Get(ctx); fault.Is(err, fault.NotFound) {
		return integration.Look{Cursor: cursor, Idle: "no token is set"}, nil
	}
	if s.pending != nil && cursor == s.returned { // it was committed
		maps.Copy(s.told, s.pending)
	}
	s.pending = nil
	query := url.Values{"fields": {listed}, "projects": s.config.Projects}
	var list struct {
		Items []application `json:"items"`
	}
	if _, err := s.client.Get(ctx, "api/v1/applications?"+query.Encode(), nil, &list); err != nil {
		return integration.Look{}, err
	}
	reach, err := s.config.Reach.Reach()
	if err != nil {
		return integration.Look{}, err
	}
	look := integration.Look{Cursor: cursor}
	until := s.now().Add(-reach)
	pending, there := map[string]string{}, map[string]bool{}
	var problems []string
	for i := range list.Items {
		a := &list.Items[i]
		name, mark := a.Metadata.Namespace+"/"+a.Metadata.Name, a.mark()
		if there[name] = true; s.told[name] == mark {
			continue
		}
		if len(pending) >= askedAtOnce {
			look.More = true
			break
		}
		events, err := s.application(ctx, a, until)
		switch {
		case fault.Is(err, fault.NotFound):
			continue // it went a moment ago
		case fault.Is(err, fault.Invalid):
			problems = append(problems, name+": "+err.Error()) // it is asked for again once it is another
		case err != nil:
			return integration.Look{}, err
		}
		look.Events = append(look.Events, events...)
		pending[name] = mark
	}
	if !look.More {
		maps.DeleteFunc(s.told, func(name, _ string) bool { return !there[name] })
	}
	if len(pending) > 0 {
		n, _ := strconv.Atoi(cursor)
		look.Cursor = strconv.Itoa(n + 1)
	}
	look.Problem = strings.Join(problems[:min(len(problems), 3)], "; ")
	look.Backfill = &integration.Backfill{Until: until, Done: !look.More}
	s.pending, s.returned = pending, look.Cursor
	return look, nil
}

// application is one, as Argo CD's API gives it.
type application struct {
	Metadata struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
		UID       string            `json:"uid"`
		Labels    map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Project     string `json:"project"`
		Destination struct {
			Name      string `json:"name"`
			Server    string `json:"server"`
			Namespace string `json:"namespace"`
		} `json:"destination"`
	} `json:"spec"`
	Status struct {
		Health struct {
			Status string `json:"status"`
			Since  text   `json:"lastTransitionTime"`
		} `json:"health"`
		Operation *struct {
			Phase      string `json:"phase"`
			Message    string `json:"message"`
			StartedAt  text   `json:"startedAt"`
			FinishedAt text   `json:"finishedAt"`
			Operation  struct {
				By   initiator `json:"initiatedBy"`
				Sync struct {
					DryRun bool `json:"dryRun"`
				} `json:"sync"`
			} `json:"operation"`
			Result struct {
				Revision  string   `json:"revision"`
				Revisions []string `json:"revisions"`
				Resources []struct {
					Images []string `json:"images"`
				} `json:"resources"`
			} `json:"syncResult"`
		} `json:"operationState"`
		History []struct {
			Revision   string    `json:"revision"`
			Revisions  []string  `json:"revisions"`
			StartedAt  text      `json:"deployStartedAt"`
			FinishedAt text      `json:"deployedAt"`
			By         initiator `json:"initiatedBy"`
		} `json:"history"`
		Resources []struct {
			Kind   string `json:"kind"`
			Name   string `json:"name"`
			Health struct {
				Status string `json:"status"`
			} `json:"health"`
		} `json:"resources"`
		Summary struct {
			Images []string `json:"images"`
		} `json:"summary"`
		ReconciledAt text `json:"reconciledAt"`
	} `json:"status"`
}

type initiator struct {
	Username  string `json:"username"`
	Automated bool   `json:"automated"`
}

// mark is what of a list tells that there may be something new in an application.
func (a *application) mark() string {
	m := a.Status.Health.Status + " " + string(a.Status.Health.Since)
	if o := a.Status.Operation; o != nil {
		m += " " + o.Phase + " " + string(o.StartedAt) + " " + string(o.FinishedAt)
	}
	return m[:min(len(m), longestMark)]
}

// application asks for one that changed, and tells what its notifications would: of the last operation, of those before it,
// and of its health.
func (s *Asked) application(ctx context.Context, named *application, until time.Time) ([]change.Event, error) {
	var a application
	query := url.Values{}
	if named.Metadata.Namespace != "" {
		query.Set("appNamespace", named.Metadata.Namespace)
	}
	if _, err := s.client.Get(ctx, "api/v1/applications/"+url.PathEscape(named.Metadata.Name)+"?"+query.Encode(), nil, &a); err != nil {
		return nil, err
	}
	if a.Metadata.Name == "" || a.Metadata.UID == "" {
		return nil, fault.New(fault.Invalid, "the field metadata.name or metadata.uid is missing")
	}
	return s.events(&a, until)
}

// events are those of an application that are not older than wanted. What cannot be read of it is an error, beside the rest.
func (s *Asked) events(a *application, until time.Time) ([]change.Event, error) {
	var events []change.Event
	var wrong error
	for _, p := range a.payloads(s.client.Base) {
		if o := p.Operation; p.About == "sync" && o.Phase != "Running" && cmp.Or(o.FinishedAt.time(), o.StartedAt.time()).Before(until) {
			continue
		}
		e, ignored, err := s.read(&p)
		switch {
		case err != nil:
			wrong = err // the others are told
		case ignored != "":
		case len(e.Normalize(s.now(), "")) > 0:
			wrong = fault.New(fault.Invalid, "its operation of %s holds what no event can", integration.Clip(string(p.Operation.StartedAt)))
		default:
			events = append(events, e)
		}
	}
	return events, wrong
}

// payloads are what notifications of the application would have sent, the oldest first.
func (a *application) payloads(server string) []payload {
	base := payload{Template: template, Server: server, App: app{
		Name: integration.Line(a.Metadata.Name), Namespace: integration.Line(a.Metadata.Namespace), UID: integration.Line(a.Metadata.UID), Project: integration.Line(a.Spec.Project),
		Environment: a.Metadata.Labels["environment"], Cluster: integration.Line(cmp.Or(a.Spec.Destination.Name, a.Spec.Destination.Server)), Target: integration.Line(a.Spec.Destination.Namespace),
	}}
	var all []payload
	o := a.Status.Operation
	for _, h := range a.Status.History {
		p := base
		p.About, p.History = "sync", slices.Clone(base.History)
		base.History = append(base.History, synced{Revision: h.Revision, Revisions: h.Revisions, StartedAt: h.StartedAt})
		if h.StartedAt == "" || o != nil && h.StartedAt == o.StartedAt {
			continue // versions before 2.5 do not say when it began
		}
		p.Operation = &operation{
			Phase: "Succeeded", StartedAt: h.StartedAt, FinishedAt: h.FinishedAt, Revision: h.Revision, Revisions: h.Revisions, Username: h.By.Username, Automated: h.By.Automated,
		}
		all = append(all, p)
	}
	if o == nil {
		return all
	}
	last := base
	last.LiveImages, last.ReconciledAt = a.Status.Summary.Images, a.Status.ReconciledAt
	last.Operation = &operation{
		Phase: o.Phase, Message: o.Message, StartedAt: o.StartedAt, FinishedAt: o.FinishedAt, Revision: o.Result.Revision, Revisions: o.Result.Revisions,
		Username: o.Operation.By.Username, Automated: o.Operation.By.Automated, DryRun: o.Operation.Sync.DryRun,
	}
	for _, r := range o.Result.Resources {
		for _, image := range r.Images {
			if !slices.Contains(last.Images, image) {
				last.Images = append(last.Images, image)
			}
		}
	}
	sync, unwell := last, last
	sync.About = "sync"
	if all = append(all, sync); a.Status.Health.Status == "Degraded" {
		unwell.About, unwell.Health = "health", &health{Status: a.Status.Health.Status, Since: a.Status.Health.Since}
		for _, r := range a.Status.Resources {
			if r.Health.Status == "Degraded" {
				unwell.Health.Degraded = append(unwell.Health.Degraded, fmt.Sprintf("%s/%s", r.Kind, r.Name))
			}
		}
		all = append(all, unwell)
	}
	return all
}
