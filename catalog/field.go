package catalog

import (
	"bytes"
	"encoding/json"
	"math"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tidings.dev/tidings/fault"
)

// Field names one fact of an entity. A plain field ("tier") has one value; a keyed field ("tag/pci") is one member of
// a set, so that two sources add to a set without knowing of each other. Its parts are joined by a slash; only the
// last part may hold slashes itself.
type Field string

// The plain fields, with the JSON type of their values.
const (
	FieldName            Field = "name"             // string: the name as its source writes it; every statement makes this claim
	FieldTitle           Field = "title"            // string: a name for people
	FieldDescription     Field = "description"      // string, at most 8 KiB
	FieldLanguage        Field = "language"         // string, lower case
	FieldLanguageVersion Field = "language-version" // string
	FieldTier            Field = "tier"             // number 0 (most critical) to 3
	FieldUserFacing      Field = "user-facing"      // boolean: end users feel its loss
	FieldLifecycle       Field = "lifecycle"        // string: experimental, production, deprecated, retired
	FieldPlatform        Field = "platform"         // string: kubernetes, ecs, lambda, vm, bare-metal, saas, other
	FieldDeployedBy      Field = "deployed-by"      // string: the tool or pipeline
	FieldType            Field = "type"             // string: a source's finer kind, such as website, postgres, grpc
	FieldRPO             Field = "rpo"              // string: recovery point objective, a Go duration such as 15m
	FieldRTO             Field = "rto"              // string: recovery time objective, a Go duration
	FieldEmail           Field = "email"            // string
	FieldTimeZone        Field = "time-zone"        // string: an IANA name
	FieldOwner           Field = "owner"            // string: reference to a team or a person
)

// The families of keyed fields.
const (
	FamilyTag        = "tag"          // tag/KEY: string, possibly empty
	FamilyLink       = "link"         // link/TYPE/URL: string, the title
	FamilyContact    = "contact"      // contact/TYPE/VALUE: string, the title
	FamilyAlias      = "alias"        // alias/SCHEME:VALUE: true
	FamilyOnCall     = "on-call"      // on-call/ROLE/NAME: string, RFC 3339 end of the shift or empty
	FamilyNextOnCall = "on-call-next" // on-call-next/ROLE/BEGIN/NAME: the same, of a shift that begins later
	FamilyDependsOn  = "depends-on"   // depends-on/REF: "declared" or "observed"
	FamilyPartOf     = "part-of"      // part-of/REF: "declared"
	FamilyProvides   = "provides"     // provides/REF: "declared"
	FamilyConsumes   = "consumes"     // consumes/REF: "declared" or "observed"
)

// Bounds of one statement, far above any honest use.
const (
	MaxClaims      = 2000    // claims of one source about one entity
	MaxTags        = 500     // of them tags
	MaxDescription = 8 << 10 // bytes
	MaxValue       = 2 << 10 // bytes, of any other text
)

var (
	tagKeyFormat = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_./-]{0,127}$`)
	wordFormat   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	aliasFormat  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}:\S+$`)
)

// Key makes a keyed field.
func Key(family string, parts ...string) Field {
	return Field(family + "/" + strings.Join(parts, "/"))
}

// Family is the part before the first slash.
func (f Field) Family() string {
	family, _, _ := strings.Cut(string(f), "/")
	return family
}

// Rest is the part after the first slash; empty for a plain field.
func (f Field) Rest() string {
	_, rest, _ := strings.Cut(string(f), "/")
	return rest
}

// Target is the entity that a relation points at; zero for other fields and for owner, whose value names it.
func (f Field) Target() Ref {
	switch f.Family() {
	case FamilyDependsOn, FamilyPartOf, FamilyProvides, FamilyConsumes:
		ref, err := ParseRef(f.Rest(), "")
		if err != nil {
			return Ref{}
		}
		return ref
	}
	return Ref{}
}

// Platforms and Lifecycles are the words of those fields.
func Platforms() []string {
	return []string{"kubernetes", "ecs", "lambda", "vm", "bare-metal", "saas", "other"}
}

// Lifecycles lists the stages in the order of a life.
func Lifecycles() []string {
	return []string{"experimental", "production", "deprecated", "retired"}
}

// LinkTypes lists the types of link that the page has a shortcut or an icon for; others are allowed.
func LinkTypes() []string {
	return []string{"runbook", "dashboard", "logs", "traces", "repo", "docs", "chat", "ticket", "alert", "deploy", "other"}
}

// Claim is one field's value in the mouth of one source.
type Claim struct {
	Field Field           `json:"field"`
	Value json.RawMessage `json:"value"`
}

// Say makes a claim out of a Go value that JSON can carry; a relation, an alias and the like use their family's value.
func Say(field Field, value any) Claim {
	raw, err := json.Marshal(value)
	if err != nil {
		raw = []byte("null")
	}
	return Claim{Field: field, Value: raw}
}

// Normalize checks one claim and gives its canonical form: fields folded where they name entities, values trimmed.
// Its error is an Invalid fault that says what to write instead.
func (c Claim) Normalize() (Claim, error) {
	if !utf8.ValidString(string(c.Field)) || hasControl(string(c.Field)) || len(c.Field) > MaxValue {
		return c, fault.New(fault.Invalid, "the field %q is too long or holds control characters", clip(string(c.Field)))
	}
	family, rest := c.Field.Family(), c.Field.Rest()
	if rest == "" && string(c.Field) != family {
		return c, fault.New(fault.Invalid, "the field %q lacks its key", clip(string(c.Field)))
	}
	switch c.Field {
	case FieldName, FieldTitle, FieldDescription, FieldLanguage, FieldLanguageVersion, FieldLifecycle, FieldPlatform, FieldDeployedBy,
		FieldType, FieldRPO, FieldRTO, FieldEmail, FieldTimeZone, FieldOwner:
		return c.normalizeText()
	case FieldTier:
		var tier float64
		if err := json.Unmarshal(c.Value, &tier); err != nil || tier != math.Trunc(tier) || tier < 0 || tier > 3 {
			return c, fault.New(fault.Invalid, "tier is a whole number from 0 (most critical) to 3, not %s", clip(string(c.Value)))
		}
		return Claim{Field: c.Field, Value: json.RawMessage(strconv.Itoa(int(tier)))}, nil
	case FieldUserFacing:
		var yes bool
		if err := json.Unmarshal(c.Value, &yes); err != nil {
			return c, fault.New(fault.Invalid, "user-facing is true or false, not %s", clip(string(c.Value)))
		}
		return c, nil
	}
	return c.normalizeKeyed(family, rest)
}

func (c Claim) normalizeText() (Claim, error) {
	text, err := c.text()
	if err != nil {
		return c, err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return c, fault.New(fault.Invalid, "%s is empty: leave it out instead", c.Field)
	}
	if limit := c.Field.limit(); len(text) > limit {
		return c, fault.New(fault.Invalid, "%s has %d bytes: at most %d", c.Field, len(text), limit)
	}
	switch c.Field {
	case FieldLanguage:
		text = strings.ToLower(text)
	case FieldLifecycle:
		text = strings.ToLower(text)
		if !slices.Contains(Lifecycles(), text) {
			return c, oneOf(c.Field, text, Lifecycles())
		}
	case FieldPlatform:
		text = strings.ReplaceAll(strings.ToLower(text), " ", "-")
		if !slices.Contains(Platforms(), text) {
			return c, oneOf(c.Field, text, Platforms())
		}
	case FieldRPO, FieldRTO:
		if d, err := time.ParseDuration(text); err != nil || d < 0 {
			return c, fault.New(fault.Invalid, "%s is a duration such as 15m or 4h, not %q", c.Field, clip(text))
		}
	case FieldEmail:
		if _, err := mail.ParseAddress(text); err != nil {
			return c, fault.New(fault.Invalid, "%q is not an e-mail address", clip(text))
		}
	case FieldTimeZone:
		if _, err := time.LoadLocation(text); err != nil {
			return c, fault.New(fault.Invalid, "%q is not an IANA time zone such as Europe/Berlin", clip(text))
		}
	case FieldOwner:
		ref, err := ParseRef(text, Team)
		if err != nil {
			return c, err
		}
		if ref.Kind != Team && ref.Kind != Person {
			return c, fault.New(fault.Invalid, "an owner is a team or a person, not %s", ref)
		}
		text = ref.String()
	}
	return Say(c.Field, text), nil
}

func (c Claim) normalizeKeyed(family, rest string) (Claim, error) {
	switch family {
	case FamilyTag:
		if !tagKeyFormat.MatchString(rest) {
			return c, fault.New(fault.Invalid, "%q is not a tag key: letters, digits, '-', '_', '.' and '/', at most 128", clip(rest))
		}
	case FamilyLink:
		kind, address, _ := strings.Cut(rest, "/")
		if !wordFormat.MatchString(kind) {
			return c, fault.New(fault.Invalid, "%q is not a link type: a lower-case word such as runbook", clip(kind))
		}
		if err := CheckURL(address); err != nil {
			return c, err
		}
	case FamilyContact:
		kind, value, _ := strings.Cut(rest, "/")
		if !wordFormat.MatchString(kind) || value == "" {
			return c, fault.New(fault.Invalid, "%q is not a contact: write contact/TYPE/VALUE, such as contact/slack/#payments", clip(rest))
		}
	case FamilyAlias:
		if !aliasFormat.MatchString(rest) {
			return c, fault.New(fault.Invalid, "%q is not an alias: write scheme:value, such as github:acme/payments", clip(rest))
		}
		return Say(Key(FamilyAlias, FoldAlias(rest)), true), nil
	case FamilyOnCall:
		role, name, _ := strings.Cut(rest, "/")
		until, err := c.text()
		if err != nil {
			return c, err
		}
		if !wordFormat.MatchString(role) || name == "" {
			return c, fault.New(fault.Invalid, "%q is not an on-call entry: write on-call/ROLE/NAME, such as on-call/primary/person:priya.raman", clip(rest))
		}
		if _, err := time.Parse(time.RFC3339, until); until != "" && err != nil {
			return c, fault.New(fault.Invalid, "%q is not an RFC 3339 time for the end of a shift", clip(until))
		}
	case FamilyNextOnCall:
		return c.normalizeShift(rest)
	case FamilyDependsOn, FamilyPartOf, FamilyProvides, FamilyConsumes:
		ref, err := ParseRef(rest, "")
		if err != nil {
			return c, err
		}
		evidence, err := c.text()
		if err != nil || (evidence != "declared" && evidence != "observed") {
			return c, fault.New(fault.Invalid, "the value of %s is declared or observed, not %s", family, clip(string(c.Value)))
		}
		return Claim{Field: Key(family, ref.String()), Value: c.Value}, nil
	default:
		return c, fault.New(fault.Invalid, "there is no field %q: see the data model for the names", clip(string(c.Field)))
	}
	text, err := c.text()
	if err != nil {
		return c, err
	}
	if len(text) > MaxValue {
		return c, fault.New(fault.Invalid, "the value of %s has %d bytes: at most %d", clip(string(c.Field)), len(text), MaxValue)
	}
	return Say(c.Field, strings.TrimSpace(text)), nil
}

// Shift makes the claim of a shift; from and until are in RFC 3339. Without from it had begun when it was told.
func Shift(role, name, from, until string) Claim {
	if from == "" {
		return Say(Key(FamilyOnCall, role, name), until)
	}
	return Say(Key(FamilyNextOnCall, role, from, name), until)
}

// normalizeShift gives the instants of a shift that was told ahead in UTC, so that one shift is one field.
func (c Claim) normalizeShift(rest string) (Claim, error) {
	role, shift, _ := strings.Cut(rest, "/")
	begin, name, _ := strings.Cut(shift, "/")
	from, err := time.Parse(time.RFC3339, begin)
	if err != nil || !wordFormat.MatchString(role) || name == "" {
		return c, fault.New(fault.Invalid, "%q is not a shift: write on-call-next/ROLE/BEGIN/NAME, such as on-call-next/primary/2026-06-15T07:00:00Z/person:priya.raman", clip(rest))
	}
	end, err := c.text()
	if err != nil {
		return c, err
	}
	if end != "" {
		until, err := time.Parse(time.RFC3339, end)
		if err != nil || !until.After(from) {
			return c, fault.New(fault.Invalid, "%q is not an RFC 3339 time for the end of a shift that begins at %s", clip(end), begin)
		}
		end = until.UTC().Format(time.RFC3339Nano)
	}
	return Say(Key(FamilyNextOnCall, role, from.UTC().Format(time.RFC3339Nano), name), end), nil
}

// text is the string value of a claim, without control characters other than line breaks and tabs.
func (c Claim) text() (string, error) {
	var text string
	if err := json.Unmarshal(bytes.TrimSpace(c.Value), &text); err != nil {
		return "", fault.New(fault.Invalid, "the value of %s is a string, not %s", clip(string(c.Field)), clip(string(c.Value)))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && r != '\r' && isControl(r) }) {
		return "", fault.New(fault.Invalid, "the value of %s holds control characters", clip(string(c.Field)))
	}
	return text, nil
}

func (f Field) limit() int {
	if f == FieldDescription {
		return MaxDescription
	}
	return MaxValue
}

// FoldAlias gives an alias the form in which it is compared: without case.
func FoldAlias(alias string) string { return strings.ToLower(strings.TrimSpace(alias)) }

// CheckURL lets only http, https and mailto addresses through, which are safe to render as a link.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto") || (u.Host == "" && u.Scheme != "mailto") {
		return fault.New(fault.Invalid, "%q is not an http, https or mailto address", clip(address))
	}
	if u.User != nil {
		return fault.New(fault.Invalid, "the address of %s carries a user or password: take it out", u.Host)
	}
	return nil
}

func oneOf(field Field, got string, words []string) error {
	return fault.New(fault.Invalid, "%s is one of %s, not %q", field, strings.Join(words, ", "), clip(got))
}

func hasControl(text string) bool {
	return strings.ContainsFunc(text, isControl)
}

// isControl reports whether text may not hold a character: also those two that Unicode assigns to nothing for ever, and
// that YAML, and with it the tools of Kubernetes, cannot carry.
func isControl(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF
}
