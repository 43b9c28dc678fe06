package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Index is the roll in memory: every read of entities goes through it. It is filled from the store at start and kept
// up by Put after each commit. Any number of goroutines may read while one or several put; a read sees each entity
// either before or after a Put, never in between. Entities that it returns are shared and must not be changed.
//
// Every entity has a slot, a small number that it keeps for good. Words, owners and the like lead to ascending lists
// of slots, and three orders of all slots serve the sorted pages.
type Index struct {
	// writing admits one Put at a time. A batch is prepared under it alone, so that mu is held only to apply it.
	writing sync.Mutex
	mu      sync.RWMutex

	rows      []row
	grades    []grade // of each slot
	byID      map[int64]int32
	byRef     map[Ref]int32
	aliases   slotsBy[string]
	folders   slotsBy[string] // by the repository of which they claim one
	owned     slotsBy[Ref]    // by owner
	parts     slotsBy[Ref]    // by what they are part of
	callers   slotsBy[Ref]    // by what they depend on or consume
	providers slotsBy[Ref]    // by what they provide
	values    [dimensions]dictionary
	orders    [len(orderOf)][]int32
	standing  [len(kindOrder) + 1]int // not retired, by kind
	retired   [len(kindOrder) + 1]int
	words     vocabulary
	scratch   sync.Pool // of *scores

	puts         uint64              // batches that were applied
	dependencies atomic.Pointer[web] // as of a number of puts
}

// grade is what nearly every question asks of thousands of slots: apart from the rows, so that the processor finds it near.
type grade struct {
	kind uint8 // place in kindOrder
	rank uint8 // for search: the tier, then the retired
}

// row is what the filters and orders need of an entity, close together.
type row struct {
	grade

	entity  *Entity
	id      int64
	ref     Ref
	owner   string            // its name
	one     [oneValued]uint32 // ids in Index.values, zero where absent
	systems []uint32          // likewise, each once
	tags    []uint32          // likewise, of each tag its key and its key:value
}

// Ranks are the tiers 0 to 3 and noTier, and with retiredRank added those of the retired.
const (
	noTier      = 4
	retiredRank = 5
	ranks       = 10
)

func (g grade) retired() bool { return g.rank >= retiredRank }

// The dimensions of filters and facets. Those before oneValued have at most one value an entity.
const (
	dimKind = iota
	dimTier
	dimLanguage
	dimPlatform
	dimLifecycle
	dimOwner
	dimSystem
	dimTag
	dimensions
	oneValued = dimSystem
)

var kindOrder = [...]Kind{Service, Team, Person, System, Resource, API}

func kindPlace(kind Kind) uint8 {
	for i, k := range kindOrder {
		if k == kind {
			return uint8(i)
		}
	}
	return uint8(len(kindOrder))
}

// chunk bounds how many entities are applied at a time, and with it how long readers wait.
const chunk = 32

// NewIndex makes an empty index.
func NewIndex() *Index {
	x := &Index{
		byID:      map[int64]int32{},
		byRef:     map[Ref]int32{},
		aliases:   slotsBy[string]{},
		folders:   slotsBy[string]{},
		owned:     slotsBy[Ref]{},
		parts:     slotsBy[Ref]{},
		callers:   slotsBy[Ref]{},
		providers: slotsBy[Ref]{},
		words:     newVocabulary(),
	}
	for i := range x.values {
		x.values[i] = newDictionary()
	}
	return x
}

// Put inserts entities or replaces those of the same ID; the last of several with one ID stands. They must not be
// changed afterwards. When it returns, every read sees them; while it runs, reads may see a part of a large batch.
func (x *Index) Put(entities ...*Entity) {
	x.writing.Lock()
	defer x.writing.Unlock()
	for batch := range slices.Chunk(entities, chunk) {
		// Nobody else writes, so that what is there can be read without mu.
		changes := make([]pending, 0, len(batch))
		for i, entity := range batch {
			if entity == nil || slices.ContainsFunc(batch[i+1:], func(e *Entity) bool { return e != nil && e.ID == entity.ID }) {
				continue
			}
			c := pending{entity: entity, words: wordsOf(entity)}
			if slot, ok := x.byID[entity.ID]; ok {
				c.before = wordsOf(x.rows[slot].entity)
			}
			changes = append(changes, c)
		}
		x.mu.Lock()
		x.apply(changes)
		x.mu.Unlock()
	}
}

// pending is an entity to be put, with the words that lead to it now and led to it before.
type pending struct {
	entity        *Entity
	words, before []word
	slot          int32
	row           row
	fresh         bool
}

func (x *Index) apply(changes []pending) {
	x.puts++
	for i := range changes {
		c := &changes[i]
		slot, found := x.byID[c.entity.ID]
		if !found {
			slot = int32(len(x.rows))
			x.rows, x.grades = append(x.rows, row{}), append(x.grades, grade{})
			x.byID[c.entity.ID] = slot
		}
		c.slot, c.fresh, c.row = slot, !found, x.newRow(c.entity)
	}
	// The places in an order are found by the old keys, and the new ones by the new.
	var come [len(orderOf)][]int32
	for by := range x.orders {
		var gone []int32
		for i := range changes {
			c := &changes[i]
			if !c.fresh {
				before := &x.rows[c.slot]
				if before.compare(&c.row, by) == 0 {
					continue
				}
				gone = append(gone, int32(x.place(x.orders[by], by, before.key(by))))
			}
			come[by] = append(come[by], c.slot)
		}
		x.orders[by] = deletePlaces(x.orders[by], gone)
	}
	for i := range changes {
		c := &changes[i]
		if !c.fresh {
			x.unlink(c.slot)
		}
		x.rows[c.slot] = c.row
		x.link(c.slot)
		x.words.replace(c.slot, c.before, c.words)
	}
	for by := range x.orders {
		x.orders[by] = mergeSorted(x.orders[by], come[by], x.comparing(by))
	}
	x.words.settle()
}

// newRow makes the row of an entity and counts its uses of the values.
func (x *Index) newRow(e *Entity) row {
	r := row{grade: grade{kind: kindPlace(e.Kind), rank: noTier}, entity: e, id: e.ID, ref: e.Ref()}
	r.one[dimKind] = x.values[dimKind].acquire(string(e.Kind))
	if e.Tier != nil {
		r.rank = uint8(min(max(*e.Tier, 0), noTier))
		r.one[dimTier] = x.values[dimTier].acquire(strconv.Itoa(*e.Tier))
	}
	if e.Retired {
		r.rank += retiredRank
	}
	r.one[dimLanguage] = x.values[dimLanguage].acquire(e.Language)
	r.one[dimPlatform] = x.values[dimPlatform].acquire(e.Platform)
	r.one[dimLifecycle] = x.values[dimLifecycle].acquire(e.Lifecycle)
	if e.Owner != nil {
		r.owner = e.Owner.Name
		r.one[dimOwner] = x.values[dimOwner].acquire(e.Owner.String())
	}
	for _, relation := range e.Relations {
		if relation.Type == FamilyPartOf && relation.Target.Kind == System {
			r.systems = x.values[dimSystem].acquireOnce(relation.Target.String(), r.systems)
		}
	}
	if len(e.Tags) > 0 {
		r.tags = make([]uint32, 0, 2*len(e.Tags))
	}
	for _, tag := range e.Tags {
		r.tags = x.values[dimTag].acquireOnce(tag.Key, r.tags)
		r.tags = x.values[dimTag].acquireOnce(tag.Key+":"+tag.Value, r.tags)
	}
	return r
}

// link makes the maps lead to the row of a slot, unlink undoes it.
func (x *Index) link(slot int32) {
	r := &x.rows[slot]
	x.grades[slot] = r.grade
	x.byRef[r.ref] = slot
	for _, alias := range r.entity.Aliases {
		x.aliases.add(FoldAlias(alias), slot)
		if repository, names := repositoryOf(FoldAlias(alias)); names {
			x.folders.add(repository, slot)
		}
	}
	if r.entity.Owner != nil {
		x.owned.add(*r.entity.Owner, slot)
	}
	for _, relation := range r.entity.Relations {
		if m := x.incoming(relation.Type); m != nil {
			m.add(relation.Target, slot)
		}
	}
	x.counter(r)[r.kind]++
}

func (x *Index) unlink(slot int32) {
	r := &x.rows[slot]
	if x.byRef[r.ref] == slot {
		delete(x.byRef, r.ref)
	}
	for _, alias := range r.entity.Aliases {
		x.aliases.remove(FoldAlias(alias), slot)
		if repository, names := repositoryOf(FoldAlias(alias)); names {
			x.folders.remove(repository, slot)
		}
	}
	if r.entity.Owner != nil {
		x.owned.remove(*r.entity.Owner, slot)
	}
	for _, relation := range r.entity.Relations {
		if m := x.incoming(relation.Type); m != nil {
			m.remove(relation.Target, slot)
		}
	}
	x.counter(r)[r.kind]--
	for dim, id := range r.one {
		x.values[dim].release(id)
	}
	for _, id := range r.systems {
		x.values[dimSystem].release(id)
	}
	for _, id := range r.tags {
		x.values[dimTag].release(id)
	}
}

func (x *Index) incoming(relation string) slotsBy[Ref] {
	switch relation {
	case FamilyPartOf:
		return x.parts
	case FamilyDependsOn, FamilyConsumes:
		return x.callers
	case FamilyProvides:
		return x.providers
	}
	return nil
}

func (x *Index) counter(r *row) *[len(kindOrder) + 1]int {
	if r.retired() {
		return &x.retired
	}
	return &x.standing
}

// comparing orders slots.
func (x *Index) comparing(by int) func(a, b int32) int {
	return func(a, b int32) int { return x.rows[a].compare(&x.rows[b], by) }
}

// place is where in an order the first entity stands that is not before a key.
func (x *Index) place(order []int32, by int, from sortKey) int {
	place, _ := slices.BinarySearchFunc(order, from, func(slot int32, from sortKey) int {
		return x.rows[slot].key(by).compare(from)
	})
	return place
}

// Get finds an entity by its reference, a retired one too.
func (x *Index) Get(ref Ref) (*Entity, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if slot, ok := x.byRef[ref]; ok {
		return x.rows[slot].entity, true
	}
	return nil, false
}

// ByID finds an entity by the store's id, a retired one too.
func (x *Index) ByID(id int64) (*Entity, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if slot, ok := x.byID[id]; ok {
		return x.rows[slot].entity, true
	}
	return nil, false
}

// Resolve finds the entities that claim an alias, by name: none, one, or several when it is ambiguous. The alias is
// compared without case; the retired claim nothing.
func (x *Index) Resolve(alias string) []*Entity {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.named(x.aliases[FoldAlias(alias)])
}

// Len counts the entities of a kind that are not retired.
func (x *Index) Len(kind Kind) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.standing[kindPlace(kind)]
}

// named lists the entities of the slots that are not retired, by name.
func (x *Index) named(slots []int32) []*Entity {
	entities := make([]*Entity, 0, len(slots))
	for _, slot := range slices.SortedFunc(slices.Values(slots), x.comparing(orderByName)) {
		if r := &x.rows[slot]; !r.retired() {
			entities = append(entities, r.entity)
		}
	}
	return entities
}

// slotsBy leads from a key to ascending slots.
type slotsBy[K comparable] map[K][]int32

func (m slotsBy[K]) add(key K, slot int32) {
	slots := m[key]
	if place, found := slices.BinarySearch(slots, slot); !found {
		m[key] = slices.Insert(slots, place, slot)
	}
}

func (m slotsBy[K]) remove(key K, slot int32) {
	slots := m[key]
	place, found := slices.BinarySearch(slots, slot)
	switch {
	case !found:
	case len(slots) == 1:
		delete(m, key)
	default:
		m[key] = slices.Delete(slots, place, place+1)
	}
}

// deletePlaces takes the elements at some places out of a list, in place.
func deletePlaces(list, gone []int32) []int32 {
	slices.Sort(gone)
	for i, place := range gone {
		next := len(list)
		if i+1 < len(gone) {
			next = int(gone[i+1])
		}
		copy(list[int(place)-i:], list[place+1:next])
	}
	return list[:len(list)-len(gone)]
}

// mergeSorted puts elements where they belong in a sorted list, moving each part of the list once.
func mergeSorted(list, come []int32, compare func(a, b int32) int) []int32 {
	slices.SortFunc(come, compare)
	end := len(list)
	list = append(list, come...)
	for i, id := range slices.Backward(come) {
		place, _ := slices.BinarySearchFunc(list[:end], id, compare)
		copy(list[place+i+1:], list[place:end])
		list[place+i] = id
		end = place
	}
	return list
}

// dictionary numbers the values of a dimension, compared without case, for as long as they are used: values such as a
// commit in a tag come and go. Zero is the absent value.
type dictionary struct {
	ids   map[string]uint32
	texts []string // as first written
	uses  []int32
	free  []uint32
}

func newDictionary() dictionary {
	return dictionary{ids: map[string]uint32{}, texts: []string{""}, uses: []int32{0}}
}

func (d *dictionary) acquire(text string) uint32 {
	if text == "" {
		return 0
	}
	folded := strings.ToLower(text)
	id, ok := d.ids[folded]
	if !ok {
		if n := len(d.free); n > 0 {
			id, d.free = d.free[n-1], d.free[:n-1]
			d.texts[id] = text
		} else {
			id = uint32(len(d.texts))
			d.texts, d.uses = append(d.texts, text), append(d.uses, 0)
		}
		d.ids[folded] = id
	}
	d.uses[id]++
	return id
}

// acquireOnce adds the id of a text to the ids of one entity.
func (d *dictionary) acquireOnce(text string, ids []uint32) []uint32 {
	id := d.acquire(text)
	if slices.Contains(ids, id) {
		d.uses[id]--
		return ids
	}
	return append(ids, id)
}

func (d *dictionary) release(id uint32) {
	if id == 0 {
		return
	}
	if d.uses[id]--; d.uses[id] == 0 {
		delete(d.ids, strings.ToLower(d.texts[id]))
		d.texts[id] = ""
		d.free = append(d.free, id)
	}
}

// sortKey is the place of an entity in an order; no two entities share one.
type sortKey struct {
	number int64
	text   string
	name   string
	kind   uint8
	id     int64
}

func (k sortKey) compare(other sortKey) int {
	if k.number != other.number {
		return cmp.Compare(k.number, other.number)
	}
	if k.text != other.text {
		return strings.Compare(k.text, other.text)
	}
	if k.name != other.name {
		return strings.Compare(k.name, other.name)
	}
	return cmp.Or(cmp.Compare(k.kind, other.kind), cmp.Compare(k.id, other.id))
}

func (r *row) key(by int) sortKey {
	k := sortKey{name: r.ref.Name, kind: r.kind, id: r.id}
	switch by {
	case orderByTier:
		k.number = int64(r.rank % retiredRank)
	case orderByOwner:
		k.text = r.owner
		if r.owner == "" {
			k.number = 1
		}
	}
	return k
}

// compare orders rows as their keys are.
func (r *row) compare(other *row, by int) int {
	first := 0
	switch {
	case by == orderByTier:
		first = cmp.Compare(r.rank%retiredRank, other.rank%retiredRank)
	case by == orderByOwner && r.owner != other.owner:
		if r.owner == "" || other.owner == "" {
			return strings.Compare(other.owner, r.owner)
		}
		return strings.Compare(r.owner, other.owner)
	}
	if first == 0 && r.ref.Name != other.ref.Name {
		first = strings.Compare(r.ref.Name, other.ref.Name)
	}
	if first != 0 {
		return first
	}
	return cmp.Or(cmp.Compare(r.kind, other.kind), cmp.Compare(r.id, other.id))
}
