package daemon_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/google/uuid"

	"tidings.dev/tidings/internal/daemon"
)

const zooKeeper = "TIDINGS_TEST_ZOOKEEPER"

// A service announces ten instances in a real ZooKeeper, and seven of them go: the feed says so, and the page says how many
// there are. A session that is lost and found again is no news.
func TestNerve(t *testing.T) {
	t.Parallel()
	address := os.Getenv(zooKeeper)
	if address == "" {
		t.Fatalf("%s is not set: this needs a real ZooKeeper. Run it by make test-go, or as scripts/zookeeper -- go test", zooKeeper)
	}
	connect := func() *zk.Conn {
		connection, events, err := zk.Connect([]string{address}, 5*time.Second, zk.WithLogInfo(false))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(connection.Close)
		for event := range events {
			if event.State == zk.StateHasSession {
				break
			}
		}
		return connection
	}
	admin := connect()
	root := "/" + uuid.NewString() // a rig can be used more than once
	for _, path := range []string{root, root + "/production", root + "/production/services", root + "/production/services/pricing", root + "/production/services/pricing/services"} {
		if _, err := admin.Create(path, nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatal(err)
		}
	}
	announce := func(connection *zk.Conn, i int) {
		data := fmt.Sprintf(`{"host":"10.0.0.%d","port":8080,"name":"i-%d","labels":{"version":"4.2"}}`, i, i)
		path := fmt.Sprintf("%s/production/services/pricing/services/i-%d_", root, i)
		if _, err := connection.Create(path, []byte(data), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatal(err)
		}
	}
	stay, leave := connect(), connect()
	for i := range 10 {
		if i < 3 {
			announce(stay, i)
		} else {
			announce(leave, i)
		}
	}

	url := server(t, settings(func(c *daemon.Config) {
		c.Data = t.TempDir()
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: discovery\ntype: nerve\nevery: 1s\nservers: ['" + address + "']\nallow: [127.0.0.1]\npath: " + root +
			"/{environment}/services/{service}/services\nsame_names: true\ndebounce: 3s\n")); err != nil {
			t.Fatal(err)
		}
		c.Sources = append(c.Sources, source)
	}))
	running := func() string { return fmt.Sprint(get(t, url+"/api/v1/entities/service/pricing/running")) }
	scaled := func() []any {
		events, _ := get(t, url+"/api/v1/events?source=discovery&kind=scaling")["events"].([]any)
		return events
	}
	eventually(t, "the service", func() bool {
		return strings.Contains(fmt.Sprint(get(t, url+"/api/v1/entities?kind=service")), "pricing")
	})
	eventually(t, "ten instances", func() bool {
		return strings.Contains(running(), "ready:10") && strings.Contains(running(), "version:4.2")
	})

	// One session is lost, and another announces the same instance at once.
	again := connect()
	announce(again, 9)
	leave.Close()
	for i := 3; i < 9; i++ {
		announce(again, i)
	}
	eventually(t, "a look after it", func() bool { return strings.Contains(running(), "ready:10") })
	again.Close()
	eventually(t, "a loss of capacity", func() bool { return len(scaled()) > 0 })
	e := scaled()[0].(object)
	if diff := fmt.Sprint(e["diff"]); len(scaled()) != 1 || !strings.Contains(diff, "old:10") || !strings.Contains(diff, "new:3") || e["environment"] != "production" {
		t.Errorf("got %v", scaled())
	}
}
