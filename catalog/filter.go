package catalog

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"tidings.dev/tidings/fault"
)

// Filter chooses entities. Within a field one value must match (of Tags every one), and every field that is given; the
// zero Filter lets everything through that is not retired. Words are compared without case.
type Filter struct {
	Kinds      []Kind
	Q          string   // words, as for Search; a typo counts only in a word that nothing else matches
	Owners     []string // a team's bare name or a reference to a team or person
	Systems    []string // a bare name or a reference
	Tags       []string // key, or key:value
	Platforms  []string
	Languages  []string
	Tiers      []int
	Lifecycles []string
	Healths    []Health
	// HealthOf tells how an entity is, for Healths, for the order by health and for its facet; without it everything is
	// calm. It is called under the lock of the index, from several goroutines: it must not read the roll, nor wait.
	HealthOf func(id int64) Health
	// Unowned keeps only what nobody owns.
	Unowned bool
	// WithRetired adds the retired.
	WithRetired bool
}

// Bounds of a filter and of a page.
const (
	MaxFilterValues = 200 // in one field
	MaxQuery        = 512 // bytes of Q
	DefaultPage     = 50
	MaxPage         = 1000
)

// Validate returns an Invalid fault that names every mistake.
func (f Filter) Validate() error {
	var faults []fault.Fault
	add := func(field string, i int, err error) {
		if err != nil {
			faults = append(faults, fault.Fault{Pointer: "/" + field + "/" + strconv.Itoa(i), Detail: detail(err)})
		}
	}
	for i, kind := range f.Kinds {
		if !kind.Valid() {
			add("kinds", i, fault.New(fault.Invalid, "%q is not a kind of entity", clip(string(kind))))
		}
	}
	if len(f.Q) > MaxQuery {
		faults = append(faults, fault.Fault{Pointer: "/q", Detail: "q has " + strconv.Itoa(len(f.Q)) + " bytes: at most " + strconv.Itoa(MaxQuery)})
	}
	for i, owner := range f.Owners {
		_, err := parseOwner(owner)
		add("owners", i, err)
	}
	for i, system := range f.Systems {
		_, err := parseSystem(system)
		add("systems", i, err)
	}
	for i, tag := range f.Tags {
		if key, _, _ := strings.Cut(tag, ":"); !tagKeyFormat.MatchString(key) {
			add("tags", i, fault.New(fault.Invalid, "%q is not a tag: write key or key:value", clip(tag)))
		}
	}
	for i, platform := range f.Platforms {
		if !slices.Contains(Platforms(), strings.ToLower(platform)) {
			add("platforms", i, oneOf(FieldPlatform, platform, Platforms()))
		}
	}
	for i, language := range f.Languages {
		if language == "" {
			add("languages", i, fault.New(fault.Invalid, "the language is empty"))
		}
	}
	for i, tier := range f.Tiers {
		if tier < 0 || tier > 3 {
			add("tiers", i, fault.New(fault.Invalid, "tier is from 0 to 3, not %d", tier))
		}
	}
	for i, lifecycle := range f.Lifecycles {
		if !slices.Contains(Lifecycles(), strings.ToLower(lifecycle)) {
			add("lifecycles", i, oneOf(FieldLifecycle, lifecycle, Lifecycles()))
		}
	}
	for i, health := range f.Healths {
		if !slices.Contains(healths[:], health) {
			add("healths", i, fault.New(fault.Invalid, "%q is no health: use incident, alert, failed, rollout or calm", clip(string(health))))
		}
	}
	for _, field := range []struct {
		name  string
		count int
	}{
		{"kinds", len(f.Kinds)},
		{"owners", len(f.Owners)},
		{"systems", len(f.Systems)},
		{"tags", len(f.Tags)},
		{"platforms", len(f.Platforms)},
		{"languages", len(f.Languages)},
		{"tiers", len(f.Tiers)},
		{"lifecycles", len(f.Lifecycles)},
		{"healths", len(f.Healths)},
	} {
		if field.count > MaxFilterValues {
			faults = append(faults, fault.Fault{Pointer: "/" + field.name, Detail: field.name + " has " + strconv.Itoa(field.count) + " values: at most " + strconv.Itoa(MaxFilterValues)})
		}
	}
	return fault.InvalidInput("the filter", faults)
}

func parseOwner(text string) (Ref, error) {
	ref, err := ParseRef(text, Team)
	if err == nil && ref.Kind != Team && ref.Kind != Person {
		err = fault.New(fault.Invalid, "an owner is a team or a person, not %s", ref)
	}
	return ref, err
}

func parseSystem(text string) (Ref, error) {
	ref, err := ParseRef(text, System)
	if err == nil && ref.Kind != System {
		err = fault.New(fault.Invalid, "%s is not a system", ref)
	}
	return ref, err
}

// SortBy is an order of entities; ties are ordered by name, and then by kind.
type SortBy string

// The orders.
const (
	ByName       SortBy = "name"        // the default
	ByTier       SortBy = "tier"        // most critical first, those without last
	ByOwner      SortBy = "owner"       // by the owner's name, the unowned last
	ByLastChange SortBy = "last_change" // newest first, the never changed last
	ByHealth     SortBy = "health"      // the worst first, by the filter's HealthOf
)

// Sort is an order, with what it needs.
type Sort struct {
	By SortBy
	// LastChange gives the time of the latest change of an entity, in Unix microseconds, or 0. It may be called from
	// several goroutines. Without it, ByLastChange is the order by name.
	LastChange func(id int64) int64
}

const (
	orderByName = iota
	orderByTier
	orderByOwner
	orderByLastChange // not kept, as the next: it changes without the entities
	orderByHealth
)

var orderOf = [...]SortBy{orderByName: ByName, orderByTier: ByTier, orderByOwner: ByOwner}

func (s Sort) order() (int, error) {
	switch s.By {
	case "":
		return orderByName, nil
	case ByLastChange:
		return orderByLastChange, nil
	case ByHealth:
		return orderByHealth, nil
	}
	by := slices.Index(orderOf[:], s.By)
	if by < 0 {
		return 0, fault.New(fault.Invalid, "%q is not an order: use name, tier, owner, last_change or health", clip(string(s.By)))
	}
	return by, nil
}

// Page is a part of a list.
type Page struct {
	Entities []*Entity
	// Total is how many there are on all pages together.
	Total int
	// Next is the cursor of the next page, empty on the last.
	Next string
}

// List gives a page of the entities that pass the filter, those after the cursor, which is empty for the first page and
// Page.Next of the one before for the others. The limit is DefaultPage when it is not positive and at most MaxPage. An
// entity that stays in its place is neither skipped nor repeated by the changes of others between two pages. It returns
// an Invalid fault for a wrong filter, for an unknown order, and for a cursor that is damaged or of another order.
func (x *Index) List(f Filter, sort Sort, after string, limit int) (Page, error) {
	by, err := sort.order()
	if err != nil {
		return Page{}, err
	}
	if err := f.Validate(); err != nil {
		return Page{}, err
	}
	var from *sortKey
	if after != "" {
		k, err := parseCursor(after, by)
		if err != nil {
			return Page{}, err
		}
		from = &k
	}
	if limit <= 0 {
		limit = DefaultPage
	}
	limit = min(limit, MaxPage)
	switch {
	case by == orderByLastChange && sort.LastChange != nil:
		return x.listBy(by, f, func(id int64) int64 { return -sort.LastChange(id) }, from, limit), nil
	case by == orderByHealth && f.HealthOf != nil:
		return x.listBy(by, f, func(id int64) int64 { return int64(f.HealthOf(id).place()) }, from, limit), nil
	case by >= len(x.orders):
		return x.listBy(by, f, func(int64) int64 { return 0 }, from, limit), nil
	}

	x.mu.RLock()
	defer x.mu.RUnlock()
	m := x.match(f)
	defer x.release(m)
	order := x.orders[by]
	if m.plain && m.scores == nil {
		return x.page(by, order, from, limit, x.count(m), func(slot int32) bool { return x.passes(m, slot) }), nil
	}
	slots := x.selected(m)
	// Sorting a few beats walking past the many.
	if n := len(slots); n*bits.Len(uint(n))*16 < len(order) {
		slices.SortFunc(slots, x.comparing(by))
		return x.page(by, slots, from, limit, n, func(int32) bool { return true }), nil
	}
	set := make([]uint64, len(x.rows)/64+1)
	for _, slot := range slots {
		set[slot/64] |= 1 << (slot % 64)
	}
	return x.page(by, order, from, limit, len(slots), func(slot int32) bool { return set[slot/64]&(1<<(slot%64)) != 0 }), nil
}

// page fills a page with what passes of an order.
func (x *Index) page(by int, order []int32, from *sortKey, limit, total int, passes func(slot int32) bool) Page {
	if from != nil {
		order = order[x.place(order, by, *from):]
		if len(order) > 0 && x.rows[order[0]].key(by) == *from {
			order = order[1:]
		}
	}
	page := Page{Total: total}
	var last int32
	for _, slot := range order {
		if !passes(slot) {
			continue
		}
		if len(page.Entities) == limit {
			page.Next = newCursor(x.rows[last].key(by), by)
			break
		}
		page.Entities = append(page.Entities, x.rows[slot].entity)
		last = slot
	}
	return page
}

// listBy is a page of an order that is not kept, the least number first. It calls number without the lock, as that may
// take one of its own.
func (x *Index) listBy(by int, f Filter, number func(id int64) int64, from *sortKey, limit int) Page {
	x.mu.RLock()
	m := x.match(f)
	slots := x.selected(m)
	type item struct {
		key    sortKey
		entity *Entity
	}
	type candidate struct {
		id     int64
		entity *Entity
	}
	candidates := make([]candidate, len(slots))
	for i, slot := range slots {
		candidates[i] = candidate{x.rows[slot].id, x.rows[slot].entity}
	}
	x.release(m)
	x.mu.RUnlock()

	var best []item // a page and one more, at times twice as many
	settle := func() {
		slices.SortFunc(best, func(a, b item) int { return a.key.compare(b.key) })
		best = best[:min(len(best), limit+1)]
	}
	bound := sortKey{number: math.MaxInt64}
	for _, c := range candidates {
		k := sortKey{id: c.id, number: number(c.id)}
		if k.number > bound.number {
			continue
		}
		k.name, k.kind = c.entity.Ref().Name, kindPlace(c.entity.Kind)
		if (from != nil && k.compare(*from) <= 0) || k.compare(bound) >= 0 {
			continue
		}
		best = append(best, item{k, c.entity})
		if len(best) >= 2*(limit+1) {
			settle()
			bound = best[limit].key
		}
	}
	settle()
	page := Page{Total: len(candidates)}
	for i, it := range best {
		if i == limit {
			page.Next = newCursor(best[limit-1].key, by)
			break
		}
		page.Entities = append(page.Entities, it.entity)
	}
	return page
}

// Select lists the ids of all entities that pass the filter, ascending. An invalid filter lets nothing through.
func (x *Index) Select(f Filter) []int64 {
	if f.Validate() != nil {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	m := x.match(f)
	defer x.release(m)
	slots := x.selected(m)
	ids := make([]int64, len(slots))
	for i, slot := range slots {
		ids[i] = x.rows[slot].id
	}
	slices.Sort(ids)
	return ids
}

// matcher is a filter in terms of the index, valid while its lock is held.
type matcher struct {
	active  [dimensions]bool
	dims    []int                // the active ones
	want    [dimensions][]uint32 // known values only
	never   bool                 // a tag is wanted that nothing has
	retired bool
	kinds   [len(kindOrder) + 1]bool
	plain   bool // at most the kind is filtered, words apart
	healths []Health
	health  func(id int64) Health // may be nil
	owners  []Ref
	systems []Ref
	scores  *scores // of Q; nil without words
}

// match compiles a valid filter. The matcher must be released.
func (x *Index) match(f Filter) *matcher {
	m := &matcher{retired: f.WithRetired, healths: f.Healths, health: f.HealthOf}
	want := func(dim int, text string) bool {
		m.active[dim] = true
		id, ok := x.values[dim].ids[strings.ToLower(text)]
		if ok {
			m.want[dim] = append(m.want[dim], id)
		}
		return ok
	}
	for _, kind := range f.Kinds {
		want(dimKind, string(kind))
		m.kinds[kindPlace(kind)] = true
	}
	for _, tier := range f.Tiers {
		want(dimTier, strconv.Itoa(tier))
	}
	for _, language := range f.Languages {
		want(dimLanguage, language)
	}
	for _, platform := range f.Platforms {
		want(dimPlatform, platform)
	}
	for _, lifecycle := range f.Lifecycles {
		want(dimLifecycle, lifecycle)
	}
	for _, text := range f.Owners {
		owner, _ := parseOwner(text)
		want(dimOwner, owner.String())
		m.owners = append(m.owners, owner)
	}
	if f.Unowned {
		m.want[dimOwner] = nil
		if !m.active[dimOwner] {
			m.want[dimOwner] = []uint32{0}
		}
		m.active[dimOwner] = true
	}
	for _, text := range f.Systems {
		system, _ := parseSystem(text)
		want(dimSystem, system.String())
		m.systems = append(m.systems, system)
	}
	for _, tag := range f.Tags {
		m.never = !want(dimTag, tag) || m.never
	}
	if q := newQuery(f.Q); len(q.words) > 0 {
		m.scores = x.score(q, false)
	}
	m.plain = len(m.healths) == 0
	for dim, active := range m.active {
		if active {
			m.dims = append(m.dims, dim)
			m.plain = m.plain && dim == dimKind
		}
	}
	return m
}

func (x *Index) release(m *matcher) {
	if m.scores != nil {
		x.scratch.Put(m.scores)
	}
}

// count is the number of matches of a plain matcher without words.
func (x *Index) count(m *matcher) int {
	total := 0
	for place := range x.standing {
		if m.active[dimKind] {
			if place == len(kindOrder) || !slices.Contains(m.want[dimKind], x.values[dimKind].ids[string(kindOrder[place])]) {
				continue
			}
		}
		total += x.standing[place]
		if m.retired {
			total += x.retired[place]
		}
	}
	return total
}

// selected lists the slots that match, ascending.
func (x *Index) selected(m *matcher) []int32 {
	var slots []int32
	if m.scores != nil {
		slots = make([]int32, 0, len(m.scores.sum)-bytes.Count(m.scores.sum, []byte{0}))
	}
	try := func(slot int32) {
		if (m.scores == nil || m.scores.sum[slot] != 0) && x.passes(m, slot) {
			slots = append(slots, slot)
		}
	}
	var candidates []int32
	switch {
	case len(m.owners) > 0:
		for _, owner := range m.owners {
			candidates = append(candidates, x.owned[owner]...)
		}
	case len(m.systems) > 0:
		for _, system := range m.systems {
			candidates = append(candidates, x.parts[system]...)
		}
	default:
		for slot := range x.rows {
			try(int32(slot))
		}
		return slots
	}
	slices.Sort(candidates)
	for _, slot := range slices.Compact(candidates) {
		try(slot)
	}
	return slots
}

// passes reports whether a slot passes, words apart. It looks at the row only where it must.
func (x *Index) passes(m *matcher, slot int32) bool {
	g := x.grades[slot]
	if (g.retired() && !m.retired) || (m.active[dimKind] && !m.kinds[g.kind]) {
		return false
	}
	if m.plain {
		return true
	}
	r := &x.rows[slot]
	for _, dim := range m.dims {
		if !m.passes(dim, r) {
			return false
		}
	}
	return len(m.healths) == 0 || slices.Contains(m.healths, m.healthOf(r))
}

func (m *matcher) healthOf(r *row) Health {
	if m.health == nil {
		return Calm
	}
	return cmp.Or(m.health(r.id), Calm)
}

func (m *matcher) passes(dim int, r *row) bool {
	switch dim {
	case dimSystem:
		return slices.ContainsFunc(r.systems, func(id uint32) bool { return slices.Contains(m.want[dim], id) })
	case dimTag:
		if m.never {
			return false
		}
		for _, id := range m.want[dim] {
			if !slices.Contains(r.tags, id) {
				return false
			}
		}
		return true
	default:
		return slices.Contains(m.want[dim], r.one[dim])
	}
}

// Facet is how the entities spread over the values of one field.
type Facet struct {
	Name   string
	Values []FacetValue
}

// FacetValue is a value as a Filter takes it, a label for people, and how many entities have it.
type FacetValue struct {
	Value string
	Label string
	Count int
}

// MaxFacetTags is the most tags that Facets lists, besides those of the filter.
const MaxFacetTags = 50

var facetNames = [dimensions]string{
	dimKind: "kind", dimTier: "tier", dimLanguage: "language", dimPlatform: "platform", dimLifecycle: "lifecycle",
	dimOwner: "owner", dimSystem: "system", dimTag: "tag",
}

// Facets counts, for each of tier, language, platform, lifecycle, owner, system, tag and kind, in this order, and before
// them of health where the filter's HealthOf tells it, the entities that have a value and pass every other field of the
// filter. Healths, kinds, tiers and lifecycles stand in their own order, other values by count and then by value. A value
// of the filter that anything has is listed even with a count of zero. An invalid filter has no facets.
func (x *Index) Facets(f Filter) []Facet {
	if f.Validate() != nil {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	m := x.match(f)
	defer x.release(m)
	var conditions [len(healths)]int
	var counts [dimensions][]int
	for dim := range counts {
		counts[dim] = make([]int, len(x.values[dim].texts))
	}
	for slot := range x.rows {
		if m.scores != nil && m.scores.sum[slot] == 0 {
			continue
		}
		r := &x.rows[slot]
		if r.retired() && !m.retired {
			continue
		}
		failed, fails := 0, 0
		for _, dim := range m.dims {
			if !m.passes(dim, r) {
				failed, fails = dim, fails+1
			}
		}
		health := m.healthOf(r)
		if len(m.healths) > 0 && !slices.Contains(m.healths, health) {
			failed, fails = dimensions, fails+1
		}
		switch {
		case fails == 0:
			for dim := range dimensions {
				r.tally(dim, counts[dim])
			}
			conditions[health.place()]++
		case fails == 1 && failed == dimensions:
			conditions[health.place()]++
		case fails == 1:
			r.tally(failed, counts[failed])
		}
	}
	facets := make([]Facet, 0, dimensions+1)
	if m.health != nil {
		facets = append(facets, healthFacet(conditions, m.healths))
	}
	for _, dim := range []int{dimTier, dimLanguage, dimPlatform, dimLifecycle, dimOwner, dimSystem, dimTag, dimKind} {
		facets = append(facets, Facet{Name: facetNames[dim], Values: x.facetValues(dim, counts[dim], m)})
	}
	return facets
}

// tally counts the values of a row.
func (r *row) tally(dim int, counts []int) {
	switch dim {
	case dimSystem:
		for _, id := range r.systems {
			counts[id]++
		}
	case dimTag:
		for _, id := range r.tags {
			counts[id]++
		}
	default:
		counts[r.one[dim]]++
	}
}

func (x *Index) facetValues(dim int, counts []int, m *matcher) []FacetValue {
	var values []FacetValue
	d := &x.values[dim]
	for id, count := range counts {
		text := d.texts[id]
		wanted := slices.Contains(m.want[dim], uint32(id))
		if id == 0 || (count == 0 && !wanted) {
			continue
		}
		if dim == dimTag {
			key, value, pair := strings.Cut(text, ":")
			switch {
			case !pair && !wanted:
				continue // counted with its values
			case pair && value == "":
				// A tag without a value goes by its key, which matches every value of it.
				text = key
				count = counts[d.ids[strings.ToLower(key)]]
			}
		}
		values = append(values, FacetValue{Value: text, Label: text, Count: count})
	}
	slices.SortFunc(values, func(a, b FacetValue) int {
		return cmp.Or(
			cmp.Compare(facetPlace(dim, a.Value), facetPlace(dim, b.Value)),
			cmp.Compare(b.Count, a.Count),
			cmp.Compare(a.Value, b.Value),
		)
	})
	if dim == dimTag {
		values = slices.CompactFunc(values, func(a, b FacetValue) bool { return a.Value == b.Value })
		if len(values) > MaxFacetTags {
			rest := slices.DeleteFunc(slices.Clone(values[MaxFacetTags:]), func(v FacetValue) bool {
				return !slices.Contains(m.want[dim], d.ids[strings.ToLower(v.Value)])
			})
			values = append(values[:MaxFacetTags:MaxFacetTags], rest...)
		}
	}
	for i := range values {
		values[i].Label = x.label(dim, values[i].Value)
	}
	return values
}

// facetPlace orders the values that have an order of their own.
func facetPlace(dim int, value string) int {
	switch dim {
	case dimKind:
		return int(kindPlace(Kind(value)))
	case dimTier:
		tier, _ := strconv.Atoi(value)
		return tier
	case dimLifecycle:
		return slices.Index(Lifecycles(), strings.ToLower(value))
	}
	return 0
}

func (x *Index) label(dim int, value string) string {
	switch dim {
	case dimTier:
		return "Tier " + value
	case dimOwner, dimSystem:
		ref, err := ParseRef(value, "")
		if err != nil {
			return value
		}
		if slot, ok := x.byRef[ref]; ok {
			return cmp.Or(x.rows[slot].entity.Title, x.rows[slot].entity.Name)
		}
		return ref.Name
	}
	return value
}

// A cursor is the key of the last entity of a page: version, order, number, text, name, kind, id, and a checksum of all
// that. It carries no rights, so that the checksum need only find mistakes.
const cursorVersion = 1

var cursorEncoding = base64.RawURLEncoding.Strict()

func newCursor(k sortKey, by int) string {
	raw := []byte{cursorVersion, byte(by)}
	raw = binary.AppendVarint(raw, k.number)
	for _, text := range []string{k.text, k.name} {
		raw = binary.AppendUvarint(raw, uint64(len(text)))
		raw = append(raw, text...)
	}
	raw = append(raw, k.kind)
	raw = binary.AppendVarint(raw, k.id)
	raw = binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw))
	return cursorEncoding.EncodeToString(raw)
}

// parseCursor reads what newCursor wrote for the same order, and nothing else.
func parseCursor(cursor string, by int) (sortKey, error) {
	wrong := fault.New(fault.Invalid, "the cursor %q is damaged: start again without one", clip(cursor))
	raw, err := cursorEncoding.DecodeString(cursor)
	if err != nil || len(raw) < 6 {
		return sortKey{}, wrong
	}
	body, sum := raw[:len(raw)-4], raw[len(raw)-4:]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(sum) {
		return sortKey{}, wrong
	}
	if body[0] != cursorVersion || int(body[1]) != by {
		return sortKey{}, fault.New(fault.Invalid, "the cursor is of another order or version: start again without one")
	}
	var k sortKey
	rest := body[2:]
	varint := func() int64 {
		n, size := binary.Varint(rest)
		if size <= 0 {
			rest = nil
			return 0
		}
		rest = rest[size:]
		return n
	}
	text := func() string {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(rest)-size) {
			rest = nil
			return ""
		}
		taken := string(rest[size : size+int(n)])
		rest = rest[size+int(n):]
		return taken
	}
	k.number, k.text, k.name = varint(), text(), text()
	if len(rest) == 0 {
		return sortKey{}, wrong
	}
	k.kind, rest = rest[0], rest[1:]
	k.id = varint()
	// Only the one way to write a key is taken.
	if newCursor(k, by) != cursor {
		return sortKey{}, wrong
	}
	return k, nil
}
