package catalog

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Suggestion is an entity that an outside name may mean.
type Suggestion struct {
	Entity *Entity
	Reason string  // a few words for people, such as "same name without prod"
	Score  float64 // above 0; 1 would be certain
}

// DefaultSuggestions is how many Suggest gives when the limit is not positive.
const DefaultSuggestions = 5

// Suggest lists entities that an unclaimed outside name, such as github:acme/payments-api, may mean: best first, ties by
// name, at most limit of them and never more than MaxPage, without the retired. It compares the last part of the path
// with names, titles and the aliases that entities have already: the whole, the whole without words such as prod or
// service, each within one typo, and the words that both have. A name that says nothing has no suggestions.
func (x *Index) Suggest(outside string, limit int) []Suggestion {
	if limit <= 0 {
		limit = DefaultSuggestions
	}
	limit = min(limit, MaxPage)
	guesses := outsideNames(outside)
	if len(guesses) == 0 {
		return nil
	}
	best := map[*Entity]Suggestion{}
	for _, guess := range guesses {
		for _, entity := range x.candidates(guess.name) {
			reason, score := guess.name.likeness(entity)
			score *= guess.weight * kindWeight(entity.Kind)
			if score >= leastScore && score > best[entity].Score {
				best[entity] = Suggestion{Entity: entity, Reason: reason, Score: score}
			}
		}
	}
	suggestions := slices.SortedFunc(maps.Values(best), func(a, b Suggestion) int {
		return cmp.Or(
			cmp.Compare(b.Score, a.Score),
			cmp.Compare(a.Entity.Ref().Name, b.Entity.Ref().Name),
			cmp.Compare(kindPlace(a.Entity.Kind), kindPlace(b.Entity.Kind)),
			cmp.Compare(a.Entity.ID, b.Entity.ID),
		)
	})
	return suggestions[:min(len(suggestions), limit)]
}

// The scores of a likeness; words that both have reach up to scoreWords.
const (
	scoreName  = 0.95
	scoreAlso  = 0.9 // title, or another alias
	scoreCore  = 0.8
	scoreTypo  = 0.75
	scoreNear  = 0.65 // a typo, and words such as prod apart
	scoreWords = 0.6
	leastScore = 0.25
)

// kindWeight tells how likely an outside name means an entity of a kind.
func kindWeight(kind Kind) float64 {
	switch kind {
	case Service:
		return 1
	case Team, Person:
		return 0.9
	}
	return 0.95
}

// filler gives the full form of a word that tells where or how something runs, not what it is; empty for other words.
func filler(word string) string {
	switch word {
	case "prod", "prd", "production", "live":
		return "prod"
	case "staging", "stage", "stg", "preprod", "uat":
		return "staging"
	case "dev", "development":
		return "dev"
	case "test", "testing", "qa", "sandbox":
		return "test"
	case "service", "services", "svc", "srv", "server":
		return "service"
	case "app", "application":
		return "app"
	case "deployment", "deploy":
		return "deployment"
	case "function", "lambda":
		return "function"
	case "api", "main", "default":
		return word
	}
	return ""
}

// outsideName is a name as it is compared: its words, these with fillers in full form, and the core that are no fillers.
type outsideName struct {
	forms []string
	words []string
	parts []string
	core  []string
}

func newOutsideName(text string) outsideName {
	c := newCompound(text)
	n := outsideName{forms: c.forms, words: c.parts}
	for _, part := range c.parts {
		full := filler(part)
		n.parts = append(n.parts, cmp.Or(full, part))
		if full == "" {
			n.core = append(n.core, part)
		}
	}
	return n
}

type guess struct {
	name   outsideName
	weight float64
}

// outsideNames reads what an outside name may be called here: the last part of its path; where this is all fillers, the
// part before it; and the two together.
func outsideNames(outside string) []guess {
	if len(outside) > MaxValue {
		return nil
	}
	_, path, found := strings.Cut(outside, ":")
	if !found {
		path = outside
	}
	var parts []string
	for part := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == ':' }) {
		part, _, _ = strings.Cut(part, "@") // of an e-mail address
		part = strings.TrimSuffix(part, ".git")
		if newCompound(part).forms != nil {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	last := newOutsideName(parts[len(parts)-1])
	if len(parts) == 1 {
		return []guess{{last, 1}}
	}
	before := parts[len(parts)-2]
	guesses := []guess{{newOutsideName(before + " " + parts[len(parts)-1]), 0.9}}
	if len(last.core) > 0 {
		return append(guesses, guess{last, 1})
	}
	for i := len(parts) - 2; i >= 0; i-- {
		if name := newOutsideName(parts[i]); len(name.core) > 0 {
			return append(guesses, guess{name, 0.8})
		}
	}
	return append(guesses, guess{last, 1})
}

// candidates lists the entities that can be alike enough: those with enough words of the core in their name or title,
// or one typo from it, and those that have every word somewhere, as in an alias.
func (x *Index) candidates(n outsideName) []*Entity {
	words := n.core
	if len(words) == 0 {
		words = n.parts
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	var slots []int32
	for _, form := range n.forms {
		slots = append(slots, x.words.named(form)...)
	}
	var shared []int32
	for _, word := range words {
		shared = append(shared, x.words.named(word)...)
	}
	slices.Sort(shared)
	enough := int(math.Ceil(leastScore / scoreWords * float64(len(words))))
	for i, slot := range shared {
		if i+1 >= enough && shared[i+1-enough] == slot {
			slots = append(slots, slot)
		}
	}
	slots = append(slots, x.words.everywhere(n.words)...)
	slices.Sort(slots)
	var entities []*Entity
	for _, slot := range slices.Compact(slots) {
		if r := &x.rows[slot]; !r.retired() {
			entities = append(entities, r.entity)
		}
	}
	return entities
}

// named lists the slots with a word, or one a typo away, in the name or title: each once, in no order.
func (v *vocabulary) named(word string) []int32 {
	var slots []int32
	take := func(id int32) {
		for _, p := range v.posts[id] {
			if p.place() <= inName {
				slots = append(slots, p.slot())
			}
		}
	}
	if id, ok := v.ids[word]; ok {
		take(id)
	}
	for id := range v.near(word) {
		take(id)
	}
	slices.Sort(slots)
	return slices.Compact(slots)
}

// everywhere lists the slots that have every word outside of the description, ascending.
func (v *vocabulary) everywhere(words []string) []int32 {
	var slots []int32
	for i, word := range words {
		id, known := v.ids[word]
		if !known {
			return nil
		}
		var have []int32
		for _, p := range v.posts[id] {
			if p.place() <= inLabel {
				have = append(have, p.slot())
			}
		}
		if i == 0 {
			slots = have
			continue
		}
		slots = slices.DeleteFunc(slots, func(slot int32) bool {
			_, found := slices.BinarySearch(have, slot)
			return !found
		})
	}
	return slots
}

// likeness tells how alike an outside name and an entity are, and why; zero when they are not.
func (n outsideName) likeness(e *Entity) (reason string, score float64) {
	better := func(why string, s float64) {
		if s > score {
			reason, score = why, s
		}
	}
	for i, text := range []string{e.Name, e.Title} {
		own := newOutsideName(text)
		switch {
		case len(own.forms) == 0:
		case meet(n.forms, own.forms) || slices.Equal(n.parts, own.parts):
			if i == 0 {
				better("same name", scoreName)
			} else {
				better("same title", scoreAlso)
			}
		case len(n.core) > 0 && slices.Equal(n.core, own.core):
			better("same name"+without(n.parts, own.parts), scoreCore)
		case nearly(n.forms, own.forms):
			better("one typo from its name", scoreTypo)
		case len(n.core) > 0 && nearly([]string{strings.Join(n.core, "-")}, []string{strings.Join(own.core, "-")}):
			better("one typo from its name"+without(n.parts, own.parts), scoreNear)
		default:
			if both := common(n.core, own.core); len(both) > 0 {
				union := len(n.core) + len(own.core) - len(both)
				better("same words: "+strings.Join(both, ", "), scoreWords*float64(len(both))/float64(union))
			}
		}
	}
	for _, alias := range e.Aliases {
		_, path, _ := strings.Cut(alias, ":")
		last, _ := fold(path[strings.LastIndexAny(path, "/:")+1:])
		if slices.Contains(n.forms, last) {
			better("also known as "+alias, scoreAlso)
		}
	}
	return reason, score
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(text string) bool { return slices.Contains(b, text) })
}

// nearly reports whether two names are one typo apart.
func nearly(a, b []string) bool {
	for _, one := range a {
		for _, other := range b {
			if utf8.RuneCountInString(one) >= typoLetters && oneTypo(one, other) {
				return true
			}
		}
	}
	return false
}

// without names the fillers that only one of two names has.
func without(a, b []string) string {
	var words []string
	for _, word := range slices.Concat(a, b) {
		if filler(word) != "" && slices.Contains(a, word) != slices.Contains(b, word) && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return " without " + strings.Join(words, " and ")
}

// common lists the words of a that b has, with at most one typo, each once.
func common(a, b []string) []string {
	var words []string
	for _, word := range a {
		if !slices.Contains(words, word) && (slices.Contains(b, word) || nearly([]string{word}, b)) {
			words = append(words, word)
		}
	}
	return words
}
