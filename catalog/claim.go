package catalog

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"tidings.dev/tidings/fault"
)

// Rank is how strong a source's word is: the strongest source of a field wins.
type Rank int

// The ranks, weakest first.
const (
	Inference   Rank = iota + 1 // guessed, or named by an event
	Integration                 // a tool's metadata
	Platform                    // annotations where it runs
	Descriptor                  // a descriptor file in a repository
	People                      // a person's edit
)

// Source is who claims. Its name is unique; a descriptor's is "descriptor:PATH", people's is PeopleSource.
type Source struct {
	Name string `json:"name"`
	Rank Rank   `json:"rank"`
}

// PeopleSource is the one source of all edits by hand: the last writer wins among people.
var PeopleSource = Source{Name: "people", Rank: People}

// Statement is all that one source says about one entity. Claims that it made earlier and makes no longer end.
type Statement struct {
	Ref Ref
	// Outside names the entity where only its outside name is known, in place of Ref: who takes the statement in resolves
	// it, and leaves out one of a name that nobody claims.
	Outside string
	Name    string // as the source writes it; empty keeps the folded name
	Source  Source
	Claims  []Claim
	// Partial keeps the source's other claims; a claim with the value null is withdrawn.
	Partial bool
	// Withdraw ends every claim of the source about the entity; Claims is then ignored.
	Withdraw bool
	// Since is when the source's words began to hold; zero means now, and a later instant than now is now.
	Since time.Time
}

// Normalize checks the statement and gives its canonical form: claims normal, in field order, each field once.
func (s Statement) Normalize() (Statement, error) {
	if s.Withdraw {
		s.Claims = nil
		return s, nil
	}
	var faults []fault.Fault
	claims := make([]Claim, 0, len(s.Claims)+1)
	claims = append(claims, Say(FieldName, cmp.Or(s.Name, s.Ref.Name)))
	tags := 0
	for i, claim := range s.Claims {
		if claim.Field == FieldName {
			continue // it is Name that says so
		}
		if s.Partial && string(claim.Value) == "null" {
			claims = append(claims, claim)
			continue
		}
		normal, err := claim.Normalize()
		if err != nil {
			faults = append(faults, fault.Fault{Pointer: "/claims/" + strconv.Itoa(i), Detail: detail(err)})
			continue
		}
		if normal.Field.Family() == FamilyTag {
			tags++
		}
		if target := normal.Target(); target == s.Ref {
			faults = append(faults, fault.Fault{Pointer: "/claims/" + strconv.Itoa(i), Detail: s.Ref.String() + " has a relation to itself"})
			continue
		}
		claims = append(claims, normal)
	}
	if tags > MaxTags {
		faults = append(faults, fault.Fault{Detail: s.Ref.String() + " has " + strconv.Itoa(tags) + " tags: at most " + strconv.Itoa(MaxTags)})
	}
	if len(claims) > MaxClaims {
		faults = append(faults, fault.Fault{Detail: s.Ref.String() + " has " + strconv.Itoa(len(claims)) + " facts: at most " + strconv.Itoa(MaxClaims)})
	}
	if err := fault.InvalidInput(s.Ref.String(), faults); err != nil {
		return s, err
	}
	slices.SortStableFunc(claims, func(a, b Claim) int { return cmp.Compare(a.Field, b.Field) })
	// The last of two claims of one field stands, as in a document read top to bottom.
	kept := claims[:0]
	for i, claim := range claims {
		if i+1 < len(claims) && claims[i+1].Field == claim.Field {
			continue
		}
		kept = append(kept, claim)
	}
	s.Claims = kept
	return s, nil
}

// Target is the entity that the claim points at: of a relation, or the owner; zero for every other.
func (c Claim) Target() Ref {
	if c.Field == FieldOwner {
		var text string
		if json.Unmarshal(c.Value, &text) != nil {
			return Ref{}
		}
		ref, err := ParseRef(text, "")
		if err != nil {
			return Ref{}
		}
		return ref
	}
	return c.Field.Target()
}

// Standing is a claim that holds, with its provenance.
type Standing struct {
	Claim
	Source      Source
	HeldFrom    time.Time // since when the source says so
	LearnedAt   time.Time // when we learned it
	ConfirmedAt time.Time // when the source last said so
	By          string    // the principal that wrote it
}

// Fact is one field of an entity with its provenance: the winner, and who disagrees.
type Fact struct {
	Standing
	Others []Standing
}

// stronger orders the claims of one field: the strongest source first, then the newest, then by name.
func stronger(a, b Standing) int {
	return cmp.Or(
		cmp.Compare(b.Source.Rank, a.Source.Rank),
		b.HeldFrom.Compare(a.HeldFrom),
		cmp.Compare(a.Source.Name, b.Source.Name),
	)
}

// Facts merges claims: one fact a field, in field order; the strongest source of each wins.
func Facts(claims []Standing) []Fact {
	sorted := slices.Clone(claims)
	slices.SortFunc(sorted, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), stronger(a, b))
	})
	var facts []Fact
	for _, claim := range sorted {
		if n := len(facts); n > 0 && facts[n-1].Field == claim.Field {
			facts[n-1].Others = append(facts[n-1].Others, claim)
			continue
		}
		facts = append(facts, Fact{Standing: claim})
	}
	return facts
}

// detail is the sentence of a fault, without its code.
func detail(err error) string {
	if f, ok := err.(*fault.Error); ok { //nolint:errorlint // the faults of this package are never wrapped
		return f.Detail
	}
	return err.Error()
}

// Edit is what one statement changed of one entity.
type Edit struct {
	Ref     Ref
	Entity  int64
	Source  Source
	Created bool // the entity is new
	Retired bool // no source claims it any more
	Changes []FieldChange
}

// FieldChange is one field before and after; nil where it was not, or is no longer, claimed by the source.
type FieldChange struct {
	Field Field
	Old   json.RawMessage
	New   json.RawMessage
}

// Applied tells what a set of statements changed.
type Applied struct {
	Edits     []Edit
	Unchanged int
	// Reattributed is how many past events found their entity by an alias that was claimed.
	Reattributed int
	// Released is how many past events a name has back that was taken from an entity.
	Released int
}

// Claimed tells what became of the claim of an outside name.
type Claimed struct {
	Events int // of the past that are the entity's now
	Left   int // that become so in the background
}

// Gained lists the outside names that entities have by an edit and had not before.
func Gained(edits []Edit) []string {
	var names []string
	for _, edit := range edits {
		for _, changed := range edit.Changes {
			if changed.New != nil && changed.Field.Family() == FamilyAlias {
				names = append(names, changed.Field.Rest())
			}
		}
	}
	return names
}

// Released is an outside name that people took back from an entity.
type Released struct {
	Alias  string `json:"alias"`
	Ref    Ref    `json:"ref"`
	Entity int64  `json:"entity"`
}

// ReleasedBy lists the names that people took back, and with them the past. What a tool or a descriptor says no longer
// keeps its past: a workload that is gone was the service's as long as it lived.
func ReleasedBy(edits []Edit) []Released {
	var all []Released
	for _, edit := range edits {
		if edit.Source.Rank != People {
			continue
		}
		for _, changed := range edit.Changes {
			if changed.New == nil && changed.Old != nil && changed.Field.Family() == FamilyAlias {
				all = append(all, Released{changed.Field.Rest(), edit.Ref, edit.Entity})
			}
		}
	}
	return all
}
