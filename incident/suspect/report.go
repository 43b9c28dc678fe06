package suspect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident"
)

// Report is what a post-mortem is written from.
type Report struct {
	Incident incident.Incident
	Entries  []incident.Entry
	Verdicts []incident.Verdict
	Ranking  *Ranking // nil where it is not to be shown
	// Zone is that of the readers, beside UTC; nil is UTC alone.
	Zone *time.Location
	// URL is where the page of the incident is; it may be empty.
	URL string
}

// reportedSuspects is how many suspects a report names.
const reportedSuspects = 5

// Markdown writes the report.
func (r *Report) Markdown() string {
	var b strings.Builder
	i := &r.Incident
	fmt.Fprintf(&b, "# %s: %s\n\n", i.Name(), line(i.Title))
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, strings.ReplaceAll(value, "|", `\|`))
		}
	}
	b.WriteString("| | |\n| --- | --- |\n")
	row("Status", string(i.Status))
	if i.Severity > 0 {
		row("Severity", fmt.Sprintf("SEV %d", i.Severity))
	}
	var names []string
	for _, s := range i.Subjects {
		names = append(names, line(s.Name))
	}
	row("In trouble", strings.Join(names, ", "))
	row("Environment", line(i.Environment))
	row("Began", r.at(i.Onset.At)+" (estimated from: "+string(i.Onset.By)+")")
	row("Opened", r.at(i.OpenedAt))
	row("Acknowledged", r.since(i.AcknowledgedAt))
	row("Resolved", r.since(i.ResolvedAt))
	for _, role := range slices.Sorted(maps.Keys(i.Roles)) {
		row(line(strings.ToUpper(role[:1])+role[1:]), line(i.Roles[role]))
	}
	row("Page", r.URL)
	for _, link := range i.Links {
		row("Link", link.URL)
	}
	r.suspects(&b)
	r.verdicts(&b)
	b.WriteString("\n## Timeline\n\n")
	for n := range r.Entries {
		r.entry(&b, &r.Entries[n])
	}
	b.WriteString("\n## What we learned\n\n_To be written by people._\n")
	return b.String()
}

func (r *Report) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	text := t.UTC().Format("2006-01-02 15:04:05Z")
	if r.Zone != nil && r.Zone != time.UTC {
		text = t.In(r.Zone).Format("2006-01-02 15:04:05 MST") + " · " + t.UTC().Format("15:04:05Z")
	}
	return text
}

func (r *Report) since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return r.at(t) + ", " + t.Sub(r.Incident.Onset.At).Round(time.Second).String() + " after it began"
}

func (r *Report) suspects(b *strings.Builder) {
	if r.Ranking == nil {
		return
	}
	b.WriteString("\n## Suspects\n\n")
	fmt.Fprintf(b, "%s\n", line(r.Ranking.Summary))
	for n := range r.Ranking.Suspects[:min(len(r.Ranking.Suspects), reportedSuspects)] {
		s := &r.Ranking.Suspects[n]
		fmt.Fprintf(b, "\n%d. **%s** (%s, %s)\n", s.Rank, line(s.Head.Title), s.Strength, r.at(s.Head.StartedAt))
		for _, e := range s.Evidence {
			sign := "+"
			if e.Weight < 0 {
				sign = "−"
			}
			fmt.Fprintf(b, "   - %s %s\n", sign, line(e.Sentence))
		}
	}
	fmt.Fprintf(b, "\nOf %d changes that were looked at, %d are ruled out.\n", r.Ranking.Considered, len(r.Ranking.RuledOut))
	if left := r.Ranking.Left(); left != "" {
		fmt.Fprintf(b, "Left out: %s.\n", left)
	}
}

func (r *Report) verdicts(b *strings.Builder) {
	if len(r.Verdicts) == 0 {
		return
	}
	b.WriteString("\n## What people found\n\n")
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		fmt.Fprintf(b, "- %s: **%s**, by %s at %s", line(v.Title), finding(v.Finding), line(v.By), r.at(v.At))
		if v.Rank > 0 {
			fmt.Fprintf(b, "; suspect %d of the ranking", v.Rank)
		}
		b.WriteString("\n")
		if v.Reason != "" {
			b.WriteString(quote(v.Reason, "  "))
		}
	}
}

// finding is what a person said, in words.
func finding(f incident.Finding) string {
	switch f {
	case incident.Caused:
		return "it was this"
	case incident.Fixed:
		return "this ended it"
	case incident.Suspected:
		return "it may have been this"
	case incident.Dismissed:
		return "it was not this"
	}
	return string(f)
}

// What an entry says, in words.
var entryWords = map[incident.EntryKind]string{
	incident.EntryOpened: "opened", incident.EntrySignal: "signal", incident.EntryAcknowledged: "acknowledged", incident.EntryResolved: "resolved",
	incident.EntryReopened: "opened again", incident.EntryMerged: "merged", incident.EntrySplit: "split", incident.EntryEdited: "edited",
	incident.EntryRole: "role", incident.EntrySaid: "said", incident.EntryNoted: "noted", incident.EntryDone: "done", incident.EntryVerdict: "verdict",
	incident.EntryConversation: "conversation", incident.EntryCalled: "page",
}

func (r *Report) entry(b *strings.Builder, e *incident.Entry) {
	fmt.Fprintf(b, "- **%s** %s", r.at(e.At), entryWords[e.Kind])
	f := e.Fields
	switch e.Kind {
	case incident.EntrySignal:
		fmt.Fprintf(b, " %s", f[incident.FieldPhase])
	case incident.EntryMerged:
		if f[incident.FieldInto] != "" {
			b.WriteString(" into")
		}
		fmt.Fprintf(b, " INC-%s", line(f[incident.FieldMerged]))
	case incident.EntrySplit:
		fmt.Fprintf(b, " to INC-%s", line(f[incident.FieldSplit]))
	case incident.EntryRole:
		fmt.Fprintf(b, ": %s %s\n", by(e.By), line(e.RoleWords()))
		return
	case incident.EntryCalled:
		fmt.Fprintf(b, " through %s: %s", line(f[incident.FieldSource]), f[incident.FieldPhase])
	case incident.EntryVerdict:
		fmt.Fprintf(b, ": %s: %s", finding(incident.Finding(f[incident.FieldFinding])), line(f[incident.FieldTitle]))
	case incident.EntryEdited:
		var all []string
		for _, name := range slices.Sorted(maps.Keys(f)) {
			all = append(all, name+" "+line(f[name]))
		}
		fmt.Fprintf(b, ": %s", strings.Join(all, ", "))
	case incident.EntryOpened, incident.EntryAcknowledged, incident.EntryResolved, incident.EntryReopened, incident.EntrySaid, incident.EntryNoted,
		incident.EntryDone, incident.EntryConversation:
	}
	if who := by(e.By); who != "" {
		fmt.Fprintf(b, ", %s", who)
	}
	free := e.Kind == incident.EntrySaid || e.Kind == incident.EntryNoted || e.Kind == incident.EntryVerdict || e.Kind == incident.EntryResolved
	if e.Text != "" && !free {
		fmt.Fprintf(b, ": %s", line(e.Text))
	}
	b.WriteString("\n")
	if e.Text != "" && free {
		b.WriteString(quote(e.Text, "  "))
	}
}

func by(a change.Actor) string {
	name := line(a.Name)
	if a.Via != "" {
		name += " via " + line(a.Via)
	}
	return name
}

// line is untrusted text within a line of Markdown.
func line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", "#", `\#`).Replace(text)
}

// quote is a note, which is Markdown of its own.
func quote(text, indent string) string {
	var b strings.Builder
	for each := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		b.WriteString(indent + "> " + strings.ReplaceAll(each, "<", "&lt;") + "\n")
	}
	return b.String()
}

// reportedEntries bounds the timeline of a report.
const reportedEntries = 5000

// Report gathers what a post-mortem is written from.
func (s *Incidents) Report(ctx context.Context, number int64, zone *time.Location) (*Report, error) {
	one, ranking, err := s.Rank(ctx, number, false)
	if err != nil {
		return nil, err
	}
	r := &Report{Incident: one, Ranking: &ranking, Zone: zone}
	if r.Entries, err = s.Store.Timeline(ctx, number, 0, reportedEntries); err != nil {
		return nil, err
	}
	// What was learned late stands where it happened.
	slices.SortStableFunc(r.Entries, func(a, b incident.Entry) int { return a.At.Compare(b.At) })
	r.Verdicts, err = s.Store.Verdicts(ctx, number, mostOfVerdicts)
	return r, err
}
