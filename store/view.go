package store

import (
	"context"
	"database/sql"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/view"
)

var _ view.Store = (*Store)(nil)

// views is the counter that writers of views take in turn, so that the bound on their number holds.
const views = "view"

const viewColumns = `SELECT id, page, name, query, owner, saved_at, holder FROM saved_view`

// Views lists the shared views of a page and those of an owner.
func (s *Store) Views(ctx context.Context, page view.Page, owner string) ([]view.View, error) {
	rows, err := s.query(ctx, viewColumns+` WHERE page = $1 AND holder IN ('', $2) ORDER BY folded, id`, string(page), owner)
	all, err := collect(rows, err, scanView)
	return all, s.fault("list views", err)
}

// View gives one view.
func (s *Store) View(ctx context.Context, id string) (view.View, error) {
	rows, err := s.query(ctx, viewColumns+` WHERE id = $1`, id)
	found, err := collect(rows, err, scanView)
	if err != nil {
		return view.View{}, s.fault("read a view", err)
	}
	if len(found) == 0 {
		return view.View{}, fault.New(fault.NotFound, "there is no such view")
	}
	return found[0], nil
}

// PutView writes a view over that of the same name.
func (s *Store) PutView(ctx context.Context, v view.View, replace bool, most int) (view.View, error) {
	err := s.update(ctx, "save a view", func(t *tx) error {
		if _, err := t.take(ctx, views); err != nil {
			return err
		}
		rows, err := t.query(ctx, viewColumns+` WHERE page = $1 AND holder = $2 AND folded = $3`, string(v.Page), v.Holder(), v.Folded())
		same, err := collect(rows, err, scanView)
		if err != nil {
			return err
		}
		if len(same) > 0 {
			if same[0].Owner != v.Owner && !replace {
				return fault.New(fault.Conflict, "there is a shared view %q already, of %s: choose another name", same[0].Name, same[0].Owner)
			}
			v.ID, v.Owner = same[0].ID, same[0].Owner
			return t.exec(ctx, `UPDATE saved_view SET name = $2, query = $3, saved_at = $4 WHERE id = $1`, v.ID, v.Name, v.Query, v.SavedAt.UnixMicro())
		}
		rows, err = t.query(ctx, `SELECT count(*) FROM saved_view WHERE page = $1 AND holder = $2`, string(v.Page), v.Holder())
		count, err := collect(rows, err, scanInt)
		if err != nil {
			return err
		}
		if count[0] >= int64(most) {
			return fault.New(fault.Invalid, "there are %d views already: remove one first", most)
		}
		return t.exec(ctx, `INSERT INTO saved_view (id, page, holder, folded, name, query, owner, saved_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
			v.ID, string(v.Page), v.Holder(), v.Folded(), v.Name, v.Query, v.Owner, v.SavedAt.UnixMicro())
	})
	return v, err
}

// DeleteView takes a view away.
func (s *Store) DeleteView(ctx context.Context, id string) error {
	return s.update(ctx, "remove a view", func(t *tx) error {
		return t.exec(ctx, `DELETE FROM saved_view WHERE id = $1`, id)
	})
}

func scanView(rows *sql.Rows) (view.View, error) {
	var v view.View
	var at int64
	var holder string
	err := rows.Scan(&v.ID, &v.Page, &v.Name, &v.Query, &v.Owner, &at, &holder)
	v.SavedAt, v.Shared = instant(at), holder == ""
	return v, err
}
