package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tidings.dev/tidings/internal/simulator"
)

// result is how one question was answered.
type result struct {
	shape    string
	held     bool
	seed     uint64
	incident *simulator.Incident
	answer   answer
	// moved is where the cause stood with the onset a minute earlier and later.
	moved [2]int
	// lost is whether the cause was ruled out with either.
	lost bool
}

type results []result

func (all results) where(keep func(*result) bool) results {
	var some results
	for i := range all {
		if keep(&all[i]) {
			some = append(some, all[i])
		}
	}
	return some
}

// guilty are those that a change caused, innocent the others.
func (all results) guilty() results {
	return all.where(func(r *result) bool { return len(r.incident.Cause) > 0 })
}

func (all results) innocent() results {
	return all.where(func(r *result) bool { return len(r.incident.Cause) == 0 })
}

// place is where the cause stands, from 1; zero for nowhere.
func (r *result) place() int { return r.answer.place(r.incident.Cause) }

// recent is where the plain order of the latest first has the cause; here is the same with the changes of the services
// themselves before all others.
func (r *result) recent() int { return r.among(func(simulator.Rival) bool { return false }) }

func (r *result) here() int { return r.among(func(v simulator.Rival) bool { return v.Here }) }

func (r *result) among(first func(simulator.Rival) bool) int {
	rivals := slices.Clone(r.incident.Rivals)
	slices.SortStableFunc(rivals, func(a, b simulator.Rival) int {
		if fa, fb := first(a), first(b); fa != fb {
			if fa {
				return -1
			}
			return 1
		}
		return b.At.Compare(a.At)
	})
	return slices.IndexFunc(rivals, func(v simulator.Rival) bool {
		return slices.ContainsFunc(v.Refs, func(ref simulator.Ref) bool { return slices.Contains(r.incident.Cause, ref) })
	}) + 1
}

// ideal is where the oracle of the simulator has the cause; zero where it was not asked.
func (r *result) ideal() int { return r.incident.Ideal }

// score is how often the cause is among the first, and the mean reciprocal of its place.
type score struct{ at1, at3, at5, mrr float64 }

func (all results) score(place func(*result) int) score {
	var s score
	for i := range all {
		p := place(&all[i])
		if p == 0 {
			continue
		}
		if p <= 1 {
			s.at1++
		}
		if p <= 3 {
			s.at3++
		}
		if p <= 5 {
			s.at5++
		}
		s.mrr += 1 / float64(p)
	}
	n := float64(max(len(all), 1))
	return score{s.at1 / n, s.at3 / n, s.at5 / n, s.mrr / n}
}

// chance is the score of any order: of n changes, each place is as likely as another.
func (all results) chance() score {
	var s score
	for i := range all {
		n := float64(max(len(all[i].incident.Rivals), 1))
		s.at1 += min(1/n, 1)
		s.at3 += min(3/n, 1)
		s.at5 += min(5/n, 1)
		for k := 1.0; k <= n; k++ {
			s.mrr += 1 / (k * n)
		}
	}
	n := float64(max(len(all), 1))
	return score{s.at1 / n, s.at3 / n, s.at5 / n, s.mrr / n}
}

// ruledOut counts the causes that were ruled out, also with the onset moved.
func (all results) ruledOut() int {
	return len(all.where(func(r *result) bool {
		return len(r.incident.Cause) > 0 && (r.lost || r.answer.ruledOut(r.incident.Cause))
	}))
}

// reliability compares what was said with what came true.
type reliability struct {
	bins       [10]struct{ n, hits, said float64 }
	ece, brier float64
}

// calibration looks at the probability of the first suspect of every answer.
func (all results) calibration() reliability {
	var c reliability
	total := 0.0
	for i := range all {
		r := &all[i]
		if len(r.answer.Suspects) == 0 {
			continue
		}
		said, hit := r.answer.Suspects[0].probability, 0.0
		if len(r.incident.Cause) > 0 && r.place() == 1 {
			hit = 1
		}
		bin := &c.bins[min(int(said*10), 9)]
		bin.n++
		bin.hits += hit
		bin.said += said
		c.brier += (said - hit) * (said - hit)
		total++
	}
	for _, bin := range c.bins {
		c.ece += math.Abs(bin.said-bin.hits) / max(total, 1)
	}
	c.brier /= max(total, 1)
	return c
}

// silent reports whether an answer says that nothing stands out.
func (r *result) silent() bool {
	return len(r.answer.Suspects) == 0 || r.answer.Suspects[0].strength != "strong"
}

func (all results) silence() float64 {
	return float64(len(all.where((*result).silent))) / float64(max(len(all), 1))
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func row(w io.Writer, name string, n int, s score, more ...string) {
	fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%.3f\t%s\n", name, n, percent(s.at1), percent(s.at3), percent(s.at5), s.mrr, strings.Join(more, "\t"))
}

func (all results) print(out io.Writer) {
	if len(all) == 0 {
		return
	}
	guilty := all.guilty()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	decoys := 0
	least := math.MaxInt
	for i := range guilty {
		decoys += guilty[i].incident.Decoys()
		least = min(least, guilty[i].incident.Decoys())
	}
	fmt.Fprintf(w, "%d troubles, %d of them by a change that was told; %d decoys each on the average, at least %d\n\n", len(all), len(guilty), decoys/max(len(guilty), 1), least)
	fmt.Fprintln(w, "order\ttroubles\tfirst\tof 3\tof 5\tMRR\t")
	for _, part := range []struct {
		name string
		of   results
	}{
		{"", guilty},
		{"shapes for learning: ", guilty.where(func(r *result) bool { return !r.held })},
		{"shapes kept apart: ", guilty.where(func(r *result) bool { return r.held })},
	} {
		if len(part.of) == 0 || part.name != "" && len(part.of) == len(guilty) {
			continue
		}
		row(w, part.name+"suspects", len(part.of), part.of.score((*result).place))
		if s := part.of.score((*result).ideal); s.mrr > 0 {
			row(w, part.name+"oracle", len(part.of), s)
		}
		row(w, part.name+"latest first", len(part.of), part.of.score((*result).recent))
		row(w, part.name+"latest of the service first", len(part.of), part.of.score((*result).here))
		row(w, part.name+"chance", len(part.of), part.of.chance())
	}
	early, late := guilty.score(func(r *result) int { return r.moved[0] }), guilty.score(func(r *result) int { return r.moved[1] })
	row(w, "onset 60 s too early", len(guilty), early)
	row(w, "onset 60 s too late", len(guilty), late)
	fmt.Fprintf(w, "causes ruled out\t%d\n", all.ruledOut())
	fmt.Fprintf(w, "silence without a cause\t%s of %d\n", percent(all.innocent().silence()), len(all.innocent()))
	fmt.Fprintf(w, "silence with a cause\t%s of %d\n", percent(guilty.silence()), len(guilty))
	loud := all.where(func(r *result) bool { return !r.silent() })
	fmt.Fprintf(w, "right where one stands out\t%s of %d\n", percent(loud.score((*result).place).at1), len(loud))

	for _, by := range []struct {
		name string
		of   func(*result) string
	}{
		{"shape", func(r *result) string { return r.shape }},
		{"kind of the cause", func(r *result) string { return r.incident.Kind }},
		{"where", func(r *result) string {
			if r.incident.Undeclared {
				return "over a dependency that nobody declared"
			}
			return fmt.Sprintf("%s %d", r.incident.Direction, r.incident.Distance)
		}},
		{"time to trouble", func(r *result) string { return lagName(r.incident.Lag) }},
		{"decoys", func(r *result) string { return decoysName(r.incident.Decoys()) }},
		{"told", func(r *result) string {
			if r.incident.Late {
				return "late"
			}
			return "in time"
		}},
	} {
		fmt.Fprintf(w, "\nby %s\ttroubles\tfirst\tof 3\tof 5\tMRR\tlatest first\toracle\n", by.name)
		groups := map[string]results{}
		for i := range guilty {
			name := by.of(&guilty[i])
			groups[name] = append(groups[name], guilty[i])
		}
		for _, name := range slices.Sorted(maps.Keys(groups)) {
			row(w, name, len(groups[name]), groups[name].score((*result).place), percent(groups[name].score((*result).recent).at1), percent(groups[name].score((*result).ideal).at1))
		}
	}
	c := all.calibration()
	fmt.Fprintf(w, "\nsaid of the first\ttroubles\tmean\tright\n")
	for i, bin := range c.bins {
		if bin.n > 0 {
			fmt.Fprintf(w, "%d to %d %%\t%.0f\t%s\t%s\n", 10*i, 10*i+10, bin.n, percent(bin.said/bin.n), percent(bin.hits/bin.n))
		}
	}
	fmt.Fprintf(w, "ECE %.3f, Brier %.3f\n", c.ece, c.brier)
	_ = w.Flush() // what is printed goes to a person
}

func decoysName(n int) string {
	switch {
	case n <= 40:
		return "1: 20 to 40"
	case n <= 80:
		return "2: 41 to 80"
	}
	return "3: over 80"
}

func lagName(lag time.Duration) string {
	switch {
	case lag < 5*time.Minute:
		return "1: under 5 min"
	case lag < 15*time.Minute:
		return "2: 5 to 15 min"
	case lag < time.Hour:
		return "3: 15 to 60 min"
	case lag < 4*time.Hour:
		return "4: 1 to 4 h"
	}
	return "5: over 4 h"
}

// printMisses tells of each cause that does not stand first what stands there, and why.
func (all results) printMisses(out io.Writer) {
	for i := range all {
		r := &all[i]
		place := r.place()
		if place == 1 && !r.lost || len(r.incident.Cause) == 0 {
			continue
		}
		in := r.incident
		fmt.Fprintf(out, "\n%s %d, %s in %s/%s at %s: %s, %s %d, lag %s, undeclared %t; place %d of %d, latest first %d, oracle %d, none %.2f\n", r.shape, r.seed,
			strings.Join(in.Services, " "), in.Environment, in.Region, in.Onset.Format("01-02 15:04:05"), in.Kind, in.Direction, in.Distance, in.Lag.Round(time.Second), in.Undeclared,
			place, len(r.answer.Suspects), r.recent(), in.Ideal, r.answer.None)
		for k := range r.answer.Suspects {
			if s := &r.answer.Suspects[k]; k == 0 || k == place-1 {
				fmt.Fprintf(out, "  %d. %.2f %s, %s: %s\n", k+1, s.probability, in.Onset.Sub(s.at), s.title, evidence(s))
			}
		}
		for k := range r.answer.RuledOut {
			if s := &r.answer.RuledOut[k]; s.is(in.Cause) && (place == 0 || r.lost) {
				fmt.Fprintf(out, "  RULED OUT %s, %s: %s\n", in.Onset.Sub(s.at), s.title, s.why)
			}
		}
	}
}

func evidence(r *ranked) string {
	var parts []string
	for _, name := range slices.SortedFunc(maps.Keys(r.evidence), func(a, b string) int {
		return cmp.Or(cmp.Compare(math.Abs(r.evidence[b]), math.Abs(r.evidence[a])), cmp.Compare(a, b))
	}) {
		parts = append(parts, fmt.Sprintf("%s %+.1f", name, r.evidence[name]))
	}
	return strings.Join(parts, ", ")
}
