package github

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
	"tidings.dev/tidings/integration/walk"
)

// Polled is a source that asks GitHub's REST API as well: it finds what was before the webhook, and what the webhook
// missed.
type Polled struct {
	*Source
	*walk.Walker
	files upstream.Files
}

var (
	_ integration.Poller     = (*Polled)(nil)
	_ integration.Completing = (*Polled)(nil)
)

const (
	perPage = 100 // what GitHub gives at most
	// detailed is how far back the one is asked for who merged a pull request, which is a request for each.
	detailed = 31 * 24 * time.Hour
)

func (s *Source) polling(client *upstream.Client) *Polled {
	p := &Polled{Source: s, Walker: &walk.Walker{Client: client, Credential: &s.config.Token, Reach: s.config.Reach}, files: upstream.Files{Read: readFiles}}
	if s.config.AppID != "" {
		p.Credential = &s.config.PrivateKey
	}
	p.Lists = p.lists
	return p
}

// Describe says what it listens to and asks.
func (s *Polled) Describe() string {
	return cmp.Or(s.config.Organisation, strings.Join(slices.Sorted(slices.Values(s.config.repositories())), ", "), "all repositories of the App") + " at " + s.Client.Base
}

func (s *Polled) lists(ctx context.Context, l *walk.Look) ([]walk.List, error) {
	repositories, err := s.repositories(ctx, l)
	if err != nil {
		return nil, err
	}
	all := []walk.List{}
	for i := range repositories {
		all = append(all, s.listsOf(&repositories[i])...)
	}
	return all, nil
}

// listsOf are those of one repository.
func (s *Polled) listsOf(r *repository) []walk.List {
	list := func(name, path string, unchanged walk.Unchanged, read func(context.Context, *walk.Look, *repository, *walk.Page) ([]walk.Item, error)) walk.List {
		return walk.List{
			Name: strings.ToLower(r.FullName) + " " + name, Owner: r.FullName, Unchanged: unchanged,
			First: func(time.Time) string { return s.path(r, path+fmt.Sprintf("per_page=%d", perPage)) },
			Read:  func(ctx context.Context, l *walk.Look, p *walk.Page) ([]walk.Item, error) { return read(ctx, l, r, p) },
		}
	}
	all := []walk.List{
		// The statuses of a deployment stand in lists of their own.
		list("deployments", "deployments?", walk.SaysFinished, s.readDeployments),
		list("runs", "actions/runs?", walk.SaysAll, s.readRuns),
		list("pulls", "pulls?state=closed&sort=updated&direction=desc&base="+url.QueryEscape(r.DefaultBranch)+"&", walk.SaysAll, s.readPulls),
		list("releases", "releases?", walk.SaysAll, s.readReleases),
	}
	if s.config.Deliveries {
		all = append(all, list("hooks", "hooks?", walk.SaysNothing, s.readHooks))
	}
	return all
}

func (s *Polled) path(r *repository, rest string) string {
	owner, name, _ := strings.Cut(r.FullName, "/")
	return strings.TrimSuffix(strings.TrimSuffix(s.Client.Base, "/")+"/repos/"+url.PathEscape(owner)+"/"+url.PathEscape(name)+"/"+rest, "/")
}

// tell tells what a delivery of the same would.
func (s *Polled) tell(it *walk.Item, r *repository, event string, p payload) {
	p.Repository = *r
	it.Tell(s.event(event, &p))
}

// readDeployments tells each deployment with its statuses, in their order.
func (s *Polled) readDeployments(ctx context.Context, l *walk.Look, r *repository, p *walk.Page) ([]walk.Item, error) {
	var all []deployment
	if err := p.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all))
	for i := range all {
		d, it := &all[i], &items[i]
		it.At = d.CreatedAt
		ended := fmt.Sprintf("deployment/%d", d.ID)
		if it.At.Before(p.Since) || l.Marked(ended) {
			continue
		}
		s.tell(it, r, "deployment", payload{Deployment: d})
		var statuses []deploymentStatus
		if _, err := l.Get(ctx, s.path(r, fmt.Sprintf("deployments/%d/statuses?per_page=%d", d.ID, perPage)), &statuses); err != nil {
			return nil, err
		}
		it.Open = len(statuses) == 0 && l.Now.Sub(d.CreatedAt) < 24*time.Hour
		for n := len(statuses) - 1; n >= 0; n-- {
			phase, known := integration.OneOf(phases, statuses[n].State)
			if it.Open = known && (phase == change.Planned || phase == change.Started); known {
				s.tell(it, r, "deployment_status", payload{Deployment: d, DeploymentStatus: &statuses[n]})
			}
		}
		if !it.Open {
			l.Mark(ended)
		}
	}
	return items, nil
}

func (s *Polled) readRuns(ctx context.Context, l *walk.Look, r *repository, p *walk.Page) ([]walk.Item, error) {
	var all struct {
		Runs []workflowRun `json:"workflow_runs"`
	}
	if err := p.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all.Runs))
	for i := range all.Runs {
		run := &all.Runs[i]
		items[i].At, items[i].Open = run.CreatedAt, run.Conclusion == ""
		whole := payload{Repository: *r, WorkflowRun: run}
		if err := s.complete(ctx, l, &whole, run.CreatedAt, p.Since); err != nil {
			return nil, err
		}
		s.tell(&items[i], r, "workflow_run", whole)
	}
	return items, nil
}

// readPulls tells what was merged. The list does not say by whom.
func (s *Polled) readPulls(ctx context.Context, l *walk.Look, r *repository, p *walk.Page) ([]walk.Item, error) {
	var all []pullRequest
	if err := p.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all))
	for i := range all {
		pull := &all[i]
		items[i].At = pull.UpdatedAt
		merged := integration.At(pull.MergedAt)
		told := l.Told(fmt.Sprintf("pull/%s/%d", strings.ToLower(r.FullName), pull.Number), "")
		if merged.IsZero() || merged.Before(p.Start) || pull.UpdatedAt.Before(p.Since) || told { // a comment, say: it was merged once
			continue
		}
		if l.Now.Sub(merged) < detailed && pull.MergedBy.Login == "" {
			if _, err := l.Get(ctx, s.path(r, fmt.Sprintf("pulls/%d", pull.Number)), pull); err != nil {
				return nil, err
			}
		}
		pull.Merged = true
		whole := payload{Action: "closed", Repository: *r, PullRequest: pull}
		if err := s.complete(ctx, l, &whole, merged, time.Time{}); err != nil {
			return nil, err
		}
		s.tell(&items[i], r, "pull_request", whole)
	}
	return items, nil
}

func (s *Polled) readReleases(_ context.Context, _ *walk.Look, r *repository, p *walk.Page) ([]walk.Item, error) {
	var all []release
	if err := p.Read(&all); err != nil {
		return nil, err
	}
	var items []walk.Item
	for i := range all {
		// A draft is published later than it was made: its place in the list is that of its commit.
		if published := &all[i]; !published.Draft {
			it := walk.Item{At: integration.At(published.PublishedAt, published.CreatedAt)}
			s.tell(&it, r, "release", payload{Action: "published", Release: published})
			items = append(items, it)
		}
	}
	return items, nil
}

// readHooks tells what a webhook could not deliver, by GitHub's own copy of it.
func (s *Polled) readHooks(ctx context.Context, l *walk.Look, r *repository, p *walk.Page) ([]walk.Item, error) {
	var hooks []struct {
		ID     int64 `json:"id"`
		Config struct {
			URL string `json:"url"`
		} `json:"config"`
	}
	if err := p.Read(&hooks); err != nil {
		return nil, err
	}
	var items []walk.Item
	for _, hook := range hooks {
		if !strings.Contains(hook.Config.URL, "/hooks/") {
			continue // it is somebody else's
		}
		var sent []delivery
		path := s.path(r, fmt.Sprintf("hooks/%d/deliveries", hook.ID))
		if _, err := l.Get(ctx, path+fmt.Sprintf("?per_page=%d", perPage), &sent); err != nil {
			return nil, err
		}
		arrived := map[string]bool{}
		for _, d := range sent { // the last first
			if d.StatusCode >= 200 && d.StatusCode < 300 {
				arrived[d.GUID] = true
			}
			fetched := "delivery/" + d.GUID
			if l.Marked(fetched) || arrived[d.GUID] || d.DeliveredAt.Before(p.Start) {
				continue
			}
			l.Mark(fetched)
			var whole delivery
			if _, err := l.Get(ctx, fmt.Sprintf("%s/%d", path, d.ID), &whole); err != nil {
				return nil, err
			}
			if whole.Request.Payload.Repository.FullName != "" {
				it := walk.Item{At: l.Now}
				s.tell(&it, r, d.Event, whole.Request.Payload)
				items = append(items, it)
			}
		}
	}
	return items, nil
}

// delivery is GitHub's copy of a delivery.
type delivery struct {
	ID          int64     `json:"id"`
	GUID        string    `json:"guid"`
	DeliveredAt time.Time `json:"delivered_at"`
	StatusCode  int       `json:"status_code"`
	Event       string    `json:"event"`
	Request     struct {
		Payload payload `json:"payload"`
	} `json:"request"`
}

// repositories are those that are looked at, each with its main branch.
func (s *Polled) repositories(ctx context.Context, l *walk.Look) ([]repository, error) {
	named := s.config.repositories()
	if len(named) == 0 {
		return s.all(ctx, l)
	}
	var all []repository
	for _, name := range named {
		var found repository
		seen, err := l.Named(ctx, name, s.path(&repository{FullName: name}, ""), &found)
		if err != nil {
			return nil, err
		}
		if seen {
			all = append(all, found)
		}
	}
	return all, nil
}

// all are those of the organisation, or of the App.
func (s *Polled) all(ctx context.Context, l *walk.Look) ([]repository, error) {
	at := "installation/repositories?per_page=100"
	if s.config.Organisation != "" {
		at = "orgs/" + url.PathEscape(s.config.Organisation) + "/repos?type=all&per_page=100"
	}
	var all []repository
	err := l.Pages(ctx, at, func(p *walk.Page) error {
		var installed struct {
			Repositories []repository `json:"repositories"`
		}
		var into any = &installed
		if s.config.Organisation != "" {
			into = &installed.Repositories
		}
		err := p.Read(into)
		for _, r := range installed.Repositories {
			if !r.Archived && !r.Disabled {
				all = append(all, r)
			}
		}
		return err
	})
	return all, err
}
