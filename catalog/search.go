package catalog

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Search lists the entities that match every word of q, best first, at most limit of them (DefaultPage when it is not
// positive, never more than MaxPage); without kinds, of every kind. The retired are found too.
//
// A word matches a word of the name, title, aliases, tags, owner, links or description that is equal to it or starts
// with it; any place in a name or title, from three letters on; and any word that is one typo away (a letter too many,
// too few, wrong, or two swapped), from four letters on. Case, accents and the marks between the parts of a compound do
// not count, and each part of a compound is a word as well. Better is, in this order: the whole name, the start of the
// name, a word of the name, an alias, tag, owner or link, the inside of a name, the description, a typo; then what is
// not retired, the more critical tier, and the name. Of q the first MaxQuery bytes count, and of these 16 words.
func (x *Index) Search(q string, kinds []Kind, limit int) []*Entity {
	query := newQuery(q)
	if len(query.words) == 0 {
		return nil
	}
	if limit <= 0 {
		limit = DefaultPage
	}
	limit = min(limit, MaxPage)
	var wanted [len(kindOrder) + 1]bool
	for place := range wanted {
		wanted[place] = len(kinds) == 0
	}
	for _, kind := range kinds {
		wanted[kindPlace(kind)] = true
	}

	x.mu.RLock()
	defer x.mu.RUnlock()
	s := x.score(query, true)
	defer x.scratch.Put(s)
	if ref, err := ParseRef(q, ""); err == nil {
		if slot, ok := x.byRef[ref]; ok {
			s.sum[slot] = costWhole
		}
	}
	// Counting by cost and rank tells which of them the last result has. The order by name then needs no sorting of its own.
	var counts [256 * ranks]int
	found := 0
	for slot, cost := range s.sum {
		if cost == 0 {
			continue
		}
		g := x.grades[slot]
		if !wanted[g.kind] {
			s.sum[slot] = 0
			continue
		}
		counts[int(cost)*ranks+int(g.rank)]++
		found++
	}
	limit = min(limit, found)
	last, before := 0, 0
	for before+counts[last] < limit {
		before += counts[last]
		last++
	}
	spare := limit - before // of the last
	type hit struct {
		place int
		slot  int32
	}
	hits := make([]hit, 0, limit)
	for _, slot := range x.orders[orderByName] {
		if len(hits) == limit {
			break
		}
		cost := s.sum[slot]
		if cost == 0 {
			continue
		}
		place := int(cost)*ranks + int(x.grades[slot].rank)
		switch {
		case place > last || (place == last && spare == 0):
			continue
		case place == last:
			spare--
		}
		hits = append(hits, hit{place, slot})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.place, b.place) })
	entities := make([]*Entity, len(hits))
	for i, h := range hits {
		entities[i] = x.rows[h.slot].entity
	}
	return entities
}

// The places of a word in an entity, best first. A word in several places counts in the best.
const (
	inWholeName = iota // the whole of the name or title, its parts joined by hyphens
	inName
	inLabel // alias, tag, owner, link
	inDescription
	places
)

// What a word of a query costs by where and how it matches; zero is no match. The costs of several words add up.
const costWhole = 1 // the whole query is the whole name

var (
	costExact  = [places]uint8{2, 4, 10, 20}
	costPrefix = [places]uint8{3, 5, 11, 21}
	costInside = [places]uint8{14, 14, 0, 0}
	costTypo   = [places]uint8{60, 60, 62, 64}
)

const maxCost = 250

// word is a folded word of an entity in its best place.
type word struct {
	text  string
	place uint8
}

// wordsOf lists every word that leads to an entity, by text. Only names keep their whole: elsewhere its parts find it.
func wordsOf(e *Entity) []word {
	words := make([]word, 0, 128)
	add := func(text string, place uint8) {
		for chunk := range strings.FieldsSeq(text) {
			c := newCompound(chunk)
			for _, part := range c.parts {
				words = append(words, word{part, place})
			}
			for _, part := range c.humped {
				words = append(words, word{part, place})
			}
		}
	}
	for _, name := range []string{e.Name, e.Title} {
		for _, form := range newCompound(name).forms {
			words = append(words, word{form, inWholeName})
		}
		add(name, inName)
	}
	for _, alias := range e.Aliases {
		add(alias, inLabel)
	}
	for _, tag := range e.Tags {
		add(tag.Key, inLabel)
		add(tag.Value, inLabel)
	}
	if e.Owner != nil {
		add(e.Owner.Name, inLabel)
	}
	for _, link := range e.Links {
		add(link.Type, inLabel)
		add(link.Title, inLabel)
		add(host(link.URL), inLabel)
	}
	add(e.Description, inDescription)
	slices.SortFunc(words, func(a, b word) int {
		if a.text != b.text {
			return strings.Compare(a.text, b.text)
		}
		return cmp.Compare(a.place, b.place)
	})
	return slices.CompactFunc(words, func(a, b word) bool { return a.text == b.text })
}

// host is the host of an address, without its port.
func host(address string) string {
	_, rest, _ := strings.Cut(address, ":")
	rest = strings.TrimPrefix(rest, "//")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if port := strings.LastIndexByte(rest, ':'); port >= 0 && !strings.HasSuffix(rest, "]") {
		rest = rest[:port]
	}
	return rest
}

// compound is a text without spaces, folded. Its segments are what stands between marks. Its parts are the segments
// split where camelCase has a hump. Its forms are the parts joined by hyphens and, where they differ, the segments.
type compound struct {
	parts []string
	forms []string
	// humped are the segments that have several parts, as one word each.
	humped []string
}

const hump = "\x00"

func newCompound(text string) compound {
	folded, humps := fold(text)
	folded = clipWord(folded)
	if folded == "" {
		return compound{}
	}
	if !humps {
		return compound{parts: strings.Split(folded, "-"), forms: []string{folded}}
	}
	split := strings.ReplaceAll(folded, hump, "-")
	c := compound{parts: strings.Split(split, "-"), forms: []string{split, strings.ReplaceAll(folded, hump, "")}}
	for segment := range strings.SplitSeq(folded, "-") {
		if strings.Contains(segment, hump) {
			c.humped = append(c.humped, strings.ReplaceAll(segment, hump, ""))
		}
	}
	return c
}

// fold gives letters and digits without case and accents, a hyphen for any marks between them, and a zero byte for a
// hump; it tells whether there is one.
func fold(text string) (folded string, humps bool) {
	plain := true // lower-case ASCII letters, digits, and single inner hyphens
	for i := range len(text) {
		b := text[i]
		if (b < 'a' || b > 'z') && (b < '0' || b > '9') && (b != '-' || i == 0 || i == len(text)-1 || text[i-1] == '-') {
			plain = false
			break
		}
	}
	if plain {
		return text, false
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			text = norm.NFKD.String(text)
			break
		}
	}
	out := make([]byte, 0, len(text)+8)
	const (
		mark = iota
		lower
		upper
		digit
	)
	before := mark
	var gap bool
	for i, r := range text {
		var class int
		switch {
		case r >= 'a' && r <= 'z':
			class = lower
		case r >= 'A' && r <= 'Z':
			class = upper
		case r >= '0' && r <= '9':
			class = digit
		case r < utf8.RuneSelf:
			class = mark
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsUpper(r) || unicode.IsTitle(r):
			class = upper
		case unicode.IsLetter(r) || unicode.IsMark(r):
			class = lower
		case unicode.IsNumber(r):
			class = digit
		}
		if class == mark {
			gap, before = true, mark
			continue
		}
		switch {
		case len(out) > 0 && gap:
			out = append(out, '-')
		case class == upper && (before == lower || before == digit || (before == upper && lowerNext(text[i+utf8.RuneLen(r):]))):
			out = append(out, hump...)
			humps = true
		}
		gap, before = false, class
		if class == upper {
			r = unicode.ToLower(r)
		}
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		} else {
			out = append(out, plainLetter(r)...)
		}
	}
	return string(out), humps
}

// lowerNext reports whether a text goes on with a lower-case letter, as after the G of APIGateway.
func lowerNext(text string) bool {
	for _, r := range text {
		if !unicode.Is(unicode.Mn, r) {
			return unicode.IsLower(r)
		}
	}
	return false
}

// plainLetter spells the letters that Unicode does not decompose as people without them on the keyboard do.
func plainLetter(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	case 'ς':
		return "σ"
	}
	return string(r)
}

// clipWord bounds a word to MaxName bytes of whole letters.
func clipWord(text string) string {
	if len(text) <= MaxName {
		return text
	}
	end := MaxName
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimRight(text[:end], "-"+hump)
}

// query is what a person looks for.
type query struct {
	words []compound
	whole []string // the forms of all words together
}

func newQuery(q string) query {
	const most = 16
	if len(q) > MaxQuery {
		q = strings.ToValidUTF8(q[:MaxQuery], "")
	}
	var made query
	for _, chunk := range strings.Fields(q) {
		if c := newCompound(chunk); len(c.parts) > 0 && len(made.words) < most {
			made.words = append(made.words, c)
		}
	}
	made.whole = newCompound(strings.Join(strings.Fields(q), " ")).forms
	return made
}

// scores are the working memory of one search, a byte a slot.
type scores struct {
	sum   []uint8 // of the words so far; zero is no match
	word  []uint8
	parts []uint8
	part  []uint8
}

func (x *Index) newScores() *scores {
	s, _ := x.scratch.Get().(*scores)
	if s == nil || cap(s.sum) < len(x.rows) {
		n := len(x.rows) + len(x.rows)/8 + chunk
		memory := make([]uint8, 4*n)
		s = &scores{sum: memory[:n:n], word: memory[n : 2*n : 2*n], parts: memory[2*n : 3*n : 3*n], part: memory[3*n:]}
	}
	n := len(x.rows)
	s.sum, s.word, s.parts, s.part = s.sum[:n], s.word[:n], s.parts[:n], s.part[:n]
	return s
}

// score finds what every word of a query costs. Without typos, they still count for a word that nothing else matches.
func (x *Index) score(q query, typos bool) *scores {
	s := x.newScores()
	for i, w := range q.words {
		into := s.word
		if i == 0 {
			into = s.sum
		}
		x.words.match(w, typos, into, s)
		if i == 0 {
			continue
		}
		for slot, cost := range s.sum {
			switch {
			case cost == 0:
			case s.word[slot] == 0:
				s.sum[slot] = 0
			default:
				s.sum[slot] = uint8(min(int(cost)+int(s.word[slot]), maxCost))
			}
		}
	}
	for _, whole := range q.whole {
		if id, ok := x.words.ids[whole]; ok {
			for _, p := range x.words.posts[id] {
				if p.place() == inWholeName && s.sum[p.slot()] != 0 {
					s.sum[p.slot()] = costWhole
				}
			}
		}
	}
	return s
}

// post says that a word is in an entity: its slot, and the best place in the lowest bits.
type post uint32

const placeBits = 2

func newPost(slot int32, place uint8) post { return post(slot)<<placeBits | post(place) }

func (p post) slot() int32  { return int32(p >> placeBits) }
func (p post) place() uint8 { return uint8(p & (1<<placeBits - 1)) }

// vocabulary leads from words to entities. A word has a number while it is in use.
type vocabulary struct {
	ids    map[string]int32
	texts  []string
	posts  [][]post // by slot
	marks  []uint64 // signature of the letters; zero while a number is not in use
	sorted []int32  // numbers in use, by text
	free   []int32
	fresh  []int32 // since settle
	stale  []int32 // perhaps without posts since settle
}

func newVocabulary() vocabulary { return vocabulary{ids: map[string]int32{}} }

// replace changes the words of a slot. Both lists are by text.
func (v *vocabulary) replace(slot int32, before, after []word) {
	for len(before) > 0 || len(after) > 0 {
		var order int
		switch {
		case len(before) == 0:
			order = 1
		case len(after) == 0:
			order = -1
		default:
			order = cmp.Compare(before[0].text, after[0].text)
		}
		switch {
		case order < 0:
			v.remove(slot, before[0].text)
			before = before[1:]
		case order > 0:
			v.add(slot, after[0])
			after = after[1:]
		default:
			if before[0].place != after[0].place {
				v.add(slot, after[0])
			}
			before, after = before[1:], after[1:]
		}
	}
}

func (v *vocabulary) add(slot int32, w word) {
	id, ok := v.ids[w.text]
	if !ok {
		text := strings.Clone(w.text) // it may be a part of a long description
		if n := len(v.free); n > 0 {
			id, v.free = v.free[n-1], v.free[:n-1]
			v.texts[id], v.marks[id] = text, letters(text)
		} else {
			id = int32(len(v.texts))
			v.texts, v.posts, v.marks = append(v.texts, text), append(v.posts, nil), append(v.marks, letters(text))
		}
		v.ids[text] = id
		v.fresh = append(v.fresh, id)
	}
	if w.place <= inName {
		v.marks[id] |= nameMark
	}
	posts := v.posts[id]
	place, found := findPost(posts, slot)
	if found {
		posts[place] = newPost(slot, w.place)
		return
	}
	v.posts[id] = slices.Insert(posts, place, newPost(slot, w.place))
}

func (v *vocabulary) remove(slot int32, text string) {
	id, ok := v.ids[text]
	if !ok {
		return
	}
	posts := v.posts[id]
	if place, found := findPost(posts, slot); found {
		v.posts[id] = slices.Delete(posts, place, place+1)
	}
	if len(v.posts[id]) == 0 {
		v.stale = append(v.stale, id)
	}
}

func findPost(posts []post, slot int32) (int, bool) {
	place, _ := slices.BinarySearch(posts, newPost(slot, 0))
	return place, place < len(posts) && posts[place].slot() == slot
}

// settle brings sorted up to date after a batch of changes.
func (v *vocabulary) settle() {
	byText := func(a, b int32) int { return cmp.Compare(v.texts[a], v.texts[b]) }
	slices.Sort(v.fresh)
	slices.Sort(v.stale)
	var gone, places []int32
	for _, id := range slices.Compact(v.stale) {
		if len(v.posts[id]) > 0 {
			continue
		}
		if _, fresh := slices.BinarySearch(v.fresh, id); !fresh {
			place, _ := slices.BinarySearchFunc(v.sorted, id, byText)
			places = append(places, int32(place))
		}
		gone = append(gone, id)
	}
	v.sorted = deletePlaces(v.sorted, places)
	fresh := slices.DeleteFunc(v.fresh, func(id int32) bool { return len(v.posts[id]) == 0 })
	v.sorted = mergeSorted(v.sorted, fresh, byText)
	for _, id := range gone {
		delete(v.ids, v.texts[id])
		v.texts[id], v.posts[id], v.marks[id] = "", nil, 0
	}
	v.free = append(v.free, gone...)
	v.fresh, v.stale = v.fresh[:0], v.stale[:0]
}

// match sets in into what one word of a query costs in each slot. Without typos, they count if nothing else matches.
func (v *vocabulary) match(w compound, typos bool, into []uint8, s *scores) {
	clear(into)
	known := false
	for _, form := range w.forms {
		known = v.direct(form, into) || known
	}
	several := len(w.parts) > 1
	if several && !typos {
		known = v.together(w.parts, false, into, s) || known
	}
	if known && !typos {
		return
	}
	for _, form := range w.forms {
		v.typos(form, into)
	}
	if several {
		v.together(w.parts, true, into, s)
	}
}

// together finds the entities that have every part of a compound, each at its own place.
func (v *vocabulary) together(parts []string, typos bool, into []uint8, s *scores) bool {
	for i, part := range parts {
		out := s.part
		if i == 0 {
			out = s.parts
		}
		clear(out)
		v.direct(part, out)
		if typos {
			v.typos(part, out)
		}
		if i == 0 {
			continue
		}
		for slot, cost := range s.parts {
			switch {
			case cost == 0:
			case out[slot] == 0:
				s.parts[slot] = 0
			default:
				s.parts[slot] = max(cost, out[slot])
			}
		}
	}
	found := false
	for slot, cost := range s.parts {
		if cost != 0 {
			lowerCost(into, int32(slot), cost)
			found = true
		}
	}
	return found
}

// direct finds a text as a word, as the start of one, and inside names.
func (v *vocabulary) direct(text string, into []uint8) bool {
	from, exact := slices.BinarySearchFunc(v.sorted, text, func(id int32, text string) int { return cmp.Compare(v.texts[id], text) })
	starting := v.sorted[from:]
	end, _ := slices.BinarySearchFunc(starting, text, func(id int32, text string) int {
		if strings.HasPrefix(v.texts[id], text) {
			return -1
		}
		return 1
	})
	starting = starting[:end]
	costs := &costPrefix
	if exact {
		costs = &costExact
	}
	for _, id := range starting {
		v.spread(id, costs, into)
		costs = &costPrefix
	}
	found := len(starting) > 0
	if utf8.RuneCountInString(text) < insideLetters {
		return found
	}
	// What starts with it costs less already than what has it inside.
	done := make([]uint64, len(v.marks)/64+1)
	for _, id := range starting {
		done[id/64] |= 1 << (id % 64)
	}
	mark := letters(text) | nameMark
	for id, have := range v.marks {
		if mark&^have == 0 && done[id/64]&(1<<(id%64)) == 0 && strings.Contains(v.texts[id], text) {
			found = v.spread(int32(id), &costInside, into) || found
		}
	}
	return found
}

// Shorter texts are not looked for inside names, or not with typos: they would find too much.
const (
	insideLetters = 3
	typoLetters   = 4
)

// typos finds the words that are one typo away from a text.
func (v *vocabulary) typos(text string, into []uint8) {
	for id := range v.near(text) {
		v.spread(id, &costTypo, into)
	}
}

// near gives the words that are one typo away from a text, in no order.
func (v *vocabulary) near(text string) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		if utf8.RuneCountInString(text) < typoLetters {
			return
		}
		mark := letters(text)
		for id, have := range v.marks {
			// A wrong letter changes at most two marks.
			if bits.OnesCount64((mark^have)&^nameMark) <= 2 && oneTypo(text, v.texts[id]) && !yield(int32(id)) {
				return
			}
		}
	}
}

// spread notes the cost of a word in every entity that has it.
func (v *vocabulary) spread(id int32, costs *[places]uint8, into []uint8) bool {
	found := false
	for _, p := range v.posts[id] {
		if cost := costs[p.place()]; cost != 0 {
			lowerCost(into, p.slot(), cost)
			found = true
		}
	}
	return found
}

func lowerCost(into []uint8, slot int32, cost uint8) {
	if have := into[slot]; have == 0 || cost < have {
		into[slot] = cost
	}
}

// nameMark is set in the marks of a word that is or was in a name.
const nameMark = 1 << 63

// letters is the signature of a word: a bit for each letter in it, whatever the place and number.
func letters(text string) uint64 {
	var marks uint64
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z':
			marks |= 1 << (r - 'a')
		case r >= '0' && r <= '9':
			marks |= 1 << (26 + r - '0')
		default:
			marks |= 1 << (36 + uint32(r)%27)
		}
	}
	return marks
}

// oneTypo reports whether a and b differ by one letter inserted, deleted or replaced, or by two neighbours swapped.
func oneTypo(a, b string) bool {
	if len(a)-len(b) > utf8.UTFMax || len(b)-len(a) > utf8.UTFMax {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && ((i < len(a) && !utf8.RuneStart(a[i])) || (i < len(b) && !utf8.RuneStart(b[i]))) {
		i--
	}
	a, b = a[i:], b[i:]
	_, inA := utf8.DecodeRuneInString(a)
	_, inB := utf8.DecodeRuneInString(b)
	switch {
	case a == b:
		return false
	case a == "":
		return inB == len(b)
	case b == "":
		return inA == len(a)
	case a[inA:] == b[inB:] || a[inA:] == b || a == b[inB:]:
		return true
	}
	_, nextA := utf8.DecodeRuneInString(a[inA:])
	_, nextB := utf8.DecodeRuneInString(b[inB:])
	return a[:inA] == b[inB:inB+nextB] && b[:inB] == a[inA:inA+nextA] && a[inA+nextA:] == b[inB+nextB:]
}
