package backup

import (
	"context"
	"errors"

	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// Erasure is whom to erase: see store.Erasure.
type Erasure = store.Erasure

// Erase puts a pseudonym in place of a person in a database, which with the embedded store no server may have open.
func Erase(ctx context.Context, in Place, erasure Erasure) (store.Erased, error) {
	var s *store.Store
	var err error
	if in.URL != "" {
		s, err = postgres.Open(ctx, in.URL)
	} else if _, err = sqlite.Existing(in.Directory); err == nil {
		s, err = sqlite.Open(ctx, in.Directory)
	}
	if err != nil {
		return nil, err
	}
	erased, err := s.Erase(ctx, erasure)
	return erased, errors.Join(err, s.Close())
}
