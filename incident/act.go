package incident

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// MaxText bounds what people write.
const MaxText = 16 << 10 // bytes of a note

// Draft is what somebody opens an incident with.
type Draft struct {
	Title string
	// Services are in trouble: references, or names of services.
	Services                     []string
	Environment, Region, Cluster string
	Severity                     int // 1 to 5; zero is not known
	// Onset is when it began; zero is not known, and then it is now.
	Onset time.Time
	Text  string // the first note
}

// Open opens an incident by hand.
func (k *Keeper) Open(ctx context.Context, d Draft) (Incident, error) {
	if err := access.Check(ctx, access.OpenIncident); err != nil {
		return Incident{}, err
	}
	var faults []fault.Fault
	d.Title = strings.Join(strings.Fields(d.Title), " ")
	if d.Title == "" || utf8.RuneCountInString(d.Title) > change.MaxTitle || !utf8.ValidString(d.Title) {
		faults = append(faults, fault.Fault{Pointer: "/title", Detail: "is required: one line that says what is wrong, of at most 200 characters"})
	}
	subjects, wrong := k.subjects(d.Services)
	faults = append(faults, wrong...)
	if len(d.Services) == 0 {
		faults = append(faults, fault.Fault{Pointer: "/services", Detail: "is required: at least one that is in trouble, such as pricing"})
	}
	if d.Severity < 0 || d.Severity > 5 {
		faults = append(faults, fault.Fault{Pointer: "/severity", Detail: "is from 1, the worst, to 5"})
	}
	now := k.Now().UTC()
	if d.Onset.After(now.Add(time.Minute)) || !d.Onset.IsZero() && d.Onset.Before(change.Earliest) {
		faults = append(faults, fault.Fault{Pointer: "/onset", Detail: "lies ahead, or before 2005"})
	}
	faults = append(faults, textFaults(d.Text)...)
	if err := fault.InvalidInput("incident", faults); err != nil {
		return Incident{}, err
	}
	onset := Onset{At: d.Onset.UTC(), By: OnsetByPerson}
	if d.Onset.IsZero() {
		onset = Onset{At: now, By: OnsetByPage}
	}
	for range retries {
		state, err := k.Store.IncidentState(ctx)
		if err != nil {
			return Incident{}, err
		}
		b := k.newBatch(state, now)
		b.number++
		one := b.add(Incident{Number: b.number})
		one.before = 0
		fields := map[string]string{FieldTitle: d.Title, FieldOnset: onset.At.Format(time.RFC3339Nano), FieldOnsetBy: string(onset.By)}
		for name, value := range map[string]string{FieldEnvironment: strings.ToLower(d.Environment), FieldRegion: d.Region, FieldCluster: d.Cluster} {
			if value != "" {
				fields[name] = value
			}
		}
		if d.Severity > 0 {
			fields[FieldSeverity] = strconv.Itoa(d.Severity)
		}
		b.entry(one, Entry{Kind: EntryOpened, At: now, By: actor(ctx), Text: d.Title, Fields: fields, Subjects: subjects})
		if d.Text != "" {
			b.entry(one, Entry{Kind: EntryNoted, At: now, By: actor(ctx), Text: d.Text})
		}
		b.gather()
		if err := k.byHand(ctx, b, &one.Incident); err != nil {
			return Incident{}, err
		}
		err = k.commit(ctx, b.write)
		if !fault.Is(err, fault.Conflict) {
			return one.Incident, err
		}
	}
	return Incident{}, crowded()
}

// byHand lets the log have an incident that no signal told of.
func (k *Keeper) byHand(ctx context.Context, b *batch, i *Incident) error {
	if k.ByHand == nil || len(i.Signals) > 0 || i.MergedInto != 0 {
		return nil
	}
	e, err := k.ByHand(ctx, i)
	if err != nil {
		return err
	}
	b.write.Events = append(b.write.Events, e)
	return nil
}

func crowded() error {
	return fault.New(fault.Unavailable, "others change incidents at this moment: try again")
}

// newBatch is one that follows nothing.
func (k *Keeper) newBatch(state State, now time.Time) *batch {
	return &batch{
		keeper: k, number: state.Number, now: now, all: map[int64]*draft{}, keys: map[Key]int64{}, named: map[string]map[int64]bool{}, at: map[int64]map[int64]bool{},
		write: Write{From: state.Followed, To: state.Followed},
	}
}

// subjects finds what people name in the roll.
func (k *Keeper) subjects(names []string) ([]change.Subject, []fault.Fault) {
	var all []change.Subject
	var faults []fault.Fault
	for i, name := range names {
		pointer := "/services/" + strconv.Itoa(i)
		ref, err := catalog.ParseRef(name, catalog.Service)
		if err != nil {
			faults = append(faults, fault.Fault{Pointer: pointer, Detail: "is no name of a service"})
			continue
		}
		e, ok := k.Roll.Get(ref)
		if !ok {
			faults = append(faults, fault.Fault{Pointer: pointer, Detail: "there is no " + ref.String()})
			continue
		}
		if !canFail(ref.Kind) {
			faults = append(faults, fault.Fault{Pointer: pointer, Detail: "is a " + string(ref.Kind) + ", which cannot be in trouble: name a service, resource, system or API"})
			continue
		}
		all = AddSubject(all, change.Subject{Name: e.Ref().String(), Entity: e.ID})
	}
	if len(names) > subjectsAtMost {
		faults = append(faults, fault.Fault{Pointer: "/services", Detail: "are at most 100"})
	}
	return all, faults
}

func textFaults(text string) []fault.Fault {
	if len(text) > MaxText || !utf8.ValidString(text) {
		return []fault.Fault{{Pointer: "/text", Detail: "is text of at most 16 KiB"}}
	}
	return nil
}

// actor is who asks, as timelines name them.
func actor(ctx context.Context) change.Actor {
	p := access.From(ctx)
	switch p.Type {
	case access.Person:
		return change.Actor{Type: change.ByPerson, Name: p.Name}
	case access.Token, access.Source, access.System:
		return change.Actor{Type: change.ByAutomation, Name: p.Name}
	case access.Anonymous:
	}
	return change.Actor{Type: change.ByUnknown}
}

// act changes one incident, or the one that it was merged into, as often as others come in between.
func (k *Keeper) act(ctx context.Context, number int64, do func(b *batch, d *draft) error) (Incident, error) {
	if err := access.Check(ctx, access.Respond); err != nil {
		return Incident{}, err
	}
	for range retries {
		state, err := k.Store.IncidentState(ctx)
		if err != nil {
			return Incident{}, err
		}
		b := k.newBatch(state, k.Now().UTC())
		d, err := b.read(ctx, number)
		if err != nil {
			return Incident{}, err
		}
		before := d.Status
		if err := do(b, d); err != nil {
			return Incident{}, err
		}
		b.gather()
		if len(b.write.Incidents) == 0 && len(b.write.Verdicts) == 0 {
			return d.Incident, nil
		}
		if d.Status != before {
			if err := k.byHand(ctx, b, &d.Incident); err != nil {
				return Incident{}, err
			}
		}
		err = k.commit(ctx, b.write)
		if !fault.Is(err, fault.Conflict) {
			return d.Incident, err
		}
	}
	return Incident{}, crowded()
}

// read reads one incident, or the one that it was merged into.
func (b *batch) read(ctx context.Context, number int64) (*draft, error) {
	if err := b.fetch(ctx, []int64{number}); err != nil {
		return nil, err
	}
	d := b.all[number]
	for steps := 0; d != nil && d.MergedInto != 0 && steps < retries; steps++ {
		d = b.all[d.MergedInto]
	}
	if d == nil {
		return nil, absent(number)
	}
	return d, nil
}

func absent(number int64) error { return fault.New(fault.NotFound, "there is no %s", NameOf(number)) }

// Get reads one incident, as it is: one that was merged says into which.
func (k *Keeper) Get(ctx context.Context, number int64) (Incident, error) {
	found, err := k.Store.Incidents(ctx, []int64{number})
	if err != nil {
		return Incident{}, err
	}
	i, ok := found[number]
	if !ok {
		return Incident{}, absent(number)
	}
	return i, nil
}

// Acknowledge says that somebody took it. What is acknowledged or resolved already stays as it is.
func (k *Keeper) Acknowledge(ctx context.Context, number int64) (Incident, error) {
	return k.act(ctx, number, func(b *batch, d *draft) error {
		if d.Status == Open {
			b.entry(d, Entry{Kind: EntryAcknowledged, At: b.now, By: actor(ctx)})
		}
		return nil
	})
}

// Resolve says that it is over. The text may be empty.
func (k *Keeper) Resolve(ctx context.Context, number int64, text string) (Incident, error) {
	return k.act(ctx, number, func(b *batch, d *draft) error {
		if err := fault.InvalidInput("incident", textFaults(text)); err != nil {
			return err
		}
		if d.Status != Resolved {
			b.entry(d, Entry{Kind: EntryResolved, At: b.now, By: actor(ctx), Text: text})
		}
		return nil
	})
}

// Reopen says that it is not over after all.
func (k *Keeper) Reopen(ctx context.Context, number int64) (Incident, error) {
	return k.act(ctx, number, func(b *batch, d *draft) error {
		if d.Status == Resolved {
			b.entry(d, Entry{Kind: EntryReopened, At: b.now, By: actor(ctx)})
		}
		return nil
	})
}

// Note writes into the timeline.
func (k *Keeper) Note(ctx context.Context, number int64, text string) (Incident, error) {
	return k.act(ctx, number, func(b *batch, d *draft) error {
		faults := textFaults(text)
		if strings.TrimSpace(text) == "" {
			faults = []fault.Fault{{Pointer: "/text", Detail: "is required: what is to be noted"}}
		}
		if err := fault.InvalidInput("note", faults); err != nil {
			return err
		}
		b.entry(d, Entry{Kind: EntryNoted, At: b.now, By: actor(ctx), Text: text})
		return nil
	})
}

// Said is one message of a conversation.
type Said struct {
	Source string // the configured chat
	Key    string // the chat's own id of the message: it stands in the timeline once
	At     time.Time
	By     change.Actor
	Text   string
	URL    string
}

// Say puts what was said in a conversation into the timeline, once.
func (k *Keeper) Say(ctx context.Context, number int64, s Said) (Incident, error) {
	key := keyOf("said", strconv.FormatInt(number, 10), s.Source, s.Key)
	return k.act(ctx, number, func(b *batch, d *draft) error {
		if s.Key == "" || s.Source == "" || s.At.IsZero() || len(textFaults(s.Text)) > 0 {
			return fault.New(fault.Invalid, "what was said needs a source, a key, a time, and text of at most 16 KiB")
		}
		known, err := k.Store.IncidentsByKey(ctx, []Key{key})
		if err != nil || len(known) > 0 {
			return err
		}
		fields := map[string]string{FieldSource: s.Source, FieldKey: s.Key}
		if s.URL != "" {
			fields[FieldURL] = s.URL
		}
		b.entry(d, Entry{Kind: EntrySaid, At: s.At.UTC(), By: s.By, Text: s.Text, Fields: fields})
		b.learn(d, []Key{key})
		return nil
	})
}

// Converse says where an incident is talked about.
func (k *Keeper) Converse(ctx context.Context, number int64, c Conversation) (Incident, error) {
	return k.act(ctx, number, func(b *batch, d *draft) error {
		if c.Source == "" || c.Channel == "" {
			return fault.New(fault.Invalid, "a conversation has a source and a channel")
		}
		if slices.Contains(d.Conversations, c) {
			return nil
		}
		fields := map[string]string{FieldSource: c.Source, FieldChannel: c.Channel}
		for name, value := range map[string]string{FieldThread: c.Thread, FieldURL: c.URL} {
			if value != "" {
				fields[name] = value
			}
		}
		b.entry(d, Entry{Kind: EntryConversation, At: b.now, By: actor(ctx), Fields: fields})
		return nil
	})
}

// Edit is what somebody corrects; nil leaves a field as it is.
type Edit struct {
	Title, Environment, Region, Cluster *string
	Severity                            *int
	Onset                               *time.Time
	Services                            []string // in the place of those before; nil leaves them
}

// Edit corrects what is known of an incident. Signals change no field that a person set.
func (k *Keeper) Edit(ctx context.Context, number int64, edit Edit) (Incident, error) {
	return k.act(ctx, number, func(b *batch, d *draft) error {
		fields := map[string]string{}
		var faults []fault.Fault
		for name, value := range map[string]*string{FieldTitle: edit.Title, FieldEnvironment: edit.Environment, FieldRegion: edit.Region, FieldCluster: edit.Cluster} {
			if value == nil {
				continue
			}
			text := strings.Join(strings.Fields(*value), " ")
			if !utf8.ValidString(text) || utf8.RuneCountInString(text) > change.MaxTitle || name == FieldTitle && text == "" {
				faults = append(faults, fault.Fault{Pointer: "/" + name, Detail: "is one line of at most 200 characters"})
			}
			if name == FieldEnvironment {
				text = strings.ToLower(text)
			}
			fields[name] = text
		}
		if edit.Severity != nil {
			if *edit.Severity < 0 || *edit.Severity > 5 {
				faults = append(faults, fault.Fault{Pointer: "/severity", Detail: "is from 1, the worst, to 5, or 0 for not known"})
			}
			fields[FieldSeverity] = strconv.Itoa(*edit.Severity)
		}
		if edit.Onset != nil {
			if edit.Onset.After(b.now.Add(time.Minute)) || edit.Onset.Before(change.Earliest) {
				faults = append(faults, fault.Fault{Pointer: "/onset", Detail: "lies ahead, or before 2005"})
			}
			fields[FieldOnset], fields[FieldOnsetBy] = edit.Onset.UTC().Format(time.RFC3339Nano), string(OnsetByPerson)
		}
		one := Entry{Kind: EntryEdited, At: b.now, By: actor(ctx), Fields: fields}
		if edit.Services != nil {
			subjects, wrong := k.subjects(edit.Services)
			faults = append(faults, wrong...)
			one.Subjects, fields[FieldReplace] = subjects, strings.Join(edit.Services, " ")
			if len(edit.Services) == 0 {
				faults = append(faults, fault.Fault{Pointer: "/services", Detail: "is at least one"})
			}
		}
		if err := fault.InvalidInput("incident", faults); err != nil {
			return err
		}
		if len(fields) > 0 {
			b.entry(d, one)
		}
		return nil
	})
}

// Merge says that an incident is another one: what it had is the other's from now on.
func (k *Keeper) Merge(ctx context.Context, number, into int64) (Incident, error) {
	return k.act(ctx, into, func(b *batch, d *draft) error {
		other, err := b.read(ctx, number)
		if err != nil {
			return err
		}
		if other == d {
			return fault.New(fault.Conflict, "%s is part of %s already", NameOf(number), d.Name())
		}
		keys, err := k.keysOf(ctx, &other.Incident)
		if err != nil {
			return err
		}
		fields := map[string]string{FieldMerged: strconv.FormatInt(other.Number, 10)}
		if better := d.Onset.earlier(other.Onset); better != d.Onset {
			fields[FieldOnset], fields[FieldOnsetBy] = better.At.Format(time.RFC3339Nano), string(better.By)
		}
		if other.Severity > 0 && (d.Severity == 0 || other.Severity < d.Severity) && !slices.Contains(d.Set, FieldSeverity) {
			fields[FieldSeverity] = strconv.Itoa(other.Severity)
		}
		b.entry(d, Entry{Kind: EntryMerged, At: b.now, By: actor(ctx), Text: other.Title, Fields: fields, Subjects: other.Subjects, Links: other.Links})
		for _, id := range other.Signals {
			if slices.Contains(d.Signals, id) || len(d.Signals) >= MaxSignals {
				continue
			}
			phase, kind := Ended, "alert"
			if slices.Contains(other.Firing, id) {
				phase = Begun
			}
			if slices.Contains(other.Paging, id) {
				kind = "incident"
			}
			b.entry(d, Entry{
				Kind: EntrySignal, At: other.ActiveAt, By: actor(ctx), Event: id,
				Fields: map[string]string{FieldPhase: phase, FieldKind: kind, FieldMerged: fields[FieldMerged]},
			})
		}
		for _, c := range other.Conversations {
			if !slices.Contains(d.Conversations, c) {
				b.entry(d, Entry{Kind: EntryConversation, At: b.now, By: actor(ctx), Fields: map[string]string{
					FieldSource: c.Source, FieldChannel: c.Channel, FieldThread: c.Thread, FieldURL: c.URL,
				}})
			}
		}
		b.learn(d, keys)
		b.entry(other, Entry{Kind: EntryMerged, At: b.now, By: actor(ctx), Text: d.Title, Fields: map[string]string{
			FieldMerged: strconv.FormatInt(d.Number, 10), FieldInto: "true",
		}})
		return nil
	})
}

// keysOf are the keys of the signals that an incident lists, as far as the log still has them.
func (k *Keeper) keysOf(ctx context.Context, i *Incident) ([]Key, error) {
	var keys []Key
	for _, id := range i.Signals {
		e, err := k.Log.Event(ctx, id)
		if fault.Is(err, fault.NotFound) {
			keys = append(keys, eventKey(id))
			continue
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, own(&e)...)
	}
	return keys, nil
}

// Split takes signals out of an incident that are of another trouble, which begins with them, and gives that one.
func (k *Keeper) Split(ctx context.Context, number int64, events []uuid.UUID) (Incident, error) {
	var began Incident
	_, err := k.act(ctx, number, func(b *batch, d *draft) error {
		var signals []change.Event
		for _, id := range events {
			if !slices.Contains(d.Signals, id) {
				return fault.New(fault.Invalid, "%s is no signal of %s", id, d.Name())
			}
			e, err := k.Log.Event(ctx, id)
			if err != nil {
				return err
			}
			signals = append(signals, e)
		}
		if len(signals) == 0 || len(signals) == len(d.Signals) {
			return fault.New(fault.Invalid, "name some of the signals of %s, and not all of them", d.Name())
		}
		slices.SortStableFunc(signals, func(x, y change.Event) int { return x.StartedAt.Compare(y.StartedAt) })
		first := &signals[0]
		b.number++
		one := b.add(Incident{Number: b.number})
		one.before = 0
		fields := map[string]string{
			FieldTitle: titleOf(first), FieldOnset: first.StartedAt.Format(time.RFC3339Nano), FieldOnsetBy: string(onsetOf(first).By),
			FieldKind: first.Kind, FieldPhase: Begun, FieldName: alertName(first), FieldSplit: strconv.FormatInt(d.Number, 10),
		}
		if value := cmp.Or(first.Environment, d.Environment); value != "" {
			fields[FieldEnvironment] = value
		}
		if level := Severity(first); level > 0 {
			fields[FieldSeverity] = strconv.Itoa(level)
		}
		b.entry(one, Entry{
			Kind: EntryOpened, At: first.StartedAt, By: actor(ctx), Text: first.Title, Event: first.ID, Fields: fields,
			Subjects: inTrouble(first.Subjects), Links: first.Links,
		})
		for i := range signals {
			b.entry(d, Entry{Kind: EntrySplit, At: b.now, By: actor(ctx), Text: signals[i].Title, Event: signals[i].ID, Fields: map[string]string{
				FieldSplit: strconv.FormatInt(one.Number, 10),
			}})
			b.join(one, &signals[i])
		}
		began = one.Incident
		return nil
	})
	return began, err
}

// Judge keeps a person's word on one change in an incident. The latest word counts.
func (k *Keeper) Judge(ctx context.Context, number int64, event uuid.UUID, finding Finding, reason string) (Verdict, error) {
	var verdict Verdict
	_, err := k.act(ctx, number, func(b *batch, d *draft) error {
		faults := textFaults(reason)
		if !slices.Contains(Findings(), finding) {
			faults = append(faults, fault.Fault{Pointer: "/finding", Detail: "is caused, fixed, suspect or dismissed"})
		}
		if err := fault.InvalidInput("verdict", faults); err != nil {
			return err
		}
		e, err := k.Log.Event(ctx, event)
		if err != nil {
			return err
		}
		if class(&e) == change.ClassSignal {
			return fault.New(fault.Invalid, "%s is a signal: judge a change", event)
		}
		verdict = Verdict{
			Incident: d.Number, Event: e.ID, Finding: finding, By: access.From(ctx).String(), At: b.now, Reason: reason,
			Kind: e.Kind, Title: e.Title, Services: k.entities(e.Subjects),
		}
		if k.Ranked != nil {
			if verdict.Rank, verdict.Recency, err = k.Ranked(ctx, &d.Incident, verdict); err != nil {
				return err
			}
		}
		b.write.Verdicts = []Verdict{verdict}
		b.entry(d, Entry{Kind: EntryVerdict, At: b.now, By: actor(ctx), Text: reason, Event: e.ID, Fields: map[string]string{
			FieldFinding: string(finding), FieldRank: strconv.Itoa(verdict.Rank), FieldRecency: strconv.Itoa(verdict.Recency),
			FieldTitle: e.Title, FieldKind: e.Kind,
		}})
		return nil
	})
	return verdict, err
}

// Findings lists every finding.
func Findings() []Finding { return []Finding{Caused, Fixed, Suspected, Dismissed} }
