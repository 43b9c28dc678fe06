package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidings.dev/tidings/fault"
)

// naive is the roll without any index: every answer is a pass over all entities.
type naive map[int64]*Entity

func (n naive) all() []*Entity {
	return slices.SortedFunc(maps.Values(n), func(a, b *Entity) int { return cmp.Compare(a.ID, b.ID) })
}

func (n naive) find(ref Ref) *Entity {
	for _, e := range n.all() {
		if e.Ref() == ref {
			return e
		}
	}
	return nil
}

// passes is the filter, field by field; skip leaves one field out, as its facet does.
func passes(e *Entity, f Filter, loose []bool, skip string) bool {
	if e.Retired && !f.WithRetired {
		return false
	}
	fold := strings.ToLower
	one := func(field string, wanted []string, have string) bool {
		return field == skip || len(wanted) == 0 || (have != "" && slices.ContainsFunc(wanted, func(w string) bool { return fold(w) == fold(have) }))
	}
	kinds := make([]string, len(f.Kinds))
	for i, kind := range f.Kinds {
		kinds[i] = string(kind)
	}
	tiers := make([]string, len(f.Tiers))
	for i, tier := range f.Tiers {
		tiers[i] = strconv.Itoa(tier)
	}
	tier, owner := "", ""
	if e.Tier != nil {
		tier = strconv.Itoa(*e.Tier)
	}
	if e.Owner != nil {
		owner = e.Owner.String()
	}
	owners := make([]string, len(f.Owners))
	for i, o := range f.Owners {
		owners[i] = o
		if !strings.Contains(o, ":") {
			owners[i] = "team:" + o
		}
	}
	if !one("kind", kinds, string(e.Kind)) || !one("tier", tiers, tier) || !one("language", f.Languages, e.Language) ||
		!one("platform", f.Platforms, e.Platform) || !one("lifecycle", f.Lifecycles, e.Lifecycle) || !one("owner", owners, owner) {
		return false
	}
	if skip != "owner" && f.Unowned && e.Owner != nil {
		return false
	}
	if skip != "system" && len(f.Systems) > 0 && !slices.ContainsFunc(e.Related(FamilyPartOf), func(r Relation) bool {
		return r.Target.Kind == System && slices.ContainsFunc(f.Systems, func(s string) bool { return fold(strings.TrimPrefix(s, "system:")) == r.Target.Name })
	}) {
		return false
	}
	for _, wanted := range f.Tags {
		key, value, pair := strings.Cut(wanted, ":")
		if skip != "tag" && !slices.ContainsFunc(e.Tags, func(t Tag) bool {
			return strings.EqualFold(t.Key, key) && (!pair || strings.EqualFold(t.Value, value))
		}) {
			return false
		}
	}
	return len(newQuery(f.Q).words) == 0 || cost(e, f.Q, loose) > 0
}

func (n naive) selected(f Filter) []*Entity {
	loose := n.loose(f.Q, false)
	return slices.DeleteFunc(n.all(), func(e *Entity) bool { return !passes(e, f, loose, "") })
}

// order compares two entities as a page has them.
func (n naive) order(s Sort) func(a, b *Entity) int {
	return func(a, b *Entity) int {
		first := 0
		switch s.By {
		case ByTier:
			tier := func(e *Entity) int {
				if e.Tier == nil {
					return 9
				}
				return *e.Tier
			}
			first = cmp.Compare(tier(a), tier(b))
		case ByOwner:
			owner := func(e *Entity) string {
				if e.Owner == nil {
					return "~"
				}
				return e.Owner.Name
			}
			first = cmp.Compare(owner(a), owner(b))
		case ByLastChange:
			first = cmp.Compare(s.LastChange(b.ID), s.LastChange(a.ID))
		}
		return cmp.Or(first, cmp.Compare(a.Ref().Name, b.Ref().Name),
			cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind)), cmp.Compare(a.ID, b.ID))
	}
}

// loose tells of each word of a query whether typos count.
func (n naive) loose(q string, typos bool) []bool {
	var loose []bool
	for _, w := range newQuery(q).words {
		loose = append(loose, typos || !n.known(w))
	}
	return loose
}

// cost is what a query costs in an entity: zero when a word does not match.
func cost(e *Entity, q string, loose []bool) int {
	parsed := newQuery(q)
	have := wordsOf(e)
	sum := 0
	for i, w := range parsed.words {
		loose := loose[i]
		best := 0
		for _, form := range w.forms {
			best = cheaper(best, wordCost(have, form, loose))
		}
		together := 0
		for _, part := range w.parts {
			cost := wordCost(have, part, loose)
			if cost == 0 {
				together = 0
				break
			}
			together = max(together, cost)
		}
		if best = cheaper(best, together); best == 0 {
			return 0
		}
		sum = min(sum+best, maxCost)
	}
	for _, whole := range parsed.whole {
		if slices.Contains(have, word{whole, inWholeName}) {
			return costWhole
		}
	}
	return sum
}

func (n naive) known(w compound) bool {
	for _, e := range n {
		have := wordsOf(e)
		for _, form := range w.forms {
			if wordCost(have, form, false) > 0 {
				return true
			}
		}
		if !slices.ContainsFunc(w.parts, func(part string) bool { return wordCost(have, part, false) == 0 }) {
			return true
		}
	}
	return false
}

func cheaper(a, b int) int {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

func wordCost(have []word, text string, typos bool) int {
	best := 0
	letters := len([]rune(text))
	for _, w := range have {
		switch {
		case w.text == text:
			best = cheaper(best, int(costExact[w.place]))
		case strings.HasPrefix(w.text, text):
			best = cheaper(best, int(costPrefix[w.place]))
		}
		if letters >= 3 && strings.Contains(w.text, text) {
			best = cheaper(best, int(costInside[w.place]))
		}
		if typos && letters >= 4 && distance(w.text, text) == 1 {
			best = cheaper(best, int(costTypo[w.place]))
		}
	}
	return best
}

// distance is the optimal string alignment distance, by its definition.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	d := make([][]int, len(s)+1)
	for i := range d {
		d[i] = make([]int, len(t)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(s)][len(t)]
}

func (n naive) search(q string, kinds []Kind, limit int) []*Entity {
	costs := map[int64]int{}
	loose := n.loose(q, true)
	for _, e := range n {
		cost := cost(e, q, loose)
		if ref, err := ParseRef(q, ""); err == nil && e.Ref() == ref {
			cost = costWhole
		}
		if cost > 0 && (len(kinds) == 0 || slices.Contains(kinds, e.Kind)) {
			costs[e.ID] = cost
		}
	}
	found := slices.DeleteFunc(n.all(), func(e *Entity) bool { return costs[e.ID] == 0 })
	rank := func(e *Entity) int {
		r := 4
		if e.Tier != nil {
			r = *e.Tier
		}
		if e.Retired {
			r += 5
		}
		return r
	}
	slices.SortFunc(found, func(a, b *Entity) int {
		return cmp.Or(cmp.Compare(costs[a.ID], costs[b.ID]), cmp.Compare(rank(a), rank(b)), n.order(Sort{})(a, b))
	})
	return found[:min(len(found), limit)]
}

func (n naive) facets(f Filter) map[string]map[string]int {
	facets := map[string]map[string]int{}
	loose := n.loose(f.Q, false)
	for _, e := range n {
		count := func(field string, values ...string) {
			if !passes(e, f, loose, field) {
				return
			}
			if facets[field] == nil {
				facets[field] = map[string]int{}
			}
			slices.Sort(values)
			for _, value := range slices.Compact(values) {
				if value != "" {
					facets[field][value]++
				}
			}
		}
		tier, owner := "", ""
		if e.Tier != nil {
			tier = strconv.Itoa(*e.Tier)
		}
		if e.Owner != nil {
			owner = e.Owner.String()
		}
		var systems []string
		for _, r := range e.Related(FamilyPartOf) {
			if r.Target.Kind == System {
				systems = append(systems, r.Target.String())
			}
		}
		count("kind", string(e.Kind))
		count("tier", tier)
		count("language", e.Language)
		count("platform", e.Platform)
		count("lifecycle", e.Lifecycle)
		count("owner", owner)
		count("system", systems...)
	}
	return facets
}

func (n naive) steps(roots []Ref, depth int) map[int64]int {
	steps := map[int64]int{}
	for _, root := range roots {
		if e := n.find(root); e != nil {
			steps[e.ID] = 0
		}
	}
	providers := func(api Ref) []*Entity {
		return slices.DeleteFunc(n.all(), func(e *Entity) bool {
			return !slices.ContainsFunc(e.Relations, func(r Relation) bool { return r.Type == FamilyProvides && r.Target == api })
		})
	}
	for step := range depth {
		for _, e := range n {
			if at, ok := steps[e.ID]; !ok || at != step {
				continue
			}
			var next []*Entity
			if e.Kind == API {
				next = append(next, providers(e.Ref())...)
			}
			for _, r := range e.Relations {
				if r.Type == FamilyDependsOn || r.Type == FamilyConsumes {
					if target := n.find(r.Target); target != nil {
						next = append(next, target)
					}
					if r.Target.Kind == API {
						next = append(next, providers(r.Target)...)
					}
				}
			}
			for _, target := range next {
				if _, ok := steps[target.ID]; !ok {
					steps[target.ID] = step + 1
				}
			}
		}
	}
	return steps
}

// genEntity makes an entity out of few words, so that names, tags and typos meet.
func genEntity(rng *rand.Rand, id int64) *Entity {
	words := []string{"payments", "payment", "paymnets", "pay", "ledger", "api", "Café", "checkoutFlow", "checkout", "eu", "ledgers", "über", "x1", "日本語"}
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	some := func(from []string) string {
		if rng.IntN(3) == 0 {
			return ""
		}
		return pick(from)
	}
	text := func(most int) string {
		var parts []string
		for range rng.IntN(most + 1) {
			parts = append(parts, pick(words))
		}
		return strings.Join(parts, pick([]string{" ", "-", "/", ", "}))
	}
	ref := func(kind Kind) Ref { return Ref{kind, string(kind) + strconv.Itoa(rng.IntN(6))} }
	e := &Entity{
		ID: id, Kind: pickKind(rng), Name: fmt.Sprintf("%s-%d", pick([]string{"payments", "Ledger", "checkoutFlow", "pay"}), id),
		Title: text(2), Description: text(6), Language: some([]string{"go", "java", "rust"}), Platform: some(Platforms()),
		Lifecycle: some(Lifecycles()), Retired: rng.IntN(8) == 0,
	}
	if rng.IntN(2) == 0 {
		e.Name = string(e.Kind) + strconv.Itoa(int(id)%6)
		if id >= 36 {
			e.Name = fmt.Sprintf("%s%d", e.Name, id)
		}
	}
	if tier := rng.IntN(6); tier < 4 {
		e.Tier = &tier
	}
	if rng.IntN(4) > 0 {
		owner := ref([]Kind{Team, Team, Person}[rng.IntN(3)])
		e.Owner = &owner
	}
	for _, tag := range []string{"pci", "PCI", "zone", "team"} {
		if rng.IntN(3) == 0 {
			e.Tags = append(e.Tags, Tag{Key: tag, Value: some([]string{"eu", "EU", "payments", "yes"})})
		}
	}
	for range rng.IntN(3) {
		e.Aliases = append(e.Aliases, pick([]string{"github:acme/", "pagerduty:p", "x:"})+strconv.Itoa(rng.IntN(9)))
		e.Links = append(e.Links, Link{Type: "dashboard", Title: text(1), URL: "https://Grafana.acme.example:3000/d/" + strconv.Itoa(rng.IntN(9))})
	}
	for range rng.IntN(5) {
		family := pick([]string{FamilyPartOf, FamilyDependsOn, FamilyConsumes, FamilyProvides})
		target := ref(pickKind(rng))
		if family == FamilyConsumes || family == FamilyProvides {
			target = ref(API)
		}
		e.Relations = append(e.Relations, Relation{Type: family, Target: target, Evidence: Declared})
	}
	return e
}

func pickKind(rng *rand.Rand) Kind { return Kinds()[rng.IntN(len(Kinds()))] }

func genFilter(rng *rand.Rand) Filter {
	var f Filter
	maybe := func() bool { return rng.IntN(5) == 0 }
	pick := func(from ...string) []string {
		rng.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
		return from[:1+rng.IntN(len(from))]
	}
	if maybe() {
		f.Kinds = []Kind{pickKind(rng), pickKind(rng)}
	}
	if maybe() {
		f.Q = genQuery(rng)
	}
	if maybe() {
		f.Owners = pick("team1", "team:team2", "Person:person3", "nobody")
	}
	if maybe() {
		f.Systems = pick("system1", "system:System2", "none")
	}
	if maybe() {
		f.Tags = pick("pci", "zone:eu", "team:", "none")[:1]
	}
	if maybe() {
		f.Platforms = pick("vm", "lambda", "SaaS", "ecs")
	}
	if maybe() {
		f.Languages = pick("Go", "java", "cobol")
	}
	if maybe() {
		f.Tiers = []int{rng.IntN(4)}
	}
	if maybe() {
		f.Lifecycles = pick("production", "Experimental")
	}
	f.Unowned = rng.IntN(12) == 0
	f.WithRetired = rng.IntN(3) == 0
	return f
}

func genQuery(rng *rand.Rand) string {
	words := []string{
		"payments", "payments-", "cafe", "Paymnts", "ledger", "leger", "ayme", "pay", "ap", "checkoutflow", "checkout-flow", "CheckoutFlow",
		"uber", "日本", "team:yes", "grafana", "github:acme/1", "service:service1", "p", "1", "--", "xledger", "dashboard",
	}
	var q []string
	for range 1 + rng.IntN(2) {
		q = append(q, words[rng.IntN(len(words))])
	}
	return strings.Join(q, " ")
}

func refs(entities []*Entity) []string {
	names := []string{}
	for _, e := range entities {
		names = append(names, fmt.Sprintf("%s#%d", e.Ref(), e.ID))
	}
	return names
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// checkAll compares every answer with the naive one.
func checkAll(t *testing.T, rng *rand.Rand, x *Index, n naive) {
	t.Helper()
	counts := map[Kind]int{}
	for _, e := range n {
		if !e.Retired {
			counts[e.Kind]++
		}
		if got, ok := x.ByID(e.ID); !ok || got != e {
			t.Fatalf("ByID(%d) = %v, %v", e.ID, got, ok)
		}
	}
	for _, kind := range Kinds() {
		same(t, "Len "+string(kind), x.Len(kind), counts[kind])
		for i := range 7 {
			ref := Ref{kind, string(kind) + strconv.Itoa(i)}
			if e := n.find(ref); e != nil {
				if got, ok := x.Get(ref); !ok || got.Ref() != ref {
					t.Fatalf("Get(%s) = %v, %v", ref, got, ok)
				}
			} else if _, ok := x.Get(ref); ok {
				t.Fatalf("Get(%s) finds what is not there", ref)
			}
			with := func(has func(e *Entity) bool) []string {
				found := slices.DeleteFunc(n.all(), func(e *Entity) bool { return e.Retired || !has(e) })
				slices.SortFunc(found, n.order(Sort{}))
				return refs(found)
			}
			same(t, "Owned "+ref.String(), refs(x.Owned(ref)), with(func(e *Entity) bool { return e.Owner != nil && *e.Owner == ref }))
			same(t, "PartsOf "+ref.String(), refs(x.PartsOf(ref)), with(func(e *Entity) bool {
				return slices.ContainsFunc(e.Relations, func(r Relation) bool { return r.Type == FamilyPartOf && r.Target == ref })
			}))
			var edges, wantEdges []string
			for _, edge := range x.Dependants(ref) {
				edges = append(edges, fmt.Sprintf("%s %s %d", edge.Relation.Type, edge.Relation.Target, edge.Entity.ID))
			}
			for _, e := range n.all() {
				for _, r := range e.Relations {
					if !e.Retired && r.Target == ref && r.Type != FamilyPartOf {
						wantEdges = append(wantEdges, fmt.Sprintf("%s %s %d", r.Type, ref, e.ID))
					}
				}
			}
			slices.Sort(edges)
			slices.Sort(wantEdges)
			same(t, "Dependants "+ref.String(), edges, wantEdges)
		}
	}
	for i := range 9 {
		alias := "github:acme/" + strconv.Itoa(i)
		want := slices.DeleteFunc(n.all(), func(e *Entity) bool { return e.Retired || !slices.Contains(e.Aliases, alias) })
		slices.SortFunc(want, n.order(Sort{}))
		same(t, "Resolve "+alias, refs(x.Resolve(strings.ToUpper(alias))), refs(want))
	}
	for range 12 {
		f := genFilter(rng)
		sorts := []Sort{{}, {By: ByTier}, {By: ByOwner}, {By: ByLastChange, LastChange: func(id int64) int64 { return id % 7 * 1000 }}}
		s := sorts[rng.IntN(len(sorts))]
		want := n.selected(f)
		var ids []int64
		for _, e := range want {
			ids = append(ids, e.ID)
		}
		same(t, fmt.Sprintf("Select %+v", f), x.Select(f), ids)
		slices.SortFunc(want, n.order(s))
		var got []*Entity
		limit := 1 + rng.IntN(20)
		for after := ""; ; {
			page, err := x.List(f, s, after, limit)
			if err != nil {
				t.Fatalf("List(%+v): %v", f, err)
			}
			if page.Total != len(want) || len(page.Entities) > limit || (page.Next != "" && len(page.Entities) < limit) {
				t.Fatalf("List(%+v, %s) has %d of %d, next %q, limit %d; want %d", f, s.By, len(page.Entities), page.Total, page.Next, limit, len(want))
			}
			got = append(got, page.Entities...)
			if after = page.Next; after == "" {
				break
			}
		}
		same(t, fmt.Sprintf("List %+v by %s", f, s.By), refs(got), refs(want))

		facets := map[string]map[string]int{}
		for _, facet := range x.Facets(f) {
			for _, value := range facet.Values {
				if facets[facet.Name] == nil {
					facets[facet.Name] = map[string]int{}
				}
				if facet.Name == "tag" {
					// The count is what the tag gives when it is added to the other fields.
					alone := f
					alone.Tags = []string{value.Value}
					same(t, fmt.Sprintf("tag facet %s of %+v", value.Value, f), value.Count, len(n.selected(alone)))
				} else if value.Count > 0 {
					facets[facet.Name][value.Value] = value.Count
				}
			}
		}
		delete(facets, "tag")
		wantFacets := n.facets(f)
		maps.DeleteFunc(wantFacets, func(_ string, values map[string]int) bool { return len(values) == 0 })
		maps.DeleteFunc(facets, func(_ string, values map[string]int) bool { return len(values) == 0 })
		same(t, fmt.Sprintf("Facets %+v", f), facets, wantFacets)

		q := genQuery(rng)
		var kinds []Kind
		if rng.IntN(4) == 0 {
			kinds = []Kind{pickKind(rng)}
		}
		same(t, fmt.Sprintf("Search %q %v", q, kinds), refs(x.Search(q, kinds, limit)), refs(n.search(q, kinds, limit)))

		roots := []Ref{n.all()[rng.IntN(len(n))].Ref(), {Service, "none"}}
		depth := 1 + rng.IntN(5)
		same(t, fmt.Sprintf("Neighbourhood %v", roots), x.Neighbourhood(roots, depth), n.steps(roots, depth))
	}
	checkTables(t, x, n)
}

// checkTables looks for what is left behind by changes: values and words that nothing uses.
func checkTables(t *testing.T, x *Index, n naive) {
	t.Helper()
	words := map[string]bool{}
	for _, e := range n {
		for _, w := range wordsOf(e) {
			words[w.text] = true
		}
	}
	sorted := make([]string, len(x.words.sorted))
	for i, id := range x.words.sorted {
		sorted[i] = x.words.texts[id]
	}
	same(t, "vocabulary", sorted, slices.Sorted(maps.Keys(words)))
	same(t, "numbers of words", len(x.words.ids)+len(x.words.free), len(x.words.texts))
	tags := map[string]bool{}
	for _, e := range n {
		for _, tag := range e.Tags {
			tags[strings.ToLower(tag.Key)] = true
			tags[strings.ToLower(tag.Key+":"+tag.Value)] = true
		}
	}
	same(t, "tags", slices.Sorted(maps.Keys(x.values[dimTag].ids)), slices.Sorted(maps.Keys(tags)))
}

func TestIndexAgainstNaive(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 1))
			x, n := NewIndex(), naive{}
			for range 4 {
				var batch []*Entity
				for range rng.IntN(150) + 1 {
					e := genEntity(rng, int64(rng.IntN(200)))
					// A name stands for one entity of its kind only.
					if other := n.find(e.Ref()); other != nil && other.ID != e.ID {
						continue
					}
					n[e.ID] = e
					batch = append(batch, e)
				}
				x.Put(batch...)
				checkAll(t, rng, x, n)
			}
		})
	}
}

// TestPagesWhilePutting pages through the roll while others are put: those that stay are seen once each.
func TestPagesWhilePutting(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	x := NewIndex()
	var stay []string
	for id := int64(1); id <= 300; id += 2 {
		e := genEntity(rng, id)
		e.Kind, e.Retired, e.Description, e.Name = Service, false, "all of them stay", fmt.Sprintf("stay-%d", id)
		x.Put(e)
		stay = append(stay, e.Name)
	}
	slices.Sort(stay)
	var stop atomic.Bool
	var group sync.WaitGroup
	group.Go(func() {
		rng := rand.New(rand.NewPCG(3, 4))
		for !stop.Load() {
			var batch []*Entity
			for range 1 + rng.IntN(100) {
				e := genEntity(rng, int64(rng.IntN(150)*2))
				e.Name = fmt.Sprintf("stay-%d-%d", rng.IntN(300), e.ID)
				batch = append(batch, e)
			}
			x.Put(batch...)
		}
	})
	var readers sync.WaitGroup
	for r := range 4 {
		readers.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(r), 5))
			for range 40 {
				f := Filter{Q: []string{"", "stay"}[rng.IntN(2)]}
				s := Sort{By: []SortBy{ByName, ByTier, ByOwner, ByLastChange}[rng.IntN(4)], LastChange: func(id int64) int64 { return id % 5 }}
				seen := map[string]int{}
				for after := ""; ; {
					page, err := x.List(f, s, after, 1+rng.IntN(40))
					if err != nil {
						t.Error(err)
						return
					}
					for _, e := range page.Entities {
						if e.Description == "all of them stay" {
							seen[e.Name]++
						}
					}
					if after = page.Next; after == "" {
						break
					}
				}
				for name, times := range seen {
					if times != 1 {
						t.Errorf("%s is seen %d times", name, times)
					}
				}
				if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, stay) {
					t.Errorf("by %s: %d of the %d that stay are seen", s.By, len(got), len(stay))
				}
				x.Search("stay", nil, 10)
				x.Facets(f)
				x.Neighbourhood([]Ref{{Service, "stay-1"}}, 3)
			}
		})
	}
	readers.Wait()
	stop.Store(true)
	group.Wait()
}

func TestListRefusesCursor(t *testing.T) {
	t.Parallel()
	x := NewIndex()
	for id := range int64(10) {
		x.Put(&Entity{ID: id, Kind: Service, Name: fmt.Sprintf("service-%d", id)})
	}
	page, err := x.List(Filter{}, Sort{}, "", 3)
	if err != nil || page.Next == "" {
		t.Fatalf("first page: %v, next %q", err, page.Next)
	}
	for name, after := range map[string]string{
		"not base64": "!!",
		"empty body": "AAAA",
		"cut":        page.Next[:len(page.Next)-1],
		"longer":     page.Next + "A",
		"changed":    strings.Replace(page.Next, page.Next[6:8], "zz", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := x.List(Filter{}, Sort{}, after, 3); !fault.Is(err, fault.Invalid) {
				t.Errorf("List after %q: %v, want an Invalid fault", after, err)
			}
		})
	}
	if _, err := x.List(Filter{}, Sort{By: ByTier}, page.Next, 3); !fault.Is(err, fault.Invalid) {
		t.Errorf("cursor of another order: %v, want an Invalid fault", err)
	}
	if _, err := x.List(Filter{}, Sort{By: "age"}, "", 3); !fault.Is(err, fault.Invalid) {
		t.Errorf("unknown order: %v, want an Invalid fault", err)
	}
}

func FuzzListCursor(f *testing.F) {
	x := NewIndex()
	for id := range int64(9) {
		x.Put(&Entity{ID: id, Kind: Service, Name: fmt.Sprintf("service-%d", id)})
	}
	page, _ := x.List(Filter{}, Sort{}, "", 3)
	f.Add(page.Next, 0)
	f.Add("", 1)
	f.Add(newCursor(sortKey{number: -5, text: "a", name: "b", kind: 3, id: 1 << 60}, orderByLastChange), 3)
	f.Fuzz(func(t *testing.T, after string, by int) {
		orders := []SortBy{ByName, ByTier, ByOwner, ByLastChange}
		by = ((by % 4) + 4) % 4
		page, err := x.List(Filter{}, Sort{By: orders[by]}, after, 3)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v, want an Invalid fault", after, err)
			}
			return
		}
		if after == "" {
			return
		}
		k, err := parseCursor(after, by)
		if err != nil || newCursor(k, by) != after || page.Total != 9 {
			t.Fatalf("%q is taken but reads as %+v, %v", after, k, err)
		}
	})
}
