package change

import (
	"slices"
	"strings"
)

// Class says what an event can be in a verdict.
type Class string

// The classes.
const (
	ClassChange Class = "change" // could be a cause
	ClassSignal Class = "signal" // a symptom
	ClassNote   Class = "note"   // neither, but worth knowing
)

// Kind is what sort of thing happened. The table below is all that the code knows about a kind.
type Kind struct {
	Name  string `json:"name"`
	Code  int    `json:"-"` // of the store; never reused
	Class Class  `json:"class"`
	Title string `json:"title"` // plural, for lists and filters
	Verb  string `json:"verb"`  // past tense, for one line of the feed
	Icon  string `json:"icon"`  // a lucide icon
	// Prior is the log-odds that such a change is the cause of an incident, before any evidence.
	Prior float64 `json:"-"`
	// Threads joins events of one subject and one commit or version into a story.
	Threads bool `json:"-"`
	// Folds lets a storm of like events by one actor become one line.
	Folds bool `json:"-"`
	// Aliases are other tools' words for the kind.
	Aliases []string `json:"aliases,omitempty"`
}

// kinds is the table. To add a kind, add a line with a new Code.
var kinds = []Kind{
	{Name: "deploy", Code: 1, Class: ClassChange, Title: "Deploys", Verb: "deployed", Icon: "rocket", Prior: -2.55, Threads: true, Aliases: []string{"deployment", "rollout", "release-deployed"}},
	{Name: "rollback", Code: 2, Class: ClassChange, Title: "Rollbacks", Verb: "rolled back", Icon: "undo-2", Prior: -2.4, Aliases: []string{"revert", "rolledback"}},
	{Name: "flag", Code: 3, Class: ClassChange, Title: "Feature flags", Verb: "changed flag", Icon: "flag", Prior: -2.5, Aliases: []string{"feature_flag", "feature-flag", "toggle"}},
	{Name: "experiment", Code: 4, Class: ClassChange, Title: "Experiments", Verb: "changed experiment", Icon: "flask-conical", Prior: -2.25},
	{Name: "scaling", Code: 5, Class: ClassChange, Title: "Scaling", Verb: "scaled", Icon: "scaling", Prior: -4.5, Folds: true, Aliases: []string{"scale", "autoscaling"}},
	{Name: "config", Code: 6, Class: ClassChange, Title: "Configuration", Verb: "changed configuration", Icon: "sliders-horizontal", Prior: -2.4, Folds: true, Aliases: []string{"configuration", "config_change"}},
	{Name: "secret", Code: 7, Class: ClassChange, Title: "Secrets", Verb: "rotated secret", Icon: "key-round", Prior: -2.15, Folds: true, Aliases: []string{"certificate"}},
	{Name: "infrastructure", Code: 8, Class: ClassChange, Title: "Infrastructure", Verb: "changed infrastructure", Icon: "layers", Prior: -1.1, Folds: true, Aliases: []string{"infra", "terraform"}},
	{Name: "schema", Code: 9, Class: ClassChange, Title: "Schema", Verb: "migrated", Icon: "database", Prior: -1.75, Aliases: []string{"migration", "database", "schema_change"}},
	{Name: "merge", Code: 10, Class: ClassChange, Title: "Merges", Verb: "merged", Icon: "git-merge", Prior: -5, Threads: true, Aliases: []string{"pull_request", "merge_request", "push", "commit"}},
	{Name: "build", Code: 11, Class: ClassNote, Title: "Builds", Verb: "built", Icon: "hammer", Prior: -6, Threads: true, Aliases: []string{"ci", "pipeline", "workflow"}},
	{Name: "release", Code: 12, Class: ClassNote, Title: "Releases", Verb: "released", Icon: "tag", Prior: -5, Threads: true, Aliases: []string{"tag", "publish"}},
	{Name: "restart", Code: 13, Class: ClassChange, Title: "Restarts", Verb: "restarted", Icon: "rotate-cw", Prior: -4.3, Folds: true},
	{Name: "traffic", Code: 14, Class: ClassChange, Title: "Traffic", Verb: "shifted traffic", Icon: "split", Prior: -2.15},
	{Name: "alert", Code: 20, Class: ClassSignal, Title: "Alerts", Verb: "fired", Icon: "bell-ring", Prior: -9, Folds: true, Aliases: []string{"alarm", "monitor"}},
	{Name: "incident", Code: 21, Class: ClassSignal, Title: "Incidents", Verb: "opened", Icon: "siren", Prior: -9, Aliases: []string{"page", "outage"}},
	{Name: "slo", Code: 22, Class: ClassSignal, Title: "SLO burn", Verb: "burned budget", Icon: "target", Prior: -9, Folds: true, Aliases: []string{"slo_burn", "burn"}},
	{Name: "oncall", Code: 30, Class: ClassNote, Title: "On-call", Verb: "took over on-call", Icon: "phone", Prior: -8, Aliases: []string{"on-call", "on_call", "handover"}},
	{Name: "cost", Code: 31, Class: ClassNote, Title: "Cost", Verb: "changed cost", Icon: "coins", Prior: -8},
	{Name: "drill", Code: 32, Class: ClassChange, Title: "Drills", Verb: "ran a drill", Icon: "swords", Prior: -1.4, Aliases: []string{"gameday", "chaos"}},
	{Name: "maintenance", Code: 33, Class: ClassChange, Title: "Maintenance", Verb: "maintained", Icon: "wrench", Prior: -2.15, Aliases: []string{"maintenance_window"}},
	{Name: "catalog", Code: 34, Class: ClassNote, Title: "Catalog", Verb: "edited", Icon: "book-open", Prior: -9, Folds: true},
	{Name: "access", Code: 36, Class: ClassNote, Title: "Access", Verb: "changed access", Icon: "shield-check", Prior: -9},
	{Name: "note", Code: 35, Class: ClassNote, Title: "Notes", Verb: "noted", Icon: "sticky-note", Prior: -6, Aliases: []string{"custom", "annotation", "event"}},
}

// Kinds lists every kind: changes first, then signals, then notes.
func Kinds() []Kind { return slices.Clone(kinds) }

// KindNamed finds a kind by its name or by another tool's word for it, without case.
func KindNamed(name string) (Kind, bool) {
	for i := range kinds { // mostly it is just that
		if kinds[i].Name == name {
			return kinds[i], true
		}
	}
	name = strings.ToLower(name)
	for i := range kinds {
		if kinds[i].Name == name || slices.Contains(kinds[i].Aliases, name) {
			return kinds[i], true
		}
	}
	return Kind{}, false
}

// KindCoded finds a kind by the code that the store keeps.
func KindCoded(code int) (Kind, bool) {
	for _, kind := range kinds {
		if kind.Code == code {
			return kind, true
		}
	}
	return Kind{}, false
}

func kindNames() string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kind.Name
	}
	return strings.Join(names, ", ")
}
