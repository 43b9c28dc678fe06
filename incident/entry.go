package incident

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
)

// The names of what an entry changes.
const (
	FieldTitle       = "title"
	FieldSeverity    = "severity"
	FieldEnvironment = "environment"
	FieldRegion      = "region"
	FieldCluster     = "cluster"
	FieldOnset       = "onset"    // RFC 3339
	FieldOnsetBy     = "onset_by" // an OnsetBy
	FieldPhase       = "phase"    // of a signal: begun or ended
	FieldKind        = "kind"     // of a signal or a change
	FieldName        = "name"     // of an alert, or of a role
	FieldPerson      = "person"   // of a role: "person:ines", a name that the roll cannot know, or empty for nobody
	FieldBefore      = "before"   // of a role: who had it, in the same form
	FieldFinding     = "finding"
	FieldRank        = "rank"
	FieldRecency     = "recency"
	FieldSource      = "source" // of a conversation or of what was said
	FieldChannel     = "channel"
	FieldThread      = "thread"
	FieldURL         = "url"
	FieldKey         = "key"      // the chat's own id of what was said
	FieldMerged      = "merged"   // the number of the other incident
	FieldInto        = "into"     // set where this incident is the one that ended in the other
	FieldSplit       = "split"    // the number of the incident that a signal went to, or came from
	FieldReplace     = "services" // the services that an edit put in the place of those before
)

// Phases of a signal's entry.
const (
	Begun = "begun"
	Ended = "ended"
)

// Phases of a call's entry.
const (
	CallAsked  = "asked"
	CallTaken  = "taken" // by the pager
	CallFailed = "failed"
)

// Apply is the incident after one more entry. Entries are applied in their order; each is applied once.
func (i *Incident) Apply(e *Entry) {
	i.Number, i.Entries = e.Incident, e.Sequence
	switch e.Kind {
	case EntryOpened:
		i.Status, i.OpenedAt = Open, e.At
		i.edit(e)
		i.signal(e)
	case EntrySignal:
		i.edit(e)
		i.signal(e)
	case EntryAcknowledged:
		if i.Status == Open {
			i.Status = Acknowledged
		}
		if i.AcknowledgedAt.IsZero() {
			i.AcknowledgedAt = e.At
		}
	case EntryResolved:
		i.Status, i.ResolvedAt = Resolved, e.At
	case EntryReopened:
		i.Status, i.ResolvedAt = Open, time.Time{}
		if !i.AcknowledgedAt.IsZero() {
			i.Status = Acknowledged
		}
		i.signal(e)
	case EntryMerged:
		i.merge(e)
	case EntryEdited:
		i.edit(e)
		for name := range e.Fields {
			if !slices.Contains(i.Set, name) {
				i.Set = append(slices.Clip(i.Set), name)
			}
		}
		slices.Sort(i.Set)
	case EntrySplit:
		i.drop(e.Event)
	case EntryRole:
		i.role(e.Fields[FieldName], e.Fields[FieldPerson])
	case EntryConversation:
		i.converse(Conversation{Source: e.Fields[FieldSource], Channel: e.Fields[FieldChannel], Thread: e.Fields[FieldThread], URL: e.Fields[FieldURL]})
	case EntryDone:
		i.Done++
	case EntrySaid, EntryNoted, EntryVerdict, EntryCalled:
	}
}

// signal takes in what an entry says of the event that it is about.
func (i *Incident) signal(e *Entry) {
	if e.Event == uuid.Nil || e.Fields[FieldPhase] == "" {
		return
	}
	if e.At.After(i.ActiveAt) {
		i.ActiveAt = e.At
	}
	paging := e.Fields[FieldKind] == "incident"
	i.Called = i.Called || paging
	if !slices.Contains(i.Signals, e.Event) {
		i.Signals = append(i.Signals, e.Event)
	}
	i.Firing, i.Paging = without(i.Firing, e.Event), without(i.Paging, e.Event)
	if e.Fields[FieldPhase] == Begun {
		i.Firing = append(i.Firing, e.Event)
		if paging {
			i.Paging = append(i.Paging, e.Event)
		}
	}
}

// drop takes a signal away that turned out to be of another incident.
func (i *Incident) drop(event uuid.UUID) {
	i.Signals, i.Firing, i.Paging = without(i.Signals, event), without(i.Firing, event), without(i.Paging, event)
}

func without(all []uuid.UUID, one uuid.UUID) []uuid.UUID {
	if !slices.Contains(all, one) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(id uuid.UUID) bool { return id == one })
}

// edit takes in the fields that an entry names, and the subjects and links that it adds.
func (i *Incident) edit(e *Entry) {
	for name, text := range map[string]*string{
		FieldTitle: &i.Title, FieldEnvironment: &i.Environment, FieldRegion: &i.Region, FieldCluster: &i.Cluster,
	} {
		if value, said := e.Fields[name]; said {
			*text = value
		}
	}
	if value, said := e.Fields[FieldSeverity]; said {
		i.Severity, _ = strconv.Atoi(value) // zero for what is no number: not known
	}
	if at, err := time.Parse(time.RFC3339Nano, e.Fields[FieldOnset]); err == nil {
		i.Onset = Onset{At: at.UTC(), By: OnsetBy(e.Fields[FieldOnsetBy])}
	}
	if e.Fields[FieldReplace] != "" {
		i.Subjects = nil
	}
	for _, subject := range e.Subjects {
		i.Subjects = AddSubject(i.Subjects, subject)
	}
	for _, link := range e.Links {
		if !slices.ContainsFunc(i.Links, func(known change.Link) bool { return known.URL == link.URL }) {
			i.Links = append(slices.Clip(i.Links), link)
		}
	}
}

// AddSubject adds a subject once. One whose outside name stood there takes its place.
func AddSubject(all []change.Subject, one change.Subject) []change.Subject {
	for n, known := range all {
		switch {
		case known.Name == one.Name:
			return all
		case known.Entity == 0 && known.Name == one.Outside:
			all = slices.Clone(all)
			all[n] = one
			return all
		}
	}
	return append(slices.Clip(all), one)
}

func (i *Incident) merge(e *Entry) {
	other, err := strconv.ParseInt(e.Fields[FieldMerged], 10, 64)
	if err != nil {
		return
	}
	if e.Fields[FieldInto] != "" {
		i.MergedInto, i.Status, i.ResolvedAt = other, Resolved, e.At
		i.Firing, i.Paging = nil, nil
		return
	}
	i.edit(e)
}

func (i *Incident) role(name, person string) {
	roles := make(map[string]string, len(i.Roles)+1)
	for known, who := range i.Roles {
		roles[known] = who
	}
	roles[name] = person
	if person == "" {
		delete(roles, name)
	}
	i.Roles = roles
}

func (i *Incident) converse(c Conversation) {
	for n, known := range i.Conversations {
		if known.Source == c.Source && known.Channel == c.Channel && known.Thread == c.Thread {
			i.Conversations = slices.Clone(i.Conversations)
			i.Conversations[n] = c
			return
		}
	}
	i.Conversations = append(slices.Clip(i.Conversations), c)
}
