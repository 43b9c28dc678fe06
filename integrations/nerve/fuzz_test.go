package nerve

import (
	"os"
	"testing"
)

// Whatever a node holds, it is an instance with a name.
func FuzzAnnounced(f *testing.F) {
	seed, err := os.ReadFile("testdata/instance.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("i-0a1b2c3d_0000000042", seed)
	f.Fuzz(func(t *testing.T, node string, data []byte) {
		if i := announced("i-"+node, data); i.ID == "" {
			t.Errorf("%q has no name: %+v", node, i)
		}
		if all := settings(data); len(all) > 50 {
			t.Errorf("%d settings", len(all))
		}
	})
}
