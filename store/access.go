package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

var _ access.Store = (*Store)(nil)

// micros is an instant as the store keeps it; zero for one that never was.
func micros(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// moment is the instant of a number that may be zero for none.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return instant(micros)
}

// storable reports whether texts can be looked for: PostgreSQL takes neither NUL nor what is no UTF-8, and nothing that is
// kept has either.
func storable(texts ...string) bool {
	for _, text := range texts {
		if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
			return false
		}
	}
	return true
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// one gives the only row that was found, or NotFound.
func one[T any](s *Store, found []T, err error, what, format string, args ...any) (T, error) {
	var none T
	if err != nil {
		return none, s.fault(what, err)
	}
	if len(found) == 0 {
		return none, fault.New(fault.NotFound, format, args...)
	}
	return found[0], nil
}

const accountColumns = `a.doc, a.seen_at, a.rev`

// accountRow is an account on its way out of a row.
type accountRow struct {
	doc    string
	seenAt int64
	rev    int64
}

func (r *accountRow) columns() []any { return []any{&r.doc, &r.seenAt, &r.rev} }

func (r *accountRow) account() (access.Account, error) {
	var account access.Account
	if err := json.Unmarshal([]byte(r.doc), &account); err != nil {
		return account, fmt.Errorf("read an account: %w", err)
	}
	account.SeenAt, account.Rev = moment(r.seenAt), r.rev
	return account, nil
}

func scanAccount(rows *sql.Rows) (access.Account, error) {
	var row accountRow
	if err := rows.Scan(row.columns()...); err != nil {
		return access.Account{}, err
	}
	return row.account()
}

// Account is one account.
func (s *Store) Account(ctx context.Context, key access.AccountKey) (access.Account, error) {
	var where string
	var args []any
	switch {
	case !storable(key.ID, key.Name, key.Issuer, key.Subject, key.External):
		return access.Account{}, fault.New(fault.NotFound, "there is no such account")
	case key.ID != "":
		where, args = "a.id = $1", []any{key.ID}
	case key.Name != "":
		where, args = "a.name = $1", []any{strings.ToLower(key.Name)}
	case key.Subject != "":
		where, args = "a.issuer = $1 AND a.subject = $2 AND a.subject <> ''", []any{key.Issuer, key.Subject}
	case key.External != "":
		where, args = "a.external = $1 AND a.external <> ''", []any{key.External}
	default:
		return access.Account{}, fault.New(fault.NotFound, "there is no account without a name")
	}
	rows, err := s.query(ctx, `SELECT `+accountColumns+` FROM account a WHERE `+where+` ORDER BY a.id LIMIT 1`, args...)
	found, err := collect(rows, err, scanAccount)
	return one(s, found, err, "read an account", "there is no such account")
}

// accountWhere is a filter in SQL.
func accountWhere(filter access.AccountFilter, args *[]any) string {
	where := "1 = 1"
	add := func(text string, value any) {
		*args = append(*args, value)
		where += fmt.Sprintf(" AND "+text, len(*args))
	}
	if filter.Query != "" {
		pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(filter.Query))
		add(`a.search LIKE $%d ESCAPE '\'`, "%"+pattern+"%")
	}
	if filter.Role != access.RoleNone {
		add("a.role = $%d", int(filter.Role))
	}
	if filter.Disabled != nil {
		add("a.disabled = $%d", bit(*filter.Disabled))
	}
	if filter.Email != "" {
		add("a.email = $%d AND a.email <> ''", strings.ToLower(filter.Email))
	}
	return where
}

// Accounts lists the accounts that pass, by folded name, from strictly after one.
func (s *Store) Accounts(ctx context.Context, filter access.AccountFilter, after string, limit int) ([]access.Account, error) {
	if !storable(after, filter.Query, filter.Email) {
		return nil, nil
	}
	args := []any{strings.ToLower(after), limit}
	rows, err := s.query(ctx, `SELECT `+accountColumns+` FROM account a WHERE a.name > $1 AND `+accountWhere(filter, &args)+` ORDER BY a.name LIMIT $2`, args...)
	found, err := collect(rows, err, scanAccount)
	return found, s.fault("list accounts", err)
}

// CountAccounts counts the accounts that pass.
func (s *Store) CountAccounts(ctx context.Context, filter access.AccountFilter) (int, error) {
	if !storable(filter.Query, filter.Email) {
		return 0, nil
	}
	var args []any
	rows, err := s.query(ctx, `SELECT COUNT(*) FROM account a WHERE `+accountWhere(filter, &args), args...)
	found, err := collect(rows, err, scanInt)
	n, err := one(s, found, err, "count accounts", "no count")
	return int(n), err
}

const sessionColumns = `s.id, s.account, s.created_at, s.seen_at, s.expires_at, s.renewed_at, s.address, s.user_agent`

// sessionRow is a session on its way out of a row.
type sessionRow struct {
	access.Session
	created, seen, expires, renewed int64
}

func (r *sessionRow) columns() []any {
	return []any{&r.ID, &r.Account, &r.created, &r.seen, &r.expires, &r.renewed, &r.Address, &r.UserAgent}
}

func (r *sessionRow) session() access.Session {
	r.CreatedAt, r.SeenAt, r.ExpiresAt, r.RenewedAt = moment(r.created), moment(r.seen), moment(r.expires), moment(r.renewed)
	return r.Session
}

// Held finds the session of a secret.
func (s *Store) Held(ctx context.Context, secret access.Digest) (access.HeldSession, error) {
	rows, err := s.query(ctx, `SELECT `+sessionColumns+`, x.confirmed, x.until, `+accountColumns+`
		FROM session_secret x JOIN session s ON s.id = x.session JOIN account a ON a.id = s.account WHERE x.digest = $1`, secret[:])
	found, err := collect(rows, err, func(rows *sql.Rows) (access.HeldSession, error) {
		var session sessionRow
		var account accountRow
		var confirmed, until int64
		if err := rows.Scan(slices.Concat(session.columns(), []any{&confirmed, &until}, account.columns())...); err != nil {
			return access.HeldSession{}, err
		}
		held := access.HeldSession{Session: session.session(), Confirmed: confirmed != 0, Until: moment(until)}
		var err error
		held.Account, err = account.account()
		return held, err
	})
	return one(s, found, err, "read a session", "there is no such session")
}

// Sessions lists those of an account, the newest first.
func (s *Store) Sessions(ctx context.Context, account string) ([]access.Session, error) {
	if !storable(account) {
		return nil, nil
	}
	rows, err := s.query(ctx, `SELECT `+sessionColumns+` FROM session s WHERE s.account = $1 ORDER BY s.created_at DESC, s.id DESC`, account)
	found, err := collect(rows, err, func(rows *sql.Rows) (access.Session, error) {
		var row sessionRow
		err := rows.Scan(row.columns()...)
		return row.session(), err
	})
	return found, s.fault("list sessions", err)
}

// affected runs a statement and counts the rows that it changed.
func (t *tx) affected(ctx context.Context, text string, args ...any) (int, error) {
	if err := t.send(ctx); err != nil {
		return 0, err
	}
	before := t.rows
	err := t.send(ctx, Statement{Text: text, Args: args})
	return t.rows - before, err
}

// Renew adds a secret to a session, unless somebody else was faster.
func (s *Store) Renew(ctx context.Context, session string, renewedAt, now time.Time, secret access.Digest) (bool, error) {
	renewed := false
	err := s.update(ctx, "renew a session", func(t *tx) error {
		n, err := t.affected(ctx, `UPDATE session SET renewed_at = $3 WHERE id = $1 AND renewed_at = $2`, session, micros(renewedAt), micros(now))
		if err != nil || n == 0 {
			return err
		}
		renewed = true
		return t.exec(ctx, `INSERT INTO session_secret (digest, session, confirmed, until) VALUES ($1, $2, 0, 0)`, secret[:], session)
	})
	return renewed && err == nil, err
}

// Confirm says that a secret was shown: all others of its session end.
func (s *Store) Confirm(ctx context.Context, session string, secret access.Digest, until time.Time) error {
	return s.update(ctx, "confirm a session", func(t *tx) error {
		n, err := t.affected(ctx, `UPDATE session_secret SET confirmed = 1 WHERE digest = $1 AND confirmed = 0`, secret[:])
		if err != nil || n == 0 {
			return err // somebody else was faster
		}
		// Those that were never shown got lost on their way.
		if err := t.exec(ctx, `DELETE FROM session_secret WHERE session = $1 AND digest <> $2 AND (confirmed = 0 OR until <> 0)`, session, secret[:]); err != nil {
			return err
		}
		return t.exec(ctx, `UPDATE session_secret SET until = $3 WHERE session = $1 AND digest <> $2`, session, secret[:], micros(until))
	})
}

// Used records when credentials were last used.
func (s *Store) Used(ctx context.Context, uses []access.Use) error {
	return s.update(ctx, "record last uses", func(t *tx) error {
		for _, use := range uses {
			at := micros(use.At)
			if use.Session != "" {
				if err := t.exec(ctx, `UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2`, use.Session, at); err != nil {
					return err
				}
			}
			if use.Token != "" {
				if err := t.exec(ctx, `UPDATE token SET used_at = $2, address = $3 WHERE id = $1 AND used_at < $2`, use.Token, at, use.Address); err != nil {
					return err
				}
			}
			if use.Account != "" {
				if err := t.exec(ctx, `UPDATE account SET seen_at = $2 WHERE id = $1 AND seen_at < $2`, use.Account, at); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Sweep forgets sessions and links that ended.
func (s *Store) Sweep(ctx context.Context, now, idle time.Time) error {
	return s.update(ctx, "sweep sessions", func(t *tx) error {
		for _, statement := range []struct {
			text string
			args []any
		}{
			{`DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2`, []any{micros(now), micros(idle)}},
			{`DELETE FROM session_secret WHERE session NOT IN (SELECT id FROM session) OR (until <> 0 AND until <= $1)`, []any{micros(now)}},
			{`DELETE FROM link WHERE expires_at <= $1`, []any{micros(now)}},
		} {
			if err := t.exec(ctx, statement.text, statement.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

const tokenColumns = `t.doc, t.used_at, t.address, t.revoked_at`

// tokenRow is a token on its way out of a row.
type tokenRow struct {
	doc, address  string
	used, revoked int64
}

func (r *tokenRow) columns() []any { return []any{&r.doc, &r.used, &r.address, &r.revoked} }

func (r *tokenRow) token() (access.TokenInfo, error) {
	var token access.TokenInfo
	if err := json.Unmarshal([]byte(r.doc), &token); err != nil {
		return token, fmt.Errorf("read a token: %w", err)
	}
	token.LastUsedAt, token.LastAddress, token.RevokedAt = moment(r.used), r.address, moment(r.revoked)
	return token, nil
}

func scanToken(rows *sql.Rows) (access.TokenInfo, error) {
	var row tokenRow
	if err := rows.Scan(row.columns()...); err != nil {
		return access.TokenInfo{}, err
	}
	return row.token()
}

// HeldToken finds the token of a secret.
func (s *Store) HeldToken(ctx context.Context, secret access.Digest) (access.HeldToken, error) {
	rows, err := s.query(ctx, `SELECT `+tokenColumns+`, COALESCE(a.doc, ''), COALESCE(a.seen_at, 0), COALESCE(a.rev, 0)
		FROM token t LEFT JOIN account a ON a.id = t.account WHERE t.digest = $1`, secret[:])
	found, err := collect(rows, err, func(rows *sql.Rows) (access.HeldToken, error) {
		var token tokenRow
		var account accountRow
		if err := rows.Scan(slices.Concat(token.columns(), account.columns())...); err != nil {
			return access.HeldToken{}, err
		}
		var held access.HeldToken
		var err error
		if held.Token, err = token.token(); err == nil && account.doc != "" {
			held.Account, err = account.account()
		}
		return held, err
	})
	held, err := one(s, found, err, "read a token", "there is no such token")
	if err == nil && held.Token.Account != held.Account.ID {
		return access.HeldToken{}, fault.New(fault.NotFound, "the token's account is gone")
	}
	return held, err
}

// Token is one token by its id.
func (s *Store) Token(ctx context.Context, id string) (access.TokenInfo, error) {
	if !storable(id) {
		return access.TokenInfo{}, fault.New(fault.NotFound, "there is no such token")
	}
	rows, err := s.query(ctx, `SELECT `+tokenColumns+` FROM token t WHERE t.id = $1`, id)
	found, err := collect(rows, err, scanToken)
	return one(s, found, err, "read a token", "there is no token %q", id)
}

// Tokens lists tokens, the newest first, from strictly before an id.
func (s *Store) Tokens(ctx context.Context, account, before string, limit int) ([]access.TokenInfo, error) {
	if !storable(account, before) {
		return nil, nil
	}
	where, args := "1 = 1", []any{limit}
	if account != "" {
		args = append(args, account)
		where = "t.account = $2"
	}
	if before != "" {
		args = append(args, before)
		where += fmt.Sprintf(" AND t.id < $%d", len(args))
	}
	rows, err := s.query(ctx, `SELECT `+tokenColumns+` FROM token t WHERE `+where+` ORDER BY t.id DESC LIMIT $1`, args...)
	found, err := collect(rows, err, scanToken)
	return found, s.fault("list tokens", err)
}

// Link finds a link by its secret.
func (s *Store) Link(ctx context.Context, secret access.Digest) (access.Link, error) {
	rows, err := s.query(ctx, `SELECT id, account, role, first, created_by, created_at, expires_at, used_at FROM link WHERE digest = $1`, secret[:])
	found, err := collect(rows, err, func(rows *sql.Rows) (access.Link, error) {
		var link access.Link
		var role, first, created, expires, used int64
		err := rows.Scan(&link.ID, &link.Account, &role, &first, &link.CreatedBy, &created, &expires, &used)
		link.Role, link.First = access.Role(role), first != 0
		link.CreatedAt, link.ExpiresAt, link.UsedAt = moment(created), moment(expires), moment(used)
		return link, err
	})
	return one(s, found, err, "read a link", "there is no such link")
}

const groupColumns = `g.id, g.title, g.external, g.created_at, g.updated_at, g.rev`

func scanGroup(rows *sql.Rows) (access.Group, error) {
	var group access.Group
	var created, updated int64
	err := rows.Scan(&group.ID, &group.Name, &group.External, &created, &updated, &group.Rev)
	group.CreatedAt, group.UpdatedAt = moment(created), moment(updated)
	return group, err
}

func scanText(rows *sql.Rows) (string, error) {
	var text string
	err := rows.Scan(&text)
	return text, err
}

// Group is one group with its members.
func (s *Store) Group(ctx context.Context, id string) (access.Group, error) {
	if !storable(id) {
		return access.Group{}, fault.New(fault.NotFound, "there is no such group")
	}
	rows, err := s.query(ctx, `SELECT `+groupColumns+` FROM people_group g WHERE g.id = $1`, id)
	found, err := collect(rows, err, scanGroup)
	group, err := one(s, found, err, "read a group", "there is no group %q", id)
	if err != nil {
		return group, err
	}
	return group, s.members(ctx, &group)
}

func (s *Store) members(ctx context.Context, group *access.Group) error {
	rows, err := s.query(ctx, `SELECT account FROM people_group_member WHERE people_group = $1 ORDER BY account`, group.ID)
	group.Members, err = collect(rows, err, scanText)
	return s.fault("read the members of a group", err)
}

// Groups lists groups by id, from strictly after one.
func (s *Store) Groups(ctx context.Context, name, external, after string, limit int) ([]access.Group, error) {
	if !storable(name, external, after) {
		return nil, nil
	}
	args := []any{after, limit}
	where := "g.id > $1"
	if name != "" {
		args = append(args, strings.ToLower(name))
		where += fmt.Sprintf(" AND g.name = $%d", len(args))
	}
	if external != "" {
		args = append(args, external)
		where += fmt.Sprintf(" AND g.external = $%d", len(args))
	}
	rows, err := s.query(ctx, `SELECT `+groupColumns+` FROM people_group g WHERE `+where+` ORDER BY g.id LIMIT $2`, args...)
	groups, err := collect(rows, err, scanGroup)
	if err != nil {
		return nil, s.fault("list groups", err)
	}
	for i := range groups {
		if err := s.members(ctx, &groups[i]); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// GroupsOf lists the names of an account's groups.
func (s *Store) GroupsOf(ctx context.Context, account string) ([]string, error) {
	rows, err := s.query(ctx, `SELECT g.title FROM people_group_member m JOIN people_group g ON g.id = m.people_group WHERE m.account = $1 ORDER BY g.title`, account)
	found, err := collect(rows, err, scanText)
	return found, s.fault("list the groups of an account", err)
}

// WriteAccess does one write of the desk, with its audit.
func (s *Store) WriteAccess(ctx context.Context, w access.Write) error {
	return s.update(ctx, "write accounts", func(t *tx) error {
		for i := range w.Accounts {
			if err := t.putAccount(ctx, &w.Accounts[i]); err != nil {
				return err
			}
		}
		for i := range w.Groups {
			if err := t.putGroup(ctx, &w.Groups[i]); err != nil {
				return err
			}
		}
		if err := t.endAccess(ctx, &w); err != nil {
			return err
		}
		if err := t.makeAccess(ctx, &w); err != nil {
			return err
		}
		_, err := t.append(ctx, w.Events)
		return err
	})
}

// stale is the fault of a write that was made of an older state.
func stale(what string) error {
	return fault.New(fault.Conflict, "%s was changed at the same time: try again", what)
}

func (t *tx) putAccount(ctx context.Context, a *access.Account) error {
	doc, err := json.Marshal(a)
	if err != nil {
		return err
	}
	search := strings.ToLower(strings.Join([]string{a.Name, a.Title, a.Email}, " "))
	args := []any{
		a.ID, strings.ToLower(a.Name), a.Issuer, a.Subject, a.External, strings.ToLower(a.Email), int(a.Role()), bit(a.Disabled()),
		search, micros(a.SeenAt), string(doc), a.Rev,
	}
	if a.Rev == 0 {
		return t.exec(ctx, `INSERT INTO account (id, name, issuer, subject, external, email, role, disabled, search, seen_at, doc, rev)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 + 1)`, args...)
	}
	n, err := t.affected(ctx, `UPDATE account SET name = $2, issuer = $3, subject = $4, external = $5, email = $6, role = $7, disabled = $8,
		search = $9, seen_at = CASE WHEN seen_at < $10 THEN $10 ELSE seen_at END, doc = $11, rev = $12 + 1 WHERE id = $1 AND rev = $12`, args...)
	if err == nil && n == 0 {
		err = stale("the account " + a.Name)
	}
	return err
}

func (t *tx) putGroup(ctx context.Context, g *access.Group) error {
	args := []any{g.ID, strings.ToLower(g.Name), g.Name, g.External, micros(g.CreatedAt), micros(g.UpdatedAt), g.Rev}
	if g.Rev == 0 {
		if err := t.exec(ctx, `INSERT INTO people_group (id, name, title, external, created_at, updated_at, rev) VALUES ($1, $2, $3, $4, $5, $6, $7 + 1)`, args...); err != nil {
			return err
		}
	} else {
		n, err := t.affected(ctx, `UPDATE people_group SET name = $2, title = $3, external = $4, created_at = $5, updated_at = $6, rev = $7 + 1 WHERE id = $1 AND rev = $7`, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return stale("the group " + g.Name)
		}
		if err := t.exec(ctx, `DELETE FROM people_group_member WHERE people_group = $1`, g.ID); err != nil {
			return err
		}
	}
	rows := make([][]any, len(g.Members))
	for i, member := range g.Members {
		rows[i] = []any{g.ID, member}
	}
	return t.insert(ctx, `INSERT INTO people_group_member (people_group, account) VALUES `, ``, rows)
}

// eachOf runs a statement for every id.
func (t *tx) eachOf(ctx context.Context, text string, ids []string, more ...any) error {
	for _, id := range ids {
		if err := t.exec(ctx, text, append([]any{id}, more...)...); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) endAccess(ctx context.Context, w *access.Write) error {
	now := micros(w.Now)
	for _, step := range []struct {
		text string
		ids  []string
		more []any
	}{
		{`DELETE FROM people_group_member WHERE people_group = $1`, w.DeleteGroups, nil},
		{`DELETE FROM people_group WHERE id = $1`, w.DeleteGroups, nil},
		{`DELETE FROM session_secret WHERE session = $1`, w.EndSessions, nil},
		{`DELETE FROM session WHERE id = $1`, w.EndSessions, nil},
		{`DELETE FROM session_secret WHERE session IN (SELECT id FROM session WHERE account = $1)`, w.EndSessionsOf, nil},
		{`DELETE FROM session WHERE account = $1`, w.EndSessionsOf, nil},
		{`UPDATE session SET renewed_at = 0 WHERE account = $1`, w.RenewSessionsOf, nil},
		{`UPDATE token SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`, w.RevokeTokens, []any{now}},
		{`UPDATE token SET revoked_at = $2 WHERE account = $1 AND revoked_at = 0`, w.RevokeTokensOf, []any{now}},
	} {
		if err := t.eachOf(ctx, step.text, step.ids, step.more...); err != nil {
			return err
		}
	}
	if w.UseLink != "" {
		n, err := t.affected(ctx, `UPDATE link SET used_at = $2 WHERE id = $1 AND used_at = 0`, w.UseLink, now)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "the link was used")
		}
	}
	if w.EndFirstLinks {
		return t.exec(ctx, `DELETE FROM link WHERE first = 1`)
	}
	return nil
}

func (t *tx) makeAccess(ctx context.Context, w *access.Write) error {
	if s := w.Session; s != nil {
		if err := t.exec(ctx, `INSERT INTO session (id, account, created_at, seen_at, expires_at, renewed_at, address, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			s.ID, s.Account, micros(s.CreatedAt), micros(s.SeenAt), micros(s.ExpiresAt), micros(s.RenewedAt), s.Address, s.UserAgent); err != nil {
			return err
		}
		if err := t.exec(ctx, `INSERT INTO session_secret (digest, session, confirmed, until) VALUES ($1, $2, 1, 0)`, w.Secret[:], s.ID); err != nil {
			return err
		}
	}
	if k := w.Token; k != nil {
		doc, err := json.Marshal(k)
		if err != nil {
			return err
		}
		if err := t.exec(ctx, `INSERT INTO token (id, digest, account, used_at, address, revoked_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			k.ID, w.Secret[:], k.Account, micros(k.LastUsedAt), k.LastAddress, micros(k.RevokedAt), string(doc)); err != nil {
			return err
		}
	}
	if l := w.Link; l != nil {
		return t.exec(ctx, `INSERT INTO link (digest, id, account, role, first, created_by, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			w.Secret[:], l.ID, l.Account, int(l.Role), bit(l.First), l.CreatedBy, micros(l.CreatedAt), micros(l.ExpiresAt), micros(l.UsedAt))
	}
	return nil
}
