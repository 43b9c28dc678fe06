package catalog

// Suggestion is an entity that an outside name may mean.
type Suggestion struct {
	Entity *Entity
	Reason string
	Score  float64 // up to 1, which would be certain
}

// Suggest lists entities that an unclaimed outside name may mean, best first.
func (x *Index) Suggest(outside string, limit int) []Suggestion { return nil }
