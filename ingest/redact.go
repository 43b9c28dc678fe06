package ingest

import (
	"encoding/json"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/secret"
)

// redact makes fingerprints of what Normalize left to it, and counts.
func (d *Door) redact(e *change.Event) {
	e.Fingerprint(d.Fingerprint)
	if len(e.Redacted) > 0 {
		d.Redacted.Add(1)
	}
}

// normalize checks a statement, and takes secrets out of what it claims: out of texts by their shape, and out of the
// values of tags by their names.
func (d *Door) normalize(statement catalog.Statement) (catalog.Statement, error) {
	normal, err := statement.Normalize()
	if err != nil {
		return normal, err
	}
	found := false
	for i, claim := range normal.Claims {
		if clean, hidden := d.clean(claim); hidden {
			if !found {
				normal.Claims = append([]catalog.Claim(nil), normal.Claims...)
			}
			normal.Claims[i], found = clean, true
		}
	}
	if !found {
		return normal, nil
	}
	d.Redacted.Add(1)
	return normal.Normalize() // two links may have become one
}

// clean gives a claim without its secrets. What identifies an entity is left alone: a name, a relation, an alias.
func (d *Door) clean(claim catalog.Claim) (catalog.Claim, bool) {
	hidden := false
	family, rest := claim.Field.Family(), claim.Field.Rest()
	switch family {
	case catalog.FamilyLink, catalog.FamilyContact:
		if clean, found := secret.Hide(rest); found {
			claim.Field, hidden = catalog.Key(family, clean), true
		}
	case catalog.FamilyAlias, catalog.FamilyOnCall, catalog.FamilyNextOnCall, catalog.FamilyDependsOn, catalog.FamilyPartOf, catalog.FamilyProvides, catalog.FamilyConsumes:
		return claim, false
	}
	var text string
	if len(claim.Value) == 0 || claim.Value[0] != '"' || json.Unmarshal(claim.Value, &text) != nil {
		return claim, hidden
	}
	if family == catalog.FamilyTag && secret.Named(rest) && !secret.Plain(text) {
		return catalog.Say(claim.Field, d.fingerprint(text)), true
	}
	if clean, found := secret.Hide(text); found {
		return catalog.Say(claim.Field, clean), true
	}
	return claim, hidden
}

func (d *Door) fingerprint(text string) string {
	if d.Fingerprint == nil {
		return secret.Hidden
	}
	return d.Fingerprint(text)
}

// problem is what is kept and shown of a source's failure: programs that fail like to repeat what they were given.
func problem(err error) string {
	// The code is for programs: what is refused shows by itself.
	said := strings.TrimPrefix(err.Error(), string(fault.CodeOf(err))+": ")
	text, _ := secret.Hide(strings.ToValidUTF8(said, "�"))
	return text
}
