package catalog

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Entity is the merge of every standing claim about one thing. Absent facts are zero, Tier and UserFacing nil.
type Entity struct {
	ID              int64      `json:"-"` // of the store; never shown
	Kind            Kind       `json:"kind"`
	Name            string     `json:"name"` // as the strongest source writes it
	Title           string     `json:"title,omitempty"`
	Description     string     `json:"description,omitempty"`
	Language        string     `json:"language,omitempty"`
	LanguageVersion string     `json:"language_version,omitempty"`
	Tier            *int       `json:"tier,omitempty"`
	UserFacing      *bool      `json:"user_facing,omitempty"`
	Lifecycle       string     `json:"lifecycle,omitempty"`
	Platform        string     `json:"platform,omitempty"`
	DeployedBy      string     `json:"deployed_by,omitempty"`
	Type            string     `json:"type,omitempty"`
	RPO             string     `json:"rpo,omitempty"`
	RTO             string     `json:"rto,omitempty"`
	Email           string     `json:"email,omitempty"`
	TimeZone        string     `json:"time_zone,omitempty"`
	Owner           *Ref       `json:"owner,omitempty"`
	OnCall          []OnCall   `json:"on_call,omitempty"`      // those who were on call when it was told
	NextOnCall      []OnCall   `json:"on_call_next,omitempty"` // those who were told to come; by their beginning
	Contacts        []Contact  `json:"contacts,omitempty"`
	Links           []Link     `json:"links,omitempty"`
	Tags            []Tag      `json:"tags,omitempty"`    // by key
	Aliases         []string   `json:"aliases,omitempty"` // by name
	Relations       []Relation `json:"relations,omitempty"`
	// Described is false while only inference speaks of the entity.
	Described bool `json:"described"`
	// Retired is true when no source claims the entity any more; it keeps its past.
	Retired   bool      `json:"retired,omitempty"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Contact is a way to reach the owners: slack, email, phone, teams, ….
type Contact struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	Title string `json:"title,omitempty"`
}

// Link is an address with a type (LinkTypes) and a title for people.
type Link struct {
	Type  string `json:"type"`
	Title string `json:"title,omitempty"`
	URL   string `json:"url"`
}

// Tag is free text about an entity.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

func (t Tag) String() string {
	if t.Value == "" {
		return t.Key
	}
	return t.Key + ":" + t.Value
}

// Evidence tells how a relation is known.
type Evidence string

// The kinds of evidence.
const (
	Declared Evidence = "declared"
	Observed Evidence = "observed"
	Both     Evidence = "both"
)

// Relation is a typed arrow from one entity to another. Type is a family: depends-on, part-of, provides, consumes.
type Relation struct {
	Type     string    `json:"type"`
	Target   Ref       `json:"target"`
	Evidence Evidence  `json:"evidence"`
	Since    time.Time `json:"since"`
	LastSeen time.Time `json:"last_seen,omitzero"` // for observed ones
}

// Ref identifies the entity.
func (e *Entity) Ref() Ref { return Ref{Kind: e.Kind, Name: strings.ToLower(e.Name)} }

// Related lists the targets of one type of relation, in order of reference.
func (e *Entity) Related(relation string) []Relation {
	var related []Relation
	for _, r := range e.Relations {
		if r.Type == relation {
			related = append(related, r)
		}
	}
	return related
}

// Tag gives the value of a tag and whether it is there.
func (e *Entity) Tag(key string) (string, bool) {
	for _, t := range e.Tags {
		if strings.EqualFold(t.Key, key) {
			return t.Value, true
		}
	}
	return "", false
}

// Merge makes the entity that facts describe. It sets neither ID nor UpdatedAt.
func Merge(ref Ref, facts []Fact) Entity {
	e := Entity{Kind: ref.Kind, Name: ref.Name, Retired: len(facts) == 0}
	for _, fact := range facts {
		if fact.Source.Rank > Inference {
			e.Described = true
		}
		e.set(fact)
	}
	slices.SortFunc(e.Relations, func(a, b Relation) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Target.String(), b.Target.String()))
	})
	slices.SortStableFunc(e.Links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(linkOrder(a.Type), linkOrder(b.Type)), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Title, b.Title))
	})
	slices.SortStableFunc(e.OnCall, byRole)
	slices.SortStableFunc(e.NextOnCall, func(a, b OnCall) int { return a.From.Compare(b.From) })
	return e
}

func (e *Entity) set(fact Fact) {
	var text string
	_ = json.Unmarshal(fact.Value, &text) // not every value is text: the cases below that need it were checked
	switch fact.Field {
	case FieldName:
		e.Name = text
	case FieldTitle:
		e.Title = text
	case FieldDescription:
		e.Description = text
	case FieldLanguage:
		e.Language = text
	case FieldLanguageVersion:
		e.LanguageVersion = text
	case FieldLifecycle:
		e.Lifecycle = text
	case FieldPlatform:
		e.Platform = text
	case FieldDeployedBy:
		e.DeployedBy = text
	case FieldType:
		e.Type = text
	case FieldRPO:
		e.RPO = text
	case FieldRTO:
		e.RTO = text
	case FieldEmail:
		e.Email = text
	case FieldTimeZone:
		e.TimeZone = text
	case FieldOwner:
		if owner := fact.Standing.Claim.Target(); !owner.IsZero() {
			e.Owner = &owner
		}
	case FieldTier:
		if tier, err := strconv.Atoi(string(fact.Value)); err == nil {
			e.Tier = &tier
		}
	case FieldUserFacing:
		yes := string(fact.Value) == "true"
		e.UserFacing = &yes
	default:
		e.add(fact, text)
	}
}

// add puts a keyed fact into its set.
func (e *Entity) add(fact Fact, text string) {
	rest := fact.Field.Rest()
	first, second, _ := strings.Cut(rest, "/")
	switch family := fact.Field.Family(); family {
	case FamilyTag:
		e.Tags = append(e.Tags, Tag{Key: rest, Value: text})
	case FamilyLink:
		e.Links = append(e.Links, Link{Type: first, URL: second, Title: text})
	case FamilyContact:
		e.Contacts = append(e.Contacts, Contact{Type: first, Value: second, Title: text})
	case FamilyAlias:
		e.Aliases = append(e.Aliases, rest)
	case FamilyOnCall:
		until, _ := time.Parse(time.RFC3339, text)
		e.OnCall = append(e.OnCall, OnCall{Role: first, Name: second, Until: until})
	case FamilyNextOnCall:
		begin, name, _ := strings.Cut(second, "/")
		from, _ := time.Parse(time.RFC3339, begin)
		until, _ := time.Parse(time.RFC3339, text)
		e.NextOnCall = append(e.NextOnCall, OnCall{Role: first, Name: name, From: from, Until: until})
	case FamilyDependsOn, FamilyPartOf, FamilyProvides, FamilyConsumes:
		e.Relations = append(e.Relations, relation(family, fact))
	}
}

// relation joins the evidence of every source that claims the arrow, the winner or not.
func relation(family string, fact Fact) Relation {
	r := Relation{Type: family, Target: fact.Field.Target(), Since: fact.HeldFrom}
	for _, claim := range append([]Standing{fact.Standing}, fact.Others...) {
		evidence := Declared
		if string(claim.Value) == `"observed"` {
			evidence = Observed
			if claim.ConfirmedAt.After(r.LastSeen) {
				r.LastSeen = claim.ConfirmedAt
			}
		}
		if claim.HeldFrom.Before(r.Since) {
			r.Since = claim.HeldFrom
		}
		switch r.Evidence {
		case "", evidence:
			r.Evidence = evidence
		default:
			r.Evidence = Both
		}
	}
	return r
}

func linkOrder(kind string) int {
	if i := slices.Index(LinkTypes(), kind); i >= 0 {
		return i
	}
	return len(LinkTypes())
}
