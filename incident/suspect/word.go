package suspect

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// Bounds of the words of one text.
const (
	leastWord = 3
	mostText  = 4 << 10 // bytes
	mostShown = 4
)

// stopWords say nothing of a change or a trouble.
var stopWords = wordSet(`the and for with from into onto this that has have had was were are not but its out off per via new old add
	added adds use uses used can may will over under than then when where which what who how all any some more most less least
	error errors errored alert alerts firing fired resolved warning critical high low rate rates above below threshold over
	service services deploy deployed deploys deployment release released version change changed changes update updated updates
	production prod staging seconds minutes minute min sec max second pod pods ratio percent count total value values exceeded elevated increased
	increase increasing spike latency requests request http https www com org incident page paged severity sev monitor monitoring
	true false null none default main master merge merged build built config configuration flag set get put feature fix fixes fixed
	bump support enable enabled disable disabled turn turned rollout rolled back started succeeded failed failure failing failures fail`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// words notes what a text speaks of, folded: its parts, and of compounds such as orders_total or /v1/quote the whole as well.
func words(into map[string]bool, text string) {
	speaks(text, func(word string) { into[word] = true })
}

// speaks gives the words of a text, some of them perhaps twice.
func speaks(text string, note func(word string)) {
	if len(text) > mostText {
		text = text[:mostText]
	}
	for token := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !alphanumeric(r) && r != '_' && r != '-' && r != '.' && r != '/'
	}) {
		apart := split(token)
		if !strings.ContainsFunc(apart, func(r rune) bool { return !alphanumeric(r) }) {
			word(note, strings.ToLower(token)) // most are just that
			continue
		}
		whole := strings.Trim(strings.ToLower(token), "_-./")
		parts := strings.FieldsFunc(apart, func(r rune) bool { return !alphanumeric(r) })
		if len(parts) > 1 && len(whole) <= 80 {
			word(note, whole)
		}
		for _, part := range parts {
			word(note, strings.ToLower(part))
		}
	}
}

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// split puts a space where a camel has its hump.
func split(token string) string {
	if !strings.ContainsFunc(token, unicode.IsUpper) {
		return token
	}
	var b strings.Builder
	lower := false
	for _, r := range token {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

func word(note func(string), word string) {
	if len(word) < leastWord || stopWords[word] || !strings.ContainsFunc(word, unicode.IsLetter) {
		// A status such as 503 says something; other numbers are measured values.
		if len(word) != 3 || word < "400" || word > "599" || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) }) {
			return
		}
	}
	note(singular(word))
}

// singular takes the plural off an English word; what holds more than letters is a name.
func singular(word string) string {
	if len(word) > 4 && !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us") && !strings.HasSuffix(word, "is") {
		return strings.TrimSuffix(word, "s")
	}
	return word
}

// said are the words of the trouble, without the names of what is in it, where a change stands counts by itself, and without its own name.
func said(q *Question) map[string]bool {
	all := map[string]bool{}
	names := map[string]bool{}
	for _, s := range slices.Concat(q.Signals, q.Around) {
		words(all, s.Title)
		words(all, s.Detail)
		for key, value := range s.Labels {
			switch strings.ToLower(key) {
			case "severity", "priority", "status", "environment", "env", "region", "cluster", "service", "team", "alertgroup", "receiver", "job", "instance", "pod":
			default:
				words(all, value)
			}
		}
		for _, subject := range s.Subjects {
			words(names, subject.Name)
		}
		words(names, s.Environment+" "+s.Region+" "+s.Cluster)
		// What tools call the trouble itself: who says that is about it already.
		words(names, s.Labels["incident"])
		if s.Kind == "incident" {
			words(names, s.Key)
		}
	}
	for _, text := range q.Words {
		words(all, text)
	}
	words(names, q.Environment+" "+q.Region+" "+q.Cluster)
	maps.DeleteFunc(all, func(word string, _ bool) bool { return names[word] })
	conceive(all)
	return all
}

// named are the words of alerts that may be names of others: of each all but its own subjects.
func named(q *Question) map[string]bool {
	all := map[string]bool{}
	for _, s := range slices.Concat(q.Signals, q.Around) {
		spoken, own := map[string]bool{}, map[string]bool{}
		words(spoken, s.Title)
		words(spoken, s.Detail)
		words(spoken, s.Cluster)
		for _, value := range s.Labels {
			words(spoken, value)
		}
		for _, subject := range s.Subjects {
			words(own, subject.Name)
		}
		for word := range spoken {
			if !own[word] {
				all[word] = true
			}
		}
	}
	return all
}

// listener hears of texts only what a trouble may speak of as well. Many changes say the same: each text is read once.
type listener struct {
	listens map[string]bool
	heard   map[string][]string
}

func listen(trouble map[string]bool) *listener {
	l := &listener{listens: maps.Clone(trouble), heard: map[string][]string{}}
	for word, concept := range conceptOf {
		if trouble[concept] {
			l.listens[word] = true
		}
	}
	return l
}

func (l *listener) words(into map[string]bool, text string) {
	heard, known := l.heard[text]
	if !known {
		speaks(text, func(word string) {
			if l.listens[word] {
				heard = append(heard, word)
			}
		})
		l.heard[text] = heard
	}
	for _, word := range heard {
		into[word] = true
	}
}

// told are the words of a change, without the names of its subjects.
func (l *listener) told(c *Candidate) map[string]bool {
	all, names := map[string]bool{}, map[string]bool{}
	for i := range c.Events {
		e := &c.Events[i]
		if kind, _ := change.KindNamed(e.Kind); kind.Class == change.ClassSignal {
			continue
		}
		l.words(all, e.Title)
		l.words(all, e.Detail)
		for _, d := range e.Diff {
			l.words(all, d.Field)
			l.words(all, d.Old)
			l.words(all, d.New)
		}
		for key, value := range e.Labels {
			l.words(all, key)
			l.words(all, value)
		}
		l.words(all, e.Story)
		for _, subject := range e.Subjects {
			l.words(names, bare(subject.Name))
		}
		for _, name := range []string{e.Environment, e.Region, e.Cluster, e.Actor.Name, e.Actor.Via, e.Source} {
			l.words(names, name)
		}
	}
	conceive(all) // also of its own name: a resolver is about names
	maps.DeleteFunc(all, func(word string, _ bool) bool { return names[word] })
	return all
}

// common are the words that a change shares with the trouble, the longest first, and then what both are about; a few.
func common(trouble, mine map[string]bool) []string {
	var both, about []string
	for word := range mine {
		switch concept, is := conceptNamed(word); {
		case !trouble[word]:
		case is:
			about = append(about, concept)
		default:
			both = append(both, word)
		}
	}
	slices.SortFunc(both, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	// Of a compound the parts say nothing more.
	var shown []string
	for _, word := range both {
		if !slices.ContainsFunc(shown, func(s string) bool { return strings.Contains(s, word) }) {
			shown = append(shown, word)
		}
	}
	slices.Sort(about)
	shown = append(shown, about...)
	return shown[:min(len(shown), mostShown)]
}

// shared tells of each change that shares words with the trouble how far it stands out by them, up to 1. Each word
// counts by how few of all have it, and the whole is believed as far as it is concentrated on few of them. Spoken keeps the
// words of each change that the trouble may speak of, for the next time.
func shared(trouble map[string]bool, candidates []Candidate, spoken map[uuid.UUID]map[string]bool) map[uuid.UUID]float64 {
	if len(trouble) == 0 {
		return nil
	}
	holders, l := map[string]int{}, listen(trouble)
	both := make([][]string, len(candidates))
	for i := range candidates {
		id := candidates[i].Head.ID
		if spoken[id] == nil {
			spoken[id] = l.told(&candidates[i])
		}
		for word := range spoken[id] {
			if trouble[word] {
				both[i] = append(both[i], word)
				holders[word]++
			}
		}
	}
	scores := map[uuid.UUID]float64{}
	var sum, most float64
	for i := range candidates {
		slices.Sort(both[i]) // sums of floats depend on their order
		var score float64
		for _, word := range both[i] {
			score += worth(word) * rarity(holders[word], len(candidates))
		}
		if score > 0 {
			scores[candidates[i].Head.ID] = score
			most = max(most, score)
		}
	}
	for i := range candidates {
		sum += scores[candidates[i].Head.ID]
	}
	if sum == 0 {
		return nil
	}
	// With one holder all is said; evenly among all, nothing is.
	entropy := 0.0
	for i := range candidates {
		if p := scores[candidates[i].Head.ID] / sum; p > 0 {
			entropy -= p * math.Log(p)
		}
	}
	concentration := 1 - entropy/math.Log(float64(len(candidates)+1))
	for id, score := range scores {
		strength := 1 - math.Exp(-score)
		scores[id] = concentration * strength * score / most
	}
	return scores
}

// rarity is how much a word tells that so many of all changes have, up to 1: what two of five hundred speak of is nearly as telling as
// what one does, and what all speak of tells nothing.
func rarity(holders, changes int) float64 {
	all := float64(changes + 1)
	return math.Log(all/float64(holders)) / math.Log(all)
}
