package kubernetes

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tidings.dev/tidings/change"
)

// line makes one bounded line of a text of the cluster.
func line(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "�"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	}), " ")
	return cutTo(text, change.MaxText)
}

// cutTo bounds a text at a rune.
func cutTo(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
