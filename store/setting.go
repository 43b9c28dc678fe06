package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/secret"
	"tidings.dev/tidings/setting"
)

var (
	_ setting.Store  = (*Store)(nil)
	_ secret.Archive = (*Store)(nil)
)

// settings is the counter that writers of settings and data keys take in turn.
const settings = "setting"

// Settings lists every setting, by name.
func (s *Store) Settings(ctx context.Context) ([]setting.Setting, error) {
	all, err := s.listSettings(ctx, "", nil)
	return all, s.fault("list settings", err)
}

// Setting gives one setting.
func (s *Store) Setting(ctx context.Context, name string) (setting.Setting, error) {
	found, err := s.listSettings(ctx, " WHERE name = $1", []any{name})
	if err != nil {
		return setting.Setting{}, s.fault("read a setting", err)
	}
	if len(found) == 0 {
		return setting.Setting{}, fault.New(fault.NotFound, "the setting %s is not set", name)
	}
	return found[0], nil
}

func (s *Store) listSettings(ctx context.Context, where string, args []any) ([]setting.Setting, error) {
	rows, err := s.query(ctx, `SELECT name, value, revision, changed_at, changed_by FROM setting`+where+` ORDER BY name`, args...)
	all, err := collect(rows, err, func(rows *sql.Rows) (setting.Setting, error) {
		var one setting.Setting
		var value string
		var at int64
		err := rows.Scan(&one.Name, &value, &one.Revision, &at, &one.ChangedBy)
		one.Value, one.ChangedAt, one.Secrets = json.RawMessage(value), instant(at), map[string]setting.Secret{}
		return one, err
	})
	if err != nil || len(all) == 0 {
		return all, err
	}
	place := make(map[string]int, len(all))
	for i := range all {
		place[all[i].Name] = i
	}
	where = ""
	if len(args) > 0 {
		where = " WHERE setting = $1"
	}
	rows, err = s.query(ctx, `SELECT setting, field, data_key, sealed, fingerprint, changed_at FROM setting_secret`+where, args...)
	return all, each(rows, err, func(rows *sql.Rows) error {
		var name, field string
		var one setting.Secret
		var at int64
		if err := rows.Scan(&name, &field, &one.Sealed.Key, &one.Sealed.Text, &one.Fingerprint, &at); err != nil {
			return err
		}
		one.ChangedAt = instant(at)
		if i, ok := place[name]; ok {
			all[i].Secrets[field] = one
		}
		return nil
	})
}

// PutSetting writes a setting over the revision that it says, with its events.
func (s *Store) PutSetting(ctx context.Context, put setting.Setting, events []change.Event) error {
	return s.update(ctx, "write a setting", func(t *tx) error {
		if err := t.changing(ctx, put.Name, put.Revision); err != nil {
			return err
		}
		last, err := t.lastDataKey(ctx, secret.ForSealing)
		if err != nil {
			return err
		}
		err = t.exec(ctx, `INSERT INTO setting (name, value, revision, changed_at, changed_by) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, revision = excluded.revision, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
			put.Name, string(put.Value), put.Revision+1, put.ChangedAt.UnixMicro(), put.ChangedBy)
		if err != nil {
			return err
		}
		// What stays as it was is left alone: a rotation may have sealed it anew since it was read.
		kept, err := t.sealed(ctx, put.Name)
		if err != nil {
			return err
		}
		for _, field := range slices.Sorted(maps.Keys(kept)) {
			if _, stays := put.Secrets[field]; !stays {
				if err := t.exec(ctx, `DELETE FROM setting_secret WHERE setting = $1 AND field = $2`, put.Name, field); err != nil {
					return err
				}
			}
		}
		for _, field := range slices.Sorted(maps.Keys(put.Secrets)) {
			one := put.Secrets[field]
			if at, found := kept[field]; found && at == one.ChangedAt.UnixMicro() {
				continue
			}
			if one.Sealed.Key != last {
				return fault.New(fault.Conflict, "a new data key began meanwhile: try again")
			}
			err := t.exec(ctx, `INSERT INTO setting_secret (setting, field, data_key, sealed, fingerprint, changed_at) VALUES ($1,$2,$3,$4,$5,$6)
				ON CONFLICT (setting, field) DO UPDATE SET data_key = excluded.data_key, sealed = excluded.sealed, fingerprint = excluded.fingerprint, changed_at = excluded.changed_at`,
				put.Name, field, one.Sealed.Key, one.Sealed.Text, one.Fingerprint, one.ChangedAt.UnixMicro())
			if err != nil {
				return err
			}
		}
		_, err = t.append(ctx, events)
		return err
	})
}

// DeleteSetting takes a setting and its secrets away, with its events.
func (s *Store) DeleteSetting(ctx context.Context, name string, events []change.Event) error {
	return s.update(ctx, "delete a setting", func(t *tx) error {
		if _, err := t.take(ctx, settings); err != nil {
			return err
		}
		if err := t.exec(ctx, `DELETE FROM setting_secret WHERE setting = $1`, name); err != nil {
			return err
		}
		if err := t.exec(ctx, `DELETE FROM setting WHERE name = $1`, name); err != nil {
			return err
		}
		_, err := t.append(ctx, events)
		return err
	})
}

// Reseal replaces a sealed text by another, if it is still the one that was read.
func (s *Store) Reseal(ctx context.Context, name, field string, from, to secret.Sealed) error {
	return s.update(ctx, "seal a secret anew", func(t *tx) error {
		if _, err := t.take(ctx, settings); err != nil {
			return err
		}
		return t.exec(ctx, `UPDATE setting_secret SET data_key = $3, sealed = $4 WHERE setting = $1 AND field = $2 AND data_key = $5 AND sealed = $6`,
			name, field, to.Key, to.Text, from.Key, from.Text)
	})
}

// changing takes the counter, and fails if the setting is at another revision than was read.
func (t *tx) changing(ctx context.Context, name string, revision int64) error {
	if _, err := t.take(ctx, settings); err != nil {
		return err
	}
	rows, err := t.query(ctx, `SELECT revision FROM setting WHERE name = $1`, name)
	found, err := collect(rows, err, scanInt)
	if err != nil {
		return err
	}
	var now int64
	if len(found) > 0 {
		now = found[0]
	}
	if now != revision {
		return fault.New(fault.Conflict, "the setting %s was changed meanwhile: look at it again", name)
	}
	return nil
}

// sealed tells when each secret of a setting was set.
func (t *tx) sealed(ctx context.Context, name string) (map[string]int64, error) {
	kept := map[string]int64{}
	rows, err := t.query(ctx, `SELECT field, changed_at FROM setting_secret WHERE setting = $1`, name)
	return kept, each(rows, err, func(rows *sql.Rows) error {
		var field string
		var at int64
		err := rows.Scan(&field, &at)
		kept[field] = at
		return err
	})
}

// DataKeys lists the wrapped data keys, by id.
func (s *Store) DataKeys(ctx context.Context) ([]secret.DataKey, error) {
	rows, err := s.query(ctx, `SELECT id, purpose, wrapped, created_at FROM data_key ORDER BY id`)
	keys, err := collect(rows, err, func(rows *sql.Rows) (secret.DataKey, error) {
		var key secret.DataKey
		var at int64
		err := rows.Scan(&key.ID, &key.Purpose, &key.Wrapped, &at)
		key.CreatedAt = instant(at)
		return key, err
	})
	return keys, s.fault("list data keys", err)
}

// AddDataKey keeps a data key under the id that follows the last, if that is still the last.
func (s *Store) AddDataKey(ctx context.Context, key secret.DataKey, after int64) (int64, error) {
	err := s.update(ctx, "add a data key", func(t *tx) error {
		last, err := t.take(ctx, settings)
		if err != nil {
			return err
		}
		// The counter never goes back, so that no id is used twice even after the last key was dropped.
		rows, err := t.query(ctx, `SELECT COALESCE(MAX(id), 0) FROM data_key`)
		present, err := collect(rows, err, scanInt)
		if err != nil {
			return err
		}
		if present[0] != after {
			return fault.New(fault.Conflict, "another server has made a data key meanwhile")
		}
		key.ID = max(last, present[0]) + 1
		if err := t.put(ctx, settings, key.ID); err != nil {
			return err
		}
		return t.exec(ctx, `INSERT INTO data_key (id, purpose, wrapped, created_at) VALUES ($1,$2,$3,$4)`,
			key.ID, string(key.Purpose), key.Wrapped, key.CreatedAt.UnixMicro())
	})
	return key.ID, err
}

// RewrapDataKey replaces how a data key is wrapped.
func (s *Store) RewrapDataKey(ctx context.Context, id int64, wrapped []byte) error {
	return s.update(ctx, "wrap a data key anew", func(t *tx) error {
		return t.exec(ctx, `UPDATE data_key SET wrapped = $2 WHERE id = $1`, id, wrapped)
	})
}

// DropDataKeys removes the sealing keys before an id that seal nothing.
func (s *Store) DropDataKeys(ctx context.Context, before int64) (int, error) {
	dropped := 0
	err := s.update(ctx, "drop data keys", func(t *tx) error {
		if _, err := t.take(ctx, settings); err != nil {
			return err
		}
		rows, err := t.query(ctx, `SELECT id FROM data_key WHERE purpose = $1 AND id < $2 AND id NOT IN (SELECT data_key FROM setting_secret)`,
			string(secret.ForSealing), before)
		ids, err := collect(rows, err, scanInt)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := t.exec(ctx, `DELETE FROM data_key WHERE id = $1`, id); err != nil {
				return err
			}
		}
		dropped = len(ids)
		return nil
	})
	return dropped, err
}

// ForgetDataKeys removes data keys and every secret that they seal, with events that tell of it.
func (s *Store) ForgetDataKeys(ctx context.Context, ids []int64, events []change.Event) error {
	return s.update(ctx, "forget data keys", func(t *tx) error {
		if _, err := t.take(ctx, settings); err != nil {
			return err
		}
		for _, id := range ids {
			if err := t.exec(ctx, `DELETE FROM setting_secret WHERE data_key = $1`, id); err != nil {
				return err
			}
			if err := t.exec(ctx, `DELETE FROM data_key WHERE id = $1`, id); err != nil {
				return err
			}
		}
		_, err := t.append(ctx, events)
		return err
	})
}

func (t *tx) lastDataKey(ctx context.Context, purpose secret.Purpose) (int64, error) {
	rows, err := t.query(ctx, `SELECT COALESCE(MAX(id), 0) FROM data_key WHERE purpose = $1`, string(purpose))
	ids, err := collect(rows, err, scanInt)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}
