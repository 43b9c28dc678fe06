package daemon

import (
	"context"
	"strings"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/secret"
	"tidings.dev/tidings/setting"
)

// typed looks at the sources that were set on the page: whether this version can open them, and their secrets, by the keyring that
// it gives; nil where there is none.
func (d *Diagnosis) typed(ctx context.Context, config *Config) *secret.Keyring {
	var keyring *secret.Keyring
	if len(d.Database.DataKeys) > 0 {
		var err error
		if keyring, err = d.keyring(ctx, *config); err != nil {
			d.add("secrets", Ill, "no server starts with this key: set secrets.key to the one that was in use; where it is lost, tidings secrets forget drops what it sealed", "%s", plain(err))
			return nil
		}
	}
	for _, s := range d.Database.Settings {
		if name, ok := strings.CutPrefix(s.Name, sourceSettings); ok {
			d.typedSource(ctx, name, s, keyring)
		}
	}
	return keyring
}

func (d *Diagnosis) typedSource(ctx context.Context, name string, s setting.Setting, keyring *secret.Keyring) {
	check := "source " + name
	config, typed, err := readSource(s.Name, s.Value)
	if config.off {
		d.add(check, Well, "", "%s, switched off", config.Type)
		return
	}
	if err == nil {
		typed.Guard(integration.Guard{})
		_, err = config.Open()
	}
	if err != nil {
		d.add(check, Ill, "mend its settings on its page, or run the version that they were made with; until then its tool hears 503, and sends again", "it cannot be opened: %s", plain(err))
		return
	}
	if faults := setting.Unopened(ctx, keyring, s); len(faults) > 0 {
		d.add(check, Ill, "set secrets.key to the key that was in use, or enter the secret anew on its page; until then its tool hears 503, and sends again", "a secret cannot be opened: %s: %s", faults[0].Pointer, faults[0].Detail)
		return
	}
	d.add(check, Well, "", "%s, set on the page, every %s", config.Type, config.Every)
}

// keyring opens the data keys as they were found; nil where no key is configured.
func (d *Diagnosis) keyring(ctx context.Context, config Config) (*secret.Keyring, error) {
	secrets, err := config.keyOfTrial(true)
	if err != nil {
		return nil, err
	}
	return openKeyring(ctx, secrets, foundKeys(d.Database.DataKeys))
}

// foundKeys are data keys that are only read.
type foundKeys []secret.DataKey

func (f foundKeys) DataKeys(context.Context) ([]secret.DataKey, error) { return f, nil }

func (foundKeys) AddDataKey(context.Context, secret.DataKey, int64) (int64, error) {
	return 0, onlyRead()
}

func (foundKeys) RewrapDataKey(context.Context, int64, []byte) error { return onlyRead() }

func (foundKeys) DropDataKeys(context.Context, int64) (int, error) { return 0, onlyRead() }

func onlyRead() error {
	return fault.New(fault.Unavailable, "the data keys of the secrets are not whole, and nothing is changed here: start the server")
}
