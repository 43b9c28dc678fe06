package rest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
)

// document is the body of a PUT or PATCH of an entity as claims, each with the place that it was read from.
type document struct {
	ref      catalog.Ref
	partial  bool
	name     string
	claims   []catalog.Claim
	pointers []string // of the claims, as JSON pointers
	emptied  []string // families that a PATCH withdraws as a whole
	faults   []fault.Fault
}

// scalars are the members with one value.
var scalars = map[string]catalog.Field{
	"title": catalog.FieldTitle, "description": catalog.FieldDescription, "language": catalog.FieldLanguage,
	"language_version": catalog.FieldLanguageVersion, "tier": catalog.FieldTier, "user_facing": catalog.FieldUserFacing,
	"lifecycle": catalog.FieldLifecycle, "platform": catalog.FieldPlatform, "deployed_by": catalog.FieldDeployedBy,
	"type": catalog.FieldType, "rpo": catalog.FieldRPO, "rto": catalog.FieldRTO, "email": catalog.FieldEmail,
	"time_zone": catalog.FieldTimeZone, "owner": catalog.FieldOwner,
}

// sets are the members with many values, and the families of claims that they are.
var sets = map[string][]string{
	"tags": {catalog.FamilyTag}, "links": {catalog.FamilyLink}, "contacts": {catalog.FamilyContact}, "aliases": {catalog.FamilyAlias},
	"on_call":      {catalog.FamilyOnCall, catalog.FamilyNextOnCall},
	"on_call_next": {catalog.FamilyNextOnCall},
	"relations":    {catalog.FamilyDependsOn, catalog.FamilyPartOf, catalog.FamilyProvides, catalog.FamilyConsumes},
	"depends_on":   {catalog.FamilyDependsOn}, "part_of": {catalog.FamilyPartOf},
	"provides": {catalog.FamilyProvides}, "consumes": {catalog.FamilyConsumes},
}

// derived are members of a GET that nobody claims: a PUT of what was got ignores them.
var derived = []string{"described", "retired", "updated_at", "facts"}

func readDocument(r *http.Request, ref catalog.Ref, partial bool) (*document, error) {
	text, err := readBody(r)
	if err != nil {
		return nil, err
	}
	defer text.release()
	members, err := readObject(text.Bytes())
	if err != nil {
		return nil, err
	}
	d := &document{ref: ref, partial: partial}
	for _, m := range members {
		d.member(m)
	}
	return d, fault.InvalidInput(ref.String(), d.faults)
}

func (d *document) fault(pointer, format string, args ...any) {
	d.faults = append(d.faults, fault.Fault{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

func (d *document) member(m member) {
	at := pointer(m.name)
	null := string(m.raw) == "null"
	field, scalar := scalars[m.name]
	families, set := sets[m.name]
	switch {
	case m.name == "ref" || m.name == "kind" || m.name == "name":
		d.identity(m, at)
	case slices.Contains(derived, m.name):
	case scalar:
		if !null || d.partial {
			d.say(at, catalog.Claim{Field: field, Value: m.raw})
		}
	case set && null:
		if d.partial {
			d.emptied = append(d.emptied, families...)
		}
	case set:
		d.set(m, at)
	case d.partial && strings.ContainsAny(m.name, "/-"):
		// The name of a field of the roll, such as tag/pci.
		d.say(at, catalog.Claim{Field: catalog.Field(m.name), Value: m.raw})
	default:
		names := slices.Concat(slices.Collect(maps.Keys(scalars)), slices.Collect(maps.Keys(sets)))
		slices.Sort(names)
		d.fault(at, "is not a member of an entity: did you mean %s?", nearest(m.name, names))
	}
}

// identity checks what the body says of who it is about: that must be who the path names.
func (d *document) identity(m member, at string) {
	text, ok := d.text(m.raw, at)
	if !ok {
		return
	}
	switch m.name {
	case "ref":
		if ref, err := catalog.ParseRef(text, d.ref.Kind); err != nil || ref != d.ref {
			d.fault(at, "is %q, and the address is of %s", clip(text), d.ref)
		}
	case "kind":
		if !strings.EqualFold(text, string(d.ref.Kind)) {
			d.fault(at, "is %q, and the address is of %s", clip(text), d.ref)
		}
	case "name":
		if !strings.EqualFold(text, d.ref.Name) {
			d.fault(at, "is %q, and the address is of %s: an entity is not renamed, but described anew", clip(text), d.ref)
		}
		d.name = text
	}
}

func (d *document) say(at string, claim catalog.Claim) {
	// The body's memory is used again.
	claim.Value = bytes.Clone(claim.Value)
	d.claims = append(d.claims, claim)
	d.pointers = append(d.pointers, at)
}

func (d *document) text(raw json.RawMessage, at string) (string, bool) {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		d.fault(at, "is a text, not %s", clip(string(raw)))
		return "", false
	}
	return text, true
}

// set reads a member with many values: a list of objects as GET gives them, or the shorter forms of people.
func (d *document) set(m member, at string) {
	if m.name == "tags" && len(m.raw) > 0 && m.raw[0] == '{' {
		d.tags(m, at)
		return
	}
	var items []json.RawMessage
	if err := json.Unmarshal(m.raw, &items); err != nil {
		d.fault(at, "is a list, not %s", clip(string(m.raw)))
		return
	}
	for i, raw := range items {
		d.item(m.name, raw, at+"/"+strconv.Itoa(i))
	}
}

// tags reads {"key": "value"}.
func (d *document) tags(m member, at string) {
	tags, err := readObject(m.raw)
	if err != nil {
		d.fault(at, "has a key that comes twice")
	}
	for _, tag := range tags {
		if string(tag.raw) != "null" || d.partial {
			d.say(at+pointer(tag.name), catalog.Claim{Field: catalog.Key(catalog.FamilyTag, tag.name), Value: tag.raw})
		}
	}
}

// item is one of a set, as an object.
type item struct {
	Key, Value, Type, Title, URL, Role, Name, From, Until, Target, Evidence string
}

func (d *document) item(set string, raw json.RawMessage, at string) {
	var it item
	if len(raw) > 0 && raw[0] == '"' {
		text, ok := d.text(raw, at)
		if !ok {
			return
		}
		switch set {
		case "tags":
			it.Key, it.Value, _ = strings.Cut(text, ":")
		case "aliases", "depends_on", "part_of", "provides", "consumes":
			it.Target = text
		default:
			d.fault(at, "is an object, not a text")
			return
		}
	} else if err := json.Unmarshal(raw, &it); err != nil || set == "aliases" {
		d.fault(at, "is not one of %s: every value is a text", set)
		return
	}
	switch set {
	case "tags":
		d.say(at, catalog.Say(catalog.Key(catalog.FamilyTag, it.Key), it.Value))
	case "links":
		d.say(at, catalog.Say(catalog.Key(catalog.FamilyLink, cmp.Or(it.Type, "other"), it.URL), it.Title))
	case "contacts":
		d.say(at, catalog.Say(catalog.Key(catalog.FamilyContact, it.Type, it.Value), it.Title))
	case "aliases":
		d.say(at, catalog.Say(catalog.Key(catalog.FamilyAlias, catalog.FoldAlias(it.Target)), true))
	case "on_call", "on_call_next":
		if until, err := time.Parse(time.RFC3339Nano, it.Until); err == nil {
			it.Until = until.UTC().Format(time.RFC3339Nano) // as it was before a GET gave it microseconds
		}
		d.say(at, catalog.Shift(it.Role, it.Name, it.From, it.Until))
	case "relations":
		d.relation(strings.ReplaceAll(it.Type, "_", "-"), it, at)
	default:
		d.relation(strings.ReplaceAll(set, "_", "-"), it, at)
	}
}

func (d *document) relation(family string, it item, at string) {
	var fallback catalog.Kind
	switch family {
	case catalog.FamilyDependsOn:
		fallback = catalog.Service
	case catalog.FamilyPartOf:
		fallback = catalog.System
	case catalog.FamilyProvides, catalog.FamilyConsumes:
		fallback = catalog.API
	default:
		d.fault(at+"/type", "%q is not a type of relation: use depends-on, part-of, provides or consumes", clip(it.Type))
		return
	}
	target, err := catalog.ParseRef(it.Target, fallback)
	if err != nil {
		d.fault(at, "%s", detail(err))
		return
	}
	if it.Evidence == string(catalog.Observed) {
		return // what a GET shows as seen in traffic is not for people to claim
	}
	d.say(at, catalog.Say(catalog.Key(family, target.String()), "declared"))
}

// withdraw ends what people claim in the families that are emptied.
func (d *document) withdraw(facts []catalog.Fact) {
	for _, fact := range facts {
		if !slices.Contains(d.emptied, fact.Field.Family()) {
			continue
		}
		for _, standing := range append([]catalog.Standing{fact.Standing}, fact.Others...) {
			if standing.Source == catalog.PeopleSource {
				d.say("", catalog.Claim{Field: fact.Field, Value: json.RawMessage("null")})
			}
		}
	}
}

// located gives the faults of a statement their places in the body.
func (d *document) located(err error) error {
	known, ok := err.(*fault.Error) //nolint:errorlint // the roll's faults are not wrapped
	if !ok || len(known.Faults) == 0 {
		return err
	}
	faults := slices.Clone(known.Faults)
	for i := range faults {
		place, _ := strings.CutPrefix(faults[i].Pointer, "/claims/")
		if n, err := strconv.Atoi(place); err == nil && n >= 0 && n < len(d.pointers) {
			faults[i].Pointer = d.pointers[n]
			continue
		}
		// The fault names a field.
		for n, claim := range d.claims {
			if faults[i].Pointer == "/"+string(claim.Field) {
				faults[i].Pointer = d.pointers[n]
			}
		}
	}
	if known.Code == fault.Invalid {
		return fault.InvalidInput(d.ref.String(), faults)
	}
	pointed := *known
	pointed.Faults = faults
	return &pointed
}

// detail is the sentence of a fault, without its code.
func detail(err error) string {
	if known, ok := err.(*fault.Error); ok { //nolint:errorlint // the roll's faults are not wrapped
		return known.Detail
	}
	return err.Error()
}
