package change

import "testing"

// FuzzCursor reads anything as a cursor: what is taken comes back from its own form.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(Cursor{At: 1, Seq: 2}.String())
	f.Add(Cursor{At: -1 << 63, Seq: 1<<63 - 1}.String())
	f.Fuzz(func(t *testing.T, text string) {
		cursor, err := ParseCursor(text)
		if err != nil {
			return
		}
		if again, err := ParseCursor(cursor.String()); err != nil || again != cursor {
			t.Errorf("%q is %v, and that is %v, %v", text, cursor, again, err)
		}
	})
}
