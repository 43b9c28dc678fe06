package change

import (
	"regexp"
	"slices"
	"strings"
)

// hidden stands for a value that must not be kept.
const hidden = "hidden"

// secretNames finds names of settings whose values are secrets. A reference to where a secret lies is not one.
var secretNames = regexp.MustCompile(`(?i)(^|[^a-z])(pass(word|wd|phrase)?|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credentials?|authorization|cookie|dsn)s?($|[^a-z])|(password|secret|token|apikey|privatekey)$`)

// secretWords are what every secret's name holds one of: a glance that spares most names the pattern.
var secretWords = []string{"pass", "pwd", "secret", "token", "key", "cred", "auth", "cookie", "dsn"}

func secretName(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(lower, word) }) && secretNames.MatchString(name)
}

// redact hides the values of what is named like a secret: in labels, in a diff, and both sides of any diff of a secret.
func (e *Event) redact() {
	for key := range e.Labels {
		if secretName(key) {
			e.Labels[key] = hidden
		}
	}
	for i, diff := range e.Diff {
		if e.Kind != "secret" && !secretName(diff.Field) {
			continue
		}
		for _, value := range []*string{&e.Diff[i].Old, &e.Diff[i].New} {
			if *value != "" && !strings.HasPrefix(*value, "hmac:") {
				*value = hidden
			}
		}
	}
}
