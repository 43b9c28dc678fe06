package slack_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/integration/integrationtest"
)

// Over a real socket, to a stand-in of Slack: what was kept is acknowledged, what was not is told again, and the end of the
// context ends it.
func TestSocketMode(t *testing.T) {
	t.Setenv(integrationtest.Secret, "xapp-a-token-of-the-app")
	acknowledged := make(chan string, 10)
	event := func(envelope, id string) string {
		return `{"envelope_id":"` + envelope + `","type":"events_api","accepts_response_payload":false,"payload":{"type":"event_callback","api_app_id":"A0TIDINGS","event_id":"` + id +
			`","event":{"type":"app_mention","user":"U1","text":"<@U0> who owns pricing","ts":"1795348861.000200","channel":"C1","event_ts":"1795348861.000200"}}}`
	}
	mux := http.NewServeMux()
	slackd := httptest.NewServer(mux)
	defer slackd.Close()
	mux.HandleFunc("/api/apps.connections.open", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer xapp-a-token-of-the-app" {
			t.Errorf("authorised by %q", r.Header.Get("Authorization"))
		}
		_, _ = w.Write([]byte(`{"ok":true,"url":"` + strings.Replace(slackd.URL, "http", "ws", 1) + `/link"}`))
	})
	mux.HandleFunc("/link", func(w http.ResponseWriter, r *http.Request) {
		connection, err := (&websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		for _, text := range []string{
			`{"type":"hello","num_connections":1,"connection_info":{"app_id":"A0TIDINGS"}}`,
			event("first", "Ev1"), event("again", "Ev1"),
			`{"envelope_id":"command","type":"slash_commands","accepts_response_payload":true,"payload":{"command":"/tidings","text":"help","user_id":"U1","user_name":"ines","channel_id":"C1","trigger_id":"1.2"}}`,
		} {
			if err := connection.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Error(err)
				return
			}
		}
		for {
			var ack struct {
				EnvelopeID string `json:"envelope_id"`
			}
			if connection.ReadJSON(&ack) != nil {
				return
			}
			acknowledged <- ack.EnvelopeID
		}
	})
	c := config()
	integrationtest.Refer(&c.AppToken)
	c.API = slackd.URL + "/api"
	c.Use(slackd.Client())
	var dialled atomic.Int64
	c.Connect(func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled.Add(1)
		return (&net.Dialer{}).DialContext(ctx, network, address)
	})
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	listener := source.(integration.Listener)
	if !listener.Listens(t.Context()) {
		t.Fatal("it has a token, and does not listen")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	heard := make(chan chat.Heard, 10)
	ended := make(chan error, 1)
	deliveries := 0
	go func() {
		ended <- listener.Listen(ctx, func(_ context.Context, d integration.Delivery) (integration.Received, error) {
			if deliveries++; deliveries == 1 {
				return integration.Received{}, errors.New("the database is away")
			}
			d.ReceivedAt = integrationtest.Now
			decoded, err := listener.Decode(d)
			for _, one := range decoded.Heard {
				heard <- one
			}
			return integration.Received{Answer: decoded.Answer}, err
		})
	}()
	for _, want := range []string{"again", "command"} {
		select {
		case got := <-acknowledged:
			if got != want {
				t.Errorf("acknowledged %q, want %q: what was not kept must come again", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s is not acknowledged", want)
		}
	}
	if one, two := <-heard, <-heard; one.Key != "Ev1" || strings.TrimSpace(one.Text) != "who owns pricing" || two.Kind != chat.Question || two.Text != "help" {
		t.Errorf("heard %+v, %+v", one, two)
	}
	if dialled.Load() != 1 {
		t.Errorf("%d connections by the one way to connect, want one", dialled.Load())
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
}
