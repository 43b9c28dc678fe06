package github

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
)

// Polled is a source that asks GitHub's REST API as well: it finds what was before the webhook, and what the webhook
// missed.
type Polled struct {
	*Source
	client *upstream.Client
	now    func() time.Time

	mu       sync.Mutex
	memory   memory            // what the last commit confirmed
	pending  memory            // what the last look adds to it, once its cursor comes back
	returned string            // that cursor
	done     map[string]bool   // lists of the round that goes on
	troubles map[string]string // of the round that goes on, by list
	listed   []repository      // the repositories, and when that was asked
	missing  []string          // those that were named and cannot be seen
	listedAt time.Time
}

var (
	_ integration.Poller   = (*Polled)(nil)
	_ integration.Receiver = (*Polled)(nil)
)

// memory spares requests and writes; without it the same is found, and nothing doubled.
type memory struct {
	etags map[string]string   // by address
	told  map[string][32]byte // events, by key
	ended map[int64]bool      // deployments
}

func newMemory() memory {
	return memory{map[string]string{}, map[string][32]byte{}, map[int64]bool{}}
}

// Bounds of a look.
const (
	lookEvents   = 500 // about so many make one commit
	lookRequests = 100
	memoryEvents = 50_000
	perPage      = 100 // what GitHub gives at most
	// overlap is looked at again: GitHub's lists are not of one instant.
	overlap = 10 * time.Minute
	// openFor is how long what is not finished is looked at again.
	openFor = 7 * 24 * time.Hour
	// listAgain is how often the repositories are listed.
	listAgain = 10 * time.Minute
	// detailed is how far back the one is asked for who merged a pull request, which is a request for each.
	detailed        = 31 * 24 * time.Hour
	maxRepositories = 2000
)

// Describe says what it listens to and asks.
func (s *Polled) Describe() string {
	return cmp.Or(s.config.Organisation, strings.Join(slices.Sorted(slices.Values(s.config.repositories())), ", "), "all repositories of the App") + " at " + s.client.Base
}

// cursor is where each list of each repository is.
type cursor struct {
	// Commits counts looks that found something: a cursor that comes back says that they were committed.
	Commits int64            `json:"commits"`
	Lists   map[string]*pass `json:"lists"` // by repository and list
}

// pass is a walk through a list, from the newest to what was told before.
type pass struct {
	Start  time.Time `json:"start"`            // how far back the first one goes
	Since  time.Time `json:"since"`            // what is older was told
	First  bool      `json:"first,omitempty"`  // nothing was told yet
	Next   string    `json:"next,omitempty"`   // the page to go on with; empty before and after a walk
	Newest time.Time `json:"newest,omitzero"`  // of this walk
	Open   time.Time `json:"open,omitzero"`    // the oldest that is not finished
	At     time.Time `json:"at,omitzero"`      // how far it has come
	Barred bool      `json:"barred,omitempty"` // it could not be seen: nobody waits for it
}

// list is one kind of thing of which GitHub has a list.
type list struct {
	name string
	path func(r *repository) string
	// read gives what one page tells, newest first.
	read func(ctx context.Context, l *look, r *repository, p *pass, body []byte) ([]item, error)
	opt  func(*Config) bool // nil: always
	// same tells that where the list is as it was, all in it is.
	same func(*pass) bool
}

// item is one thing of a list.
type item struct {
	at   time.Time // by which the list is ordered
	open bool      // it is not finished
	tell []told
}

// told is a payload as a delivery would have it.
type told struct {
	event string
	payload
}

var lists = []list{
	// The statuses of a deployment stand in lists of their own.
	{name: "deployments", path: func(*repository) string { return "deployments?" }, read: readDeployments, same: func(p *pass) bool { return p.Open.IsZero() }},
	{name: "runs", path: func(*repository) string { return "actions/runs?" }, read: readRuns, same: always},
	{name: "pulls", path: func(r *repository) string {
		return "pulls?state=closed&sort=updated&direction=desc&base=" + url.QueryEscape(r.DefaultBranch) + "&"
	}, read: readPulls, same: always},
	{name: "releases", path: func(*repository) string { return "releases?" }, read: readReleases, same: always},
	{
		name: "hooks", path: func(*repository) string { return "hooks?" }, read: readHooks,
		opt: func(c *Config) bool { return c.Deliveries }, same: func(*pass) bool { return false },
	},
}

func always(*pass) bool { return true }

// look is one call of Poll on its way.
type look struct {
	*Polled
	cursor   cursor
	events   []change.Event
	requests int
	wait     time.Duration
	until    time.Time // how far the first look goes back
}

// Poll goes on through the lists, until there is enough for a commit or everything was looked at.
func (s *Polled) Poll(ctx context.Context, from string) (integration.Look, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reason := s.idle(ctx); reason != "" {
		return integration.Look{Cursor: from, Idle: reason}, nil
	}
	s.confirm(from)
	reach, err := s.config.Reach.Reach()
	if err != nil {
		return integration.Look{}, err
	}
	l := &look{Polled: s, until: s.now().Add(-reach).UTC().Truncate(time.Second)}
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

// idle says why nothing can be asked although nothing is wrong: the webhook alone may be all that was wanted.
func (s *Polled) idle(ctx context.Context) string {
	secret := &s.config.Token
	if s.config.AppID != "" {
		secret = &s.config.PrivateKey
	}
	if _, err := secret.Get(ctx); fault.Is(err, fault.NotFound) && !secret.Referred() {
		return "no token is set: only the webhook tells"
	}
	return ""
}

// confirm takes up what the last look learned, if it was committed.
func (s *Polled) confirm(from string) {
	if from != s.returned {
		s.done = nil // it was not committed: all of it is looked at again
	}
	if from != s.returned || len(s.memory.told)+len(s.pending.told) > memoryEvents {
		s.memory = newMemory()
	} else {
		maps.Copy(s.memory.etags, s.pending.etags)
		maps.Copy(s.memory.told, s.pending.told)
		maps.Copy(s.memory.ended, s.pending.ended)
	}
	s.pending = newMemory()
	if s.done == nil {
		s.done, s.troubles = map[string]bool{}, map[string]string{}
	}
}

func (s *Polled) trouble() string {
	all := append(slices.Clone(s.missing), slices.Sorted(maps.Values(s.troubles))...)
	if n := len(all) - 3; n > 0 {
		all = append(all[:3], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(slices.Compact(all), "; ")
}

// round goes through the lists of the repositories that are still to be looked at.
func (l *look) round(ctx context.Context) (more bool, err error) {
	repositories, err := l.repositories(ctx)
	if err != nil {
		return false, err
	}
	standing := map[string]*pass{}
	for i := range repositories {
		for n := range lists {
			if lists[n].opt == nil || lists[n].opt(l.config) {
				name := lists[n].of(&repositories[i])
				standing[name] = cmp.Or(l.cursor.Lists[name], &pass{Start: l.until, Since: l.until, First: true})
			}
		}
	}
	l.cursor.Lists = standing
	for i := range repositories {
		r := &repositories[i]
		for n := range lists {
			name := lists[n].of(r)
			for p := standing[name]; p != nil && !l.done[name]; {
				if len(l.events) >= lookEvents || l.requests >= lookRequests || l.wait > 0 {
					return true, nil
				}
				switch err := l.page(ctx, &lists[n], r, p); {
				case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden), fault.Is(err, fault.Invalid):
					// Of this one list; all others can be seen.
					l.troubles[name], l.done[name], p.Barred = r.FullName+": "+sentence(err), true, true
				case err != nil:
					return true, err
				default:
					p.Barred = false
				}
			}
		}
	}
	return false, nil
}

// of names the list of a repository.
func (k *list) of(r *repository) string { return strings.ToLower(r.FullName) + " " + k.name }

func sentence(err error) string {
	_, text, _ := strings.Cut(err.Error(), ": ")
	return text
}

// page reads one page of a list, and notes whether that ends its walk.
func (l *look) page(ctx context.Context, kind *list, r *repository, p *pass) error {
	name, at := kind.of(r), p.Next
	begins := at == "" || !strings.HasPrefix(at, l.client.Base)
	if begins {
		at = l.path(r, kind.path(r)+fmt.Sprintf("per_page=%d", perPage))
	}
	var body json.RawMessage
	answer, err := l.get(ctx, at, begins && !p.First && kind.same(p), &body)
	if err != nil {
		return err
	}
	if answer.NotModified() {
		l.done[name] = true
		return nil
	}
	items, err := kind.read(ctx, l, r, p, body)
	if err != nil {
		return err
	}
	if begins {
		p.Newest, p.Open = time.Time{}, time.Time{}
	}
	p.Next = answer.Next
	ended := answer.Next == ""
	for _, it := range items {
		if it.at.Before(p.Since) {
			ended = true
			continue
		}
		if it.at.After(p.Newest) {
			p.Newest = it.at
		}
		if it.open && l.now().Sub(it.at) < openFor && (p.Open.IsZero() || it.at.Before(p.Open)) {
			p.Open = it.at
		}
		p.At = it.at
		for i := range it.tell {
			if err := l.take(r, &it.tell[i]); err != nil {
				l.troubles[name] = r.FullName + ": " + sentence(err)
			}
		}
	}
	if ended {
		p.end()
		l.done[name] = true
	}
	return nil
}

// end ends a walk: the next one goes as far back as something can still change.
func (p *pass) end() {
	since := p.Since
	if newest := p.Newest.Add(-overlap); newest.After(since) {
		since = newest
	}
	if !p.Open.IsZero() && !p.Open.After(since) {
		since = p.Open
	}
	*p = pass{Start: p.Start, Since: since, Open: p.Open}
}

// take adds what a payload tells, unless the same was told before.
func (l *look) take(r *repository, t *told) error {
	t.Repository = *r
	e, ignored, err := l.event(t.event, &t.payload)
	if err != nil || ignored != "" {
		return err
	}
	key := toldKey(e.Key, e.Phase)
	digest := sha256.Sum256(e.AppendDocument(nil))
	if l.memory.told[key] == digest || l.pending.told[key] == digest {
		return nil
	}
	l.pending.told[key] = digest
	l.events = append(l.events, e)
	return nil
}

func toldKey(key string, phase change.Phase) string { return key + " " + string(phase) }

// backfill is how far the first looks have come: as far as the least of them.
func (l *look) backfill() *integration.Backfill {
	b := &integration.Backfill{Done: true}
	for _, p := range l.cursor.Lists {
		if !p.First || p.Barred {
			continue
		}
		b.Done, b.Until = false, p.Start
		if at := cmp.Or(p.At, l.now().UTC().Truncate(time.Second)); at.After(b.At) {
			b.At = at
		}
	}
	return b
}

// get asks for something of the API. Where it may be as it was, GitHub is asked for the difference only, which it does
// not count.
func (l *look) get(ctx context.Context, at string, again bool, into any) (upstream.Answer, error) {
	header := http.Header{}
	if tag := l.memory.etags[at]; tag != "" && again {
		header.Set("If-None-Match", tag)
	}
	answer, err := l.client.Get(ctx, at, header, into)
	l.requests++
	l.wait = max(l.wait, answer.Wait)
	if tag := answer.Header.Get("ETag"); err == nil && tag != "" {
		l.pending.etags[at] = tag
	}
	return answer, err
}

func (l *look) path(r *repository, rest string) string {
	owner, name, _ := strings.Cut(r.FullName, "/")
	return strings.TrimSuffix(l.client.Base, "/") + "/repos/" + url.PathEscape(owner) + "/" + url.PathEscape(name) + "/" + rest
}

func read(body []byte, into any) error {
	if err := integration.ReadJSON(body, into); err != nil {
		return fault.New(fault.Unavailable, "GitHub answered with what it does not document: %s", sentence(err))
	}
	return nil
}

// readDeployments tells each deployment with its statuses, in their order.
func readDeployments(ctx context.Context, l *look, r *repository, p *pass, body []byte) ([]item, error) {
	var all []deployment
	if err := read(body, &all); err != nil {
		return nil, err
	}
	var items []item
	for i := range all {
		d := &all[i]
		it := item{at: d.CreatedAt, tell: []told{{"deployment", payload{Deployment: d}}}}
		if it.at.Before(p.Since) || l.memory.ended[d.ID] {
			items = append(items, item{at: d.CreatedAt})
			continue
		}
		var statuses []deploymentStatus
		if _, err := l.get(ctx, l.path(r, fmt.Sprintf("deployments/%d/statuses?per_page=%d", d.ID, perPage)), false, &statuses); err != nil {
			return nil, err
		}
		it.open = len(statuses) == 0 && l.now().Sub(d.CreatedAt) < 24*time.Hour
		for n := len(statuses) - 1; n >= 0; n-- {
			phase, known := integration.OneOf(phases, statuses[n].State)
			if it.open = known && (phase == change.Planned || phase == change.Started); known {
				it.tell = append(it.tell, told{"deployment_status", payload{Deployment: d, DeploymentStatus: &statuses[n]}})
			}
		}
		if !it.open {
			l.pending.ended[d.ID] = true
		}
		items = append(items, it)
	}
	return items, nil
}

func readRuns(_ context.Context, _ *look, _ *repository, _ *pass, body []byte) ([]item, error) {
	var all struct {
		Runs []workflowRun `json:"workflow_runs"`
	}
	if err := read(body, &all); err != nil {
		return nil, err
	}
	items := make([]item, len(all.Runs))
	for i := range all.Runs {
		run := &all.Runs[i]
		items[i] = item{at: run.CreatedAt, open: run.Conclusion == "", tell: []told{{"workflow_run", payload{WorkflowRun: run}}}}
	}
	return items, nil
}

// readPulls tells what was merged. The list does not say by whom.
func readPulls(ctx context.Context, l *look, r *repository, p *pass, body []byte) ([]item, error) {
	var all []pullRequest
	if err := read(body, &all); err != nil {
		return nil, err
	}
	var items []item
	for i := range all {
		pull := &all[i]
		it := item{at: pull.UpdatedAt}
		items = append(items, it)
		merged := integration.At(pull.MergedAt)
		_, before := l.memory.told[toldKey(fmt.Sprintf("pull/%s/%d", strings.ToLower(r.FullName), pull.Number), "")]
		if merged.IsZero() || merged.Before(p.Start) || it.at.Before(p.Since) || before { // a comment, say: it was merged once
			continue
		}
		if l.now().Sub(merged) < detailed && pull.MergedBy.Login == "" {
			if _, err := l.get(ctx, l.path(r, fmt.Sprintf("pulls/%d", pull.Number)), false, pull); err != nil {
				return nil, err
			}
		}
		pull.Merged = true
		items[i].tell = []told{{"pull_request", payload{Action: "closed", PullRequest: pull}}}
	}
	return items, nil
}

func readReleases(_ context.Context, _ *look, _ *repository, _ *pass, body []byte) ([]item, error) {
	var all []release
	if err := read(body, &all); err != nil {
		return nil, err
	}
	var items []item
	for i := range all {
		// A draft is published later than it was made: its place in the list is that of its commit.
		r := &all[i]
		if at := integration.At(r.PublishedAt, r.CreatedAt); !r.Draft {
			items = append(items, item{at: at, tell: []told{{"release", payload{Action: "published", Release: r}}}})
		}
	}
	return items, nil
}

// readHooks tells what a webhook could not deliver, by GitHub's own copy of it.
func readHooks(ctx context.Context, l *look, r *repository, p *pass, body []byte) ([]item, error) {
	var hooks []struct {
		ID     int64 `json:"id"`
		Config struct {
			URL string `json:"url"`
		} `json:"config"`
	}
	if err := read(body, &hooks); err != nil {
		return nil, err
	}
	var items []item
	for _, hook := range hooks {
		if !strings.Contains(hook.Config.URL, "/hooks/") {
			continue // it is somebody else's
		}
		var sent []delivery
		path := l.path(r, fmt.Sprintf("hooks/%d/deliveries", hook.ID))
		if _, err := l.get(ctx, path+fmt.Sprintf("?per_page=%d", perPage), false, &sent); err != nil {
			return nil, err
		}
		arrived := map[string]bool{}
		for _, d := range sent { // the last first
			if d.StatusCode >= 200 && d.StatusCode < 300 {
				arrived[d.GUID] = true
			}
			key := "delivery/" + d.GUID
			if _, before := l.memory.told[key]; before || arrived[d.GUID] || d.DeliveredAt.Before(p.Start) {
				continue
			}
			arrived[d.GUID] = true
			l.pending.told[key] = [32]byte{1}
			var whole delivery
			if _, err := l.get(ctx, fmt.Sprintf("%s/%d", path, d.ID), false, &whole); err != nil {
				return nil, err
			}
			if whole.Request.Payload.Repository.FullName != "" {
				items = append(items, item{at: l.now(), tell: []told{{d.Event, whole.Request.Payload}}})
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
func (l *look) repositories(ctx context.Context) ([]repository, error) {
	if l.listed != nil && l.now().Sub(l.listedAt) < listAgain {
		return l.listed, nil
	}
	var all []repository
	var missing []string
	named := l.config.repositories()
	for _, name := range named {
		r := repository{FullName: name}
		var found repository
		switch _, err := l.get(ctx, strings.TrimSuffix(l.path(&r, ""), "/"), false, &found); {
		case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden):
			missing = append(missing, name+": "+sentence(err))
		case err != nil:
			return nil, err
		default:
			all = append(all, found)
		}
	}
	if len(named) == 0 {
		at := "installation/repositories?per_page=100"
		if l.config.Organisation != "" {
			at = "orgs/" + url.PathEscape(l.config.Organisation) + "/repos?type=all&per_page=100"
		}
		for at != "" && len(all) < maxRepositories {
			answer, err := l.get(ctx, at, false, nil)
			if err != nil {
				return nil, err
			}
			var page []repository
			if l.config.Organisation == "" {
				var installed struct {
					Repositories []repository `json:"repositories"`
				}
				err = read(answer.Body, &installed)
				page = installed.Repositories
			} else {
				err = read(answer.Body, &page)
			}
			if err != nil {
				return nil, err
			}
			for i := range page {
				if !page[i].Archived && !page[i].Disabled {
					all = append(all, page[i])
				}
			}
			at = answer.Next
		}
	}
	l.listed, l.missing, l.listedAt = all, missing, l.now()
	return all, nil
}
