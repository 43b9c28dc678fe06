// Package reference reads how people name an entity, or a kind of entities, on a command line.
//
// It may be imported by the commands. Imports: catalog, for the kinds and what a name may look like, and fault.
package reference

import (
	"net/url"
	"strings"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
)

// Kind reads a kind in the singular or the plural, without case.
func Kind(word string) (catalog.Kind, bool) {
	word = strings.ToLower(word)
	if word == "people" {
		return catalog.Person, true
	}
	for _, kind := range catalog.Kinds() {
		if word == string(kind) || word == string(kind)+"s" {
			return kind, true
		}
	}
	return "", false
}

// Parse reads "service/pricing", "services/pricing" and "service:pricing" alike.
func Parse(text string) (catalog.Ref, error) {
	at := strings.IndexAny(text, "/:")
	if at < 0 {
		if kind, ok := Kind(text); ok {
			return catalog.Ref{}, fault.New(fault.Invalid, "which %s? Write %s/NAME; tidings get %s lists them", kind, kind, kind)
		}
		return catalog.Ref{}, fault.New(fault.Invalid, "%q does not say what it is: write KIND/NAME, such as service/%s", text, text)
	}
	kind, ok := Kind(text[:at])
	if !ok {
		return catalog.Ref{}, unknown(text[:at])
	}
	return catalog.NewRef(kind, text[at+1:])
}

func unknown(word string) error {
	return fault.New(fault.Invalid, "%q is not a kind of entity: use service, team, person, system, resource or api", word)
}

// Selection reads what get takes: a kind, when the name is empty, or one entity.
func Selection(text string) (catalog.Kind, catalog.Ref, error) {
	if kind, ok := Kind(text); ok {
		return kind, catalog.Ref{}, nil
	}
	if !strings.ContainsAny(text, "/:") {
		return "", catalog.Ref{}, fault.New(fault.Invalid, "%q is neither a kind nor KIND/NAME: write service, or service/%s", text, text)
	}
	ref, err := Parse(text)
	return ref.Kind, ref, err
}

// Path is the entity's path in the API.
func Path(ref catalog.Ref) string {
	return "entities/" + string(ref.Kind) + "/" + url.PathEscape(ref.Name)
}
