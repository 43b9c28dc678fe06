package access

import (
	"context"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"tidings.dev/tidings/fault"
)

// Account is a person who can log in. Times are UTC with microseconds.
type Account struct {
	ID string `json:"id"`
	// Name is the login name that the log shows; no two accounts share one, whatever its case.
	Name  string `json:"name"`
	Title string `json:"title,omitempty"` // the full name
	Email string `json:"email,omitempty"`
	// Issuer and Subject are who vouches for the person, and its own id of them: an OpenID Connect issuer, or Local. Both
	// are empty for an account that was provisioned and never used.
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
	// External is the id by which the system that provisions people knows the account.
	External string `json:"external,omitempty"`
	// GivenRole is what an administrator gave; it stands above GroupRole, which the groups give. RoleNone gives nothing.
	GivenRole Role `json:"given_role"`
	GroupRole Role `json:"group_role"`
	// Groups are what the identity provider said at the last login, Provisioned those of SCIM.
	Groups      []string `json:"groups,omitempty"`
	Provisioned []string `json:"provisioned,omitempty"`
	// Teams are the names of teams that the groups give, folded.
	Teams []string `json:"teams,omitempty"`
	// Person is the name of the account's person in the roll; empty where there is none.
	Person     string    `json:"person,omitempty"`
	DisabledAt time.Time `json:"disabled_at,omitzero"`
	CreatedAt  time.Time `json:"created_at"`
	SeenAt     time.Time `json:"seen_at,omitzero"` // the last login or use, to about a minute
	// Rev counts the writes of the account: one that was made of an older state is a Conflict. Zero is a new account.
	Rev int64 `json:"-"`
}

// Local is the issuer of accounts that log in by one-time links alone.
const Local = "local"

// Role is what the account may do: what an administrator gave, else what the groups give.
func (a *Account) Role() Role {
	if a.GivenRole != RoleNone {
		return a.GivenRole
	}
	return a.GroupRole
}

// Disabled reports whether the account may no longer be used.
func (a *Account) Disabled() bool { return !a.DisabledAt.IsZero() }

// AllGroups are the groups of the account, from wherever, sorted.
func (a *Account) AllGroups() []string {
	all := slices.Concat(a.Groups, a.Provisioned)
	slices.Sort(all)
	return slices.Compact(all)
}

// principal is the account as it asks.
func (a *Account) principal(address, credential string) Principal {
	return Principal{Type: Person, Name: a.Name, Role: a.Role(), Teams: a.Teams, Address: address, Credential: credential, Account: a.ID}
}

// Bounds of what an account says of somebody.
const (
	MaxName   = 128
	MaxTitle  = 200
	MaxGroups = 2000
)

var nameFormat = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$`)

// CheckName reports what is wrong with a login name: letters, digits and . _ @ + -, at most 128 bytes.
func CheckName(name string) error {
	if len(name) > MaxName || !nameFormat.MatchString(name) {
		return fault.New(fault.Invalid, "a login name has letters, digits and any of . _ @ + -, at most %d in all", MaxName)
	}
	return nil
}

// nameOf makes a login name of what an identity provider calls somebody.
func nameOf(candidates ...string) string {
	for _, candidate := range candidates {
		kept := strings.Map(func(r rune) rune {
			switch {
			case unicode.IsSpace(r):
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune("._@+-", r):
				return r
			}
			return -1
		}, strings.TrimSpace(candidate))
		kept = strings.TrimLeft(cut(kept, MaxName-4), "._@+-")
		if CheckName(kept) == nil {
			return kept
		}
	}
	return "person"
}

// cut shortens a text to a number of bytes, between its letters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}

// line is somebody's text on one line, within a bound.
func line(text string, limit int) string {
	text = strings.ToValidUTF8(text, "")
	return cut(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " "), limit)
}

// address gives an e-mail address as it is compared; empty for what is none.
func address(text string) string {
	parsed, err := mail.ParseAddress(text)
	if err != nil || len(parsed.Address) > 320 {
		return ""
	}
	return strings.ToLower(parsed.Address)
}

// AccountKey names one account by one of its fields; the others are empty.
type AccountKey struct {
	ID       string
	Name     string // in any case
	Issuer   string // with Subject
	Subject  string
	External string
}

// AccountFilter chooses accounts. The zero value is all of them.
type AccountFilter struct {
	Query    string // a part of the name, title or e-mail address, in any case
	Role     Role   // only of this role; RoleNone is any
	Disabled *bool
	Email    string // exactly, in any case
}

// AccountStore keeps accounts.
type AccountStore interface {
	// Account is one account; NotFound when there is none.
	Account(ctx context.Context, key AccountKey) (Account, error)
	// Accounts lists those that pass, by folded name, from strictly after one; at most limit.
	Accounts(ctx context.Context, filter AccountFilter, after string, limit int) ([]Account, error)
	// CountAccounts counts those that pass.
	CountAccounts(ctx context.Context, filter AccountFilter) (int, error)
}
