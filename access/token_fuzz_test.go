package access

import (
	"strings"
	"testing"
)

// FuzzToken looks at anything as a token: one letter more, less or other is none.
func FuzzToken(f *testing.F) {
	for _, kind := range []TokenKind{ServiceToken, PersonalToken} {
		secret, err := newTokenSecret(kind)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(secret, 12)
	}
	f.Add("tidings_s_"+strings.Repeat("0", 36), 0)
	f.Fuzz(func(t *testing.T, text string, at int) {
		if !WellFormed(text) {
			return
		}
		if len(text) != len("tidings_s_")+tokenRandom+tokenChecksum || strings.ContainsAny(text, " \n\r") {
			t.Errorf("%q is taken for a token", text)
		}
		at = len("tidings_s_") + max(at, -at)%(tokenRandom+tokenChecksum)
		if at < len(text) && at >= 0 {
			other := []byte(text)
			other[at] = map[bool]byte{true: '1', false: '0'}[other[at] == '0']
			for _, wrong := range []string{string(other), text[:len(text)-1], text + "0", strings.ToUpper(text)} {
				if WellFormed(wrong) {
					t.Errorf("%q is taken for a token as %q is", wrong, text)
				}
			}
		}
		_ = hint(text)
	})
}
