package catalog

import (
	"net/url"
	"testing"
)

// FuzzRef reads anything as a reference, an outside name and an address: what is taken stays what it is.
func FuzzRef(f *testing.F) {
	for _, text := range []string{"service:pricing", " Team:Über ", "github:acme/x", "https://a.example/b?c#d", "mailto:a@b.example", "javascript:alert(1)", "//x", "service:", ":", "İ:K"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if ref, err := ParseRef(text, Service); err == nil {
			again, err := ParseRef(ref.String(), "")
			if err != nil || again != ref {
				t.Errorf("%q is %v, and that is %v, %v", text, ref, again, err)
			}
		}
		if once := FoldAlias(text); FoldAlias(once) != once {
			t.Errorf("%q folds to %q, and that to %q", text, once, FoldAlias(once))
		}
		if CheckURL(text) == nil {
			u, err := url.Parse(text)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto" || u.User != nil {
				t.Errorf("%q is let through as %v", text, u)
			}
		}
	})
}
