package secret

import (
	"regexp"
	"strings"
)

// names finds names of settings whose values are secrets: password, db.password, API_KEY, githubToken.
var names = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|jwt|(?:api|access|account|private|secret|signing|encryption|shared_?-?access|master|license|routing|integration)[_-]?key|credential|authorization|cookie|dsn|connection[_-]?string|(?:session|secret)[_-]?id)s?(?:$|[^a-z])|(?:password|secret|token|apikey|accountkey|accesskey|privatekey|connectionstring)$`)

// references finds names of what is around a secret and is none: where it lies, how old it is, how many there are.
var references = regexp.MustCompile(`(?i)(?:[_.-](?:name|ref|arn|path|file|version|count|limit|ttl|type|expiry|expires?(?:_at|_in)?|rotated?(?:_at)?|age|length|policy|enabled|provider|manager|store|class|key_id)|Name|Ref|Version)$|^(?:max|min|prompt|completion|input|output|total)_?tokens$`)

// words are what every secret's name holds one of, in lower case: a glance that spares most names the pattern.
var words = [...]string{"pass", "pwd", "secret", "token", "jwt", "key", "cred", "authoriz", "cookie", "dsn", "connection", "session"}

// Named reports whether a setting of this name has a secret for its value. The name of a reference to where a secret
// lies, such as secret_name, is not one.
func Named(name string) bool {
	if len(name) < 3 || !glance(name) {
		return false
	}
	return names.MatchString(name) && !references.MatchString(name)
}

func glance(name string) bool {
	for i := range len(name) {
		c := lower(name[i])
		for _, word := range words {
			if c == word[0] && len(name)-i >= len(word) && fold(name[i:i+len(word)], word) {
				return true
			}
		}
	}
	return false
}

// fold compares a text of ASCII with one in lower case, of the same length.
func fold(text, want string) bool {
	for i := range len(want) {
		if lower(text[i]) != want[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Plain reports whether the value of a setting with a secret's name can be shown all the same: it is empty, hidden
// already, a fingerprint, or says where the secret lies rather than what it is.
func Plain(value string) bool {
	switch value {
	case "", Hidden, "null", "true", "false", "none", "-":
		return true
	}
	if strings.Trim(value, "*•x") == "" {
		return true
	}
	if value[0] == '$' || value[0] == '<' || strings.HasPrefix(value, "{{") || strings.HasPrefix(value, "%{") {
		return true
	}
	for _, prefix := range [...]string{FingerprintPrefix, "env:", "file:", "vault:", "arn:", "secretKeyRef", "op://", "projects/", "[redacted"} {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	return false
}
