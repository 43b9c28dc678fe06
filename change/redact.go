package change

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"tidings.dev/tidings/secret"
)

// hide takes the secrets out of every text of the event that show by their shape, their place or their name, and notes
// in Redacted which fields held some. It comes before anything is cut, since half a token is still half a secret. The
// values of a diff whose field is named like a secret are left to Fingerprint.
func (e *Event) hide() {
	for _, field := range [...]struct {
		name string
		text *string
	}{
		{"title", &e.Title},
		{"detail", &e.Detail},
		{"source", &e.Source},
		{"environment", &e.Environment},
		{"region", &e.Region},
		{"cluster", &e.Cluster},
		{"version", &e.Version},
		{"previous", &e.Previous},
		{"commit", &e.Commit},
		{"story", &e.Story},
		{"actor/name", &e.Actor.Name},
		{"actor/via", &e.Actor.Via},
	} {
		e.hideText(field.name, field.text)
	}
	if _, found := secret.Hide(e.Key); found {
		// The key must still tell this event from others.
		sum := sha256.Sum256([]byte(e.Key))
		e.Key = secret.Hidden + "-" + hex.EncodeToString(sum[:16])
		e.redacted("key")
	}
	for i := range e.Subjects {
		e.hideText("subjects", &e.Subjects[i].Name)
		e.hideText("subjects", &e.Subjects[i].Outside)
	}
	for i := range e.Diff {
		e.hideText("diff", &e.Diff[i].Field)
		if !e.sensitive(i) {
			e.hideText("diff/"+e.Diff[i].Field, &e.Diff[i].Old)
			e.hideText("diff/"+e.Diff[i].Field, &e.Diff[i].New)
		}
	}
	for i := range e.Links {
		e.hideText("links", &e.Links[i].Title)
		e.hideText("links", &e.Links[i].URL)
	}
	for key, value := range e.Labels {
		if name, found := secret.Hide(key); found {
			delete(e.Labels, key)
			key = name
			e.Labels[key] = value
			e.redacted("labels")
		}
		if secret.Named(key) && !secret.Plain(value) {
			e.Labels[key] = secret.Hidden
			e.redacted("labels/" + key)
		} else if text, found := secret.Hide(value); found {
			e.Labels[key] = text
			e.redacted("labels/" + key)
		}
	}
}

func (e *Event) hideText(field string, text *string) {
	if clean, found := secret.Hide(*text); found {
		*text = clean
		e.redacted(field)
	}
}

// MaxRedacted bounds how many fields an event says were redacted.
const MaxRedacted = 20

func (e *Event) redacted(field string) {
	if field = cut(field); len(e.Redacted) < MaxRedacted && !slices.Contains(e.Redacted, field) {
		e.Redacted = append(slices.Clone(e.Redacted), field)
		slices.Sort(e.Redacted)
	}
}

// sensitive reports whether both sides of a diff are secrets.
func (e *Event) sensitive(i int) bool { return e.Kind == "secret" || secret.Named(e.Diff[i].Field) }

// Fingerprint replaces both sides of every diff of a secret by what the function makes of them: a keyed fingerprint, by
// which equal values are seen to be equal and nothing else. Without a function they are hidden. It has to be called
// before an event is kept; ingest does so for all of them.
func (e *Event) Fingerprint(of func(value string) string) {
	for i := range e.Diff {
		if !e.sensitive(i) {
			continue
		}
		for _, value := range []*string{&e.Diff[i].Old, &e.Diff[i].New} {
			switch {
			case secret.Plain(*value) && *value != "" && !strings.HasPrefix(*value, secret.FingerprintPrefix) && e.Kind != "secret":
				continue // says where the secret lies
			case *value == "" || *value == secret.Hidden || fingerprint(*value):
				continue
			case of == nil:
				*value = secret.Hidden
			default:
				*value = of(*value)
			}
			e.redacted("diff/" + e.Diff[i].Field)
		}
	}
}

// fingerprint reports whether a value is a fingerprint already: the prefix, and nothing but letters and digits.
func fingerprint(value string) bool {
	rest, found := strings.CutPrefix(value, secret.FingerprintPrefix)
	return found && rest != "" && len(rest) <= 128 && !strings.ContainsFunc(rest, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
