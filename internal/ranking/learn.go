package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"text/tabwriter"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/internal/simulator"
)

// lesson is one question with all that was found for it, and the truth.
type lesson struct {
	question   suspect.Question
	candidates []suspect.Candidate
	cause      []simulator.Ref
}

// learn chooses weights under which what was the cause, or that nothing was, is likeliest: a logistic regression over the
// candidates of each question, drawn towards the weights that there are. Scores are linear in nearly all weights; what is
// not, such as how soon a kind shows, is taken to be so near where it stands, which is why there are rounds. It prints
// the weights that moved, and changes nothing: a person decides, and writes them down.
func (s *settings) learn(ctx context.Context, rounds int) error {
	if slices.ContainsFunc(s.shapes, func(shape simulator.Shape) bool { return shape.Held }) {
		return errors.New("weights are not chosen by the shapes that are kept apart: use -shapes train")
	}
	var lessons []lesson
	for _, shape := range s.shapes {
		for _, seed := range s.seeds {
			if seed > 1000 {
				return errors.New("seeds over 1000 are for reports: learn from others")
			}
			some, err := lessonsOf(ctx, simulator.New(shape, seed))
			if err != nil {
				return err
			}
			lessons = append(lessons, some...)
		}
	}
	before := suspect.Standard()
	weights := suspect.Standard()
	kinds := map[string]float64{}
	for range rounds {
		before, after := regress(lessons, weights, kinds)
		fmt.Fprintf(s.out, "%d questions: log likelihood %.4f, then %.4f\n", len(lessons), before, after)
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	was, is := knobs(before), knobs(weights)
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if math.Abs(*is[name]-*was[name]) >= 0.05 {
			fmt.Fprintf(w, "%s\t%.2f\tto %.2f\n", name, *was[name], *is[name])
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(w, "prior of %s\t\t%+.2f\n", kind, kinds[kind])
	}
	return w.Flush()
}

func lessonsOf(ctx context.Context, world *simulator.World) ([]lesson, error) {
	m := newMemory(suspect.Standard())
	if err := m.describe(ctx, world.Descriptors); err != nil {
		return nil, err
	}
	var lessons []lesson
	told := 0
	for i := range world.Incidents {
		in := &world.Incidents[i]
		until := told
		for until < len(world.Events) && !world.Events[until].Told.After(in.Asked) {
			until++
		}
		if err := m.tell(ctx, world.Events[told:until]); err != nil {
			return nil, err
		}
		told = until
		if _, err := m.ask(ctx, question{services: in.Services, environment: in.Environment, region: in.Region, at: in.Onset}); err != nil {
			return nil, err
		}
		l := lesson{question: m.last.Question, cause: in.Cause}
		for k := range m.last.Suspects {
			l.candidates = append(l.candidates, m.last.Suspects[k].Candidate)
		}
		for k := range m.last.RuledOut {
			l.candidates = append(l.candidates, m.last.RuledOut[k].Candidate)
		}
		lessons = append(lessons, l)
	}
	return lessons, nil
}

// knobs are the weights that are numbers, by name. A struct of numbers is walked by reflection so that a new weight is
// learned without a word here; only this command does so.
func knobs(w *suspect.Weights) map[string]*float64 {
	found := map[string]*float64{}
	v := reflect.ValueOf(w).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if x, ok := v.Field(i).Addr().Interface().(*float64); ok && name != "Sharpness" && name != "Strong" && name != "Possible" {
			found[name] = x
		}
	}
	return found
}

// row is how far the score of a candidate moves with each weight.
type feature struct {
	knob int
	by   float64
}

type lessonRow struct {
	scores   []float64
	features [][]feature
	truth    int // the candidate that did it; -1 for none
}

const (
	nudge = 0.01
	pull  = 0.02 // towards the weights that there are, for each lesson
	turns = 400
	// lookedAt is how many suspects of a question are learned from.
	lookedAt = 60
)

// regress moves the weights, and the priors of kinds, and gives the mean log likelihood before and after.
func regress(lessons []lesson, w *suspect.Weights, kinds map[string]float64) (before, after float64) {
	all := knobs(w)
	names := slices.Sorted(maps.Keys(all))
	place := map[string]int{}
	for _, kind := range change.Kinds() {
		if kind.Class == change.ClassChange {
			place[kind.Name] = len(names) + len(place)
		}
	}
	var rows []lessonRow
	for i := range lessons {
		if r, ok := measureLesson(&lessons[i], w, names, place, kinds); ok {
			rows = append(rows, r)
		}
	}
	none := slices.Index(names, "None")
	theta := make([]float64, len(names)+len(place))
	first, second := make([]float64, len(theta)), make([]float64, len(theta))
	for turn := 1; turn <= turns; turn++ {
		gradient := make([]float64, len(theta))
		sum := 0.0
		for i := range rows {
			sum += rows[i].learn(theta, none, *all["None"], gradient)
		}
		if turn == 1 {
			before = sum / float64(len(rows))
		}
		after = sum / float64(len(rows))
		for k := range theta { // Adam
			g := gradient[k]/float64(len(rows)) - pull*theta[k]
			first[k] = 0.9*first[k] + 0.1*g
			second[k] = 0.999*second[k] + 0.001*g*g
			rate := 0.02 * math.Sqrt(1-math.Pow(0.999, float64(turn))) / (1 - math.Pow(0.9, float64(turn)))
			theta[k] += rate * first[k] / (math.Sqrt(second[k]) + 1e-8)
		}
	}
	for k, name := range names {
		*all[name] += theta[k]
	}
	for kind, k := range place {
		kinds[kind] += theta[k]
	}
	return before, after
}

// measureLesson ranks a lesson once with each weight nudged.
func measureLesson(l *lesson, w *suspect.Weights, names []string, place map[string]int, kinds map[string]float64) (lessonRow, bool) {
	base := w.Rank(l.question, l.candidates, suspect.History{})
	index := map[uuid.UUID]int{}
	r := lessonRow{truth: -1}
	var near []suspect.Candidate // those that matter: the rest has next to no probability
	for i := range base.Suspects {
		s := &base.Suspects[i]
		one := rankedOf(&s.Candidate)
		is := one.is(l.cause)
		if i >= lookedAt && !is {
			continue
		}
		near = append(near, s.Candidate)
		index[s.Head.ID] = len(r.scores)
		r.scores = append(r.scores, s.Score+kinds[s.Head.Kind])
		var features []feature
		if k, ok := place[s.Head.Kind]; ok {
			features = append(features, feature{k, 1})
		}
		r.features = append(r.features, features)
		if r.truth < 0 && is {
			r.truth = len(r.scores) - 1
		}
	}
	if len(l.cause) > 0 && r.truth < 0 {
		return r, false // there is nothing to learn from what was not found
	}
	still := map[uuid.UUID]float64{} // the scores among these alone
	for _, s := range w.Rank(l.question, near, suspect.History{}).Suspects {
		still[s.Head.ID] = s.Score
	}
	for k, name := range names {
		moved := *w
		*knobs(&moved)[name] += nudge
		ranking := moved.Rank(l.question, near, suspect.History{})
		for i := range ranking.Suspects {
			s := &ranking.Suspects[i]
			if at, ok := index[s.Head.ID]; ok {
				if by := (s.Score - still[s.Head.ID]) / nudge; math.Abs(by) > 1e-6 {
					r.features[at] = append(r.features[at], feature{k, by})
				}
			}
		}
	}
	return r, true
}

// learn adds the gradient of one lesson, and gives its log likelihood.
func (r *lessonRow) learn(theta []float64, none int, noneScore float64, gradient []float64) float64 {
	scores := make([]float64, len(r.scores)+1)
	scores[len(r.scores)] = noneScore + theta[none]
	most := scores[len(r.scores)]
	for i := range r.scores {
		scores[i] = r.scores[i]
		for _, f := range r.features[i] {
			scores[i] += f.by * theta[f.knob]
		}
		most = max(most, scores[i])
	}
	sum := 0.0
	for i := range scores {
		scores[i] = math.Exp(scores[i] - most)
		sum += scores[i]
	}
	truth := r.truth
	if truth < 0 {
		truth = len(r.scores)
	}
	for i := range scores {
		p := scores[i] / sum
		by := -p
		if i == truth {
			by++
		}
		if i == len(r.scores) {
			gradient[none] += by
			continue
		}
		for _, f := range r.features[i] {
			gradient[f.knob] += by * f.by
		}
	}
	return math.Log(scores[truth] / sum)
}
