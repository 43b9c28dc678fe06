package catalog

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
)

var (
	benchDomains = strings.Fields(`payments ledger checkout cart pricing catalog search inventory shipping fraud billing invoice identity session
		profile notification email sms webhook audit report analytics recommendation ranking warehouse courier tracking returns refund loyalty
		coupon tax currency settlement payout merchant onboarding kyc risk limits quota gateway proxy router scheduler workflow media image`)
	benchParts = strings.Fields(`api worker service gateway consumer producer sync cron db cache proxy adapter web admin batch stream indexer
		reader writer processor validator exporter importer bridge relay`)
	benchProse = strings.Fields(`the of and to for from with by on a in handles keeps serves computes stores reads writes sends events requests
		orders customers merchants amounts balances documents messages state history every new old each region country team internal public
		partner settles retries queues topic table schema nightly hourly realtime idempotent legacy migrated platform shared critical best effort`)
)

// benchRoll makes as many services as asked, and the teams, systems and resources to go with them. Every service has
// ten tags, five links, three aliases and four relations.
func benchRoll(services int) []*Entity {
	rng := rand.New(rand.NewPCG(7, uint64(services)))
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var roll []*Entity
	put := func(e *Entity) {
		e.ID, e.UpdatedAt, e.Described = int64(len(roll)+1), at, true
		roll = append(roll, e)
	}
	teams, systems, resources := services/50+1, services/40+1, services/4+1
	ref := func(kind Kind, format string, i int) Ref {
		return Ref{kind, fmt.Sprintf(format, benchDomains[i%len(benchDomains)], i)}
	}
	team := func(i int) Ref { return ref(Team, "team-%s-%d", i) }
	system := func(i int) Ref { return ref(System, "%s-system-%d", i) }
	resource := func(i int) Ref { return ref(Resource, "%s-postgres-%d", i) }
	service := func(i int) Ref {
		return ref(Service, "%s-"+benchParts[i/len(benchDomains)%len(benchParts)]+"-%d", i)
	}
	for i := range teams {
		put(&Entity{Kind: Team, Name: team(i).Name, Title: strings.ToUpper(benchDomains[i%len(benchDomains)]) + " team"})
	}
	for i := range systems {
		put(&Entity{Kind: System, Name: system(i).Name})
	}
	for i := range resources {
		owner := team(rng.IntN(teams))
		put(&Entity{Kind: Resource, Name: resource(i).Name, Type: "postgres", Owner: &owner})
	}
	for i := range services {
		name, owner, tier, facing := service(i).Name, team(rng.IntN(teams)), rng.IntN(4), rng.IntN(2) == 0
		var prose []string
		for range 12 + rng.IntN(20) {
			prose = append(prose, pick(benchProse))
		}
		e := &Entity{
			Kind: Service, Name: name, Title: benchDomains[i%len(benchDomains)] + " " + pick(benchParts), Description: strings.Join(prose, " "),
			Language: pick([]string{"go", "java", "python", "typescript", "rust", "kotlin"}), LanguageVersion: "1.26", Tier: &tier, UserFacing: &facing,
			Lifecycle: pick(Lifecycles()), Platform: pick(Platforms()), DeployedBy: "argo-cd", RPO: "15m", RTO: "1h", Owner: &owner,
			Aliases:  []string{"github:acme/" + name, fmt.Sprintf("pagerduty:p%06x", rng.IntN(1<<24)), "kubernetes:prod/" + name + "/deployment/" + name},
			Contacts: []Contact{{Type: "slack", Value: "#" + owner.Name}},
			OnCall:   []OnCall{{Role: "primary", Name: "person:somebody"}},
			Relations: []Relation{
				{Type: FamilyPartOf, Target: system(rng.IntN(systems)), Evidence: Declared, Since: at},
				{Type: FamilyDependsOn, Target: resource(rng.IntN(resources)), Evidence: Declared, Since: at},
				{Type: FamilyDependsOn, Target: service(rng.IntN(services)), Evidence: Observed, Since: at, LastSeen: at},
				{Type: FamilyDependsOn, Target: service(rng.IntN(services)), Evidence: Both, Since: at, LastSeen: at},
			},
		}
		for t := range 10 {
			value := pick(benchDomains)
			if t == 0 {
				value = fmt.Sprintf("cc-%d", rng.IntN(500))
			}
			e.Tags = append(e.Tags, Tag{Key: fmt.Sprintf("tag-%d", t), Value: value})
		}
		for _, link := range []string{"dashboard", "runbook", "logs", "repo", "chat"} {
			e.Links = append(e.Links, Link{Type: link, Title: link + " of " + name, URL: "https://" + link + ".acme.example/" + name})
		}
		put(e)
	}
	return roll
}

// benchSizes runs a benchmark on an index of each size.
func benchSizes(b *testing.B, run func(b *testing.B, x *Index, roll []*Entity)) {
	for _, services := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("services=%d", services), func(b *testing.B) {
			roll := benchRoll(services)
			x := NewIndex()
			x.Put(roll...)
			runtime.GC()
			run(b, x, roll)
		})
	}
}

// BenchmarkIndexReads is what sixteen readers at once see: ns/op is the time of one read divided by the cores.
func BenchmarkIndexReads(b *testing.B) {
	benchSizes(b, func(b *testing.B, x *Index, roll []*Entity) {
		last := roll[len(roll)-1]
		var roots []Ref
		for _, e := range roll[len(roll)-20:] {
			roots = append(roots, e.Ref())
		}
		if n := len(x.Neighbourhood(roots, 3)); n < 200 {
			b.Fatalf("the neighbourhood has %d entities: too few to measure", n)
		}
		lastChange := func(id int64) int64 { return id * 7919 % 1_000_003 }
		list := func(f Filter, s Sort, after string) func() {
			return func() {
				if page, err := x.List(f, s, after, 50); err != nil || page.Total == 0 {
					b.Error(page.Total, err)
				}
			}
		}
		deep, err := x.List(Filter{}, Sort{By: ByTier}, "", MaxPage)
		if err != nil {
			b.Fatal(err)
		}
		for _, bench := range []struct {
			name string
			read func()
		}{
			{"get", func() { x.Get(last.Ref()) }},
			{"resolve", func() { x.Resolve(last.Aliases[0]) }},
			{"list", list(Filter{}, Sort{}, "")},
			{"list-next", list(Filter{}, Sort{By: ByTier}, deep.Next)},
			{"list-owner", list(Filter{Owners: []string{last.Owner.Name}}, Sort{}, "")},
			{"list-tag", list(Filter{Tags: []string{last.Tags[3].String()}, Tiers: []int{1, 2}}, Sort{}, "")},
			{"list-words", list(Filter{Q: "payments worker"}, Sort{}, "")},
			{"list-word", list(Filter{Q: "payments"}, Sort{}, "")},
			{"list-by-change", list(Filter{}, Sort{By: ByLastChange, LastChange: lastChange}, "")},
			{"facets", func() { x.Facets(Filter{Kinds: []Kind{Service}, Platforms: []string{"vm"}}) }},
			{"select", func() { x.Select(Filter{Platforms: []string{"vm"}}) }},
			{"search-letter", func() { x.Search("p", nil, 20) }},
			{"search-word", func() { x.Search("payments", nil, 20) }},
			{"search-two", func() { x.Search("payments worker", nil, 20) }},
			{"search-typo", func() { x.Search("paymnets worker", nil, 20) }},
			{"search-compound", func() { x.Search("payments-api", nil, 20) }},
			{"search-common", func() { x.Search("the dashboard", nil, 20) }},
			{"neighbourhood", func() { x.Neighbourhood(roots, 3) }},
			{"owned-by", func() { x.OwnedBy(*last.Owner) }},
			{"suggest", func() { x.Suggest("github:acme/paymnts-api-prod", 5) }},
		} {
			b.Run(bench.name, func(b *testing.B) {
				b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						bench.read()
					}
				})
			})
		}
	})
}

// BenchmarkIndexPut puts one changed entity, one new one, and ten thousand changed ones at once.
func BenchmarkIndexPut(b *testing.B) {
	benchSizes(b, func(b *testing.B, x *Index, roll []*Entity) {
		revision, id := 0, int64(len(roll))
		changed := func(i int) *Entity {
			revision++
			e, tier := *roll[len(roll)-1-i], revision%4
			e.Description = fmt.Sprintf("%s revision%d", e.Description, revision)
			e.Tier = &tier
			return &e
		}
		b.Run("changed", func(b *testing.B) {
			for b.Loop() {
				x.Put(changed(revision % 1000))
			}
		})
		b.Run("new", func(b *testing.B) {
			for b.Loop() {
				id++
				e := *roll[len(roll)-1]
				e.ID, e.Name = id, fmt.Sprintf("fresh-%d", id)
				x.Put(&e)
			}
		})
		b.Run("changed-10000", func(b *testing.B) {
			batch := make([]*Entity, 10_000)
			for b.Loop() {
				for i := range batch {
					batch[i] = changed(i)
				}
				x.Put(batch...)
			}
		})
	})
}

// BenchmarkIndexFill fills an empty index, and reports the heap that the roll and its index hold.
func BenchmarkIndexFill(b *testing.B) {
	for _, services := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("services=%d", services), func(b *testing.B) {
			heap := func() float64 {
				runtime.GC()
				runtime.GC()
				var stats runtime.MemStats
				runtime.ReadMemStats(&stats)
				return float64(stats.HeapAlloc) / (1 << 20)
			}
			start := heap()
			roll := benchRoll(services)
			entities := heap()
			var x *Index
			for b.Loop() {
				x = NewIndex()
				x.Put(roll...)
			}
			b.ReportMetric(heap()-entities, "index-MiB")
			b.ReportMetric(entities-start, "roll-MiB")
			runtime.KeepAlive(roll)
			runtime.KeepAlive(x)
		})
	}
}
