// Package suspect ranks the changes that could be the cause of a trouble, and says of the others why they are not. A
// score is a sum of named evidence in log-odds; each piece has a sentence. Nothing here reads a clock or a database:
// what is known is handed in, so that the page, the chat and the evaluation see one and the same ranking.
// Imports: catalog, change, fault and incident.
package suspect

import (
	"time"

	"github.com/google/uuid"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/incident"
)

// Question is what is asked: what could have caused this?
type Question struct {
	// Services are the entities in trouble, by the id of the store.
	Services []int64
	// Environment, Region and Cluster are where; empty is not known.
	Environment, Region, Cluster string
	// Onset is when it began, and Doubt how far that may be off to either side.
	Onset   time.Time
	OnsetBy incident.OnsetBy
	Doubt   time.Duration
	// Now is until when is looked: what began after it is not known yet.
	Now time.Time
	// Signals are the alerts and pages that speak of the trouble; Words are what else was said of it.
	Signals []change.Event
	Words   []string
	// Around are the alerts of the services and of their neighbours at the time, as found; Troubled is how many services and
	// neighbours are in trouble.
	Around   []change.Event
	Troubled int
	// Since is when an alert of the services began that is older than the trouble should be, and fires still: the onset may be that
	// of a page that came late. Zero for none.
	Since time.Time
	// Regional is whether alerts around name regions as a rule, and those of the trouble are of no one region.
	Regional bool
	// Mapped is whether the roll knows what the services depend on: without that, a change without a path says nothing.
	Mapped bool
	// Traced is whether the calls of the services were seen in traffic: then the roll has no gaps there.
	Traced bool
	// Zone is that of the people who own the services; nil is not known.
	Zone *time.Location
	// Verdicts is what people found of changes so far, by event.
	Verdicts map[uuid.UUID]incident.Finding
}

// Place is how an entity stands to the services in trouble.
type Place struct {
	// Down is how many steps from a service in trouble along what it depends on lead here, Up against that direction;
	// zero of both is the service itself. A place that has neither is not in the neighbourhood.
	Down, Up int
	// Path names the steps between, the service in trouble first, and this place last.
	Path []string
	// Roots is of how many of the services in trouble it is in the neighbourhood.
	Roots int
	// Observed is whether every step was seen in traffic; Alerts, whether it alerts itself.
	Observed, Alerts bool
}

// Candidate is one change, told in as many events as there are: a story counts once.
type Candidate struct {
	Events []change.Event // the story's, the earliest first
	// Head is the event that could have had the effect: the rollout of a story, not its merge.
	Head change.Event
	// Kind is what the head is taken for: its kind, or where that leaves it open, what its words speak of.
	Kind string
	// Places are where its subjects stand, by entity.
	Places map[int64]Place
	// Mapped is whether the roll knows what any of its subjects depends on, or who depends on it.
	Mapped bool
	// Traced is whether calls from or to any of its subjects were seen in traffic.
	Traced bool
	// Kin is whether it is of the same team or system as a service in trouble.
	Kin bool
	// Alarm is how well the alerts fit it.
	Alarm Alarm
	// Undone is the later event that took it back, where there is one.
	Undone *change.Event
	// Regional is whether others of its kind and source name a region as a rule.
	Regional bool
	// Like is how many changes of its kind its subjects had in the window, itself among them; ByHand, how many of them a
	// person made.
	Like, ByHand int
}

// History is what this installation learned from verdicts: how often changes of a kind, and of a service, were the cause
// of those that were judged.
type History struct {
	Kinds    map[string]Record
	Services map[int64]Record
}

// Record counts judged changes: those that were found to be the cause, and all.
type Record struct{ Caused, Judged int }

// Evidence is one reason for or against.
type Evidence struct {
	// Name is of the kind of evidence, stable, for scripts: "time", "distance", "phase".
	Name string `json:"name"`
	// Weight is in log-odds (natural logarithm): above zero is for, below against.
	Weight float64 `json:"weight"`
	// Sentence is for people, and says only what is known.
	Sentence string `json:"sentence"`
}

// Strength is how far a suspect stands out, in a word: calibrated, so that of the strong ones most are right.
type Strength string

// The strengths.
const (
	Strong   Strength = "strong"
	Possible Strength = "possible"
	Weak     Strength = "weak"
)

// Suspect is a change that could be the cause.
type Suspect struct {
	Candidate
	Rank        int
	Score       float64 // the sum of the evidence, the prior of its kind among it
	Probability float64 // that it is the cause: 0 to 1; with Ranking.None these add up to 1
	Strength    Strength
	Evidence    []Evidence // the weightiest first
	// Before is how long before the onset it took effect; below zero, after it.
	Before time.Duration
	Undo   Undo
	Owner  Owner
	// Verdict is what a person found of it; empty where nobody said.
	Verdict incident.Finding
}

// Undo is how a change is taken back. The program only ever shows it: a person decides, and runs it.
type Undo struct {
	// Text is a command to be copied whole; empty where the event does not know enough for one.
	Text string `json:"text"`
	// URL is where the tool that made the change can take it back.
	URL string `json:"url"`
	// Tool is that tool, such as argocd; where there is no URL, what runs the command, such as kubectl.
	Tool string `json:"tool"`
	// Lost is what would be lost or broken with it, the latest first.
	Lost []Loss `json:"lost"`
}

// Loss is a later change that stands on one.
type Loss struct {
	Event    uuid.UUID `json:"event_id"`
	Sentence string    `json:"sentence"`
}

// Owner is who knows the changed thing, and who is called for it just now.
type Owner struct {
	Team   string   `json:"team"`
	OnCall []string `json:"on_call"`
}

// Reason is why a change is ruled out.
type Reason string

// The reasons. Nobody has to check such a change again.
const (
	AfterOnset       Reason = "after_onset"
	OtherEnvironment Reason = "other_environment"
	OtherRegion      Reason = "other_region"
	NoPath           Reason = "no_path"
	NoExposure       Reason = "no_exposure"
	Reverted         Reason = "reverted"
	AlreadyBad       Reason = "already_bad"
	Finished         Reason = "no_effect" // it never took effect: cancelled, refused, a plan
)

// Out is a change that is ruled out.
type Out struct {
	Candidate
	Reason   Reason
	Sentence string
}

// Ranking is the answer.
type Ranking struct {
	Question Question
	// Services names the services in trouble.
	Services []string
	// Since is where the window begins; it ends with the question's Now.
	Since    time.Time
	Suspects []Suspect // the likeliest first
	RuledOut []Out     // the latest first
	// Considered is how many changes were looked at.
	Considered int
	// Unranked is how many more there were than are ranked, and Unread of how many entities of the neighbourhood no change was
	// read: the farthest. Both are zero but in very busy neighbourhoods.
	Unranked, Unread int
	// None is the probability that none of the changes is the cause.
	None float64
	// Summary is one sentence: what stands out, or that nothing does.
	Summary string
}
