package setting_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/ingest"
	"tidings.dev/tidings/secret"
	"tidings.dev/tidings/setting"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/storetest"
)

// canary is a secret that must be found nowhere.
const canary = "canary-4f9d0c1b-in-the-coal-mine"

var kinds = []setting.Kind{{Name: "source:", Check: func(_ string, value json.RawMessage) ([]string, error) {
	var v struct{ URL string }
	return []string{"token", "password"}, setting.Read(value, &v)
}}}

func wrapper(t *testing.T, seed string) secret.Wrapper {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(strings.Repeat(seed, 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := secret.Reference{File: path}.Open()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func book(t *testing.T, s *store.Store, keys ...secret.Wrapper) *setting.Book {
	t.Helper()
	roll := catalog.NewRoll(s)
	door := ingest.NewDoor(roll, s, func() {})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { door.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	b := &setting.Book{Store: s, Kinds: kinds, Log: door, Now: time.Now}
	if len(keys) > 0 {
		keyring, err := secret.OpenKeyring(t.Context(), s, keys[0], keys[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		b.Keyring = keyring
	}
	return b
}

func as(t *testing.T, p access.Principal) context.Context { return access.With(t.Context(), p) }

func put(t *testing.T, b *setting.Book, name, field, text string) setting.Setting {
	t.Helper()
	s, err := b.Put(as(t, access.Administrator), name, setting.Change{
		Value: json.RawMessage(`{"url": "https://example.com"}`), Secrets: map[string]*string{field: &text},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var source = access.Principal{Type: access.Source, Name: "shop", Role: access.RoleOperator}

func use(t *testing.T, b *setting.Book, want string) {
	t.Helper()
	if got, err := b.Use(as(t, source), "source:shop", "token"); err != nil || got != want {
		t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

func TestSecretsAreSealedUsedAndTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := book(t, s, wrapper(t, "a"))
		first := put(t, b, "source:shop", "token", canary)
		use(t, b, canary)
		kept, err := s.Setting(t.Context(), "source:shop")
		if err != nil {
			t.Fatal(err)
		}
		if sealed := kept.Secrets["token"].Sealed.Text; bytes.Contains(sealed, []byte(canary)) || len(sealed) < len(canary) {
			t.Errorf("it lies open in the store: %q", sealed)
		}
		if got := first.Secrets["token"].Fingerprint; !strings.HasPrefix(got, "hmac:") || got != kept.Secrets["token"].Fingerprint {
			t.Errorf("got the fingerprint %q", got)
		}
		// A value that is set without naming the secret keeps it.
		again, err := b.Put(as(t, access.Administrator), "source:shop", setting.Change{Value: json.RawMessage(`{"url": "https://example.org"}`), Revision: first.Revision})
		if err != nil || again.Revision != first.Revision+1 {
			t.Fatalf("got %v, %v", again, err)
		}
		use(t, b, canary)
		if _, err := b.Put(as(t, access.Administrator), "source:shop", setting.Change{Value: json.RawMessage(`{}`), Revision: first.Revision}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old revision: got %v", err)
		}
		if _, err := b.Get(as(t, access.Administrator), "source:shop"); err != nil {
			t.Error(err)
		}
		if err := b.Delete(as(t, access.Administrator), "source:shop"); err != nil {
			t.Error(err)
		}
		if _, err := b.Use(as(t, source), "source:shop", "token"); !fault.Is(err, fault.NotFound) {
			t.Errorf("after it was taken away: got %v", err)
		}
		tail, err := s.Tail(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, committed := range tail {
			text, _ := json.Marshal(committed)
			if bytes.Contains(text, []byte(canary)) {
				t.Errorf("the log has it: %s", text)
			}
			told = append(told, committed.Event.Title)
		}
		if got := strings.Join(told, "\n"); strings.Count(got, "set source:shop") != 2 || strings.Count(got, "source:shop opened its token") != 1 ||
			!strings.Contains(got, "looked at the secrets") || !strings.Contains(got, "took the setting") {
			t.Errorf("the log tells:\n%s", got)
		}
	})
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	b := book(t, storetest.SQLite(t), wrapper(t, "a"))
	put(t, b, "source:shop", "token", canary)
	operator := access.Principal{Type: access.Person, Name: "omar", Role: access.RoleOperator}
	if _, err := b.Get(as(t, operator), "source:shop"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("got %v", err)
	}
	if _, err := b.Use(as(t, access.Administrator), "source:shop", "token"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("not even an administrator reads a secret: got %v", err)
	}
}

func TestWithoutAKeyNoSecretIsKept(t *testing.T) {
	t.Parallel()
	b := book(t, storetest.SQLite(t))
	text := canary
	_, err := b.Put(as(t, access.Administrator), "source:shop", setting.Change{Value: json.RawMessage(`{}`), Secrets: map[string]*string{"token": &text}})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "secrets.key") || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
	if _, err := b.Put(as(t, access.Administrator), "source:shop", setting.Change{Value: json.RawMessage(`{}`)}); err != nil {
		t.Errorf("what has no secret needs no key: %v", err)
	}
	if _, err := b.Put(as(t, access.Administrator), "source:shop", setting.Change{Value: json.RawMessage(`{"url": 3, "` + canary + `": 1}`)}); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		old, fresh := wrapper(t, "a"), wrapper(t, "b")
		running := book(t, s, old)
		put(t, running, "source:shop", "token", canary)
		before, _ := s.Setting(t.Context(), "source:shop")

		if _, err := secret.OpenKeyring(t.Context(), s, fresh); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "secrets.previous") {
			t.Fatalf("the wrong key: got %v", err)
		}
		turning := book(t, s, fresh, old)
		// Interrupted after the new key began: nothing is lost, and the next run ends it.
		if err := turning.Keyring.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		use(t, turning, canary)
		if n, err := turning.Rotate(as(t, access.Tidings)); err != nil || n != 1 {
			t.Fatalf("got %d, %v", n, err)
		}
		after, _ := s.Setting(t.Context(), "source:shop")
		if after.Secrets["token"].Sealed.Key <= before.Secrets["token"].Sealed.Key || after.Secrets["token"].Fingerprint != before.Secrets["token"].Fingerprint {
			t.Errorf("got %v after %v", after, before)
		}
		keys, err := s.DataKeys(t.Context())
		if err != nil || len(keys) != 2 {
			t.Errorf("one to seal and one for fingerprints should be left: %d, %v", len(keys), err)
		}
		// The new key alone is enough now, and the old one opens nothing.
		use(t, book(t, s, fresh), canary)
		if _, err := secret.OpenKeyring(t.Context(), s, old); !fault.Is(err, fault.Invalid) {
			t.Errorf("the old key: got %v", err)
		}
	})
}

// Whoever lost the key from outside enters the secrets anew: what no key opens is dropped, what one opens stays.
func TestForgettingALostKey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		lost, fresh := wrapper(t, "a"), wrapper(t, "b")
		put(t, book(t, s, lost), "source:shop", "token", canary)
		keys, err := secret.Lost(t.Context(), s, fresh)
		if err != nil || len(keys) != 2 {
			t.Fatalf("one that seals and one of fingerprints are lost: got %v, %v", keys, err)
		}
		if keys, err := secret.Lost(t.Context(), s, fresh, lost); err != nil || len(keys) != 0 {
			t.Errorf("with the previous key: got %v, %v", keys, err)
		}
		forgetting := book(t, s)
		if names, err := forgetting.SealedBy(t.Context(), keys); err != nil || len(names) != 1 || names[0] != "source:shop/token" {
			t.Errorf("got %v, %v", names, err)
		}
		if err := forgetting.Forget(as(t, access.Principal{Type: access.Person, Name: "ana", Role: access.RoleOperator}), keys); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an operator: got %v", err)
		}
		if err := forgetting.Forget(as(t, access.Tidings), keys); err != nil {
			t.Fatal(err)
		}
		anew := book(t, s, fresh)
		if opened, faults, err := anew.Check(t.Context()); opened != 0 || faults != nil || err != nil {
			t.Errorf("got %d, %v, %v", opened, faults, err)
		}
		if kept, err := s.Setting(t.Context(), "source:shop"); err != nil || len(kept.Value) == 0 {
			t.Errorf("what is no secret stays: got %v, %v", kept, err)
		}
		put(t, anew, "source:shop", "token", canary)
		use(t, anew, canary)
		told, err := s.Feed(t.Context(), change.Filter{Text: "lost"}, change.Cursor{}, 10, false)
		if err != nil || len(told.Events) != 1 || told.Events[0].Labels["forgotten"] != "source:shop/token" {
			t.Errorf("the audit: got %v, %v", told.Events, err)
		}
	})
}

func TestAServerGoesOnWhileAnotherRotates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		key := wrapper(t, "a")
		running, turning := book(t, s, key), book(t, s, key)
		put(t, running, "source:shop", "token", canary)
		var rotating sync.WaitGroup
		rotating.Go(func() {
			for range 5 {
				if _, err := turning.Rotate(access.With(context.Background(), access.Tidings)); err != nil {
					t.Errorf("rotate: %v", err)
				}
			}
		})
		for range 20 {
			put(t, running, "source:shop", "password", canary)
			use(t, running, canary)
		}
		rotating.Wait()
		if opened, faults, err := turning.Check(t.Context()); opened != 2 || faults != nil || err != nil {
			t.Errorf("got %d, %v, %v", opened, faults, err)
		}
	})
}

func TestASealedTextOpensNowhereElse(t *testing.T) {
	t.Parallel()
	b := book(t, storetest.SQLite(t), wrapper(t, "a"))
	sealed, err := b.Keyring.Seal(t.Context(), "source:shop/token", []byte(canary))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Keyring.Open(t.Context(), "source:evil/token", sealed); err == nil {
		t.Error("it opened at another place")
	}
	sealed.Text[len(sealed.Text)-1] ^= 1
	if _, err := b.Keyring.Open(t.Context(), "source:shop/token", sealed); err == nil {
		t.Error("it opened though it was changed")
	}
}

// TestKeyCommand wraps by a program, as a key service would.
func TestKeyCommand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kms")
	script := "#!/bin/sh\ncase \"$1\" in wrap) base64 ;; unwrap) base64 -d ;; *) exit 3 ;; esac\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	w, err := secret.Reference{Command: []string{path}}.Open()
	if err != nil {
		t.Fatal(err)
	}
	b := book(t, storetest.SQLite(t), w)
	put(t, b, "source:shop", "token", canary)
	use(t, b, canary)
	broken, err := secret.Reference{Command: []string{"false"}}.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.Wrap(t.Context(), []byte(canary)); !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
}
