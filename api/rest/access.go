package rest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/feed"
)

// Access is who may come in: oneself, people, sessions, tokens, and the audit of it all. What concerns others than whoever
// asks, the desk asks access for.
type Access struct {
	Desk *access.Desk
	Feed *feed.Reader
	Now  func() time.Time
	// Link is where a browser shows the secret of a one-time link.
	Link func(secret string) string
}

func (h *Access) routes() []route {
	return []route{
		{method: http.MethodGet, op: access.ReadOneself, path: "/api/v1/me", serve: h.me},
		{method: http.MethodGet, op: access.ReadPeople, path: "/api/v1/people", query: []string{"q", "role", "disabled", "cursor", "limit"}, serve: h.people},
		{method: http.MethodPost, op: access.WritePeople, path: "/api/v1/people", body: maxAccessBody, serve: h.invite},
		{method: http.MethodGet, op: access.ReadPeople, path: "/api/v1/people/{id}", serve: h.person},
		{method: http.MethodPatch, op: access.WritePeople, path: "/api/v1/people/{id}", body: maxAccessBody, serve: h.change},
		{method: http.MethodGet, op: access.ReadOneself, path: "/api/v1/sessions", query: []string{"account"}, serve: h.sessions},
		{method: http.MethodDelete, op: access.WriteOneself, path: "/api/v1/sessions", query: []string{"account"}, serve: h.endSessions},
		{method: http.MethodDelete, op: access.WriteOneself, path: "/api/v1/sessions/{id}", query: []string{"account"}, serve: h.endSessions},
		{method: http.MethodGet, op: access.ReadOneself, path: "/api/v1/tokens", query: []string{"account", "all", "cursor", "limit"}, serve: h.tokens},
		{method: http.MethodPost, op: access.WriteOneself, path: "/api/v1/tokens", body: maxAccessBody, serve: h.createToken},
		{method: http.MethodDelete, op: access.WriteOneself, path: "/api/v1/tokens/{id}", serve: h.revokeToken},
		{method: http.MethodGet, op: access.ReadAudit, path: "/api/v1/audit", query: []string{"since", "until"}, serve: h.audit},
	}
}

const maxAccessBody = 64 << 10

type meAnswer struct {
	Type    string         `json:"type"`
	Name    string         `json:"name"`
	Role    access.Role    `json:"role"`
	Teams   []string       `json:"teams"`
	Scopes  []access.Scope `json:"scopes"`
	Source  string         `json:"source,omitempty"`
	Account *accountAnswer `json:"account,omitempty"`
}

type accountAnswer struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Title      string      `json:"title,omitempty"`
	Email      string      `json:"email,omitempty"`
	Issuer     string      `json:"issuer,omitempty"`
	Role       access.Role `json:"role"`
	GivenRole  access.Role `json:"given_role"`
	Groups     []string    `json:"groups"`
	Teams      []string    `json:"teams"`
	Person     string      `json:"person,omitempty"`
	Disabled   bool        `json:"disabled"`
	CreatedAt  wire.Time   `json:"created_at"`
	SeenAt     *wire.Time  `json:"seen_at,omitempty"`
	DisabledAt *wire.Time  `json:"disabled_at,omitempty"`
}

func some(at time.Time) *wire.Time {
	if at.IsZero() {
		return nil
	}
	return &wire.Time{Time: at}
}

// filled is a list that is never null.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func newAccount(a *access.Account) accountAnswer {
	return accountAnswer{
		ID: a.ID, Name: a.Name, Title: a.Title, Email: a.Email, Issuer: a.Issuer, Role: a.Role(), GivenRole: a.GivenRole,
		Groups: filled(a.AllGroups()), Teams: filled(a.Teams), Person: a.Person, Disabled: a.Disabled(),
		CreatedAt: wire.Time{Time: a.CreatedAt}, SeenAt: some(a.SeenAt), DisabledAt: some(a.DisabledAt),
	}
}

func (h *Access) me(w http.ResponseWriter, r *http.Request) error {
	who := access.From(r.Context())
	me := meAnswer{Type: string(who.Type), Name: who.Name, Role: who.Role, Teams: filled(who.Teams), Scopes: filled(who.Scopes), Source: who.Source}
	if who.Account != "" {
		account, err := h.Desk.Me(r.Context())
		if err != nil {
			return err
		}
		shown := newAccount(&account)
		me.Account = &shown
	}
	return answer(w, http.StatusOK, me)
}

// accessLimit is a page's length of what concerns access.
func (q *query) accessLimit() int { return q.number("limit", 1, access.MaxPage, defaultLimit) }

func (h *Access) people(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	limit, after := q.accessLimit(), q.one("cursor")
	filter := access.AccountFilter{Query: q.one("q")}
	if name := q.one("role"); name != "" {
		role, ok := access.RoleNamed(name)
		if !ok {
			q.fault("role", "is viewer, member, operator or administrator")
		}
		filter.Role = role
	}
	if q.one("disabled") != "" {
		disabled := q.flag("disabled")
		filter.Disabled = &disabled
	}
	if err := q.err(); err != nil {
		return err
	}
	accounts, err := h.Desk.Accounts(r.Context(), filter, after, limit)
	if err != nil {
		return err
	}
	total, err := h.Desk.CountAccounts(r.Context(), filter)
	if err != nil {
		return err
	}
	page := struct {
		People []accountAnswer `json:"people"`
		Next   string          `json:"next"`
		Total  int             `json:"total"`
	}{People: []accountAnswer{}, Total: total}
	for i := range accounts {
		page.People = append(page.People, newAccount(&accounts[i]))
	}
	if len(accounts) == limit {
		page.Next = accounts[limit-1].Name
	}
	return answer(w, http.StatusOK, page)
}

func (h *Access) person(w http.ResponseWriter, r *http.Request) error {
	account, err := h.Desk.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newAccount(&account))
}

// readInto reads a body that is one JSON object into a struct, and refuses members that it does not have.
func readInto(r *http.Request, into any, known ...string) error {
	text, err := readBody(r)
	if err != nil {
		return err
	}
	defer text.release()
	members, err := readObject(text.Bytes())
	if err != nil {
		return err
	}
	var faults []fault.Fault
	for _, m := range members {
		if len(known) > 0 && !slices.Contains(known, m.name) {
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "is not a member here: did you mean " + nearest(m.name, known) + "?"})
		}
	}
	if err := fault.InvalidInput("body", faults); err != nil {
		return err
	}
	if err := json.Unmarshal(text.Bytes(), into); err != nil {
		return fault.New(fault.Invalid, "the body has a value that does not fit: %w", err)
	}
	return nil
}

func (h *Access) invite(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Role    access.Role `json:"role"`
		Account string      `json:"account"`
	}
	if err := readInto(r, &asked, "role", "account"); err != nil {
		return err
	}
	secret, err := h.Desk.Invite(r.Context(), asked.Role, asked.Account)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, map[string]string{"link": h.Link(secret)})
}

func (h *Access) change(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		GivenRole *access.Role `json:"given_role"`
		Disabled  *bool        `json:"disabled"`
	}
	if err := readInto(r, &asked, "given_role", "disabled"); err != nil {
		return err
	}
	id := r.PathValue("id")
	account, err := h.Desk.Account(r.Context(), id)
	if err == nil && asked.GivenRole != nil {
		account, err = h.Desk.SetRole(r.Context(), id, *asked.GivenRole)
	}
	if err == nil && asked.Disabled != nil {
		account, err = h.Desk.Disable(r.Context(), id, *asked.Disabled)
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newAccount(&account))
}

// account is whose sessions or tokens are meant: one's own where it is not said; empty for whoever has no account.
func (q *query) account(r *http.Request) string {
	if account := q.one("account"); account != "" {
		return account
	}
	return access.From(r.Context()).Account
}

type sessionAnswer struct {
	ID        string    `json:"id"`
	CreatedAt wire.Time `json:"created_at"`
	SeenAt    wire.Time `json:"seen_at"`
	ExpiresAt wire.Time `json:"expires_at"`
	Address   string    `json:"address,omitempty"`
	UserAgent string    `json:"user_agent,omitempty"`
	Current   bool      `json:"current"`
}

func (h *Access) sessions(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	account := q.account(r)
	if err := q.err(); err != nil {
		return err
	}
	page := struct {
		Sessions []sessionAnswer `json:"sessions"`
		Next     string          `json:"next"`
	}{Sessions: []sessionAnswer{}}
	if account != "" {
		sessions, err := h.Desk.Sessions(r.Context(), account)
		if err != nil {
			return err
		}
		for _, s := range sessions {
			page.Sessions = append(page.Sessions, sessionAnswer{
				ID: s.ID, CreatedAt: wire.Time{Time: s.CreatedAt}, SeenAt: wire.Time{Time: s.SeenAt}, ExpiresAt: wire.Time{Time: s.ExpiresAt},
				Address: s.Address, UserAgent: s.UserAgent, Current: s.ID == access.From(r.Context()).Credential,
			})
		}
	}
	return answer(w, http.StatusOK, page)
}

// endSessions ends one session, or without an id all but the one that asks.
func (h *Access) endSessions(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	account := q.account(r)
	if err := q.err(); err != nil {
		return err
	}
	if account == "" {
		return fault.New(fault.NotFound, "%s has no sessions", access.From(r.Context()))
	}
	if err := h.Desk.EndSession(r.Context(), account, r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type tokenAnswer struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Kind        string         `json:"kind"`
	Role        access.Role    `json:"role"`
	Scopes      []access.Scope `json:"scopes"`
	Source      string         `json:"source,omitempty"`
	Account     string         `json:"account,omitempty"`
	CreatedBy   string         `json:"created_by"`
	CreatedAt   wire.Time      `json:"created_at"`
	ExpiresAt   *wire.Time     `json:"expires_at,omitempty"`
	LastUsedAt  *wire.Time     `json:"last_used_at,omitempty"`
	LastAddress string         `json:"last_address,omitempty"`
	RevokedAt   *wire.Time     `json:"revoked_at,omitempty"`
	Hint        string         `json:"hint"`
	// Token is the secret; it stands only in the answer to the request that made it.
	Token string `json:"token,omitempty"`
}

func newToken(t *access.TokenInfo, secret string) tokenAnswer {
	return tokenAnswer{
		ID: t.ID, Name: t.Name, Kind: string(t.Kind), Role: t.Role, Scopes: filled(t.Scopes), Source: t.Source, Account: t.Account,
		CreatedBy: t.CreatedBy, CreatedAt: wire.Time{Time: t.CreatedAt}, ExpiresAt: some(t.ExpiresAt), LastUsedAt: some(t.LastUsedAt),
		LastAddress: t.LastAddress, RevokedAt: some(t.RevokedAt), Hint: t.Hint, Token: secret,
	}
}

func (h *Access) tokens(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	limit, before, all, account := q.accessLimit(), q.one("cursor"), q.flag("all"), q.account(r)
	if all {
		account = ""
	}
	if err := q.err(); err != nil {
		return err
	}
	page := struct {
		Tokens []tokenAnswer `json:"tokens"`
		Next   string        `json:"next"`
	}{Tokens: []tokenAnswer{}}
	if account != "" || all {
		tokens, err := h.Desk.Tokens(r.Context(), account, before, limit)
		if err != nil {
			return err
		}
		for i := range tokens {
			page.Tokens = append(page.Tokens, newToken(&tokens[i], ""))
		}
		if len(tokens) == limit {
			page.Next = tokens[limit-1].ID
		}
	}
	return answer(w, http.StatusOK, page)
}

func (h *Access) createToken(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		Name      string         `json:"name"`
		Kind      string         `json:"kind"`
		Role      access.Role    `json:"role"`
		Scopes    []access.Scope `json:"scopes"`
		Source    string         `json:"source"`
		ExpiresAt time.Time      `json:"expires_at"`
	}
	if err := readInto(r, &asked, "name", "kind", "role", "scopes", "source", "expires_at"); err != nil {
		return err
	}
	ask := access.NewToken{Name: asked.Name, Kind: access.TokenKind(asked.Kind), Role: asked.Role, Scopes: asked.Scopes, Source: asked.Source}
	if !asked.ExpiresAt.IsZero() {
		if ask.For = asked.ExpiresAt.Sub(h.Now()); ask.For == 0 {
			ask.For = -1
		}
	}
	token, secret, err := h.Desk.CreateToken(r.Context(), ask)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, newToken(&token, secret))
}

func (h *Access) revokeToken(w http.ResponseWriter, r *http.Request) error {
	token, err := h.Desk.RevokeToken(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newToken(&token, ""))
}

// audited is how many events are read at a time, and each page's time to be written.
const (
	audited   = 500
	auditTime = time.Minute
)

// audit streams what Tidings itself wrote into the log, newest first, each as one line: who came in, who changed the rights
// of whom, who read a secret setting, and every edit of the roll.
func (h *Access) audit(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, h.Now())
	filter := change.Filter{Sources: []string{access.Tidings.Name}, Since: q.instant("since"), Until: q.instant("until")}
	if err := q.err(); err != nil {
		return err
	}
	if err := filter.Normalize(); err != nil {
		return err
	}
	w.Header()["Content-Type"] = []string{"application/x-ndjson"}
	control := http.NewResponseController(w)
	var after change.Cursor
	for begun := false; ; begun = true {
		page, err := h.Feed.Store.Feed(r.Context(), filter, after, audited, false)
		if err != nil && !begun {
			w.Header().Del("Content-Type")
			return err
		}
		if err != nil {
			panic(http.ErrAbortHandler) // the client must not take a part for the whole
		}
		b := newBuffer()
		for i := range page.Events {
			b.Write(append(wire.Append(nil, &page.Events[i]), '\n'))
		}
		_ = control.SetWriteDeadline(time.Now().Add(auditTime)) // a recorder has none
		_, err = w.Write(b.Bytes())
		b.release()
		if err != nil || page.Next == (change.Cursor{}) {
			return nil // the end, or nobody reads any more
		}
		after = page.Next
	}
}
