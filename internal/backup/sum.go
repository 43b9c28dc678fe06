package backup

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// Sum tells whether two tables hold the same rows, in whatever order an engine reads them: the number of the rows, and
// the SHA-256 of each row's line added up modulo 2^256.
type Sum struct {
	Rows   int64
	Digest [sha256.Size]byte // big endian
}

func (s *Sum) add(line []byte) {
	digest := sha256.Sum256(line)
	s.Rows++
	var carry uint64
	for i := sha256.Size - 8; i >= 0; i -= 8 {
		var sum uint64
		sum, carry = bits.Add64(binary.BigEndian.Uint64(s.Digest[i:]), binary.BigEndian.Uint64(digest[i:]), carry)
		binary.BigEndian.PutUint64(s.Digest[i:], sum)
	}
}

// String is for messages.
func (s Sum) String() string { return fmt.Sprintf("%d rows with the sum %x", s.Rows, s.Digest[:8]) }

type sumJSON struct {
	Rows   int64  `json:"rows"`
	Digest string `json:"sha256_sum"`
}

// json is the form in a manifest.
func (s Sum) json() sumJSON { return sumJSON{s.Rows, hex.EncodeToString(s.Digest[:])} }

func (j sumJSON) sum() (Sum, error) {
	s := Sum{Rows: j.Rows}
	digest, err := hex.DecodeString(j.Digest)
	if err != nil || len(digest) != len(s.Digest) {
		return s, fmt.Errorf("%q is no digest", j.Digest)
	}
	copy(s.Digest[:], digest)
	return s, nil
}
