package nerve_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integrations/nerve"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/observe"
)

// nothing takes what is seen.
type nothing struct{}

func (nothing) Put(observe.Observation) {}
func (nothing) Complete(string)         {}
func (nothing) Trouble(string, string)  {}

func TestServersInsideHaveToBeAllowed(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	rule, err := outbound.NewRule(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	var asked []string
	config := &nerve.Config{Servers: []string{"localhost:" + port}}
	config.Connect(func(ctx context.Context, network, address string) (net.Conn, error) {
		asked = append(asked, address)
		return rule.Dial(ctx, network, address)
	})
	source, err := config.Open()
	if err != nil {
		t.Fatal(err)
	}
	err = source.(integration.Seer).See(t.Context(), func(string) string { return "" }, nothing{})
	if !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "outbound.allow") {
		t.Errorf("got %v", err)
	}
	// The rule is asked by name, so that a name can be allowed.
	if len(asked) == 0 || asked[0] != "localhost:"+port {
		t.Errorf("asked for %v", asked)
	}
}
