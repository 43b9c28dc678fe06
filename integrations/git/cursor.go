package git

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
)

// cursor is where the next look goes on.
type cursor struct {
	// Main is the commit of the main branch up to which everything was told.
	Main string `json:"main,omitempty"`
	// Tip, Next and Left are of a run that needs more than one look: the commit it will have told up to, the commit to
	// go on from, towards the past, and for a backfill how many it still may tell. A run without Left goes to Main.
	Tip  string `json:"tip,omitempty"`
	Next string `json:"next,omitempty"`
	Left int    `json:"left,omitempty"`
	// Tags is what is known of the tags.
	Tags tagDigests `json:"tags,omitempty"`
	// First lasts until the first look's tags were told: they are bounded by the backfill.
	First bool `json:"first,omitempty"`
}

// parseCursor reads what String wrote. What is not a cursor starts anew, which doubles nothing.
func parseCursor(text string) cursor {
	var c cursor
	if text == "" || json.Unmarshal([]byte(text), &c) != nil || (len(c.Tags) != 0 && len(c.Tags) != tagBuckets*4) || c.Left < 0 {
		return cursor{First: true}
	}
	for _, sha := range []string{c.Main, c.Tip, c.Next} {
		if sha != "" && !shaFormat.MatchString(sha) {
			return cursor{First: true}
		}
	}
	return c
}

func (c cursor) String() string {
	raw, err := json.Marshal(c)
	if err != nil {
		return "" // strings and numbers always marshal
	}
	return string(raw)
}

// tagBuckets is into how many sets the tags are divided by their names. A set whose digest changed is told again as a
// whole, and its keys keep that from doubling: so the cursor stays small whatever the number of tags, and one new tag
// among ten thousand costs a look at eighty others.
const tagBuckets = 128

// tagDigests has four bytes a bucket: the exclusive or of the digests of its tags, which no order can change.
type tagDigests []byte

func bucketOf(ref string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(ref)) // a hash never fails
	return int(h.Sum32() % tagBuckets)
}

func (d tagDigests) add(ref, object string) {
	sum := sha256.Sum256([]byte(ref + "\x00" + object))
	at := d[bucketOf(ref)*4:][:4]
	binary.BigEndian.PutUint32(at, binary.BigEndian.Uint32(at)^binary.BigEndian.Uint32(sum[:]))
}

func (d tagDigests) bucket(i int) uint32 {
	if len(d) == 0 {
		return 0
	}
	return binary.BigEndian.Uint32(d[i*4:])
}
