package aws

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/observe"
)

// What can be looked at.
const (
	lookECS         = "ecs"
	lookLambda      = "lambda"
	lookAutoScaling = "autoscaling"
)

func looks() []string { return []string{lookECS, lookLambda, lookAutoScaling} }

// Watching is a source that looks at AWS as well.
type Watching struct {
	*Source
	places []*place
}

// place is one region of one account.
type place struct {
	api
	config  *Config
	account string // "own" where the credentials themselves look
	// Of Lambda all requests but those that run functions share fifteen a second, with everybody who deploys.
	pace *rate.Limiter

	definitions map[string]*definition // of tasks: they never change
	versions    map[string]version     // of functions: they never change either
	tags        map[string]map[string]string
	// Functions without an alias are asked for one at each tenth look only.
	bare map[string]bool
	turn int
}

// lambdaPace is how many requests a second Lambda is asked, a third of what it allows.
const lambdaPace = 5

// watching makes the source that looks.
func (s *Source) watching() *Watching {
	c := s.config
	client := c.http
	home := &api{region: c.Regions[0], http: client, now: time.Now}
	own := &keyring{now: time.Now}
	own.ask = (&ambient{getenv: os.Getenv, http: client, sts: home.sts}).keys
	home.keys = own.get
	if c.AccessKeyID != "" {
		home.keys = c.typed
	}
	w := &Watching{Source: s}
	add := func(account string, keys func(context.Context) (keys, error)) {
		for _, region := range c.Regions {
			w.places = append(w.places, &place{
				api: api{region: region, keys: keys, http: client, now: time.Now}, config: c, account: account,
				pace: rate.NewLimiter(lambdaPace, lambdaPace), definitions: map[string]*definition{}, versions: map[string]version{}, bare: map[string]bool{},
			})
		}
	}
	if len(c.Roles) == 0 {
		add("own", home.keys)
	}
	for _, role := range c.Roles {
		taken := &keyring{now: time.Now, ask: func(ctx context.Context) (keys, error) {
			form := url.Values{"RoleArn": {role}, "RoleSessionName": {sessionName}}
			if c.ExternalID != "" {
				form.Set("ExternalId", c.ExternalID)
			}
			k, err := home.sts(ctx, "AssumeRole", form, true)
			if fault.Is(err, fault.Forbidden) {
				return k, fault.New(fault.Forbidden, "AWS does not let %s be taken on: its trust policy must name who asks, with the external id that is configured, and who asks must be allowed sts:AssumeRole on it", role)
			}
			return k, err
		}}
		add(accountOf(role), taken.get)
	}
	return w
}

var (
	_ integration.Seer       = (*Watching)(nil)
	_ integration.Confirming = (*Watching)(nil)
	_ integration.Sparing    = (*Watching)(nil)
)

// Describe says what it listens to and looks at.
func (w *Watching) Describe() string {
	at := fmt.Sprintf("AWS in %s", strings.Join(w.config.Regions, ", "))
	if n := len(w.config.Roles); n > 1 {
		at += fmt.Sprintf(", of %d accounts", n)
	}
	if w.config.Secret.IsSet() || len(w.config.Topics) > 0 {
		at = w.Source.Describe() + ", and " + at
	}
	return at
}

// Scope says nothing: each object says where it is.
func (w *Watching) Scope() observe.Scope { return observe.Scope{} }

func (p *place) collection(of string) string { return of + " " + p.account + " " + p.region }

// Collections are what See looks at.
func (w *Watching) Collections() []string {
	var list []string
	for _, p := range w.places {
		for _, of := range w.config.lookingAt() {
			list = append(list, p.collection(of))
		}
	}
	return list
}

// atOnce is how many collections are looked at side by side.
const atOnce = 4

// See looks at everything. A collection that cannot be seen is told as trouble, and the others are seen; where none can be
// seen the first error is that of the look.
func (w *Watching) See(ctx context.Context, mark func(string) string, to observe.Sink) error {
	var mu sync.Mutex
	var first error
	seen := 0
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(atOnce)
	for _, p := range w.places {
		work.Go(func() error {
			untagged := p.readTags(ctx, w.config.lookingAt())
			p.trouble(to, "tags", untagged)
			for _, of := range w.config.lookingAt() {
				see := map[string]func(context.Context, func(string) string, observe.Sink) error{
					lookECS: p.seeECS, lookLambda: p.seeLambda, lookAutoScaling: p.seeGroups,
				}[of]
				err := untagged // whose they are their tags say
				if p.tags != nil || of == lookAutoScaling {
					err = see(ctx, mark, to)
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				mu.Lock()
				if err != nil && (first == nil || fault.Is(first, fault.Forbidden) && fault.Is(err, fault.RateLimited)) {
					first = err
				}
				if err == nil {
					seen++
				}
				mu.Unlock()
				if p.trouble(to, of, err); err == nil {
					to.Complete(p.collection(of))
				}
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	if seen == 0 {
		return first
	}
	return nil
}

// trouble says why something cannot be seen, or that it can again.
func (p *place) trouble(to observe.Sink, of string, err error) {
	said := ""
	if err != nil {
		said = sentence(err)
	}
	to.Trouble(p.collection(of), said)
}

// sentence is what an error says to people; what is internal stays in the log.
func sentence(err error) string {
	if fault.CodeOf(err) == fault.Internal {
		return "the log of the server has more"
	}
	_, text, found := strings.Cut(err.Error(), ": ")
	if !found {
		return err.Error()
	}
	return text
}

// mostPages bounds a list that does not end.
const mostPages = 2000

// pages asks for a list page by page; ask gets where the next one begins, and gives where the one after it does.
func pages(ctx context.Context, ask func(token string) (next string, err error)) error {
	for n, token := 0, ""; n < mostPages; n++ {
		next, err := ask(token)
		if err != nil {
			return err
		}
		if next == "" {
			return nil
		}
		if next == token {
			return fault.New(fault.Unavailable, "AWS gives the same page of a list again and again")
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		token = next
	}
	return fault.New(fault.Unavailable, "AWS gives a list without an end")
}

// readTags reads the tags of services and functions at once; groups have theirs with them.
func (p *place) readTags(ctx context.Context, of []string) error {
	var types []string
	for _, kind := range []struct{ look, name string }{{lookECS, "ecs:service"}, {lookLambda, "lambda:function"}} {
		if slices.Contains(of, kind.look) {
			types = append(types, kind.name)
		}
	}
	if len(types) == 0 {
		return nil
	}
	p.turn++
	tags := map[string]map[string]string{}
	err := pages(ctx, func(token string) (string, error) {
		var answer taggedResources
		err := p.json(ctx, "tagging", "tag", "ResourceGroupsTaggingAPI_20170126.GetResources", map[string]any{
			"ResourceTypeFilters": types, "ResourcesPerPage": 100, "PaginationToken": token,
		}, &answer)
		for _, r := range answer.Resources {
			pairs := map[string]string{}
			for _, t := range r.Tags {
				pairs[t.Key] = t.Value
			}
			tags[r.ARN] = tagsOf(pairs)
		}
		return answer.Next, err
	})
	if err == nil || fault.Is(err, fault.Forbidden) {
		// Who may not read tags sees all else. A fault that may pass leaves the tags as they were.
		p.tags = tags
	}
	return err
}

// prune forgets what was cached and not used in a look.
func prune[V any](cached map[string]V, used map[string]bool) {
	for key := range cached {
		if !used[key] {
			delete(cached, key)
		}
	}
}
