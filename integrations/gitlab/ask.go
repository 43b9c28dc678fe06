package gitlab

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Asked is a source that asks GitLab's REST API as well: it finds what was before the webhook, and what the webhook missed.
type Asked struct {
	*Source
	client *upstream.Client
	now    func() time.Time

	told     map[string][sha256.Size]byte // events by key and phase, as the last commit confirmed them
	pending  map[string][sha256.Size]byte // what the last look adds to that, once its cursor comes back
	returned string                       // that cursor
	done     map[string]bool              // lists of the round that goes on
	troubles map[string]string            // of the round that goes on, by list
	listed   []project                    // the projects, and when they were asked for
	missing  []string                     // those that were named and cannot be seen
	listedAt time.Time
	tiers    map[int64]map[string]string // of the environments of a project, by name
}

var (
	_ integration.Receiver = (*Asked)(nil)
	_ integration.Poller   = (*Asked)(nil)
)

// Bounds of a look.
const (
	lookEvents   = 500 // about so many make one commit
	lookRequests = 100
	memoryEvents = 50_000
	perPage      = 100 // what GitLab gives at most
	// overlap is looked at again: GitLab's lists are not of one instant.
	overlap = 10 * time.Minute
	// listAgain is how often projects and their environments are listed.
	listAgain   = 10 * time.Minute
	maxProjects = 2000
)

func (s *Source) asking() *Asked {
	client := &upstream.Client{
		Tool: "GitLab", Base: s.config.address() + "/api/v4", HTTP: s.config.http,
		Sign: func(ctx context.Context, r *http.Request) error {
			token, err := s.config.Token.Get(ctx)
			r.Header.Set("Authorization", "Bearer "+token)
			return err
		},
	}
	return &Asked{Source: s, client: client, now: time.Now, told: map[string][sha256.Size]byte{}}
}

// Describe says what it listens to and asks.
func (s *Asked) Describe() string {
	what := strings.Join(s.config.projects(), ", ")
	if s.config.Group != "" {
		what = strings.Join(append([]string{s.config.Group}, s.config.Projects...), ", ")
	}
	return what + " at " + s.config.address()
}

// Poll goes on through the lists, until there is enough for a commit or everything was looked at.
func (s *Asked) Poll(ctx context.Context, from string) (integration.Look, error) {
	if _, err := s.config.Token.Get(ctx); fault.Is(err, fault.NotFound) && !s.config.Token.Referred() {
		return integration.Look{Cursor: from, Idle: "no token is set: only the webhook tells"}, nil
	}
	s.confirm(from)
	reach, err := s.config.Reach.Reach()
	if err != nil {
		return integration.Look{}, err
	}
	l := &look{Asked: s, until: s.now().Add(-reach).UTC().Truncate(time.Second)}
	if json.Unmarshal([]byte(from), &l.cursor) != nil || l.cursor.Lists == nil {
		l.cursor = cursor{Lists: map[string]*pass{}}
	}
	more, err := l.round(ctx)
	if err != nil && (len(l.events) == 0 || ctx.Err() != nil) {
		s.returned = unreturned
		return integration.Look{}, err
	}
	// What was found before something failed is taken in; the next look fails at once, and says so.
	if len(l.events) > 0 {
		l.cursor.Commits++
	}
	text, err := json.Marshal(l.cursor)
	if err != nil {
		return integration.Look{}, err
	}
	s.returned = string(text)
	found := integration.Look{Events: l.events, Cursor: s.returned, More: more, Wait: l.wait, Backfill: l.backfill(), Problem: s.trouble()}
	if !more {
		s.done, s.troubles = nil, nil
	}
	return found, nil
}

// unreturned is no cursor.
const unreturned = "-"

// confirm takes up what the last look learned, if it was committed.
func (s *Asked) confirm(from string) {
	committed := from == s.returned
	if !committed || len(s.told)+len(s.pending) > memoryEvents {
		s.told = map[string][sha256.Size]byte{}
	} else {
		maps.Copy(s.told, s.pending)
	}
	s.pending = map[string][sha256.Size]byte{}
	if !committed || s.done == nil {
		s.done, s.troubles = map[string]bool{}, map[string]string{}
	}
}

func (s *Asked) trouble() string {
	all := append(slices.Clone(s.missing), slices.Sorted(maps.Values(s.troubles))...)
	if n := len(all) - 3; n > 0 {
		all = append(all[:3], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(slices.Compact(all), "; ")
}

// path is that of something in a project.
func (p *project) path(rest string) string { return fmt.Sprintf("projects/%d/%s", p.ID, rest) }

// projects are those that are looked at, each with its main branch.
func (l *look) projects(ctx context.Context) ([]project, error) {
	if l.listed != nil && l.now().Sub(l.listedAt) < listAgain {
		return l.listed, nil
	}
	all, missing := []project{}, []string{}
	for _, path := range l.config.projects() {
		var found project
		switch _, err := l.get(ctx, "projects/"+url.PathEscape(path), &found); {
		case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden):
			missing = append(missing, path+": "+sentence(err))
		case err != nil:
			return nil, err
		case found.ID == 0 || found.Path == "":
			missing = append(missing, path+": GitLab says neither its id nor its path")
		default:
			all = append(all, found)
		}
	}
	at := ""
	if l.config.Group != "" {
		at = fmt.Sprintf("groups/%s/projects?include_subgroups=true&with_shared=false&archived=false&simple=true&per_page=%d", url.PathEscape(l.config.Group), perPage)
	}
	for at != "" && len(all) < maxProjects {
		var page []project
		answer, err := l.get(ctx, at, &page)
		if err != nil {
			return nil, err
		}
		for i := range page {
			if named := slices.ContainsFunc(all, func(p project) bool { return p.ID == page[i].ID }); !named {
				all = append(all, page[i])
			}
		}
		at = answer.Next
	}
	l.listed, l.missing, l.listedAt, l.tiers = all, missing, l.now(), map[int64]map[string]string{}
	return all, nil
}

// tier is that of an environment: a list of deployments does not say it, and a webhook does.
func (l *look) tier(ctx context.Context, p *project, environment string) (string, error) {
	if known, ok := l.tiers[p.ID][environment]; ok {
		return known, nil
	}
	var found []struct {
		Name string `json:"name"`
		Tier string `json:"tier"`
	}
	if _, err := l.get(ctx, p.path("environments?name="+url.QueryEscape(environment)), &found); err != nil {
		return "", err
	}
	if l.tiers[p.ID] == nil {
		l.tiers[p.ID] = map[string]string{}
	}
	l.tiers[p.ID][environment] = ""
	for _, e := range found {
		l.tiers[p.ID][e.Name] = e.Tier
	}
	return l.tiers[p.ID][environment], nil
}

func sentence(err error) string {
	_, text, _ := strings.Cut(err.Error(), ": ")
	return text
}
