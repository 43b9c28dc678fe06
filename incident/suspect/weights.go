package suspect

import "time"

// Weights is everything that the ranking has been taught, in log-odds unless said otherwise. The figures of Standard are
// those of docs/ranking.md; change them there and here together.
type Weights struct {
	// Lag says, by kind, how soon after a change its trouble shows: see lag.
	Lag map[string]Lag
	// AnyLag is for kinds that Lag does not name.
	AnyLag Lag
	// Slow tells when what bites late shows: see Lag.Late.
	Slow Lag

	// Self to FarDown are for where a change stands: in the service itself, and so many steps down what it depends on.
	Self, Down1, Down2, Down3, FarDown float64
	// Up1 and Up2 are for callers, where the kind changes the load they send; UpOther for all else of callers.
	Up1, Up2, UpOther float64
	// Shared is for what stands on the same resource; Beneath for infrastructure around the service, without a path.
	Shared, Beneath float64
	// Kin is for what is of the same team or system without a path, Unmapped for what no path is known of because the roll
	// knows no dependencies, Apart for the rest without a path.
	Kin, Unmapped, Apart float64
	// Gap is for what has no path that is known, and alerts at the same time.
	Gap float64
	// Observed is for a path that was seen in traffic.
	Observed float64
	// Reaction is for what machines do as trouble begins, in what is in trouble: restarts, and more to carry the load.
	Reaction float64
	// Alerts, Covers and Quiet multiply what the alerts say: of what was changed, of the others that it would have reached, and
	// of those of them that do not alert. MostAgainst bounds what they say against a change.
	Alerts, Covers, Quiet, MostAgainst float64

	// Judged bounds what verdicts on the kind and on the service can say.
	Judged float64

	// Note is for what was told without saying what it is, where others say it.
	Note float64
	// Failed to Undone are for the phase: it failed, it was still going on at the onset, it was cancelled after it began, it
	// was taken back since.
	Failed, Running, Cancelled, Undone float64
	// Large is for a big change, Routine for each doubling of how many there
	// were (automation only).
	Large, Routine float64
	// Machine is for what a machine did by itself without anything being different since.
	Machine float64
	// Shrunk is for a service of which little was left, and less for more; Grown for one that got more.
	Shrunk, Grown float64
	// OutOfHours is for a person's change at night or on a weekend of its owners.
	OutOfHours float64
	// Dark is for what was seen and told by nobody, ByHand for what a pipeline otherwise does.
	Dark, ByHand float64
	// Dose multiplies the logarithm of the share of the traffic that was moved.
	Dose float64
	// OtherRegions is for a change that ran well elsewhere before.
	OtherRegions float64
	// SameScope is for each of region and cluster that is the same, OtherScope for each that is not and yet does not rule out.
	SameScope, OtherScope float64
	// Following is for what was seen in another region alone, and may have gone on from there.
	Following float64
	// Narrow is for what was in one region, where the alerts name none though others here do; Wide for what was in no region in
	// particular, where the trouble is in one and others of its tool name theirs.
	Narrow, Wide float64
	// Rehearsal is for what happened in an environment without users, where none was asked for.
	Rehearsal float64
	// Words is the most that shared words can say.
	Words float64
	// Bystander is for what nothing but its time and its place speaks for, where alerts say what the trouble is about.
	Bystander float64
	// Deed multiplies what the sort of work says that a change speaks of: see deedsOf.
	Deed float64
	// Named is for what an alert names that is about something else.
	Named float64
	// Caused and Dismissed are for what a person said of it in this very incident.
	Caused, Suspected, Dismissed float64

	// None is the score of no change being the cause; Sharpness scales scores before they become probabilities.
	None, Sharpness float64
	// Strong and Possible are the probabilities from which on a suspect is called so.
	Strong, Possible float64
}

// Lag is a heavy-tailed density over the time from a change to its trouble: half of it lies within Median, and it falls by a
// power of the time, so that an hour is never impossible. Slow kinds have long medians.
type Lag struct {
	Median time.Duration
	// Tail is the power: 1 falls slowly, 2 fast.
	Tail float64
	// Rise is how long it takes until it can show: a rollout goes from instance to instance.
	Rise time.Duration
	// Late is the share of which all of this does not hold: a leak, a secret that is read at the next restart, a capacity that
	// lacks at the next peak.
	Late float64
}

// Standard is what the evaluation found to be good, on organisations that it was not chosen on.
func Standard() *Weights {
	return &Weights{
		Lag: map[string]Lag{
			"deploy":         {7 * time.Minute, 1.1, 2 * time.Minute, 0.12},
			"rollback":       {4 * time.Minute, 1.3, time.Minute, 0.06},
			"flag":           {2 * time.Minute, 1.3, 0, 0.06},
			"experiment":     {5 * time.Minute, 1.2, 0, 0.06},
			"config":         {150 * time.Second, 0.8, 0, 0.09},
			"traffic":        {90 * time.Second, 1, 0, 0.06},
			"scaling":        {12 * time.Minute, 1, time.Minute, 0.2},
			"restart":        {2 * time.Minute, 1.8, 0, 0.06},
			"drill":          {5 * time.Minute, 1.3, 0, 0.06},
			"infrastructure": {8 * time.Minute, 1.2, time.Minute, 0.06},
			"maintenance":    {30 * time.Minute, 1.2, 0, 0.06},
			"secret":         {15 * time.Minute, 0.5, 0, 0.3},
			"schema":         {7 * time.Minute, 0.9, 0, 0.06},
			"merge":          {15 * time.Minute, 1, 5 * time.Minute, 0.1},
		},
		AnyLag: Lag{10 * time.Minute, 1, 0, 0.06},
		Slow:   Lag{Median: 4 * time.Hour, Tail: 1},

		Self: 1.15, Down1: 0.8, Down2: 0.1, Down3: -1.5, FarDown: -1.8,
		Up1: 0, Up2: -1.4, UpOther: -2.2,
		Shared: 0, Beneath: -1.8,
		Kin: -1.9, Unmapped: -2.4, Apart: -1.9,
		Gap:      1.4,
		Observed: 0.2,
		Reaction: -2,
		Alerts:   0.65, Covers: 0.65, Quiet: 0.05, MostAgainst: 5,

		Judged: 1.2,

		Note: -2.5,

		Failed: 1.5, Running: 0.15, Cancelled: -1, Undone: 1.1,
		Large: 0.35, Routine: -0.5, Machine: -1.4,
		Shrunk: 2.1, Grown: -2.3,
		OutOfHours: 0.2,
		Dark:       0.4, ByHand: 0.6,
		Dose:         0.8,
		OtherRegions: -0.6,
		SameScope:    2.7, OtherScope: -1.6,
		Following: -5,
		Narrow:    -0.75, Wide: -1.2,
		Rehearsal: -2,
		Words:     5,
		Bystander: -0.6,
		Deed:      0.7,
		Named:     1.6,
		Caused:    8, Suspected: 1.5, Dismissed: -6,

		None: 3, Sharpness: 1,
		Strong: 0.6, Possible: 0.15,
	}
}
