package store

import (
	"bytes"
	"testing"
)

// FuzzRow reads anything as a row of a backup: what is taken is written and read again without loss.
func FuzzRow(f *testing.F) {
	columns := []Column{{Name: "a", Type: Integer}, {Name: "b", Type: Text}, {Name: "c", Type: Bytes}, {Name: "d", Type: Boolean}, {Name: "e", Type: Real}}
	f.Add([]byte(`[1,"x","AAE=",true,1.5]`))
	f.Add([]byte(`[null,{"bytes":"/w=="},null,false,1e300]`))
	f.Add([]byte(`[-9223372036854775808,"\u0000\ud800","",null,-0]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		row, err := ParseRow(columns, text)
		if err != nil {
			return
		}
		written := AppendRow(nil, row)
		again, err := ParseRow(columns, written)
		if err != nil {
			t.Fatalf("%q was written as %q: %v", text, written, err)
		}
		if !bytes.Equal(AppendRow(nil, again), written) {
			t.Errorf("%q was written as %q, and then as %q", text, written, AppendRow(nil, again))
		}
	})
}
