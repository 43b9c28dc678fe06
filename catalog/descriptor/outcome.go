package descriptor

import "tidings.dev/tidings/catalog"

// Outcome is what became of a document that was applied: how many of its statements changed the roll.
type Outcome struct {
	Result
	Changed   int
	Unchanged int
}

// SourceOf is the source that speaks through a document.
func SourceOf(document string) catalog.Source {
	return catalog.Source{Name: "descriptor:" + document, Rank: catalog.Descriptor}
}
