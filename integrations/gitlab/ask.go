package gitlab

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
	"tidings.dev/tidings/integration/walk"
)

// Asked is a source that asks GitLab's REST API as well: it finds what was before the webhook, and what the webhook missed.
type Asked struct {
	*Source
	*walk.Walker
	tiers map[int64]map[string]string // of the environments of a project, by name
	files upstream.Files
}

var (
	_ integration.Completing = (*Asked)(nil)
	_ integration.Poller     = (*Asked)(nil)
)

const perPage = 100 // what GitLab gives at most

func (s *Source) asking() *Asked {
	client := &upstream.Client{
		Tool: "GitLab", Base: s.config.address() + "/api/v4", HTTP: s.config.HTTP, Sign: s.config.Bearer,
	}
	a := &Asked{Source: s, Walker: &walk.Walker{Client: client, Credential: &s.config.Token, Reach: s.config.Reach}, files: upstream.Files{Read: readFiles}}
	a.Lists = a.lists
	return a
}

// Describe says what it listens to and asks.
func (s *Asked) Describe() string {
	what := strings.Join(s.config.projects(), ", ")
	if s.config.Group != "" {
		what = strings.Join(append([]string{s.config.Group}, s.config.Projects...), ", ")
	}
	return what + " at " + s.config.address()
}

func (s *Asked) lists(ctx context.Context, l *walk.Look) ([]walk.List, error) {
	projects, err := s.projects(ctx, l)
	if err != nil {
		return nil, err
	}
	s.tiers = map[int64]map[string]string{}
	all := []walk.List{}
	for i := range projects {
		all = append(all, s.listsOf(&projects[i])...)
	}
	return all, nil
}

// listsOf are those of one project.
func (s *Asked) listsOf(p *project) []walk.List {
	list := func(name, path string, query url.Values, read func(context.Context, *walk.Look, *project, *walk.Page) ([]walk.Item, error)) walk.List {
		return walk.List{
			Name: fmt.Sprintf("%d %s", p.ID, name), Owner: p.Path,
			First: func(since time.Time) string {
				query.Set("per_page", fmt.Sprint(perPage))
				query.Set("sort", "desc")
				if query.Get("order_by") == "updated_at" {
					query.Set("updated_after", since.Format(time.RFC3339))
				}
				return p.path(path + "?" + query.Encode())
			},
			Read: func(ctx context.Context, l *walk.Look, page *walk.Page) ([]walk.Item, error) {
				return read(ctx, l, p, page)
			},
		}
	}
	merged := url.Values{"order_by": {"updated_at"}, "state": {"merged"}, "scope": {"all"}, "target_branch": {p.DefaultBranch}}
	return []walk.List{
		list("deployments", "deployments", url.Values{"order_by": {"updated_at"}}, s.readDeployments),
		list("pipelines", "pipelines", url.Values{"order_by": {"updated_at"}}, s.readPipelines),
		list("merge requests", "merge_requests", merged, s.readMergeRequests),
		list("releases", "releases", url.Values{"order_by": {"created_at"}}, s.readReleases),
	}
}

// path is that of something in a project.
func (p *project) path(rest string) string { return fmt.Sprintf("projects/%d/%s", p.ID, rest) }

// projects are those that are looked at, each with its main branch.
func (s *Asked) projects(ctx context.Context, l *walk.Look) ([]project, error) {
	var all []project
	for _, path := range s.config.projects() {
		var found project
		seen, err := l.Named(ctx, path, "projects/"+url.PathEscape(path), &found)
		switch {
		case err != nil:
			return nil, err
		case !seen:
		case found.ID == 0 || found.Path == "":
			l.Missing(path, "GitLab says neither its id nor its path")
		default:
			all = append(all, found)
		}
	}
	if s.config.Group == "" {
		return all, nil
	}
	at := fmt.Sprintf("groups/%s/projects?include_subgroups=true&with_shared=false&archived=false&simple=true&per_page=%d", url.PathEscape(s.config.Group), perPage)
	err := l.Pages(ctx, at, func(p *walk.Page) error {
		var page []project
		err := p.Read(&page)
		for i := range page {
			if named := slices.ContainsFunc(all, func(p project) bool { return p.ID == page[i].ID }); !named {
				all = append(all, page[i])
			}
		}
		return err
	})
	return all, err
}

// tier is that of an environment: a list of deployments does not say it, and a webhook does.
func (s *Asked) tier(ctx context.Context, l *walk.Look, p *project, environment string) (string, error) {
	if known, ok := s.tiers[p.ID][environment]; ok {
		return known, nil
	}
	var found []struct {
		Name string `json:"name"`
		Tier string `json:"tier"`
	}
	if _, err := l.Get(ctx, p.path("environments?name="+url.QueryEscape(environment)), &found); err != nil {
		return "", err
	}
	if s.tiers[p.ID] == nil {
		s.tiers[p.ID] = map[string]string{}
	}
	s.tiers[p.ID][environment] = ""
	for _, e := range found {
		s.tiers[p.ID][e.Name] = e.Tier
	}
	return s.tiers[p.ID][environment], nil
}

// tell tells what a delivery of the same would.
func (s *Asked) tell(it *walk.Item, project *project, p payload) {
	p.Project = *project
	it.Tell(s.event(integration.Delivery{}, &p))
}
