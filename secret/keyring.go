package secret

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"tidings.dev/tidings/fault"
)

// Purpose is what a data key is for.
type Purpose string

// The purposes. There is one key for fingerprints as long as the installation lives, since they have to stay
// comparable; keys that seal follow one another.
const (
	ForSealing      Purpose = "seal"
	ForFingerprints Purpose = "fingerprint"
)

// DataKey is a key of the installation as it lies in the database: wrapped by the key from outside.
type DataKey struct {
	ID        int64
	Purpose   Purpose
	Wrapped   []byte
	CreatedAt time.Time
}

// Archive keeps wrapped data keys.
type Archive interface {
	// DataKeys lists all, by id.
	DataKeys(ctx context.Context) ([]DataKey, error)
	// AddDataKey keeps a key under the next id, which it gives. With after it does so only while that is the last id,
	// and is a Conflict otherwise: another server was faster.
	AddDataKey(ctx context.Context, key DataKey, after int64) (int64, error)
	// RewrapDataKey replaces how a key is wrapped.
	RewrapDataKey(ctx context.Context, id int64, wrapped []byte) error
	// DropDataKeys removes the keys for sealing before an id that seal nothing any more, and tells how many.
	DropDataKeys(ctx context.Context, before int64) (int, error)
}

// Lost lists the data keys that no key from outside opens any more. A key service that does not answer is Unavailable.
func Lost(ctx context.Context, archive Archive, wrapper Wrapper, previous ...Wrapper) ([]int64, error) {
	k := &Keyring{wrapper: wrapper, previous: previous}
	keys, err := archive.DataKeys(ctx)
	if err != nil {
		return nil, err
	}
	var lost []int64
	for _, key := range keys {
		if _, _, err := k.unwrap(ctx, key); fault.Is(err, fault.Invalid) {
			lost = append(lost, key.ID)
		} else if err != nil {
			return nil, err
		}
	}
	return lost, nil
}

// Sealed is a text that only the keyring can open.
type Sealed struct {
	Key  int64 // the data key
	Text []byte
}

// Keyring seals and opens secrets, and gives fingerprints. It may be used at the same time by many.
type Keyring struct {
	archive  Archive
	wrapper  Wrapper
	previous []Wrapper
	now      func() time.Time

	mu      sync.RWMutex
	sealing map[int64]cipher.AEAD
	current int64
	mark    []byte // of fingerprints
	stale   []DataKey
}

// OpenKeyring unwraps the data keys of an installation, and makes them where there are none. previous are keys from
// outside that were in use before: what they wrapped can still be read. A key that opens nothing of what is there is an
// Invalid fault; a key service that does not answer is Unavailable.
func OpenKeyring(ctx context.Context, archive Archive, wrapper Wrapper, previous ...Wrapper) (*Keyring, error) {
	k := &Keyring{archive: archive, wrapper: wrapper, previous: previous, now: time.Now}
	for range 3 {
		last, err := k.load(ctx)
		if err != nil {
			return nil, err
		}
		missing := ForSealing
		switch {
		case k.current != 0 && k.mark != nil:
			return k, nil
		case k.current != 0:
			missing = ForFingerprints
		}
		if _, err := k.add(ctx, missing, last); err != nil && !fault.Is(err, fault.Conflict) {
			return nil, err
		}
	}
	_, err := k.load(ctx)
	return k, err
}

// add makes a data key.
func (k *Keyring) add(ctx context.Context, purpose Purpose, after int64) (int64, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	wrapped, err := k.wrapper.Wrap(ctx, key)
	if err != nil {
		return 0, err
	}
	return k.archive.AddDataKey(ctx, DataKey{Purpose: purpose, Wrapped: wrapped, CreatedAt: k.now()}, after)
}

// load reads all data keys anew, and gives the last id.
func (k *Keyring) load(ctx context.Context) (int64, error) {
	keys, err := k.archive.DataKeys(ctx)
	if err != nil {
		return 0, err
	}
	sealing := make(map[int64]cipher.AEAD, len(keys))
	var current, last int64
	var mark []byte
	var stale []DataKey
	for _, key := range keys {
		last = max(last, key.ID)
		k.mu.RLock()
		known := k.sealing[key.ID]
		k.mu.RUnlock()
		if known != nil && key.Purpose == ForSealing {
			sealing[key.ID], current = known, max(current, key.ID)
			continue
		}
		raw, old, err := k.unwrap(ctx, key)
		if err != nil {
			return 0, err
		}
		if old {
			stale = append(stale, key)
		}
		if key.Purpose == ForFingerprints {
			if mark, err = hkdf.Key(sha256.New, raw, nil, "tidings/fingerprint/1", 32); err != nil {
				return 0, err
			}
			continue
		}
		if sealing[key.ID], err = newAEAD(raw); err != nil {
			return 0, err
		}
		current = max(current, key.ID)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sealing, k.current, k.mark, k.stale = sealing, current, mark, stale
	return last, nil
}

// unwrap opens a data key, and reports whether only a previous key could.
func (k *Keyring) unwrap(ctx context.Context, key DataKey) (raw []byte, old bool, err error) {
	var failed error
	for i, wrapper := range append([]Wrapper{k.wrapper}, k.previous...) {
		raw, err := wrapper.Unwrap(ctx, key.Wrapped)
		if err == nil && len(raw) == 32 {
			return raw, i > 0, nil
		}
		if err != nil && !errors.Is(err, ErrWrongKey) {
			failed = err
		}
	}
	if failed != nil {
		return nil, false, failed
	}
	return nil, false, fault.New(fault.Invalid, "the key at %s does not open data key %d of this database: set secrets.key to the key that was in use when it was made, or add that one to secrets.previous; where it is lost, tidings secrets forget drops what it sealed", k.wrapper, key.ID)
}

// bound is what a sealed text is bound to: it opens nowhere else.
func bound(place string, key int64) []byte {
	return fmt.Appendf(nil, "tidings/seal/1/%d/%s", key, place)
}

// Seal seals a text for one place, such as the name of a setting and its field.
func (k *Keyring) Seal(ctx context.Context, place string, text []byte) (Sealed, error) {
	// Another server may have begun a new key: a secret under an old one would have to be sealed again at once.
	if _, err := k.load(ctx); err != nil {
		return Sealed{}, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return Sealed{Key: k.current, Text: k.sealing[k.current].Seal(nil, nil, text, bound(place, k.current))}, nil
}

// Open gives back what was sealed for a place.
func (k *Keyring) Open(ctx context.Context, place string, sealed Sealed) ([]byte, error) {
	k.mu.RLock()
	aead := k.sealing[sealed.Key]
	k.mu.RUnlock()
	if aead == nil {
		if _, err := k.load(ctx); err != nil {
			return nil, err
		}
		k.mu.RLock()
		aead = k.sealing[sealed.Key]
		k.mu.RUnlock()
	}
	if aead == nil {
		return nil, fault.New(fault.Unavailable, "the data key %d of %s is gone: enter the secret anew", sealed.Key, place)
	}
	text, err := aead.Open(nil, nil, sealed.Text, bound(place, sealed.Key))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the secret of %s does not open: it was changed in the database, or moved there from another place; enter it anew", place)
	}
	return text, nil
}

// Fingerprint is the same for equal values of this installation, and tells nothing else about them without the key.
func (k *Keyring) Fingerprint(value string) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	mac := hmac.New(sha256.New, k.mark)
	mac.Write([]byte(value))
	return FingerprintPrefix + hex.EncodeToString(mac.Sum(nil)[:12])
}

// Key derives a key of its own for a purpose, always the same: what is marked by it can be compared wherever it was made.
func (k *Keyring) Key(purpose string) ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return hkdf.Key(sha256.New, k.mark, nil, "tidings/"+purpose, 32)
}

// Current is the data key that seals now.
func (k *Keyring) Current() int64 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.current
}

// Begin makes a new data key, which seals from now on, and wraps the others by the present key from outside.
func (k *Keyring) Begin(ctx context.Context) error {
	last, err := k.load(ctx)
	if err != nil {
		return err
	}
	if _, err := k.add(ctx, ForSealing, last); err != nil {
		return err
	}
	return k.Rewrap(ctx)
}

// Rewrap wraps by the present key from outside what a previous one had wrapped.
func (k *Keyring) Rewrap(ctx context.Context) error {
	k.mu.Lock()
	k.sealing = nil // so that every key is unwrapped anew
	k.mu.Unlock()
	if _, err := k.load(ctx); err != nil {
		return err
	}
	k.mu.RLock()
	stale := k.stale
	k.mu.RUnlock()
	for _, key := range stale {
		raw, _, err := k.unwrap(ctx, key)
		if err != nil {
			return err
		}
		wrapped, err := k.wrapper.Wrap(ctx, raw)
		if err != nil {
			return err
		}
		if err := k.archive.RewrapDataKey(ctx, key.ID, wrapped); err != nil {
			return err
		}
	}
	_, err := k.load(ctx)
	return err
}

// Finish drops the data keys that seal nothing any more.
func (k *Keyring) Finish(ctx context.Context) (int, error) {
	dropped, err := k.archive.DropDataKeys(ctx, k.Current())
	if err != nil {
		return 0, err
	}
	_, err = k.load(ctx)
	return dropped, err
}
