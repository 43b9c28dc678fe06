package login

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/outbound"
)

// ProviderConfig is one identity provider that speaks OpenID Connect Core 1.0.
type ProviderConfig struct {
	// Name stands in the address that the provider sends people back to: PUBLIC/api/v1/login/NAME/callback.
	Name string `yaml:"name"`
	// Title is what the page calls it; the name where there is none.
	Title string `yaml:"title"`
	// Issuer is the provider's own address, from which it is discovered.
	Issuer string `yaml:"issuer"`
	// ClientID and ClientSecret are how the provider knows Tidings; the secret is env:NAME or file:PATH.
	ClientID     string `yaml:"client_id"`
	ClientSecret string `yaml:"client_secret"`
	// Scopes are asked for beside openid: profile and email where nothing is set.
	Scopes []string `yaml:"scopes"`
	// GroupsClaim is where the groups stand: groups where nothing is set; dots lead into objects.
	GroupsClaim string `yaml:"groups_claim"`
	// NameClaim is where the login name stands: preferred_username, else email, where nothing is set.
	NameClaim string `yaml:"name_claim"`
	// TrustEmail takes addresses for verified that the provider says nothing of, as Entra ID does.
	TrustEmail bool `yaml:"trust_email"`
	// AllowedDomains lets in only people whose verified address is of one of these domains; none lets in all.
	AllowedDomains []string `yaml:"allowed_domains"`
	// Allow are addresses beside those of the public internet that the provider may be at, as outbound.allow has them.
	Allow []string `yaml:"allow"`
}

var providerName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,40}$`)

// Validate names what is wrong, each at the name of its setting.
func (c *ProviderConfig) Validate() []fault.Fault {
	var faults []fault.Fault
	add := func(place, detail string) { faults = append(faults, fault.Fault{Pointer: place, Detail: detail}) }
	if !providerName.MatchString(c.Name) || c.Name == "link" || c.Name == "logout" {
		add("name", "is of small letters, digits and hyphens, and neither link nor logout")
	}
	issuer, err := url.Parse(c.Issuer)
	switch {
	case err != nil || issuer.Host == "":
		add("issuer", "is the address of the provider, such as https://id.example.com")
	case issuer.Scheme != "https" && (issuer.Scheme != "http" || !local(issuer.Hostname())):
		add("issuer", "is reached over https")
	}
	if c.ClientID == "" {
		add("client_id", "is required: what the provider calls Tidings")
	}
	if _, err := outbound.NewRule(c.Allow); err != nil {
		add("allow", err.Error())
	}
	return faults
}

func local(host string) bool { return host == "127.0.0.1" || host == "::1" || host == "localhost" }

// provider is an identity provider, found or yet to be found.
type provider struct {
	ProviderConfig
	secret string
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider
	tried time.Time
	fault error
}

const (
	answerIn  = 10 * time.Second // every answer of the provider
	tryEvery  = 5 * time.Second  // to discover it, where somebody waits; in the background less and less often
	tryAtMost = time.Minute
	skew      = time.Minute // that its clock may differ from ours
)

func newProvider(p Provider) *provider {
	client := p.Rule.Client(outbound.Options{Agent: p.Agent})
	client.Timeout = answerIn
	return &provider{ProviderConfig: p.ProviderConfig, secret: p.Secret, client: client}
}

// connect discovers the provider, unless it was found before or just failed to be.
func (p *provider) connect(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if p.fault != nil && time.Since(p.tried) < tryEvery {
		return nil, p.fault
	}
	// What is found is kept, with its keys, for longer than this request lasts.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	p.tried = time.Now()
	if err != nil {
		p.fault = fault.New(fault.Unavailable, "the identity provider %s does not answer: %w", p.Name, err)
		return nil, p.fault
	}
	p.found, p.fault = found, nil
	return found, nil
}

func (p *provider) available() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found != nil
}

// find tries until the provider is there.
func (p *provider) find(ctx context.Context) {
	wait := tryEvery
	for told := false; ; {
		_, err := p.connect(ctx)
		if err == nil {
			if told {
				slog.InfoContext(ctx, "the identity provider is there", "provider", p.Name)
			}
			return
		}
		if !told {
			slog.WarnContext(ctx, "nobody can log in by an identity provider: it is tried again", "provider", p.Name, "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
			wait = min(wait*2, tryAtMost)
		}
	}
}

func (p *provider) config(found *oidc.Provider, callback string) *oauth2.Config {
	scopes := p.Scopes
	if len(scopes) == 0 {
		scopes = []string{"profile", "email"}
	}
	if !slices.Contains(scopes, oidc.ScopeOpenID) {
		scopes = append([]string{oidc.ScopeOpenID}, scopes...)
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.secret, Endpoint: found.Endpoint(), RedirectURL: callback, Scopes: scopes}
}

// errRefused is what the provider said that is no identity: nothing of it is shown, and all of it is logged.
var errRefused = errors.New("the provider's answer is refused")

// identify turns the code that a browser brought back into an identity.
func (p *provider) identify(ctx context.Context, found *oidc.Provider, code, callback string, flow flow) (access.Identity, error) {
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := p.config(found, callback).Exchange(ctx, code, oauth2.VerifierOption(flow.Verifier))
	if err != nil {
		if answered, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answered.Response != nil && answered.Response.StatusCode < http.StatusInternalServerError {
			return access.Identity{}, fmt.Errorf("%w: exchange the code: %w", errRefused, err)
		}
		return access.Identity{}, fault.New(fault.Unavailable, "exchange the code at %s: %w", p.Name, err)
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return access.Identity{}, fmt.Errorf("%w: there is no id_token", errRefused)
	}
	token, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: func() time.Time { return time.Now().Add(-skew) }}).Verify(ctx, raw)
	if err != nil {
		return access.Identity{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	if !equal(token.Nonce, flow.Nonce) {
		return access.Identity{}, fmt.Errorf("%w: the nonce is another", errRefused)
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return access.Identity{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	if err := p.complete(ctx, found, tokens, token.Subject, claims); err != nil {
		return access.Identity{}, err
	}
	who := p.identity(claims)
	who.Issuer, who.Subject = token.Issuer, token.Subject
	return who, p.allows(who)
}

// complete asks for what the token leaves out: many providers tell of groups and addresses only there.
func (p *provider) complete(ctx context.Context, found *oidc.Provider, tokens *oauth2.Token, subject string, claims map[string]any) error {
	if found.UserInfoEndpoint() == "" || claim(claims, p.groupsClaim()) != nil && claims["email"] != nil {
		return nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return fault.New(fault.Unavailable, "ask %s about a person: %w", p.Name, err)
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil || info.Subject != subject {
		return fmt.Errorf("%w: what it says of a person is of somebody else", errRefused)
	}
	for name, value := range more {
		if _, ok := claims[name]; !ok {
			claims[name] = value
		}
	}
	return nil
}

func (p *provider) groupsClaim() string {
	if p.GroupsClaim == "" {
		return "groups"
	}
	return p.GroupsClaim
}

// claim finds a claim by its name, or by dots into objects.
func claim(claims map[string]any, path string) any {
	if value, ok := claims[path]; ok {
		return value
	}
	head, rest, ok := strings.Cut(path, ".")
	if inner, isObject := claims[head].(map[string]any); ok && isObject {
		return claim(inner, rest)
	}
	return nil
}

func text(value any) string {
	text, _ := value.(string)
	return text
}

// identity reads the standard claims (OpenID Connect Core 1.0, section 5.1) and the groups.
func (p *provider) identity(claims map[string]any) access.Identity {
	who := access.Identity{Provider: p.Name, Title: text(claims["name"]), Email: text(claims["email"])}
	for _, name := range []string{p.NameClaim, "preferred_username", "email"} {
		if who.Name == "" && name != "" {
			who.Name = text(claim(claims, name))
		}
	}
	switch verified := claims["email_verified"].(type) {
	case bool:
		who.EmailVerified = verified
	case string:
		who.EmailVerified = verified == "true" // some providers write it so
	default:
		who.EmailVerified = p.TrustEmail
	}
	switch groups := claim(claims, p.groupsClaim()).(type) {
	case string:
		who.Groups = []string{groups}
	case []any:
		for _, group := range groups {
			if name := text(group); name != "" {
				who.Groups = append(who.Groups, name)
			}
		}
	}
	return who
}

// allows refuses people of other domains.
func (p *provider) allows(who access.Identity) error {
	if len(p.AllowedDomains) == 0 {
		return nil
	}
	_, domain, _ := strings.Cut(strings.ToLower(who.Email), "@")
	if who.EmailVerified && slices.ContainsFunc(p.AllowedDomains, func(allowed string) bool { return strings.EqualFold(allowed, domain) }) {
		return nil
	}
	return fault.New(fault.Forbidden, "only people of %s may log in", strings.Join(p.AllowedDomains, ", "))
}
