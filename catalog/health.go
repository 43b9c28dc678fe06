package catalog

import "slices"

// Health is how an entity is, as far as the log tells: the worst of what is open. It is no measurement: of what nothing
// tells, an entity is calm.
type Health string

// The healths, the worst first.
const (
	InIncident Health = "incident" // an incident of it is open
	Alerting   Health = "alert"    // another signal of it lasts: an alert, a budget that burns
	Failed     Health = "failed"   // a change of it failed, and none of its kind and environment succeeded since
	RollingOut Health = "rollout"  // a deploy or rollback of it is under way
	Calm       Health = "calm"     // nothing of that is known
)

var healths = [...]Health{InIncident, Alerting, Failed, RollingOut, Calm}

// Healths lists them, the worst first.
func Healths() []Health { return slices.Clone(healths[:]) }

// Worse tells whether h comes before another in the order by health.
func (h Health) Worse(other Health) bool { return h.place() < other.place() }

// place is where a health stands among all; what is no health is calm.
func (h Health) place() int {
	if i := slices.Index(healths[:], h); i >= 0 {
		return i
	}
	return len(healths) - 1
}

var healthLabels = [...]string{"Incident open", "Alert firing", "Change failed", "Rolling out", "Nothing open"}

func healthFacet(counts [len(healths)]int, wanted []Health) Facet {
	facet := Facet{Name: "health"}
	for i, health := range healths {
		if counts[i] > 0 || slices.Contains(wanted, health) {
			facet.Values = append(facet.Values, FacetValue{Value: string(health), Label: healthLabels[i], Count: counts[i]})
		}
	}
	return facet
}
