package suspect

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/change"
)

// workload is a Kubernetes workload that a command can name.
type workload struct{ namespace, kind, name string }

// Names that a command may hold; they need no quotes, and none begins with a dash.
var (
	plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$`)
	wholeHash = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
)

// How a change is taken back follows from its events alone, and from which workload its service is. No value of a setting
// and nothing that somebody wrote freely is ever part of a command.

// UndoOf says how a change is taken back: a command where its events know enough for one, and a link to the tool that made
// it. What the tool keeps in git is taken back there: it would set anything else right again at once.
func UndoOf(c *Candidate, own []catalog.Entity) Undo {
	undo := Undo{Tool: tool(&c.Head), URL: link(c)}
	runs := ""
	if undo.Text = helm(c); undo.Text != "" {
		runs = "helm"
	} else if gitops := argo(c, own); gitops != "" && (c.Head.Kind == "deploy" || c.Head.Kind == "config") {
		undo.Text, runs = gitops, "argocd"
	} else if undo.Text = kubectl(c, own); undo.Text != "" {
		runs = "kubectl"
	} else if hash := strings.ToLower(c.Head.Commit); wholeHash.MatchString(hash) && inGit(&c.Head) {
		undo.Text, runs = "git revert --no-edit "+hash, cmp.Or(undo.Tool, "git")
	}
	if undo.URL == "" { // where there is a link, the tool is that which it leads to
		undo.Tool = cmp.Or(runs, undo.Tool)
	}
	return undo
}

// tool names who made a change, in one word.
func tool(e *change.Event) string {
	for _, name := range []string{e.Actor.Via, e.Source} {
		folded := strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "", ".", "").Replace(name))
		for _, known := range []string{
			"argocd", "argorollouts", "fluxcd", "flux", "spinnaker", "helm", "kubectl", "terraform", "atlantis", "launchdarkly", "unleash", "flagsmith",
			"growthbook", "statsig", "githubactions", "github", "gitlab", "bitbucket", "jenkins", "circleci", "buildkite", "gocd",
		} {
			if strings.Contains(folded, known) {
				return known
			}
		}
	}
	name := strings.ToLower(cmp.Or(e.Actor.Via, e.Source))
	if name == change.DefaultSource {
		return ""
	}
	return name
}

// link is where a change can be taken back, or be looked at: the link that says so, else the one to what made it.
func link(c *Candidate) string {
	for _, kinds := range [][]string{{"undo", "rollback", "revert"}, {"flag", "deploy", "run", "apply", "job", "change", "merge", "pull_request", "commit"}} {
		for _, kind := range kinds {
			for _, e := range append([]change.Event{c.Head}, c.Events...) {
				for _, l := range e.Links {
					if strings.EqualFold(l.Type, kind) {
						return l.URL
					}
				}
			}
		}
	}
	if len(c.Head.Links) > 0 {
		return c.Head.Links[0].URL
	}
	return ""
}

// object is what an agent saw changing: NAMESPACE/KIND/NAME.
func object(e *change.Event) (workload, bool) {
	parts := strings.Split(e.Labels["object"], "/")
	if len(parts) != 3 {
		return workload{}, false
	}
	w := workload{parts[0], strings.ToLower(parts[1]), parts[2]}
	return w, w.plain()
}

func (w workload) plain() bool {
	return plainName.MatchString(w.namespace) && plainName.MatchString(w.kind) && plainName.MatchString(w.name)
}

// helm goes back to the revision before.
func helm(c *Candidate) string {
	for i := range c.Events {
		e := &c.Events[i]
		w, ok := object(e)
		if !ok || w.kind != "helmrelease" || e.Kind != "deploy" {
			continue
		}
		for _, d := range e.Diff {
			if revision, err := strconv.Atoi(d.Old); d.Field == "revision" && err == nil && revision > 0 {
				return fmt.Sprintf("helm rollback %s %d --namespace %s", w.name, revision, w.namespace)
			}
		}
	}
	return ""
}

// argo goes back to what an application was before, where Argo CD deployed it.
func argo(c *Candidate, own []catalog.Entity) string {
	for i := range c.Events {
		e := &c.Events[i]
		if made := tool(e); made != "argocd" {
			continue
		}
		for _, subject := range e.Subjects {
			if app, ok := application(subject.Outside); ok {
				return app
			}
		}
		for _, entity := range own {
			for _, alias := range entity.Aliases {
				if app, ok := application(alias); ok {
					return app
				}
			}
		}
	}
	return ""
}

// application is the command for an outside name of Argo CD: argocd:NAME or argocd:NAMESPACE/NAME.
func application(outside string) (string, bool) {
	name, ok := strings.CutPrefix(outside, "argocd:")
	if !ok {
		return "", false
	}
	namespace, app, within := strings.Cut(name, "/")
	if !within {
		app = name
	}
	if !plainName.MatchString(app) || within && !plainName.MatchString(namespace) {
		return "", false
	}
	if within && namespace != "argocd" {
		return fmt.Sprintf("argocd app rollback %s --app-namespace %s", app, namespace), true
	}
	return "argocd app rollback " + app, true
}

// kubectl goes back to the pods that a workload had before, or to as many.
func kubectl(c *Candidate, own []catalog.Entity) string {
	e := &c.Head
	w, seen := object(e)
	if !seen {
		var known bool
		if w, known = onlyWorkload(own); !known || !onKubernetes(e, own) {
			return ""
		}
	}
	switch e.Kind {
	case "deploy":
		switch {
		case w.kind == "rollout":
			return fmt.Sprintf("kubectl argo rollouts undo %s --namespace %s", w.name, w.namespace)
		case w.kind != "deployment" && w.kind != "statefulset" && w.kind != "daemonset":
			return ""
		}
		command := fmt.Sprintf("kubectl rollout undo %s/%s --namespace %s", w.kind, w.name, w.namespace)
		if revision, err := strconv.Atoi(e.Labels["revision"]); seen && err == nil && revision > 1 {
			command += fmt.Sprintf(" --to-revision=%d", revision-1)
		}
		return command
	case "scaling":
		for _, d := range e.Diff {
			replicas, err := strconv.Atoi(strings.TrimSpace(d.Old))
			if strings.EqualFold(d.Field, "replicas") && err == nil && replicas >= 0 && (w.kind == "deployment" || w.kind == "statefulset" || w.kind == "rollout") {
				return fmt.Sprintf("kubectl scale %s/%s --namespace %s --replicas=%d", w.kind, w.name, w.namespace, replicas)
			}
		}
	}
	return ""
}

// onKubernetes reports whether a change that nobody saw in a cluster can only have been made there.
func onKubernetes(e *change.Event, own []catalog.Entity) bool {
	if e.Kind == "scaling" {
		return true
	}
	return tool(e) == "kubectl"
}

// onlyWorkload is the workload that services have as a name in Kubernetes, where there is just one.
func onlyWorkload(own []catalog.Entity) (workload, bool) {
	var found []workload
	for _, e := range own {
		for _, target := range descriptor.Workloads(e) {
			kind, name, _ := strings.Cut(target.Workload, "/")
			if w := (workload{target.Namespace, kind, name}); w.plain() {
				found = append(found, w)
			}
		}
	}
	if len(found) != 1 {
		return workload{}, false
	}
	return found[0], true
}

// inGit reports whether a change is taken back by taking its commit back.
func inGit(e *change.Event) bool {
	switch e.Kind {
	case "merge", "config", "infrastructure", "deploy":
		return true
	}
	return false
}

// help adds to each suspect what to do about it, and whom to call.
func (r *Reader) help(ranking *Ranking, events []change.Event) {
	by := subjectsOf(func(yield func(*change.Event) bool) {
		for i := range events {
			if !yield(&events[i]) {
				return
			}
		}
	})
	for i := range ranking.Suspects[:min(len(ranking.Suspects), mostHelped)] {
		s := &ranking.Suspects[i]
		own := r.subjects(&s.Candidate)
		s.Owner = r.owner(own)
		s.Undo = UndoOf(&s.Candidate, own)
		s.Undo.Lost = losses(&s.Candidate, by, r.dependants(own))
	}
}

// mostHelped bounds for how many suspects help is looked for: nobody takes back the fiftieth.
const mostHelped = 50

// subjects are the entities that a change was made to.
func (r *Reader) subjects(c *Candidate) []catalog.Entity {
	var all []catalog.Entity
	for _, subject := range c.Head.Subjects {
		if e, ok := r.Roll.ByID(subject.Entity); ok && subject.Entity != 0 {
			all = append(all, *e)
		}
	}
	return all
}

// owner is who knows what a change was made to, and who is called for it just now: the first that is known.
func (r *Reader) owner(own []catalog.Entity) Owner {
	var owner Owner
	for i := range own {
		e := &own[i]
		if e.Owner != nil {
			owner.Team = e.Owner.Name
		}
		for _, call := range r.Roll.Duty(e, r.now()).Now {
			if !slices.Contains(owner.OnCall, call.Name) {
				owner.OnCall = append(owner.OnCall, call.Name)
			}
		}
		if owner.Team != "" {
			break
		}
	}
	return owner
}

// dependants are who depends on what a change was made to, by name and id.
func (r *Reader) dependants(own []catalog.Entity) map[string]int64 {
	all := map[string]int64{}
	for i := range own {
		for _, edge := range r.Roll.Dependants(own[i].Ref()) {
			if edge.Relation.Type != catalog.FamilyProvides {
				all[edge.Entity.Ref().String()] = edge.Entity.ID
			}
		}
	}
	return all
}

// Bounds of what is told of what would be lost.
const (
	mostLost = 5
	// nearSchema is how long before a deploy a migration counts as made for it.
	nearSchema = 2 * time.Hour
)

// losses are the changes that stand on one: later ones of the same thing, migrations that it came with or that came since, and
// deploys of who depends on it since. The events are by the names of their subjects.
func losses(c *Candidate, by map[string][]*change.Event, dependants map[string]int64) []Loss {
	e := &c.Head
	if e.Kind != "deploy" && e.Kind != "config" && e.Kind != "schema" && e.Kind != "flag" && e.Kind != "infrastructure" && e.Kind != "merge" {
		return nil
	}
	seen := map[uuid.UUID]bool{e.ID: true}
	for i := range c.Events {
		seen[c.Events[i].ID] = seen[c.Events[i].ID] || c.Events[i].Kind != "schema"
	}
	names := slices.Sorted(maps.Keys(dependants))
	for _, subject := range e.Subjects {
		names = append(names, subject.Name)
	}
	var later []*change.Event
	for _, name := range names {
		for _, o := range by[name] {
			if seen[o.ID] || e.StartedAt.Sub(o.StartedAt) > nearSchema || o.Phase == change.Planned || o.Phase == change.Cancelled ||
				otherEnvironment(o.Environment, e.Environment) || otherRegion(o.Region, e.Region) {
				continue
			}
			seen[o.ID] = true
			later = append(later, o)
		}
	}
	slices.SortFunc(later, func(a, b *change.Event) int { return oldestFirst(b, a) })
	var lost []Loss
	for _, o := range later {
		if sentence := loss(e, o, dependants); sentence != "" && len(lost) < mostLost {
			lost = append(lost, Loss{Event: o.ID, Sentence: sentence})
		}
	}
	return lost
}

// loss says what taking a change back means for another; empty where it means nothing.
func loss(e, o *change.Event, dependants map[string]int64) string {
	after := o.StartedAt.Sub(e.StartedAt)
	name := "something else"
	if len(o.Subjects) > 0 {
		name = bare(o.Subjects[0].Name)
	}
	same := sameSubject(e, o)
	switch {
	case o.Kind == "schema" && same && after >= -nearSchema && after < 0 && e.Kind == "deploy":
		return fmt.Sprintf("%s was migrated %s before it (%s): that is not taken back, and what was there before may not know the new schema", name, Span(after), o.Title)
	case after <= 0:
		return ""
	case o.Kind == "schema" && same:
		return fmt.Sprintf("%s was migrated %s later (%s): what was there before may not know the new schema", name, Span(after), o.Title)
	case same && o.Kind == e.Kind && (e.Kind == "deploy" || e.Kind == "config" || e.Kind == "infrastructure" || e.Kind == "schema"):
		what := "changed again"
		if o.Kind == "deploy" {
			what = "deployed again"
			if o.Version != "" {
				what = "deployed to " + short(o.Version)
			}
		}
		return fmt.Sprintf("%s was %s %s later: that would be taken back as well", name, what, Span(after))
	case same && e.Kind == "deploy" && o.Kind == "rollback":
		return fmt.Sprintf("%s was rolled back %s later: it may be gone already", name, Span(after))
	case e.Kind == "deploy" && o.Kind == "deploy" && slices.ContainsFunc(o.Subjects, func(s change.Subject) bool { return dependants[s.Name] != 0 }):
		return fmt.Sprintf("%s depends on it and was deployed %s later: it may count on what is new", name, Span(after))
	}
	return ""
}
