package nerve_test

import (
	"strings"
	"testing"

	"tidings.dev/tidings/integrations/nerve"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config *nerve.Config
		want   string
	}{
		"fine":           {&nerve.Config{Servers: []string{"zk.example.com:2181"}}, ""},
		"own path":       {&nerve.Config{Servers: []string{"zk.example.com:2181"}, Path: "/smartstack/{service}"}, ""},
		"no server":      {&nerve.Config{}, "servers of ZooKeeper"},
		"no port":        {&nerve.Config{Servers: []string{"zk.example.com"}}, "is HOST:PORT"},
		"no service":     {&nerve.Config{Servers: []string{"zk.example.com:2181"}, Path: "/services"}, "with {service} once"},
		"part of a part": {&nerve.Config{Servers: []string{"zk.example.com:2181"}, Path: "/a/{service}-eu"}, "no whole part"},
		"relative":       {&nerve.Config{Servers: []string{"zk.example.com:2181"}, Path: "a/{service}"}, "absolute path"},
		"impatience":     {&nerve.Config{Servers: []string{"zk.example.com:2181"}, Debounce: "2 days"}, "a duration"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.config.Validate()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
