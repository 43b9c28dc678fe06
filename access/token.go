package access

import (
	"context"
	"crypto/rand"
	"hash/crc32"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
)

// TokenKind is whose a token is.
type TokenKind string

// The kinds of token.
const (
	ServiceToken  TokenKind = "service"  // of a service account, which is nothing but its token
	PersonalToken TokenKind = "personal" // of a person, with at most their rights
)

// TokenInfo is what is known of a token; its secret is shown once, when it is made. Times are UTC with microseconds.
type TokenInfo struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Kind   TokenKind `json:"kind"`
	Role   Role      `json:"role"`
	Scopes []Scope   `json:"scopes,omitempty"`
	Source string    `json:"source,omitempty"` // deliveries and observations of this source alone
	// Account is the id of a personal token's person.
	Account     string    `json:"account,omitempty"`
	CreatedBy   string    `json:"created_by"`
	CreatedAt   time.Time `json:"created_at"`
	ExpiresAt   time.Time `json:"expires_at,omitzero"` // zero: never
	LastUsedAt  time.Time `json:"last_used_at,omitzero"`
	LastAddress string    `json:"last_address,omitempty"`
	RevokedAt   time.Time `json:"revoked_at,omitzero"`
	Hint        string    `json:"hint"` // the secret's beginning and end, to recognise it by
}

// Ended reports whether the token can no longer be used.
func (t *TokenInfo) Ended(now time.Time) bool {
	return !t.RevokedAt.IsZero() || !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// A token's secret is tidings_, the letter of its kind, _, 30 random letters and digits (178 bits), and the CRC-32 of all
// before it in six more: a scanner of secrets can tell a token from what looks like one without asking anybody.
const (
	tokenRandom   = 30
	tokenChecksum = 6
	base62        = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// TokenPattern finds tokens in a text.
const TokenPattern = `tidings_[sp]_[0-9A-Za-z]{36}`

var tokenFormat = regexp.MustCompile(`^` + TokenPattern + `$`)

func newTokenSecret(kind TokenKind) (string, error) {
	var b strings.Builder
	b.WriteString("tidings_" + string(kind[0]) + "_")
	for range tokenRandom {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(base62))))
		if err != nil {
			return "", err
		}
		b.WriteByte(base62[n.Int64()])
	}
	return b.String() + checksum(b.String()), nil
}

func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	var digits [tokenChecksum]byte
	for i := tokenChecksum - 1; i >= 0; i-- {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return string(digits[:])
}

// WellFormed reports whether a text can be a token of Tidings: no database is asked for what cannot.
func WellFormed(secret string) bool {
	if !tokenFormat.MatchString(secret) {
		return false
	}
	head := len(secret) - tokenChecksum
	return checksum(secret[:head]) == secret[head:]
}

func hint(secret string) string { return secret[:len("tidings_s_")+3] + "…" + secret[len(secret)-4:] }

// diff is what the audit says of a new token.
func (t *TokenInfo) diff() []change.Diff {
	scopes := make([]string, len(t.Scopes))
	for i, scope := range t.Scopes {
		scopes[i] = string(scope)
	}
	until := "for ever"
	if !t.ExpiresAt.IsZero() {
		until = t.ExpiresAt.Format(time.RFC3339)
	}
	return said(
		[3]string{"kind", "", string(t.Kind)}, [3]string{"role", "", t.Role.String()},
		[3]string{"scopes", "", strings.Join(scopes, ", ")}, [3]string{"source", "", t.Source}, [3]string{"until", "", until},
	)
}

// HeldToken is a token with its person, where it has one.
type HeldToken struct {
	Token   TokenInfo
	Account Account
}

// TokenStore keeps tokens.
type TokenStore interface {
	// HeldToken finds the token of a secret; NotFound when there is none.
	HeldToken(ctx context.Context, secret Digest) (HeldToken, error)
	// Token is one token by its id; NotFound when there is none.
	Token(ctx context.Context, id string) (TokenInfo, error)
	// Tokens lists the tokens of an account, or with "" those of service accounts and everyone, the newest first; at
	// most limit, from strictly before an id.
	Tokens(ctx context.Context, account, before string, limit int) ([]TokenInfo, error)
}

// NewToken is what is asked for.
type NewToken struct {
	Name   string
	Kind   TokenKind
	Role   Role // at most one's own; RoleNone is the least that its scopes need
	Scopes []Scope
	Source string
	For    time.Duration // how long it lasts; zero is for ever
}

// leastRole is the least role that can do something with each scope.
func leastRole(scopes []Scope) Role {
	role := RoleNone
	for _, scope := range scopes {
		least := RoleAdministrator + 1
		for _, rule := range rules {
			if rule.Scope == scope && rule.Least > RoleNone {
				least = min(least, rule.Least)
			}
		}
		role = max(role, least)
	}
	return role
}

func (n *NewToken) check() error {
	var faults []fault.Fault
	add := func(place, detail string) { faults = append(faults, fault.Fault{Pointer: place, Detail: detail}) }
	if n.Kind != ServiceToken && n.Kind != PersonalToken {
		add("/kind", "is service or personal")
	}
	if n.Name = line(n.Name, MaxName+1); n.Name == "" || len(n.Name) > MaxName {
		add("/name", "is required: what the token is for, at most 128 bytes")
	}
	known := Scopes()
	for _, scope := range n.Scopes {
		if !slices.Contains(known, scope) {
			add("/scopes", "are read, deliver, describe, agent and people")
			break
		}
	}
	if n.Kind == ServiceToken && len(n.Scopes) == 0 {
		add("/scopes", "are required for a service account: read, deliver, describe, agent or people")
	}
	if n.Source != "" && !slices.Contains(n.Scopes, ScopeDeliver) && !slices.Contains(n.Scopes, ScopeAgent) {
		add("/source", "narrows the scopes deliver and agent, of which the token has neither")
	}
	if len(n.Source) > MaxName {
		add("/source", "has at most 128 bytes")
	}
	if n.For < 0 {
		add("/expires_at", "lies in the past")
	}
	return fault.InvalidInput("token", faults)
}
