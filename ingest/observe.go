package ingest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/observe"
	"tidings.dev/tidings/secret"
)

// Bounds of what an observer says of itself.
const (
	maxCollections = 200
	maxReport      = 2 << 10 // bytes of one text of a report
)

// watchGap is how long ago at most something happened that an observer tells of while it watches.
const watchGap = 10 * time.Second

// Open begins an observer's session. It is Invalid for what cannot be observed, Forbidden for a principal that is no
// agent of this source, and a Conflict as observe.Store says.
func (d *Door) Open(ctx context.Context, opening observe.Opening) (observe.Opened, error) {
	var err error
	if opening.Source, err = d.observer(ctx, opening.Source); err != nil {
		return observe.Opened{}, err
	}
	for _, text := range []*string{&opening.Agent, &opening.Scope.Cluster, &opening.Scope.Environment, &opening.Scope.Region} {
		*text, _ = secret.Hide(*text)
	}
	if err := checkOpening(&opening); err != nil {
		return observe.Opened{}, err
	}
	if _, ok := d.Interpreters[opening.Type]; !ok {
		return observe.Opened{}, fault.New(fault.Invalid, "nothing of the type %q can be observed", opening.Type)
	}
	if d.Refuse != nil {
		if err := d.Refuse(); err != nil {
			return observe.Opened{}, err
		}
	}
	var fresh []byte
	if d.Mark == nil {
		fresh = make([]byte, 32)
		_, _ = rand.Read(fresh) // it never fails
	}
	o, err := d.Seen.OpenSession(ctx, opening, fresh, d.Now().UTC().Truncate(time.Microsecond))
	if err != nil {
		return observe.Opened{}, err
	}
	opened := observe.Opened{Source: o.Source, Session: o.Number, Key: o.Mark}
	if len(opened.Key) == 0 && d.Mark != nil {
		opened.Key, err = d.Mark(o.Source)
	}
	slog.InfoContext(ctx, "a source is observed", "source", o.Source, "session", o.Number, "agent", o.Agent, "looks_at", o.Report.Detail)
	return opened, err
}

// observer asks whether the principal may observe for a source, and gives its name: that of the token, where it is for
// one source. What an observer says is believed as the word of a source that was configured, so a person needs the role
// of who may configure one.
func (d *Door) observer(ctx context.Context, source string) (string, error) {
	who := access.From(ctx)
	if err := who.Check(access.Observe); err != nil {
		return "", err
	}
	if d.Seen == nil {
		return "", fault.New(fault.Unavailable, "nothing can be observed here")
	}
	if source = cmp.Or(source, who.Source); source == "" {
		return "", fault.New(fault.Invalid, "name the source, or use a token that is for one source")
	}
	if err := catalog.CheckName(source); err != nil || strings.EqualFold(source, access.Tidings.Name) {
		return "", fault.New(fault.Invalid, "%q cannot be the name of a source: letters, digits, dots and dashes, and not %s", source, access.Tidings.Name)
	}
	if who.Source != "" && who.Source != source {
		return "", fault.New(fault.Forbidden, "this token observes for the source %q alone, not for %q", who.Source, source)
	}
	if who.Type == access.Person && who.Role < access.RoleOperator {
		return "", fault.New(fault.Forbidden, "an agent needs a token of its own (a service token of the scope agent): ask an administrator")
	}
	return source, nil
}

func checkOpening(o *observe.Opening) error {
	var faults []fault.Fault
	add := func(place, detail string) { faults = append(faults, fault.Fault{Pointer: place, Detail: detail}) }
	if len(o.Collections) > maxCollections {
		add("/collections", fmt.Sprintf("has %d: at most %d", len(o.Collections), maxCollections))
	}
	for place, text := range map[string]string{"/agent": o.Agent, "/cluster": o.Scope.Cluster, "/environment": o.Scope.Environment, "/region": o.Scope.Region, "/extent": o.Scope.Extent} {
		if !shortText(text) {
			add(place, fmt.Sprintf("is not a text of at most %d bytes", change.MaxText))
		}
	}
	for _, collection := range o.Collections {
		if collection == "" || !shortText(collection) {
			add("/collections", "holds what is not a name")
			break
		}
	}
	slices.SortFunc(faults, func(a, b fault.Fault) int { return cmp.Compare(a.Pointer, b.Pointer) })
	clipReport(&o.Report)
	return fault.InvalidInput("open", faults)
}

func shortText(text string) bool {
	return len(text) <= change.MaxText && utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' })
}

// clipReport bounds what is shown of an observer; programs that fail like to repeat what they were given.
func clipReport(r *observe.Report) {
	for _, text := range []*string{&r.Version, &r.Detail, &r.Problem} {
		clean, _ := secret.Hide(strings.Map(func(c rune) rune {
			if c < ' ' {
				return ' '
			}
			return c
		}, strings.ToValidUTF8(*text, "�")))
		if len(clean) > maxReport {
			clean = strings.ToValidUTF8(clean[:maxReport], "") + "…"
		}
		*text = clean
	}
}

// Observe works in a batch, and tells of which source and how many events were recorded or updated because of it. It
// returns after the commit. A batch that was worked in before does nothing. A session that has ended is a Conflict, one that never was NotFound, a number that is not the
// next one is Invalid with the cause observe.ErrGap, and an observation that cannot be read is Invalid: then none was worked in.
func (d *Door) Observe(ctx context.Context, source string, batch observe.Batch) (of string, events int, err error) {
	source, err = d.observer(ctx, source)
	if err != nil {
		return "", 0, err
	}
	leave, err := d.enter(ctx, len(batch.Observations)+1)
	if err != nil {
		return source, 0, err
	}
	defer leave()
	ctx = access.With(ctx, access.Principal{Type: access.Source, Name: source, Role: access.RoleOperator})
	events, err = d.observe(ctx, source, batch)
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.TooLarge, fault.Internal:
		if err == nil {
			break
		}
		// An operator sees it on the page of sources.
		// It is not for the agent to be told of, nor does it change what becomes of the batch.
		if noted := d.Seen.Refuse(ctx, source, problem(err), d.Now()); noted != nil {
			slog.WarnContext(ctx, "a refusal cannot be noted", "source", source, "error", noted)
		}
	}
	return source, events, err
}

func (d *Door) observe(ctx context.Context, source string, batch observe.Batch) (int, error) {
	o, err := d.Seen.Observer(ctx, source)
	if fault.Is(err, fault.NotFound) {
		return 0, fault.New(fault.NotFound, "no session of %s was opened here: open one", source)
	}
	if err != nil {
		return 0, err
	}
	if repeated, err := turn(&o, &batch); err != nil || repeated {
		return 0, err
	}
	interpreter, ok := d.Interpreters[o.Type]
	if !ok {
		return 0, fault.New(fault.Invalid, "nothing of the type %q can be observed", o.Type)
	}
	l := &looking{
		door: d, observer: &o, interpreter: interpreter, batch: &batch, now: d.Now().UTC().Truncate(time.Microsecond),
		objects: map[string]*object{}, spoken: map[said]int{}, claimed: map[string]catalog.Ref{},
	}
	for _, step := range []func(context.Context) error{l.check, l.load, l.look, l.missed, l.speak} {
		if err := step(ctx); err != nil {
			return 0, err
		}
	}
	work, err := l.work(ctx)
	if err != nil {
		return 0, err
	}
	done, err := d.Seen.Commit(ctx, work)
	if fault.Is(err, fault.Conflict) {
		// The same batch may have been sent twice, and the other one was faster.
		if o, again := d.Seen.Observer(ctx, source); again == nil {
			if repeated, other := turn(&o, &batch); other != nil || repeated {
				return 0, other
			}
		}
	}
	if err != nil {
		return 0, err
	}
	events := 0
	for _, receipt := range done.Receipts {
		if receipt.Status != change.Duplicate {
			events++
		}
	}
	d.noteOutside(work.Events)
	if len(done.Edits) > 0 {
		if _, err := d.Roll.Refresh(ctx); err != nil {
			slog.WarnContext(ctx, "the roll cannot be read after a write", "error", err) // it is committed; follow reads it
		}
	}
	if len(done.Receipts)+len(done.Edits) > 0 {
		d.Committed()
	}
	return events, nil
}

// turn tells whether a batch was worked in already, and refuses one that is not the next.
func turn(o *observe.Observer, batch *observe.Batch) (repeated bool, err error) {
	switch {
	case batch.Session != o.Number:
		return false, fault.New(fault.Conflict, "session %d of %s has ended: the agent %s opened a newer one", batch.Session, o.Source, cmp.Or(o.Agent, "without a name"))
	case batch.Number >= 1 && batch.Number <= o.Batch:
		return true, nil
	case batch.Number != o.Batch+1:
		return false, fault.New(fault.Invalid, "%w: send batch %d", observe.ErrGap, o.Batch+1)
	}
	return false, nil
}

// looking is one batch on its way.
type looking struct {
	door        *Door
	observer    *observe.Observer
	interpreter observe.Interpreter
	batch       *observe.Batch
	now         time.Time
	since       time.Time // the earliest that something of the batch was seen

	objects map[string]*object
	order   []*object
	found   []found

	// What is said of the roll: of each source about each entity only the last word.
	statements []catalog.Statement
	spoken     map[said]int           // where, in statements
	claimed    map[string]catalog.Ref // outside names, by who has them from now on

	problem string // why something was left out
}

type said struct {
	source string
	ref    catalog.Ref
}

// object is what is known of one object, as the batch goes on.
type object struct {
	observe.Known
	was     observe.Known
	stored  bool // something is kept of it
	wasGone bool
	seen    bool // in this batch: it is there, or is gone
	subject string
	dropped bool
	entity  int64 // before the batch
	looked  bool
}

// found are the events of one observation.
type found struct {
	object  *object
	subject string
	entity  int64
	events  []change.Event
}

// check refuses what cannot be read, before anything is done.
func (l *looking) check(context.Context) error {
	clipReport(&l.batch.Report)
	if len(l.batch.Observations) > observe.MaxBatch {
		return fault.New(fault.TooLarge, "a batch has at most %d observations, not %d", observe.MaxBatch, len(l.batch.Observations))
	}
	var faults []fault.Fault
	for i := range l.batch.Observations {
		o := &l.batch.Observations[i]
		if why := l.unreadable(o); why != "" {
			why, _ = secret.Hide(why)
			faults = append(faults, fault.Fault{Pointer: fmt.Sprintf("/observations/%d", i), Detail: why})
			if len(faults) == 10 {
				break
			}
			continue
		}
		if o.SeenAt = o.SeenAt.UTC().Truncate(time.Microsecond); o.SeenAt.After(l.now) || o.SeenAt.Before(change.Earliest) {
			o.SeenAt = l.now // its clock is wrong: what was sent now was seen now
		}
		if l.since.IsZero() || o.SeenAt.Before(l.since) {
			l.since = o.SeenAt
		}
	}
	return fault.InvalidInput("batch", faults)
}

func (l *looking) unreadable(o *observe.Observation) string {
	switch {
	case o.Object == "" || len(o.Object) > observe.MaxName || !utf8.ValidString(o.Object) || strings.ContainsFunc(o.Object, func(r rune) bool { return r < ' ' }):
		return fmt.Sprintf("the object has no name of 1 to %d bytes", observe.MaxName)
	case !slices.Contains(l.observer.Collections, o.Collection):
		return fmt.Sprintf("%s: the collection %q was not named when the session was opened", o.Object, o.Collection)
	case len(o.State) > observe.MaxState:
		return fmt.Sprintf("%s: the state has %d bytes: at most %d", o.Object, len(o.State), observe.MaxState)
	case o.Act == nil && !o.Gone && len(o.State) == 0:
		return o.Object + ": neither a state, nor an act, nor gone"
	case (o.Act != nil || o.Gone) && len(o.State) > 0, o.Act != nil && o.Gone:
		return o.Object + ": more than one of state, act and gone"
	case len(o.State) > 0 && (!utf8.Valid(o.State) || !json.Valid(o.State)):
		return o.Object + ": the state is not JSON"
	}
	if len(o.State) > 0 {
		o.State = hideState(o.State)
	}
	if o.Act != nil {
		for _, text := range []*string{&o.Act.ID, &o.Act.Verb, &o.Act.Part, &o.Act.User, &o.Act.Impersonator, &o.Act.Agent, &o.Act.ObjectID, &o.Act.Manager} {
			*text, _ = secret.Hide(*text)
		}
	}
	if err := l.interpreter.Check(*o); err != nil {
		return o.Object + ": " + sentence(err)
	}
	return ""
}

// hideState takes out of a state what looks like a secret, should the agent have let one pass. Most states hold none, and stay
// as they are byte for byte.
func hideState(state json.RawMessage) json.RawMessage {
	if _, found := secret.Hide(string(state)); !found {
		return state
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(state))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return json.RawMessage(`{}`) // it was JSON a moment ago
	}
	clean, err := json.Marshal(hideIn(value))
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return clean
}

func hideIn(value any) any {
	switch v := value.(type) {
	case string:
		clean, _ := secret.Hide(v)
		return clean
	case []any:
		for i := range v {
			v[i] = hideIn(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = hideIn(v[key])
		}
	}
	return value
}

// load reads what is known of the batch's objects.
func (l *looking) load(ctx context.Context) error {
	names := make([]string, 0, len(l.batch.Observations))
	collections := make(map[string]string, len(l.batch.Observations))
	for i := range l.batch.Observations {
		o := &l.batch.Observations[i]
		if _, twice := collections[o.Object]; !twice {
			names = append(names, o.Object)
		}
		collections[o.Object] = o.Collection
	}
	return l.read(ctx, names, collections)
}

func (l *looking) read(ctx context.Context, names []string, collections map[string]string) error {
	if len(names) == 0 {
		return nil
	}
	known, err := l.door.Seen.Known(ctx, l.observer.Source, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		k, stored := known[name]
		if !stored {
			k = observe.Known{Object: name, Collection: collections[name]}
		}
		l.objects[name] = &object{Known: k, was: k, stored: stored, wasGone: len(k.State) == 0, entity: k.Entity}
		l.order = append(l.order, l.objects[name])
	}
	return nil
}

// look interprets each observation in turn.
func (l *looking) look(context.Context) error {
	for i := range l.batch.Observations {
		l.interpret(l.objects[l.batch.Observations[i].Object], l.batch.Observations[i])
	}
	return nil
}

func (l *looking) interpret(o *object, observation observe.Observation) {
	look := observe.Look{
		Source: l.observer.Source, Scope: l.observer.Scope, Known: o.Known, Observation: observation,
		First: !slices.Contains(l.observer.Baseline, observation.Collection) && len(o.State) == 0, Before: observation.SeenAt,
	}
	look.After = l.after(o, &look)
	finding := l.interpreter.Interpret(look)
	o.looked, o.dropped = true, finding.Forget
	o.subject = finding.Subject
	o.Collection = observation.Collection
	if observation.Act == nil {
		o.State, o.seen, o.Session, o.SeenAt = observation.State, true, l.observer.Number, observation.SeenAt
	} else if o.SeenAt.IsZero() {
		o.SeenAt = observation.SeenAt
	}
	switch {
	case len(finding.Memory) > observe.MaxMemory || !json.Valid(finding.Memory) && len(finding.Memory) > 0:
		l.leftOut(o.Object, fmt.Sprintf("what is to be remembered of it has %d bytes, or is not JSON", len(finding.Memory)))
	default:
		o.Memory = finding.Memory
	}
	for _, problem := range finding.Problems {
		l.leftOut(o.Object, problem)
	}
	l.say(o.Object, finding.Statements)
	if len(finding.Events) > 0 {
		l.found = append(l.found, found{o, finding.Subject, o.Entity, finding.Events})
	}
}

// after is the latest instant by which what is found had not happened yet; zero where there is none.
func (l *looking) after(o *object, look *observe.Look) time.Time {
	var after time.Time
	switch {
	case look.First && len(o.State) == 0:
		return after
	case o.Session == l.observer.Number || slices.Contains(l.observer.Complete, look.Collection):
		// It was seen in this session, or would have been, and is watched since.
		if after = look.Since; after.IsZero() {
			after = look.Before.Add(-watchGap)
		}
	default:
		after = l.observer.AwayFrom
	}
	if len(o.State) > 0 && o.SeenAt.After(after) {
		after = o.SeenAt
	}
	if after.After(look.Before) {
		after = look.Before
	}
	return after
}

// leftOut remembers why something of an object is not taken in.
func (l *looking) leftOut(object, why string) {
	l.problem, _ = secret.Hide(object + ": " + why)
}

// say keeps the last word of each source about each entity.
func (l *looking) say(object string, statements []catalog.Statement) {
	for _, statement := range statements {
		if statement.Outside != "" {
			s := change.Subject{Name: statement.Outside}
			l.resolved(&s)
			ref, err := catalog.ParseRef(s.Name, "")
			if s.Entity == 0 || err != nil {
				continue // nobody claims the name yet; it is said again when the object is looked at anew
			}
			statement.Ref, statement.Outside = ref, ""
		}
		normal, err := statement.Normalize()
		if err != nil {
			l.leftOut(object, sentence(err))
			continue
		}
		for _, claim := range normal.Claims {
			if claim.Field.Family() == catalog.FamilyAlias && string(claim.Value) == "true" {
				l.claimed[claim.Field.Rest()] = normal.Ref
			}
		}
		key := said{statement.Source.Name, statement.Ref}
		if at, again := l.spoken[key]; again && !statement.Partial {
			l.statements[at] = statement
			continue
		}
		l.spoken[key] = len(l.statements)
		l.statements = append(l.statements, statement)
	}
}

// missedAtOnce is how many objects that were not seen are looked at together.
const missedAtOnce = 500

// missed finds what is gone: it was known, and is not in a collection that has been seen as a whole. What is looked at no
// longer ends with the first of them, without a word in the log: nobody knows whether it is gone.
func (l *looking) missed(ctx context.Context) error {
	for _, collection := range l.batch.Complete {
		if !slices.Contains(l.observer.Collections, collection) {
			return fault.New(fault.Invalid, "the collection %q was not named when the session was opened", collection)
		}
		if err := l.unseen(ctx, collection); err != nil {
			return err
		}
	}
	if len(l.batch.Complete) == 0 || len(l.observer.Complete) > 0 {
		return nil
	}
	kept, err := l.door.Seen.Kept(ctx, l.observer.Source)
	if err != nil {
		return err
	}
	for _, collection := range kept {
		if slices.Contains(l.observer.Collections, collection) {
			continue
		}
		if err := l.unseen(ctx, collection); err != nil {
			return err
		}
	}
	return nil
}

// unseen works in that what was not seen of a collection is there no more.
func (l *looking) unseen(ctx context.Context, collection string) error {
	asked := slices.Contains(l.observer.Collections, collection)
	for after := ""; ; {
		names, err := l.door.Seen.Unseen(ctx, l.observer.Source, collection, l.observer.Number, after, missedAtOnce)
		if err != nil || len(names) == 0 {
			return err
		}
		after = names[len(names)-1]
		names = slices.DeleteFunc(names, func(name string) bool { return l.objects[name] != nil && l.objects[name].seen })
		fresh := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return l.objects[name] != nil })
		if err := l.read(ctx, fresh, nil); err != nil {
			return err
		}
		told := len(l.found)
		for _, name := range names {
			l.interpret(l.objects[name], observe.Observation{Object: name, Collection: collection, Gone: true, SeenAt: l.now})
			l.objects[name].dropped = l.objects[name].dropped || !asked
		}
		if !slices.Contains(l.observer.Baseline, collection) {
			// Something else is looked at than before: it dropped out of sight, and nobody knows that it is gone.
			l.found = l.found[:told]
		}
	}
}

// speak applies what is said of the roll, but for what is withdrawn: that has to be committed with the batch, which is
// not sent again.
func (l *looking) speak(ctx context.Context) error {
	stay := slices.DeleteFunc(slices.Clone(l.statements), func(s catalog.Statement) bool { return s.Withdraw })
	if len(stay) > 0 {
		if _, err := l.door.Apply(ctx, stay); err != nil {
			return err
		}
	}
	// Another server may have heard of an entity a moment ago.
	for _, o := range l.order {
		if o.subject == "" {
			continue
		}
		if s := (change.Subject{Name: o.subject}); l.resolved(&s) == 0 {
			_, err := l.door.Roll.Refresh(ctx)
			return err
		}
	}
	return nil
}

// resolved finds the entity of a subject in place; zero where there is none. A name that moves in this batch is that of
// whom it moves to, although the one before has not withdrawn yet.
func (l *looking) resolved(s *change.Subject) int64 {
	s.Name = strings.ToLower(s.Name)
	if l.door.subject(s); s.Entity != 0 {
		return s.Entity
	}
	if ref, ok := l.claimed[s.Name]; ok {
		if e, known := l.door.Roll.Get(ref); known {
			*s = change.Subject{Name: ref.String(), Entity: e.ID, Outside: s.Name}
		}
	}
	return s.Entity
}

// work gathers what is to be committed.
func (l *looking) work(ctx context.Context) (observe.Work, error) {
	by := access.From(ctx)
	work := observe.Work{
		Source: l.observer.Source, Session: l.batch.Session, Number: l.batch.Number, At: l.now, Since: l.since, Complete: l.batch.Complete,
		Report: l.batch.Report, By: by.String(),
		Announce: func(edits []catalog.Edit) []change.Event { return l.door.announce(edits, by, l.now) },
	}
	if !l.since.IsZero() {
		work.Lag = l.now.Sub(l.since)
	}
	for _, o := range l.order {
		l.keep(&work, o)
	}
	for _, f := range l.found {
		work.Events = append(work.Events, l.events(f)...)
	}
	for _, statement := range l.statements {
		if statement.Withdraw {
			normal, err := l.door.normalize(statement)
			if err != nil {
				return work, err
			}
			work.Withdrawals = append(work.Withdrawals, normal)
		}
	}
	err := l.door.Prepare(ctx, work.Events)
	work.Refused = l.problem
	if l.problem != "" {
		slog.WarnContext(ctx, "something that was observed was left out", "source", l.observer.Source, "why", l.problem)
	}
	return work, err
}

// keep says what becomes of one object.
func (l *looking) keep(work *observe.Work, o *object) {
	if !o.looked {
		return
	}
	if o.dropped && len(o.State) == 0 {
		if o.stored {
			work.Forgotten = append(work.Forgotten, o.Object)
		}
		return
	}
	s := change.Subject{Name: o.subject}
	switch {
	case o.subject == "":
		o.Entity = 0
	case l.resolved(&s) != 0:
		o.Entity = s.Entity
	}
	gone := len(o.State) == 0
	same := o.stored && bytes.Equal(o.State, o.was.State) && bytes.Equal(o.Memory, o.was.Memory)
	switch {
	case same && gone == o.wasGone && o.Entity == o.entity && o.Collection == o.was.Collection:
		if o.seen && !gone {
			work.Seen = append(work.Seen, o.Object)
		}
	default:
		work.Puts = append(work.Puts, observe.Put{Known: o.Known, Gone: gone, Kept: same})
	}
}

// events are those of one observation, normal and about something; what is not is left out, since the whole batch would
// otherwise come again and again.
func (l *looking) events(f found) []change.Event {
	kept := f.events[:0]
	for _, e := range f.events {
		e.Source = l.observer.Source
		if len(e.Subjects) == 0 {
			e.Subjects = []change.Subject{{}}
		}
		var subjects []change.Subject
		for _, s := range e.Subjects {
			own := s.Name == "" || strings.EqualFold(s.Name, f.subject)
			if s.Name = cmp.Or(s.Name, f.subject); s.Name != "" {
				l.resolved(&s)
			}
			if own && s.Entity == 0 && f.entity != 0 { // what it belonged to is not claimed any more
				if entity, ok := l.door.Roll.ByID(f.entity); ok {
					s = change.Subject{Name: entity.Ref().String(), Entity: entity.ID, Outside: s.Name}
				}
			}
			if s.Name != "" && !slices.ContainsFunc(subjects, func(other change.Subject) bool { return other.Name == s.Name }) {
				subjects = append(subjects, s)
			}
		}
		if e.Subjects = subjects; len(subjects) > change.MaxSubjects {
			e.Subjects = subjects[:change.MaxSubjects]
		}
		if faults := e.Normalize(l.now, ""); len(faults) > 0 {
			l.leftOut(f.object.Object, sentence(fault.InvalidInput("event", faults)))
			continue
		}
		kept = append(kept, e)
	}
	return kept
}
