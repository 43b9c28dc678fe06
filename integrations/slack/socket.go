package slack

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// handshakeTime bounds the beginning of a connection.
const handshakeTime = 30 * time.Second

// Listens reports whether there is a token for socket mode.
func (s *Source) Listens(ctx context.Context) bool {
	_, err := s.config.AppToken.Get(ctx)
	return err == nil
}

// Listen hears over a connection that it opens itself: socket mode.
func (s *Source) Listen(ctx context.Context, deliver func(context.Context, integration.Delivery) (integration.Received, error)) error {
	token, err := s.config.AppToken.Get(ctx)
	if err != nil {
		return fault.New(fault.Unauthenticated, "no app token is set for socket mode of Slack: see the page of the source")
	}
	api := slack.New("", slack.OptionAppLevelToken(token), slack.OptionAPIURL(s.api.Base+"/"), slack.OptionHTTPClient(s.config.client))
	client := socketmode.New(api, socketmode.OptionReadLimit(maxBody), socketmode.OptionDialer(&websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, NetDialContext: s.config.dial, HandshakeTimeout: handshakeTime,
	}))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	for {
		select {
		case err := <-ended:
			return lost(ctx, err)
		case e := <-client.Events:
			if e.Request == nil || e.Request.EnvelopeID == "" { // the connection speaks of itself
				if e.Type == socketmode.EventTypeInvalidAuth {
					return fault.New(fault.Unauthenticated, "Slack does not know the app token: set one with the scope connections:write")
				}
				continue
			}
			s.hear(ctx, client, e.Request, deliver)
		}
	}
}

// hear acknowledges what was kept, and nothing else: Slack sends the rest again.
func (s *Source) hear(ctx context.Context, client *socketmode.Client, request *socketmode.Request, deliver func(context.Context, integration.Delivery) (integration.Received, error)) {
	received, err := deliver(ctx, integration.Delivery{Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(request.Payload)})
	if err != nil {
		slog.WarnContext(ctx, "what Slack told over the socket is not acknowledged", "error", err)
		return
	}
	var answer json.RawMessage
	if received.Answer != nil && len(received.Answer.Body) > 0 && json.Valid(received.Answer.Body) {
		answer = received.Answer.Body
	}
	if err := client.AckCtx(ctx, request.EnvelopeID, answer); err != nil {
		slog.WarnContext(ctx, "what Slack told over the socket was not acknowledged", "error", err)
	}
}

func lost(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	return fault.New(fault.Unavailable, "the connection to Slack ended: %w", err)
}
