// Package org makes up organisations of any size, and streams of what changes in them, for benchmarks and large tests.
//
// One seed and size always give the same organisation, and the same stream. It is skewed as real ones are: a few
// services that everybody needs and that change all the time, a long tail that hardly does, nights and weekends. Only
// tests and benchmarks import it. Imports: catalog, change and the standard library.
package org

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"tidings.dev/tidings/catalog"
)

// Size is how large an organisation is. What is left zero follows from the number of services.
type Size struct {
	Services    int // at least 1
	Teams       int // a team for 12 services
	People      int // at least 500, and one for 20 services
	Automations int // 20
	Systems     int // a system for 40 services
	Resources   int // a resource for 10 services
	APIs        int // an API for 20 services
	Events      int // what Events gives when it is asked for 0
}

func (s Size) full() Size {
	fill := func(n *int, fallback int) {
		if *n <= 0 {
			*n = max(fallback, 1)
		}
	}
	fill(&s.Services, 1)
	fill(&s.Teams, (s.Services+11)/12)
	fill(&s.People, max(500, s.Services/20))
	fill(&s.Automations, 20)
	fill(&s.Systems, (s.Services+39)/40)
	fill(&s.Resources, (s.Services+9)/10)
	fill(&s.APIs, (s.Services+19)/20)
	return s
}

// Org is a made-up organisation. It is safe for concurrent use.
type Org struct {
	Size Size
	seed uint64

	teams, systems, resources, apis []string
	people, automations             []string // as they are shown
	logins                          []string // of the people
	services                        []service
	// busy are the services in the order of how often they change.
	busy []int32
}

// service is what the statements and the stream need to know of one.
type service struct {
	name, ref, alias, workload string
	team, system, layer        int
	tier                       int
	labels                     map[string]string // shared by its events
	crew                       int               // the first of the people who change it; there are crewSize
	dependsOn                  []int32           // other services
}

const (
	layers   = 6 // from what users see down to what everything stands on
	crewSize = 6
)

// New makes the organisation of a seed.
func New(seed int64, size Size) *Org {
	o := &Org{Size: size.full(), seed: uint64(seed)} //nolint:gosec // any bits will do
	r := o.random(1)
	o.teams = names(o.Size.Teams, areas, squads)
	o.systems = names(o.Size.Systems, areas, []string{"journey", "core", "suite", "office", "chain", "desk", "house"})
	o.resources = names(o.Size.Resources, areas, objects, stores)
	o.apis = names(o.Size.APIs, areas, objects, []string{"v1", "v2", "v3", "grpc", "events"})
	for i := range o.Size.People {
		first, last := firstNames[i%len(firstNames)], lastNames[(i/len(firstNames)+i*7)%len(lastNames)]
		name, login := first+" "+last, strings.ToLower(first+"."+last)
		if again := i / (len(firstNames) * len(lastNames)); again > 0 {
			name, login = fmt.Sprintf("%s %d", name, again+1), fmt.Sprintf("%s%d", login, again+1)
		}
		o.people, o.logins = append(o.people, name), append(o.logins, login)
	}
	for i := range o.Size.Automations {
		name := robots[i%len(robots)]
		if i >= len(robots) {
			name += "-" + strconv.Itoa(i/len(robots)+1)
		}
		o.automations = append(o.automations, name)
	}
	for i, name := range names(o.Size.Services, areas, objects, roles) {
		team := r.IntN(o.Size.Teams)
		s := service{
			name: name, ref: "service:" + name, alias: "github:acme/" + name,
			workload: "kubernetes:prod/" + o.teams[team] + "/deployment/" + name,
			team:     team, system: r.IntN(o.Size.Systems), layer: i * layers / o.Size.Services,
			tier: tier(r), crew: o.lead(team),
		}
		s.labels = map[string]string{"team": o.teams[team], "repository": "acme/" + name, "run": strconv.Itoa(100_000 + r.IntN(900_000))}
		o.services = append(o.services, s)
		o.busy = append(o.busy, int32(i)) //nolint:gosec // far fewer
	}
	o.depend(r)
	r.Shuffle(len(o.busy), func(i, j int) { o.busy[i], o.busy[j] = o.busy[j], o.busy[i] })
	return o
}

// random is a stream of its own for one purpose, so that a change of one does not shift the others.
func (o *Org) random(purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(o.seed, purpose)) //nolint:gosec // the same numbers every time are the point
}

func tier(r *rand.Rand) int {
	switch n := r.IntN(100); {
	case n < 8:
		return 0
	case n < 35:
		return 1
	case n < 75:
		return 2
	}
	return 3
}

// depend gives each service what it needs of the layers below, hubs more often than not, and now and then something
// above it: real dependencies have cycles.
func (o *Org) depend(r *rand.Rand) {
	n := len(o.services)
	for i := range o.services {
		s := &o.services[i]
		below := ((s.layer+1)*n + layers - 1) / layers // the first of the next layer
		if below >= n {
			continue
		}
		// A square of a square prefers the first of the layers below, which are the hubs.
		for range min(r.IntN(5)+r.IntN(4), n-below) {
			x := r.Float64()
			s.dependsOn = append(s.dependsOn, int32(below+int(x*x*x*x*float64(n-below)))) //nolint:gosec // below n
		}
		slices.Sort(s.dependsOn)
		s.dependsOn = slices.Compact(s.dependsOn)
	}
	for range n / 200 {
		i := r.IntN(n)
		if deps := o.services[i].dependsOn; len(deps) > 0 {
			back := &o.services[deps[r.IntN(len(deps))]]
			if !slices.Contains(back.dependsOn, int32(i)) { //nolint:gosec // below n
				back.dependsOn = append(back.dependsOn, int32(i)) //nolint:gosec // below n
			}
		}
	}
}

// lead is the first of a team's people; the others follow. With more teams than people, some are in several.
func (o *Org) lead(team int) int { return team % len(o.people) }

// names makes n different names out of the words, one of each list joined by dashes; beyond that, numbered ones.
func names(n int, words ...[]string) []string {
	total := 1
	for _, list := range words {
		total *= len(list)
	}
	// A step that shares no factor with the total visits every combination once, and neighbours differ.
	step := total*618/1000 | 1
	for gcd(step, total) != 1 {
		step += 2
	}
	all := make([]string, n)
	for i := range all {
		rest := i % total * step % total
		var parts []string
		for _, list := range words {
			parts = append(parts, list[rest%len(list)])
			rest /= len(list)
		}
		if again := i / total; again > 0 {
			parts = append(parts, strconv.Itoa(again+1))
		}
		all[i] = strings.Join(parts, "-")
	}
	return all
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Services lists the names of the services; the busiest first.
func (o *Org) Services() []string {
	all := make([]string, len(o.busy))
	for i, at := range o.busy {
		all[i] = o.services[at].name
	}
	return all
}

// Teams lists the names of the teams.
func (o *Org) Teams() []string { return slices.Clone(o.teams) }

// Source is who makes the statements.
var Source = catalog.Source{Name: "descriptor:bench", Rank: catalog.Descriptor}

// Statements describes the whole organisation, one statement an entity.
func (o *Org) Statements() iter.Seq[catalog.Statement] {
	return func(yield func(catalog.Statement) bool) {
		d := &describer{Org: o, Rand: o.random(2), yield: yield, more: true}
		for _, describe := range []func(){d.ofTeams, d.ofPeople, d.ofSystems, d.ofResources, d.ofAPIs, d.ofServices} {
			describe()
		}
	}
}

// describer makes statements as long as more of them are wanted.
type describer struct {
	*Org
	*rand.Rand
	yield func(catalog.Statement) bool
	more  bool
}

func (d *describer) say(kind catalog.Kind, name string, claims ...catalog.Claim) {
	if d.more {
		d.more = d.yield(catalog.Statement{Ref: catalog.Ref{Kind: kind, Name: strings.ToLower(name)}, Name: name, Source: Source, Claims: claims})
	}
}

func (d *describer) pick(words []string) string { return words[d.IntN(len(words))] }

// sentence is what somebody would write about a service.
func (d *describer) sentence() string {
	return fmt.Sprintf("%s %s %s for %s, %s.", d.pick(does), d.pick(qualities), d.pick(objects), d.pick(areas), d.pick(manners))
}

func (d *describer) owner() catalog.Claim {
	return catalog.Say(catalog.FieldOwner, "team:"+d.pick(d.teams))
}

func link(kind, host, name string) catalog.Claim {
	return catalog.Say(catalog.Key(catalog.FamilyLink, kind, "https://"+host+".example.com/"+name), "")
}

func relation(family string, kind catalog.Kind, name string) catalog.Claim {
	return catalog.Say(catalog.Key(family, string(kind)+":"+name), "declared")
}

func (d *describer) ofTeams() {
	for i, name := range d.teams {
		d.say(catalog.Team, name, catalog.Say(catalog.FieldDescription, d.sentence()),
			catalog.Say(catalog.Key(catalog.FamilyContact, "slack", "#"+name), ""),
			catalog.Say(catalog.Key(catalog.FamilyOnCall, "primary", "person:"+d.logins[d.lead(i)]), ""))
	}
}

func (d *describer) ofPeople() {
	for i, login := range d.logins {
		d.say(catalog.Person, login, catalog.Say(catalog.FieldTitle, d.people[i]), catalog.Say(catalog.FieldEmail, login+"@example.com"),
			catalog.Say(catalog.FieldTimeZone, d.pick(zones)), relation(catalog.FamilyPartOf, catalog.Team, d.teams[i%len(d.teams)]))
	}
}

func (d *describer) ofSystems() {
	for _, name := range d.systems {
		d.say(catalog.System, name, catalog.Say(catalog.FieldDescription, d.sentence()), d.owner())
	}
}

func (d *describer) ofResources() {
	for _, name := range d.resources {
		d.say(catalog.Resource, name, catalog.Say(catalog.FieldType, d.pick(stores)), d.owner(),
			link("dashboard", "grafana", name), relation(catalog.FamilyPartOf, catalog.System, d.pick(d.systems)))
	}
}

func (d *describer) ofAPIs() {
	for _, name := range d.apis {
		d.say(catalog.API, name, catalog.Say(catalog.FieldDescription, d.sentence()), d.owner(), catalog.Say(catalog.FieldLifecycle, "production"))
	}
}

func (d *describer) ofServices() {
	for i := range d.services {
		s := &d.services[i]
		language := languages[d.IntN(len(languages))]
		claims := []catalog.Claim{
			catalog.Say(catalog.FieldDescription, d.sentence()+" "+d.sentence()),
			catalog.Say(catalog.FieldLanguage, language[0]), catalog.Say(catalog.FieldLanguageVersion, language[1]),
			catalog.Say(catalog.FieldTier, s.tier), catalog.Say(catalog.FieldUserFacing, s.layer < 2),
			catalog.Say(catalog.FieldLifecycle, "production"), catalog.Say(catalog.FieldPlatform, "kubernetes"),
			catalog.Say(catalog.FieldDeployedBy, "argo-cd"), catalog.Say(catalog.FieldOwner, "team:"+d.teams[s.team]),
			catalog.Say(catalog.Key(catalog.FamilyContact, "slack", "#"+d.teams[s.team]), ""),
			catalog.Say(catalog.Key(catalog.FamilyAlias, s.alias), true), catalog.Say(catalog.Key(catalog.FamilyAlias, s.workload), true),
			link("dashboard", "grafana", s.name), link("logs", "logs", s.name), link("repo", "git", s.name),
			relation(catalog.FamilyPartOf, catalog.System, d.systems[s.system]),
		}
		if s.tier < 3 {
			claims = append(claims, link("runbook", "docs", s.name))
		}
		for range d.IntN(4) {
			tag := tags[d.IntN(len(tags))]
			claims = append(claims, catalog.Say(catalog.Key(catalog.FamilyTag, tag[0]), tag[1]))
		}
		for _, target := range s.dependsOn {
			claims = append(claims, relation(catalog.FamilyDependsOn, catalog.Service, d.services[target].name))
		}
		for range d.IntN(3) {
			claims = append(claims, relation(catalog.FamilyDependsOn, catalog.Resource, d.pick(d.resources)))
		}
		if d.IntN(6) == 0 {
			claims = append(claims, relation(catalog.FamilyProvides, catalog.API, d.apis[i%len(d.apis)]))
		}
		if d.IntN(4) == 0 {
			claims = append(claims, relation(catalog.FamilyConsumes, catalog.API, d.pick(d.apis)))
		}
		d.say(catalog.Service, s.name, claims...)
	}
}
