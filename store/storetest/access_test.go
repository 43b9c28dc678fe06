package storetest_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

var browser = access.Shown{Address: "192.0.2.7", UserAgent: "Firefox"}

// desk opens a desk whose groups give some rights.
func desk(s *store.Store, edit func(*access.Options)) (*access.Desk, *clock) {
	c := &clock{at: noon}
	options := access.Options{
		Now:     c.now,
		Subject: func() change.Subject { return change.Subject{Name: "service:tidings", Entity: 1} },
		Grants: access.Grants{Default: access.RoleViewer, List: []access.Grant{
			{Group: "admins", Role: access.RoleAdministrator},
			{Group: "team-*", Role: access.RoleMember, Teams: []string{"*"}},
		}},
	}
	if edit != nil {
		edit(&options)
	}
	return access.New(s, options), c
}

func identity(name string, groups ...string) access.Identity {
	return access.Identity{Issuer: "https://id.example.com", Subject: "sub-" + name, Provider: "company", Name: name, Title: strings.ToUpper(name), Email: name + "@example.com", Groups: groups}
}

func login(t *testing.T, d *access.Desk, who access.Identity) access.LoggedIn {
	t.Helper()
	in, err := d.Login(t.Context(), who, browser)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func cookie(secret string) access.Shown {
	shown := browser
	shown.Cookie = secret
	return shown
}

func bearer(secret string) access.Shown {
	shown := browser
	shown.Bearer = secret
	return shown
}

func seen(t *testing.T, d *access.Desk, shown access.Shown) access.Seen {
	t.Helper()
	seen, err := d.Authenticate(t.Context(), shown)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func refused(t *testing.T, d *access.Desk, shown access.Shown, what string) {
	t.Helper()
	if seen, err := d.Authenticate(t.Context(), shown); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("%s: got %v, %v", what, seen.Principal, err)
	}
}

// audit lists the titles of the audit, newest first.
func audit(t *testing.T, s *store.Store) string {
	t.Helper()
	var titles []string
	for _, e := range walk(t, s, change.Filter{Kinds: []string{access.AuditKind}}, 100, false) {
		titles = append(titles, e.Title)
	}
	return strings.Join(titles, "; ")
}

func TestLoginAndLogout(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		in := login(t, d, identity("priya", "team-Payments", "other"))
		who := seen(t, d, cookie(in.Secret)).Principal
		if who.String() != "person:priya" || who.Role != access.RoleMember || !slices.Equal(who.Teams, []string{"payments"}) || who.Address != browser.Address {
			t.Errorf("got %+v", who)
		}
		c.pass(time.Minute)
		again := login(t, d, identity("priya", "admins"))
		if again.Account.ID != in.Account.ID || again.Secret == in.Secret || again.Account.Role() != access.RoleAdministrator {
			t.Errorf("the second login: %+v", again)
		}
		if who := seen(t, d, cookie(in.Secret)).Principal; who.Role != access.RoleAdministrator {
			t.Errorf("the first session has the role %s", who.Role)
		}
		c.pass(time.Minute)
		if err := d.Logout(access.With(t.Context(), who)); err != nil {
			t.Fatal(err)
		}
		refused(t, d, cookie(in.Secret), "after the logout")
		refused(t, d, cookie("x"), "a short cookie")
		refused(t, d, cookie(strings.Repeat("x", 43)), "an unknown cookie")
		seen(t, d, cookie(again.Secret))
		if got, want := audit(t, s), "priya logged out; priya logged in by company; priya logged in by company"; got != want {
			t.Errorf("got %q", got)
		}
		if nobody := seen(t, d, browser).Principal; nobody.Known() || nobody.Check(access.ReadRoll) == nil {
			t.Errorf("nobody is %+v", nobody)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		idle := login(t, d, identity("idle"))
		c.pass(access.DefaultIdle - time.Second)
		renewed := seen(t, d, cookie(idle.Secret)).Renewed
		if renewed == "" {
			t.Fatal("an old secret was not renewed")
		}
		c.pass(time.Second)
		seen(t, d, cookie(renewed))
		c.pass(access.DefaultIdle)
		refused(t, d, cookie(renewed), "after a night")

		busy := login(t, d, identity("busy"))
		secret := busy.Secret
		for end := busy.ExpiresAt; c.now().Add(time.Hour).Before(end); c.pass(time.Hour) {
			secret = cmp.Or(seen(t, d, cookie(secret)).Renewed, secret)
		}
		c.pass(time.Hour)
		refused(t, d, cookie(secret), "after a week of use")
	})
}

// The secret of a session changes, and neither requests on their way nor an answer that gets lost end it.
func TestASecretIsRenewed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		old := login(t, d, identity("priya")).Secret
		c.pass(access.DefaultRenew)
		lost := seen(t, d, cookie(old)).Renewed
		if lost == "" || seen(t, d, cookie(old)).Renewed != "" {
			t.Fatal("the secret is renewed once")
		}
		c.pass(access.DefaultRenew) // the answer got lost: the browser goes on with what it has
		fresh := seen(t, d, cookie(old)).Renewed
		if fresh == "" {
			t.Fatal("the secret was not renewed again")
		}
		seen(t, d, cookie(old))
		seen(t, d, cookie(fresh))
		refused(t, d, cookie(lost), "a secret that was never received")
		seen(t, d, cookie(old)) // a request on its way
		c.pass(time.Minute)
		refused(t, d, cookie(old), "a secret that was replaced")
		seen(t, d, cookie(fresh))
	})
}

func TestOneRenewalAtATime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		secret := login(t, d, identity("priya")).Secret
		c.pass(access.DefaultRenew)
		renewed := make([]string, 8)
		var group sync.WaitGroup
		for i := range renewed {
			group.Go(func() {
				if seen, err := d.Authenticate(t.Context(), cookie(secret)); err == nil {
					renewed[i] = seen.Renewed
				}
			})
		}
		group.Wait()
		slices.Sort(renewed)
		if got := len(slices.Compact(renewed)); got != 2 { // "" and one secret
			t.Errorf("got %q", renewed)
		}
	})
}

func TestAccountsAreManaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		other, _ := desk(s, func(o *access.Options) { o.Now = c.now })
		ada, ben := login(t, d, identity("ada", "admins")), login(t, d, identity("Ben", "team-search"))
		admin := access.With(t.Context(), seen(t, d, cookie(ada.Secret)).Principal)
		member := access.With(t.Context(), seen(t, d, cookie(ben.Secret)).Principal)
		seen(t, other, cookie(ben.Secret))

		if _, err := d.SetRole(member, ben.Account.ID, access.RoleAdministrator); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a member gave himself a role: %v", err)
		}
		if _, err := d.SetRole(admin, ada.Account.ID, access.RoleViewer); !fault.Is(err, fault.Invalid) {
			t.Errorf("the last administrator went: %v", err)
		}
		if _, err := d.Disable(admin, ada.Account.ID, true); err == nil {
			t.Error("an administrator disabled herself")
		}
		if account, err := d.SetRole(admin, ben.Account.ID, access.RoleOperator); err != nil || account.Role() != access.RoleOperator {
			t.Errorf("got %v, %v", account.Role(), err)
		}
		changed := seen(t, d, cookie(ben.Secret))
		if changed.Principal.Role != access.RoleOperator || changed.Renewed == "" {
			t.Errorf("after a change of rights: %+v", changed)
		}
		found, err := d.Accounts(admin, access.AccountFilter{Query: "BEN"}, "", 10)
		if err != nil || len(found) != 1 || found[0].Title != "BEN" {
			t.Errorf("got %v, %v", found, err)
		}
		first, err := d.Accounts(admin, access.AccountFilter{}, "", 1)
		if err != nil || len(first) != 1 || first[0].Name != "ada" {
			t.Errorf("got %v, %v", first, err)
		}
		rest, err := d.Accounts(admin, access.AccountFilter{}, first[0].Name, 10)
		if err != nil || len(rest) != 1 || rest[0].Name != "Ben" {
			t.Errorf("got %v, %v", rest, err)
		}
		if _, err := d.Disable(admin, ben.Account.ID, true); err != nil {
			t.Fatal(err)
		}
		refused(t, d, cookie(ben.Secret), "a disabled account")
		c.pass(5 * time.Second)
		refused(t, other, cookie(ben.Secret), "a disabled account, at the other server")
		if _, err := d.Login(t.Context(), identity("Ben", "team-search"), browser); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a disabled account logged in: %v", err)
		}
		if got := audit(t, s); !strings.Contains(got, "Ben failed to log in") || strings.Count(got, "The account Ben was changed") != 2 {
			t.Errorf("got %q", got)
		}
		for _, e := range walk(t, s, change.Filter{Kinds: []string{access.AuditKind}}, 100, false) {
			if e.Labels["action"] == "role" && (e.Labels["address"] != browser.Address || e.Actor.Name != "ada" || !slices.Contains(e.Diff, change.Diff{Field: "role", Old: "member", New: "operator"})) {
				t.Errorf("got %+v", e)
			}
		}
		if _, err := d.Disable(admin, ben.Account.ID, false); err != nil {
			t.Fatal(err)
		}
		login(t, d, identity("Ben", "team-search"))
	})
}

func TestSessionsAreManaged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		var in []access.LoggedIn
		for range 55 {
			in = append(in, login(t, d, identity("priya")))
			c.pass(time.Second)
		}
		last := in[len(in)-1]
		ctx := access.With(t.Context(), seen(t, d, cookie(last.Secret)).Principal)
		sessions, err := d.Sessions(ctx, last.Account.ID)
		if err != nil || len(sessions) != 50 || sessions[0].ID != last.Session.ID || sessions[0].UserAgent != "Firefox" {
			t.Fatalf("got %d, %v", len(sessions), err)
		}
		refused(t, d, cookie(in[0].Secret), "the oldest of too many sessions")
		if err := d.EndSession(ctx, last.Account.ID, in[53].Session.ID); err != nil {
			t.Fatal(err)
		}
		refused(t, d, cookie(in[53].Secret), "an ended session")
		if err := d.EndSession(ctx, last.Account.ID, ""); err != nil {
			t.Fatal(err)
		}
		refused(t, d, cookie(in[50].Secret), "another session")
		seen(t, d, cookie(last.Secret))
		omar := login(t, d, identity("omar"))
		if err := d.EndSession(ctx, omar.Account.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a viewer ended another's sessions: %v", err)
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		ada, ben := login(t, d, identity("ada", "admins")), login(t, d, identity("ben", "team-search"))
		admin := access.With(t.Context(), seen(t, d, cookie(ada.Secret)).Principal)
		member := access.With(t.Context(), seen(t, d, cookie(ben.Secret)).Principal)
		deliver := access.NewToken{Name: "ci", Kind: access.ServiceToken, Scopes: []access.Scope{access.ScopeDeliver}, Source: "jenkins", For: time.Hour}
		if _, _, err := d.CreateToken(member, deliver); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a member made a service account: %v", err)
		}
		service, secret, err := d.CreateToken(admin, deliver)
		if err != nil || !access.WellFormed(secret) || service.Role != access.RoleMember {
			t.Fatalf("got %+v, %v", service, err)
		}
		who := seen(t, d, bearer(secret)).Principal
		if who.String() != "token:ci" || who.Source != "jenkins" || who.Check(access.RecordEvents) != nil || who.Check(access.ReadLog) == nil {
			t.Errorf("got %+v", who)
		}
		if _, _, err := d.CreateToken(member, access.NewToken{Name: "mine", Kind: access.PersonalToken, Role: access.RoleOperator}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a token beyond one's own rights: %v", err)
		}
		personal, mine, err := d.CreateToken(member, access.NewToken{Name: "mine", Kind: access.PersonalToken, Scopes: []access.Scope{access.ScopeRead}})
		if err != nil {
			t.Fatal(err)
		}
		who = seen(t, d, bearer(mine)).Principal
		if who.String() != "person:ben" || who.Role != access.RoleViewer || who.Check(access.RecordEvents) == nil || !who.In("search") {
			t.Errorf("got %+v", who)
		}
		own, err := d.Tokens(member, ben.Account.ID, "", 10)
		if err != nil || len(own) != 1 || own[0].ID != personal.ID {
			t.Errorf("got %v, %v", own, err)
		}
		if _, err := d.Tokens(member, "", "", 10); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a member lists all tokens: %v", err)
		}
		if _, err := d.RevokeToken(member, service.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a member revoked another's token: %v", err)
		}
		run, stop := context.WithCancel(t.Context())
		stop()
		d.Run(run) // writes the last uses at its end
		all, err := d.Tokens(admin, "", "", 1)
		if err != nil || len(all) != 1 || all[0].ID != personal.ID || !all[0].LastUsedAt.Equal(c.now()) || all[0].LastAddress != browser.Address {
			t.Errorf("got %+v, %v", all, err)
		}
		c.pass(time.Hour)
		refused(t, d, bearer(secret), "an expired token")
		if _, err := d.RevokeToken(admin, personal.ID); err != nil {
			t.Fatal(err)
		}
		refused(t, d, bearer(mine), "a revoked token")
		refused(t, d, bearer(secret[:len(secret)-1]+"0"), "a forged token")
		for _, e := range walk(t, s, change.Filter{}, 100, false) {
			for _, value := range []string{secret, mine, ada.Secret, ben.Secret} {
				if strings.Contains(fmt.Sprintf("%+v", e), value) {
					t.Errorf("a secret stands in the log: %s", e.Title)
				}
			}
		}
	})
}

func TestTokensOfADisabledPersonEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, _ := desk(s, nil)
		ada, ben := login(t, d, identity("ada", "admins")), login(t, d, identity("ben"))
		member := access.With(t.Context(), seen(t, d, cookie(ben.Secret)).Principal)
		_, secret, err := d.CreateToken(member, access.NewToken{Name: "mine", Kind: access.PersonalToken})
		if err != nil {
			t.Fatal(err)
		}
		streams := []access.Principal{seen(t, d, bearer(secret)).Principal, seen(t, d, cookie(ben.Secret)).Principal}
		for _, who := range streams {
			if now, err := d.Again(t.Context(), who); err != nil || now.String() != who.String() || now.Role != who.Role {
				t.Errorf("a stream ended: %+v, %v", now, err)
			}
		}
		if _, err := d.Disable(access.With(t.Context(), seen(t, d, cookie(ada.Secret)).Principal), ben.Account.ID, true); err != nil {
			t.Fatal(err)
		}
		refused(t, d, bearer(secret), "a token of a disabled person")
		for _, who := range streams {
			if _, err := d.Again(t.Context(), who); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("a stream goes on: %v", err)
			}
		}
	})
}

func TestOneTimeLinks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, c := desk(s, nil)
		first, err := d.FirstLink(t.Context())
		if err != nil || first == "" {
			t.Fatal(err)
		}
		second, err := d.FirstLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Redeem(t.Context(), first, "no name!", "", browser); !fault.Is(err, fault.Invalid) {
			t.Errorf("a wrong name: %v", err)
		}
		in, err := d.Redeem(t.Context(), first, "ada", "Ada L.", browser)
		if err != nil || in.Account.Role() != access.RoleAdministrator {
			t.Fatalf("got %+v, %v", in, err)
		}
		for what, secret := range map[string]string{"a used link": first, "another first link": second, "no link": "x"} {
			if _, err := d.Redeem(t.Context(), secret, "eve", "", browser); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: got %v", what, err)
			}
		}
		if none, err := d.FirstLink(t.Context()); none != "" || err != nil {
			t.Errorf("a first link when there is an administrator: %v", err)
		}
		admin := access.With(t.Context(), seen(t, d, cookie(in.Secret)).Principal)
		again, err := d.Invite(admin, access.RoleNone, in.Account.ID)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := d.Redeem(t.Context(), again, "", "", browser); err != nil || back.Account.ID != in.Account.ID {
			t.Errorf("got %+v, %v", back, err)
		}
		late, err := d.AdministratorLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.pass(time.Hour)
		if _, err := d.Redeem(t.Context(), late, "eve", "", browser); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a late link: %v", err)
		}
		invited, err := d.Invite(admin, access.RoleMember, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Redeem(t.Context(), invited, "Ada", "", browser); !fault.Is(err, fault.Invalid) {
			t.Errorf("a name that is taken: %v", err)
		}
		if in, err := d.Redeem(t.Context(), invited, "ben", "", browser); err != nil || in.Account.Role() != access.RoleMember {
			t.Errorf("got %+v, %v", in, err)
		}
	})
}

func TestOneLinkLetsOneIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, _ := desk(s, nil)
		link, err := d.FirstLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var group sync.WaitGroup
		in := 0
		for i := range 6 {
			group.Go(func() {
				if _, err := d.Redeem(t.Context(), link, fmt.Sprintf("eve%d", i), "", browser); err == nil {
					mu.Lock()
					defer mu.Unlock()
					in++
				}
			})
		}
		group.Wait()
		if in != 1 {
			t.Errorf("%d came in", in)
		}
	})
}

func TestFailuresAreLimited(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, _ := desk(s, nil)
		in := login(t, d, identity("priya"))
		limited := false
		for range 100 {
			_, err := d.Redeem(t.Context(), strings.Repeat("x", 43), "eve", "", browser)
			limited = limited || fault.Is(err, fault.RateLimited)
		}
		if !limited {
			t.Error("a hundred guesses were answered")
		}
		limited = false
		for range 100 {
			_, err := d.Authenticate(t.Context(), bearer("nonsense"))
			limited = limited || fault.Is(err, fault.RateLimited)
		}
		if !limited {
			t.Error("a hundred tokens were tried")
		}
		seen(t, d, cookie(in.Secret)) // of the same address
		if n := strings.Count(audit(t, s), "failed to log in"); n == 0 || n > 25 {
			t.Errorf("%d failures stand in the audit", n)
		}
	})
}

// Nobody takes over an account that somebody uses, and two people of one name have two accounts.
func TestAccountsAreNotTakenOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, _ := desk(s, func(o *access.Options) { o.Grants.Default = access.RoleNone })
		ada := login(t, d, identity("ada", "admins"))
		eve := identity("ada", "admins")
		eve.Issuer, eve.EmailVerified = "https://other.example.com", true
		if in := login(t, d, eve); in.Account.ID == ada.Account.ID || in.Account.Name != "ada-2" {
			t.Errorf("got %+v", in.Account)
		}
		if _, err := d.Login(t.Context(), identity("nobody", "guests"), browser); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody without a role came in: %v", err)
		}
		if n, err := s.CountAccounts(t.Context(), access.AccountFilter{}); err != nil || n != 2 {
			t.Errorf("got %d accounts, %v", n, err)
		}
	})
}
