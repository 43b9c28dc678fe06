package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/internal/ranking/report"
	"tidings.dev/tidings/internal/simulator"
)

// variant takes something away from a case, as others tell of theirs.
type variant struct {
	name  string
	apply func(v *sparse)
}

// sparse is one case that a variant may change: one question, and so many changes to choose from.
type sparse struct {
	*simulator.World
	in     *simulator.Incident
	random *rand.Rand
	atOnce bool // all is told before anything is asked, also what came after
}

// rivals is how many changes a case has, the cause among them, unless a variant has fewer.
const rivals = 40

func variants() []variant {
	return []variant{
		{"as told", func(*sparse) {}},
		{"no dependencies", (*sparse).unmapped},
		{"nothing described", (*sparse).undescribed},
		{"no alerts", (*sparse).unwatched},
		{"no environment, region, cluster", (*sparse).nowhere},
		{"no kind but deploy", func(v *sparse) { v.changes(func(e *simulator.Event) { e.Kind = "deploy" }) }},
		{"no kinds", func(v *sparse) { v.changes(unkind) }},
		{"titles, subjects and times", func(v *sparse) { v.changes(bare) }},
		{"the same, no alerts", func(v *sparse) { v.unwatched(); v.changes(bare) }},
		{"the same, nothing described", func(v *sparse) { v.unwatched(); v.changes(bare); v.undescribed() }},
		{"times to the minute", (*sparse).rounded},
		{"told after the question", func(v *sparse) { v.atOnce = true }},
		{"4 changes", func(v *sparse) { v.few(4) }},
		{"8 changes", func(v *sparse) { v.few(8) }},
		{"20 changes", func(v *sparse) { v.few(20) }},
		{"4 changes, bare, no alerts", func(v *sparse) { v.few(4); v.changes(bare); v.unwatched() }},
		{"8 changes, bare, nothing described", func(v *sparse) { v.few(8); v.changes(bare); v.unwatched(); v.undescribed() }},
		{"weeks between", func(v *sparse) { v.stretch(60) }},
		{"weeks between, nothing described", func(v *sparse) { v.stretch(60); v.undescribed() }},
		{"asked 10 to 60 min late", (*sparse).late},
		{"asked late, no alerts", func(v *sparse) { v.late(); v.unwatched() }},
		{"other spellings", (*sparse).respelled},
		{"several names of one", (*sparse).aliased},
		{"changes of several services", (*sparse).several},
	}
}

// changes does something to all events that are no symptoms.
func (v *sparse) changes(do func(*simulator.Event)) {
	for i := range v.Events {
		if !symptom(&v.Events[i]) {
			do(&v.Events[i])
		}
	}
}

func symptom(e *simulator.Event) bool {
	kind, _ := change.KindNamed(e.Kind)
	return kind.Class == change.ClassSignal
}

func unkind(e *simulator.Event) {
	if e.Kind, e.Version = "", ""; e.Previous != "" {
		e.Previous = ""
	}
}

func bare(e *simulator.Event) {
	*e = simulator.Event{Source: e.Source, Key: e.Key, Title: e.Title, Subjects: e.Subjects, StartedAt: e.StartedAt, Told: e.Told}
}

func (v *sparse) unmapped() {
	lines := strings.Split(v.Descriptors, "\n")
	v.Descriptors = strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "depends_on:") }), "\n")
}

// undescribed leaves of what is asked about its name alone: what nobody ever named is not found.
func (v *sparse) undescribed() {
	v.Descriptors = ""
	for _, name := range v.in.Services {
		kind, bare, found := strings.Cut(name, ":")
		if !found {
			kind, bare = "service", name
		}
		v.Descriptors += fmt.Sprintf("---\nkind: %s\nname: %s\n", kind, bare)
	}
}

func (v *sparse) unwatched() {
	v.Events = slices.DeleteFunc(v.Events, func(e simulator.Event) bool { return symptom(&e) })
}

func (v *sparse) nowhere() {
	v.in.Environment, v.in.Region = "", ""
	for i := range v.Events {
		v.Events[i].Environment, v.Events[i].Region, v.Events[i].Cluster = "", "", ""
	}
}

func (v *sparse) rounded() {
	v.in.Onset = v.in.Onset.Truncate(time.Minute)
	for i := range v.Events {
		e := &v.Events[i]
		e.StartedAt = e.StartedAt.Truncate(time.Minute)
		if !e.EndedAt.IsZero() {
			e.EndedAt = e.EndedAt.Truncate(time.Minute)
		}
	}
}

// few leaves the cause and so many other changes less one.
func (v *sparse) few(n int) {
	others := slices.Clone(v.in.Rivals)
	v.random.Shuffle(len(others), func(i, k int) { others[i], others[k] = others[k], others[i] })
	slices.SortStableFunc(others, func(a, b simulator.Rival) int { return boolean(v.guilty(b)) - boolean(v.guilty(a)) })
	v.keep(others[:min(len(others), n)])
}

func (v *sparse) guilty(r simulator.Rival) bool {
	return slices.ContainsFunc(r.Refs, func(ref simulator.Ref) bool { return slices.Contains(v.in.Cause, ref) })
}

// keep leaves some rivals, their events, what happened to the same things after the onset, and all symptoms.
func (v *sparse) keep(some []simulator.Rival) {
	slices.SortStableFunc(some, func(a, b simulator.Rival) int { return b.At.Compare(a.At) })
	v.in.Rivals = some
	kept := map[simulator.Ref]bool{}
	for _, rival := range some {
		for _, ref := range rival.Refs {
			kept[ref] = true
		}
	}
	things := map[string]bool{}
	for i := range v.Events {
		if e := &v.Events[i]; kept[simulator.Ref{Source: e.Source, Key: e.Key}] {
			for _, subject := range e.Subjects {
				things[subject] = true
			}
		}
	}
	v.Events = slices.DeleteFunc(v.Events, func(e simulator.Event) bool {
		later := e.StartedAt.After(v.in.Onset) && slices.ContainsFunc(e.Subjects, func(subject string) bool { return things[subject] })
		return !symptom(&e) && !later && !kept[simulator.Ref{Source: e.Source, Key: e.Key}]
	})
}

// stretch makes every change so many times as long ago.
func (v *sparse) stretch(times int64) {
	older := func(at time.Time) time.Time { return v.in.Onset.Add(-time.Duration(times) * v.in.Onset.Sub(at)) }
	v.changes(func(e *simulator.Event) {
		if took := e.EndedAt.Sub(e.StartedAt); !e.EndedAt.IsZero() && e.EndedAt.Before(v.in.Onset) {
			e.EndedAt = older(e.StartedAt).Add(took)
		}
		if e.StartedAt.Before(v.in.Onset) {
			e.StartedAt = older(e.StartedAt)
		}
	})
	for i := range v.in.Rivals {
		v.in.Rivals[i].At = older(v.in.Rivals[i].At)
	}
}

// late gives the time of the page for that of the onset. What happened between is there to be suspected, too.
func (v *sparse) late() {
	before := v.in.Onset
	wait := 10*time.Minute + time.Duration(v.random.Int64N(int64(50*time.Minute)))
	v.in.Onset, v.in.Asked = before.Add(wait), v.in.Asked.Add(wait)
	v.changes(func(e *simulator.Event) {
		ref := simulator.Ref{Source: e.Source, Key: e.Key}
		known := slices.ContainsFunc(v.in.Rivals, func(r simulator.Rival) bool { return slices.Contains(r.Refs, ref) })
		if !known && e.StartedAt.After(before) && !e.StartedAt.After(v.in.Onset) {
			v.in.Rivals = append(v.in.Rivals, rivalOf(e, v.in.Services))
		}
	})
	slices.SortStableFunc(v.in.Rivals, func(a, b simulator.Rival) int { return b.At.Compare(a.At) })
}

// respelled asks with other spellings of the same.
func (v *sparse) respelled() {
	v.in.Services = slices.Clone(v.in.Services)
	for i, name := range v.in.Services {
		kind, bare, found := strings.Cut(name, ":")
		if !found {
			kind, bare = "service", name
		}
		switch v.random.IntN(3) {
		case 0:
			bare = strings.ToUpper(bare)
		case 1:
			bare = strings.ReplaceAll(bare, "-", "_")
		default:
			bare = strings.ReplaceAll(bare, "-", "")
		}
		v.in.Services[i] = kind + ":" + bare
	}
	if strings.HasPrefix(v.in.Environment, "prod") {
		v.in.Environment = []string{"PROD", "prd", "live", "Production"}[v.random.IntN(4)]
	}
	v.in.Region = strings.ToUpper(strings.ReplaceAll(v.in.Region, "-", "_"))
}

// aliased calls each service by another name in every other event; the roll knows that they are one.
func (v *sparse) aliased() {
	var text strings.Builder
	name := ""
	for line := range strings.Lines(v.Descriptors) {
		if !strings.HasPrefix(line, "aliases:") { // those of tools that tell nothing here
			text.WriteString(line)
		}
		if found, ok := strings.CutPrefix(line, "name: "); ok {
			name = strings.TrimSpace(found)
			fmt.Fprintf(&text, "aliases: [\"tool:main/%s\", \"repository:acme/%s\"]\n", name, name)
		}
	}
	v.Descriptors = text.String()
	v.changes(func(e *simulator.Event) {
		e.Subjects = slices.Clone(e.Subjects)
		for i, subject := range e.Subjects {
			_, bare, found := strings.Cut(subject, ":")
			if !found {
				bare = subject
			}
			e.Subjects[i] = []string{subject, "tool:main/" + bare, "repository:acme/" + bare}[v.random.IntN(3)]
		}
	})
}

// several makes every third change one of several services.
func (v *sparse) several() {
	var all []string
	v.changes(func(e *simulator.Event) { all = append(all, e.Subjects...) })
	slices.Sort(all)
	all = slices.Compact(all)
	v.changes(func(e *simulator.Event) {
		if v.random.IntN(3) == 0 {
			e.Subjects = append(slices.Clone(e.Subjects), all[v.random.IntN(len(all))], all[v.random.IntN(len(all))])
			slices.Sort(e.Subjects)
			e.Subjects = slices.Compact(e.Subjects)
		}
	})
}

func boolean(is bool) int {
	if is {
		return 1
	}
	return 0
}

// focus takes one trouble out of a world, with its symptoms and so many rivals of it.
func focus(w *simulator.World, in *simulator.Incident) *sparse {
	h := fnv.New64a()
	fmt.Fprint(h, w.Shape.Name, w.Seed, in.Onset.UnixNano())
	one, alone := *in, *w
	one.Rivals = slices.Clone(in.Rivals)
	v := &sparse{World: &alone, in: &one, random: rand.New(rand.NewPCG(h.Sum64(), 7))} //nolint:gosec // the same numbers every time are the point
	v.Events = slices.Clone(w.Events)
	v.Incidents = nil
	v.few(rivals)
	return v
}

// vary asks about all cases that may be learned from, in each variant, and prints what came of it beside plain recency.
func (s *settings) vary(ctx context.Context) error {
	worlds, err := published()
	if err != nil {
		return err
	}
	for _, shape := range s.shapes {
		for _, seed := range s.seeds {
			worlds = append(worlds, simulator.New(shape, seed))
		}
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "variant\ttroubles\tfirst\tof 3\tlatest first\tof 3\tnot listed\truled out\tECE\t")
	for _, one := range variants() {
		if !strings.Contains(one.name, s.variant) {
			continue
		}
		all, err := s.varied(ctx, worlds, one)
		if err != nil {
			return err
		}
		guilty := all.guilty()
		got, recent := guilty.score((*result).place), guilty.score((*result).recent)
		out := guilty.ruledOut()
		lost := len(guilty.where(func(r *result) bool { return r.place() == 0 })) - out
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%d\t%d\t%.3f\t\n", one.name, len(guilty), percent(got.at1), percent(got.at3), percent(recent.at1), percent(recent.at3), lost, out, all.calibration().ece)
		_ = w.Flush() // what is printed goes to a person
		if s.talk {
			all.printMisses(s.out)
		}
	}
	return nil
}

// varied asks about every trouble of some worlds in one variant.
func (s *settings) varied(ctx context.Context, worlds []*simulator.World, how variant) (results, error) {
	var all results
	for _, world := range worlds {
		for i := range world.Incidents {
			found, err := s.sparsely(ctx, world, &world.Incidents[i], how)
			if err != nil {
				return nil, fmt.Errorf("%s, %s %d: %w", how.name, world.Shape.Name, world.Seed, err)
			}
			all = append(all, found)
		}
	}
	return all, nil
}

func (s *settings) sparsely(ctx context.Context, world *simulator.World, in *simulator.Incident, how variant) (found result, err error) {
	v := focus(world, in)
	how.apply(v)
	if !v.atOnce {
		v.Events = slices.DeleteFunc(v.Events, func(e simulator.Event) bool { return e.Told.After(v.in.Asked) })
	}
	asked, end, err := s.open(ctx)
	if err != nil {
		return found, err
	}
	defer func() {
		if ended := end(); err == nil {
			err = ended
		}
	}()
	if v.Descriptors != "" {
		if err := asked.describe(ctx, v.Descriptors); err != nil {
			return found, err
		}
	}
	if err := asked.tell(ctx, v.Events); err != nil {
		return found, err
	}
	found = result{shape: world.Shape.Name, seed: world.Seed, incident: v.in}
	found.answer, err = asked.ask(ctx, question{services: v.in.Services, environment: v.in.Environment, region: v.in.Region, at: v.in.Onset})
	return found, err
}

// published are the cases by hand, each in its first crowd, and those after published reports that may be learned from, all
// in the form of the API.
func published() ([]*simulator.World, error) {
	cases, err := readCases()
	if err != nil {
		return nil, err
	}
	var worlds []*simulator.World
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		one := cases[name]
		world, err := one.world(name, 1)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", name, err)
		}
		worlds = append(worlds, world)
	}
	reports, err := report.All()
	if err != nil {
		return nil, err
	}
	for _, one := range reports {
		if one.Held() {
			continue
		}
		world, err := worldOf(one)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", one.Name, err)
		}
		worlds = append(worlds, world)
	}
	return worlds, nil
}

// worldOf tells a published case in the form of the API.
func worldOf(one *report.Report) (*simulator.World, error) {
	one = one.Plain()
	told, err := one.Deliveries(report.Day)
	if err != nil {
		return nil, err
	}
	w := &simulator.World{Shape: simulator.Shape{Name: one.Name}, Seed: 1, Descriptors: one.Descriptors()}
	in := simulator.Incident{
		Services: one.Ask.Services, Environment: one.Ask.Environment, Region: one.Ask.Region, Onset: one.Onset, Began: one.Onset, Asked: one.Asked(), Kind: one.Class,
	}
	cause := one.Culprit()
	for _, d := range told {
		e := simulator.Event{Told: d.At}
		if err := json.Unmarshal(d.Body, &e); err != nil {
			return nil, err
		}
		w.Events = append(w.Events, e)
		if symptom(&e) || e.StartedAt.After(in.Onset) {
			continue
		}
		rival := rivalOf(&e, one.Ask.Services)
		in.Rivals = append(in.Rivals, rival)
		if cause != nil && e.Title == cause.Title && e.Kind == cause.Kind {
			in.Cause, in.Lag = rival.Refs, in.Onset.Sub(e.StartedAt)
		}
	}
	if (in.Cause == nil) != (cause == nil) {
		return nil, errors.New("the cause was not told")
	}
	slices.SortStableFunc(in.Rivals, func(a, b simulator.Rival) int { return b.At.Compare(a.At) })
	w.Incidents = []simulator.Incident{in}
	return w, nil
}
