package secret

import "strings"

// shape is what the tokens of one issuer look like: a prefix, and then at least so many characters of an alphabet. The
// shapes are those that the issuers publish for scanners; the rules of gitleaks (MIT) were read beside them.
type shape struct {
	prefix   string
	alphabet alphabet
	least    int
	exact    bool // neither more nor less
}

// alphabet says which bytes a token goes on with.
type alphabet [256]bool

func letters(text string) alphabet {
	var a alphabet
	for i := 0; i < len(text); i++ {
		if i+2 < len(text) && text[i+1] == '-' {
			for c := int(text[i]); c <= int(text[i+2]); c++ {
				a[c] = true
			}
			i += 2
			continue
		}
		a[text[i]] = true
	}
	return a
}

var (
	upper  = letters("A-Z2-7")
	hexes  = letters("a-f0-9")
	alnum  = letters("A-Za-z0-9")
	snake  = letters("A-Za-z0-9_")
	dashed = letters("A-Za-z0-9_-")
	dotted = letters("A-Za-z0-9_.-")
	path   = letters("A-Za-z0-9_/.@-")
	bearer = letters("A-Za-z0-9._~+/=-")
)

// shapes is the table, by the first byte of the prefix. To know another issuer's tokens, add a line to listed.
var shapes = index(listed)

var listed = []shape{
	// Tidings.
	{"tidings_", snake, 20, false},
	// Amazon: access keys, of people, of roles, and of bearers.
	{"AKIA", upper, 16, true},
	{"ASIA", upper, 16, true},
	{"ABIA", upper, 16, true},
	{"ACCA", upper, 16, true},
	// GitHub.
	{"ghp_", alnum, 30, false},
	{"gho_", alnum, 30, false},
	{"ghu_", alnum, 30, false},
	{"ghs_", alnum, 30, false},
	{"ghr_", alnum, 30, false},
	{"github_pat_", snake, 22, false},
	// GitLab.
	{"glpat-", dotted, 20, false},
	{"gldt-", dashed, 20, false},
	{"glrt-", dotted, 20, false},
	{"glcbt-", dashed, 20, false},
	{"glptt-", dashed, 20, false},
	{"glft-", dashed, 20, false},
	{"glsoat-", dashed, 20, false},
	{"glimt-", dashed, 20, false},
	{"glagent-", dashed, 20, false},
	{"GR1348941", dashed, 20, false},
	// Slack, Discord, Teams: tokens, and the addresses that are secrets themselves.
	{"xoxb-", dashed, 10, false},
	{"xoxp-", dashed, 10, false},
	{"xoxa-", dashed, 10, false},
	{"xoxc-", dashed, 10, false},
	{"xoxd-", dashed, 10, false},
	{"xoxe-", dashed, 10, false},
	{"xoxe.", dotted, 10, false},
	{"xoxr-", dashed, 10, false},
	{"xoxs-", dashed, 10, false},
	{"xapp-", dashed, 20, false},
	{"hooks.slack.com/services/", path, 20, false},
	{"hooks.slack.com/workflows/", path, 20, false},
	{"hooks.slack.com/triggers/", path, 20, false},
	{"discord.com/api/webhooks/", path, 20, false},
	{"discordapp.com/api/webhooks/", path, 20, false},
	{"webhook.office.com/webhookb2/", path, 20, false},
	{"events.pagerduty.com/integration/", path, 20, false},
	// Stripe.
	{"sk_live_", alnum, 10, false},
	{"sk_test_", alnum, 10, false},
	{"rk_live_", alnum, 10, false},
	{"rk_test_", alnum, 10, false},
	{"whsec_", bearer, 20, false},
	// Registries.
	{"npm_", alnum, 36, true},
	{"pypi-", dashed, 50, false},
	{"rubygems_", hexes, 48, true},
	{"dckr_pat_", dashed, 20, false},
	{"dckr_oat_", dashed, 20, false},
	{"AKCp", alnum, 60, false},
	// Clouds and platforms.
	{"AIza", dashed, 35, true},
	{"ya29.", dashed, 30, false},
	{"GOCSPX-", dashed, 24, false},
	{"dop_v1_", hexes, 64, true},
	{"doo_v1_", hexes, 64, true},
	{"dor_v1_", hexes, 64, true},
	{"hvs.", dashed, 24, false},
	{"hvb.", dashed, 24, false},
	{"hvr.", dashed, 24, false},
	{"dapi", hexes, 32, true},
	{"pul-", hexes, 40, true},
	{"HRKU-", dashed, 36, false},
	{"sbp_", hexes, 40, true},
	{"LTAI", alnum, 20, true},
	// Tools of the field.
	{"glsa_", snake, 32, false},
	{"glc_", bearer, 32, false},
	{"NRAK-", alnum, 27, true},
	{"sntrys_", bearer, 40, false},
	{"sntryu_", hexes, 64, true},
	{"ATATT3", bearer, 60, false},
	{"ATBB", alnum, 28, false},
	{"lin_api_", alnum, 32, false},
	{"ntn_", alnum, 40, false},
	{"shpat_", alnum, 32, true},
	{"shpss_", alnum, 32, true},
	{"shpca_", alnum, 32, true},
	{"dp.pt.", alnum, 40, false},
	{"SG.", dotted, 50, false},
	{"hf_", alnum, 34, true},
	{"sk-ant-", dashed, 20, false},
	{"sk-proj-", dashed, 20, false},
	{"sk-svcacct-", dashed, 20, false},
	{"sk-", alnum, 40, false},
	{"AGE-SECRET-KEY-1", alnum, 50, false},
}

func index(list []shape) (byFirst [256][]shape) {
	for _, s := range list {
		byFirst[s.prefix[0]] = append(byFirst[s.prefix[0]], s)
	}
	return byFirst
}

// token finds the end of a token that begins at a place of a text; zero where none does.
func token(text string, at int) int {
	rest := text[at:]
	for i := range shapes[rest[0]] {
		s := &shapes[rest[0]][i]
		if len(rest) < len(s.prefix)+s.least || !strings.HasPrefix(rest, s.prefix) {
			continue
		}
		body := rest[len(s.prefix):]
		if s.exact {
			body = body[:min(len(body), s.least+1)]
		}
		n := run(body, &s.alphabet)
		if n < s.least || s.exact && n < len(body) && snake[body[n]] || s.exact && n > s.least {
			continue
		}
		return at + len(s.prefix) + n
	}
	switch rest[0] {
	case 'e':
		return webToken(text, at)
	case 'B', 'b':
		return bearerToken(text, at)
	case '-':
		return privateKey(text, at)
	}
	return 0
}

// run counts the bytes of an alphabet at the start of a text.
func run(text string, a *alphabet) int {
	for i := range len(text) {
		if !a[text[i]] {
			return i
		}
	}
	return len(text)
}

// webToken is a JSON Web Token: two or more parts in base64url, the first of which begins an object.
func webToken(text string, at int) int {
	if !strings.HasPrefix(text[at:], "eyJ") {
		return 0
	}
	first := run(text[at:], &dashed)
	if first < 15 || at+first >= len(text) || text[at+first] != '.' || run(text[at+first+1:], &dashed) < 15 {
		return 0
	}
	n := run(text[at:], &dotted)
	return at + len(strings.TrimRight(text[at:at+n], "."))
}

// bearerToken is what follows "Bearer " and is no word: it is long and has a digit.
func bearerToken(text string, at int) int {
	const word = "bearer "
	if len(text)-at < len(word) || !fold(text[at:at+len(word)], word) {
		return 0
	}
	at += len(word)
	n := run(text[at:], &bearer)
	if n < 16 || !strings.ContainsAny(text[at:at+n], "0123456789") {
		return 0
	}
	return at + n
}

// privateKey is a block in PEM, on many lines or with its line breaks escaped, up to its end or that of the text.
func privateKey(text string, at int) int {
	const begin, end = "-----BEGIN ", "-----END "
	if !strings.HasPrefix(text[at:], begin) {
		return 0
	}
	line, _, _ := strings.Cut(text[at+len(begin):], "-----")
	if len(line) > 60 || !strings.Contains(line, "PRIVATE KEY") {
		return 0
	}
	rest := at + len(begin) + len(line)
	last := strings.Index(text[rest:], end)
	if last < 0 {
		return len(text)
	}
	last += rest + len(end)
	if closing := strings.Index(text[last:], "-----"); closing >= 0 && closing < 60 {
		return last + closing + len("-----")
	}
	return len(text)
}
