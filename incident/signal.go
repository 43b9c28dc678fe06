package incident

import (
	"cmp"
	"strings"
	"time"

	"tidings.dev/tidings/change"
)

// What the tools say of how bad it is, from 1, the worst, to 5. The words are those of PagerDuty, Opsgenie, incident.io,
// Statuspage, Alertmanager and Grafana rules as people write them, Datadog, New Relic and Sentry.
var severities = map[string]int{
	"p0": 1, "p1": 1, "p2": 2, "p3": 3, "p4": 4, "p5": 5,
	"sev0": 1, "sev1": 1, "sev2": 2, "sev3": 3, "sev4": 4, "sev5": 5,
	"1": 1, "2": 2, "3": 3, "4": 4, "5": 5,
	"emergency": 1, "disaster": 1, "blocker": 1, "page": 2, "paging": 2, "pager": 2, "critical": 2, "crit": 2, "urgent": 2,
	"major_outage": 2, "major": 2, "partial_outage": 3, "high": 3, "error": 3, "average": 3,
	"warning": 4, "warn": 4, "minor": 4, "degraded_performance": 4, "medium": 4, "moderate": 4, "ticket": 4,
	"low": 5, "info": 5, "information": 5, "informational": 5, "notice": 5, "none": 5, "ok": 5,
}

// levelOf reads one word of a tool; zero is not known.
func levelOf(word string) int {
	word = strings.ToLower(strings.TrimSpace(word))
	if level, known := severities[word]; known {
		return level
	}
	compact := strings.NewReplacer("-", "", "_", "", " ", "", "severity", "sev", "priority", "p").Replace(word)
	if level, known := severities[compact]; known {
		return level
	}
	// "SEV2 - major", "P1 (critical)"
	first, _, _ := strings.Cut(strings.NewReplacer(":", " ", "(", " ", "-", "").Replace(word), " ")
	return severities[first]
}

// Severity is what a signal says of how bad it is: 1, the worst, to 5; zero where it says nothing.
func Severity(e *change.Event) int {
	level := cmp.Or(levelOf(e.Labels["priority"]), levelOf(e.Labels["severity"]))
	switch strings.ToLower(e.Labels["urgency"]) {
	case "high":
		level = cmp.Or(level, 2)
	case "low":
		level = cmp.Or(level, 4)
	}
	// A tool's incident that is called critical is the worst there is; of an alert it is what rules call what pages.
	if e.Kind == "incident" && level == 2 {
		switch strings.ToLower(e.Labels["severity"]) {
		case "critical", "crit":
			level = 1
		}
	}
	return level
}

// Policy says which signals open an incident.
type Policy string

// The policies. A tool's own incident always opens one.
const (
	OpenByIncident Policy = "incidents" // nothing else does
	OpenByPage     Policy = "pages"     // alerts that page or are critical, by their labels
	OpenByAlert    Policy = "alerts"    // every alert
)

// Policies lists every policy.
func Policies() []Policy { return []Policy{OpenByIncident, OpenByPage, OpenByAlert} }

// worstPaging is the mildest severity of an alert that pages somebody.
const worstPaging = 2

// Opens reports whether a signal opens an incident, unless it belongs to one that there is.
func (p Policy) Opens(e *change.Event) bool {
	kind, _ := change.KindNamed(e.Kind)
	switch {
	case kind.Class != change.ClassSignal || e.Phase == change.Planned || e.Phase == change.Cancelled:
		return false
	case e.Kind == "incident":
		return true
	case ended(e) && !e.EndedAt.After(e.StartedAt):
		return false // only its end is known yet
	case p == OpenByIncident:
		return false
	case p == OpenByAlert:
		return true
	}
	level := Severity(e)
	return level > 0 && level <= worstPaging
}

// ended reports whether a signal is over. One that was told once, without an end, goes on until somebody says more.
func ended(e *change.Event) bool {
	switch e.Phase {
	case change.Planned, change.Started:
		return false
	case change.Cancelled:
		return true
	case change.Succeeded, change.Failed:
	}
	return !e.EndedAt.IsZero() || len(e.History) > 0
}

// endOf is when a signal was over.
func endOf(e *change.Event) time.Time {
	if !e.EndedAt.IsZero() {
		return e.EndedAt
	}
	for _, step := range e.History {
		if step.Phase == e.Phase {
			return step.At
		}
	}
	return e.StartedAt
}

// titleOf is the title of a signal without the number that its tool has for it: people would read two, of which one is ours.
func titleOf(e *change.Event) string {
	names := []string{e.Key, e.Labels["incident"], e.Labels["number"], e.Labels["reference"]}
	for _, link := range e.Links {
		if link.Type == "incident" {
			names = append(names, link.Title)
		}
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		for _, form := range []string{name + ":", "#" + name + ":", "[" + name + "]", "[#" + name + "]", name + " -", name + " –"} {
			if rest, found := strings.CutPrefix(e.Title, form); found && strings.TrimSpace(rest) != "" {
				return strings.TrimSpace(rest)
			}
		}
	}
	return e.Title
}

// alertName is what a rule is called, whatever it fires for.
func alertName(e *change.Event) string {
	return strings.ToLower(cmp.Or(e.Labels["alertname"], e.Labels["monitor"], e.Labels["rule"], e.Labels["condition"], e.Title))
}

// acknowledgement is when, and by whom, a signal was acknowledged in its tool.
func acknowledgement(e *change.Event) (time.Time, string) {
	at, err := time.Parse(time.RFC3339, e.Labels["acknowledged_at"])
	if err != nil {
		return time.Time{}, ""
	}
	return at.UTC(), e.Labels["acknowledged_by"]
}

// seen reports whether a signal is the step itself, as an observer saw it (a crash loop, a kill for want of memory) or a budget
// shows it, and not a rule that waits for a while before it fires.
func seen(e *change.Event) bool { return e.Kind == "slo" || e.Labels["trouble"] != "" }

// onsetOf is what a signal says of when the trouble began.
func onsetOf(e *change.Event) Onset {
	by := OnsetByAlert
	switch {
	case e.Kind == "incident":
		by = OnsetByPage
	case seen(e):
		by = OnsetBySignal
	}
	return Onset{At: e.StartedAt, By: by}
}

// earlier is the better of two estimates: what a person said, then the earliest, then the stronger.
func (o Onset) earlier(other Onset) Onset {
	switch {
	case o.By == OnsetByPerson || other.At.IsZero():
		return o
	case o.At.IsZero() || other.By == OnsetByPerson || other.At.Before(o.At):
		return other
	case other.At.Equal(o.At) && o.By == OnsetByPage:
		return other
	}
	return o
}
