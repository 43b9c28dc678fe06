package secret

import "strings"

// Hide replaces the secrets that a text shows by the word hidden, and reports whether there were any. A secret is known
// by its shape (tokens of known issuers, private keys, web tokens), by its place (the password of an address), or by the
// name that it is assigned to (password=…). Texts that hold none, which is nearly all of them, cost one pass.
func Hide(text string) (string, bool) {
	start, end := find(text, 0)
	if end == 0 {
		return text, false
	}
	var b strings.Builder
	b.Grow(len(text))
	from := 0
	for end > 0 {
		b.WriteString(text[from:start])
		b.WriteString(Hidden)
		from = end
		start, end = find(text, from)
	}
	b.WriteString(text[from:])
	return b.String(), true
}

// shortest is the length below which a text cannot hold a secret that could be told from other text.
const shortest = 5

// The classes of a byte: it belongs to a word, or it assigns.
const (
	inWord = 1 << iota
	assigns
)

// class is the class of each byte, and begins whether two bytes may begin a token: most words do not.
var class, begins = classify()

func classify() (class [256]uint8, begins [256][256 / 64]uint64) {
	for c := range snake {
		if snake[c] {
			class[c] = inWord
		}
	}
	class[':'], class['='] = assigns, assigns
	begin := func(prefix string) { begins[prefix[0]][prefix[1]/64] |= 1 << (prefix[1] % 64) }
	for _, s := range listed {
		begin(s.prefix)
	}
	for _, prefix := range [...]string{"eyJ", "Be", "be", "BE", "bE", "--"} {
		begin(prefix)
	}
	return class, begins
}

// find gives the first secret at or after a place; end is zero when there is none.
func find(text string, from int) (start, end int) {
	if len(text)-from < shortest {
		return 0, 0
	}
	var last uint8
	for i := from; i < len(text)-1; i++ {
		c := text[i]
		kind := class[c]
		if kind&last&inWord != 0 {
			continue
		}
		last = kind
		if kind == assigns {
			switch {
			case c == '=' || text[i+1] != '/':
				start, end = assigned(text, i)
			case strings.HasPrefix(text[i:], "://"):
				start, end = userinfo(text, i)
			}
			if end > 0 && start >= from {
				return start, end
			}
			continue
		}
		if next := text[i+1]; begins[c][next/64]>>(next%64)&1 != 0 {
			if end := token(text, i); end > 0 {
				return i, end
			}
		}
	}
	return 0, 0
}

// userinfo finds the password of an address, or the whole user where a web address has no password: that is how tokens
// are given. at is the colon of "://".
func userinfo(text string, at int) (start, end int) {
	start = at + len("://")
	stop := start
	sign := -1
	for ; stop < len(text); stop++ {
		c := text[stop]
		if c == '@' {
			sign = stop
		}
		if c <= ' ' || c == '/' || c == '?' || c == '#' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == ')' {
			break
		}
	}
	if sign < 0 {
		// A password may hold any of these; then the sign comes a little later, before the next space.
		rest := text[start:min(len(text), start+longestAuthority)]
		if i := strings.IndexAny(rest, " \t\r\n\"'<>`"); i >= 0 {
			rest = rest[:i]
		}
		colon, last := strings.IndexByte(rest, ':'), strings.LastIndexByte(rest, '@')
		if colon < 0 || last < colon || strings.ContainsAny(rest[:colon], "/?#[") || port(rest[colon+1:]) {
			return 0, 0
		}
		sign = start + last
	}
	user, password, found := strings.Cut(text[start:sign], ":")
	switch {
	case found && !Plain(password):
		return start + len(user) + 1, sign
	case !found && at >= 4 && len(user) >= 8 && !Plain(user) && (strings.HasSuffix(text[:at], "http") || strings.HasSuffix(text[:at], "https")):
		return start, sign
	}
	return 0, 0
}

// longestAuthority bounds how far on the sign of a password that should have been escaped is looked for.
const longestAuthority = 512

// port reports whether what follows a colon is the port of an address rather than a password.
func port(text string) bool {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n > 0 && n <= 5 && n < len(text) && (text[n] == '/' || text[n] == '?' || text[n] == '#')
}

// longestName bounds how far back the name of an assignment is looked for.
const longestName = 64

// assigned finds the value that a sign of assignment gives to a name of a secret: password=…, "api_key": "…",
// Authorization: Basic ….
func assigned(text string, at int) (start, end int) {
	last := at
	for last > 0 && (text[last-1] == ' ' || text[last-1] == '"' || text[last-1] == '\'' || text[last-1] == '\\') && at-last < 3 {
		last--
	}
	first := last
	for first > 0 && last-first < longestName && dotted[text[first-1]] {
		first--
	}
	name := text[first:last]
	address := first > 0 && (text[first-1] == '?' || text[first-1] == '&' || text[first-1] == '#' || text[first-1] == ';')
	if !Named(name) && (text[at] != '=' || !address || !signature(name)) {
		return 0, 0
	}
	start = at + 1
	if start < len(text) && text[at] == ':' && text[start] == '=' {
		start++ // :=
	}
	if start < len(text) && text[at] == '=' && (text[start] == '=' || text[start] == '>') {
		return 0, 0 // a comparison
	}
	for start < len(text) && (text[start] == ' ' || text[start] == '\t') {
		start++
	}
	quoted := byte(0)
	for start < len(text) && (text[start] == '\\' || text[start] == '"' || text[start] == '\'' || text[start] == '`') {
		quoted = text[start]
		start++
	}
	header := wholeLine(name)
	stops := func(c byte) bool {
		return c == '\n' || c == '\r' || c == quoted && quoted != 0 ||
			quoted == 0 && !header && (c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '&' || c == ';' || c == ',' || c == '#' && address)
	}
	// What it is shows at its beginning; a text made of nothing but such names must not be read again and again.
	glance := min(len(text), start+longestName)
	for end = start; end < glance && !stops(text[end]); end++ {
	}
	if Plain(text[start:end]) || text[at] == ':' && quoted == 0 && !header && !odd(text[start:end]) {
		return 0, 0
	}
	for end < len(text) && !stops(text[end]) {
		end++
	}
	for quoted != 0 && end > start && text[end-1] == '\\' {
		end--
	}
	if quoted == 0 && !header {
		end = start + len(strings.TrimRight(text[start:end], ".)]}!?"))
	}
	if Plain(text[start:end]) {
		return 0, 0
	}
	return start, end
}

// odd tells a secret from a word: prose has colons too.
func odd(value string) bool {
	value = strings.TrimRight(value, ".)]}!?")
	return len(value) >= 6 && strings.ContainsAny(value, "0123456789!$%&*+=@^~|")
}

// wholeLine reports whether a name is that of a header whose value is a secret up to the end of its line.
func wholeLine(name string) bool {
	for _, header := range [...]string{"authorization", "proxy-authorization", "cookie", "set-cookie"} {
		if len(name) == len(header) && fold(name, header) {
			return true
		}
	}
	return false
}

// signature reports whether a parameter of an address lets its bearer in: what signs it, or a key.
func signature(name string) bool {
	for _, parameter := range [...]string{"sig", "signature", "x-amz-signature", "x-amz-credential", "x-goog-signature", "key", "auth", "code", "access_token", "id_token", "refresh_token"} {
		if len(name) == len(parameter) && fold(name, parameter) {
			return true
		}
	}
	return false
}
