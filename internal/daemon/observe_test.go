package daemon_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/rpc/agentv1"
	"tidings.dev/tidings/api/rpc/agentv1/agentv1connect"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/change"
	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/observe"
)

// lamp interprets {"on": true}: a lamp that is switched is a deploy of the service lamp.
type lamp struct{}

func (lamp) Check(observe.Observation) error { return nil }

func (lamp) Running(_ observe.Scope, state json.RawMessage) (observe.Running, bool) {
	return observe.Running{Kind: "Lamp", Name: "hall", Version: string(state), Ready: 1}, true
}

func (lamp) Interpret(look observe.Look) observe.Finding {
	f := observe.Finding{Subject: "lamp:hall", Statements: []catalog.Statement{{
		Ref: catalog.Ref{Kind: catalog.Service, Name: "lamp"}, Source: catalog.Source{Name: "lamps:hall", Rank: catalog.Platform},
		Claims: []catalog.Claim{catalog.Say(catalog.Key(catalog.FamilyAlias, "lamp:hall"), true)},
	}}}
	if len(look.Known.State) > 0 && string(look.Known.State) != string(look.State) {
		f.Events = []change.Event{{Key: string(look.State), Kind: "deploy", Title: "the lamp was switched", StartedAt: look.Before, Dark: true}}
	}
	return f
}

// agentOf speaks to a server as an agent with a token.
func agentOf(address, token string, options ...connect.ClientOption) agentv1connect.ObserverServiceClient {
	return speaks(http.DefaultClient, address, token, options...)
}

// overHTTP2 is a client that speaks HTTP/2 without encryption, as gRPC does behind a proxy.
func overHTTP2() *http.Client {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: &http.Transport{Protocols: protocols}}
}

func speaks(client *http.Client, address, token string, options ...connect.ClientOption) agentv1connect.ObserverServiceClient {
	return agentv1connect.NewObserverServiceClient(client, address, append(options, connect.WithSendGzip(), connect.WithInterceptors(
		connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
			return func(ctx context.Context, r connect.AnyRequest) (connect.AnyResponse, error) {
				r.Header().Set("Authorization", "Bearer "+token)
				return next(ctx, r)
			}
		})))...)
}

func lampIs(state string) []*agentv1.Observation {
	return []*agentv1.Observation{{Object: "hall", Collection: "lamps", State: state, SeenAt: timestamppb.Now()}}
}

// What an agent sends is in the feed, also after the server was started anew; who is no agent, or no longer the one, is told so in
// its own protocol.
func TestAnAgentIsHeard(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		config.Interpret("lamp", lamp{})
		desk := &desk{people: visitors()}
		desk.people["lamps"] = access.Principal{Type: access.Token, Name: "lamps", Role: access.RoleMember, Scopes: []access.Scope{access.ScopeAgent}, Source: "lamps"}
		config.NoLogin = false
		config.Ask(desk.who, desk.again)
		ctx := t.Context()
		opened, err := daemon.Open(ctx, config)
		if err != nil {
			t.Fatal(err)
		}
		agent := agentOf(opened.URL(), "lamps")
		code := func(err error) connect.Code { return connect.CodeOf(err) }
		if _, err := agentOf(opened.URL(), "viewer").Open(ctx, connect.NewRequest(&agentv1.OpenRequest{Source: "lamps"})); code(err) != connect.CodePermissionDenied {
			t.Errorf("a viewer: %v", err)
		}
		if _, err := agentOf(opened.URL(), "unknown").Open(ctx, connect.NewRequest(&agentv1.OpenRequest{Source: "lamps"})); code(err) != connect.CodeUnauthenticated {
			t.Errorf("somebody: %v", err)
		}
		if _, err := speaks(overHTTP2(), opened.URL(), "unknown", connect.WithGRPC()).Open(ctx, connect.NewRequest(&agentv1.OpenRequest{Source: "lamps"})); code(err) != connect.CodeUnauthenticated {
			t.Errorf("somebody, by gRPC: %v", err)
		}
		if _, err := speaks(overHTTP2(), opened.URL(), "lamps", connect.WithGRPC()).Open(ctx, connect.NewRequest(&agentv1.OpenRequest{Type: "lamp", Collections: []string{"lamps"}, Agent: "by gRPC"})); err != nil {
			t.Errorf("an agent, by gRPC: %v", err)
		}
		begun, err := agent.Open(ctx, connect.NewRequest(&agentv1.OpenRequest{Type: "lamp", Collections: []string{"lamps"}, Agent: "one"}))
		if err != nil {
			t.Fatal(err)
		}
		session := begun.Msg.GetSession()
		send := func(number int64, observations []*agentv1.Observation, complete ...string) (int32, error) {
			answer, err := agent.Send(ctx, connect.NewRequest(&agentv1.SendRequest{
				Session: session, Number: number, Observations: observations, Complete: complete,
				Report: &agentv1.Report{Version: "1", Detail: "the hall", Problem: "it is dark", Objects: 1, Waiting: 3},
			}))
			if err != nil {
				return 0, err
			}
			return answer.Msg.GetEvents(), nil
		}
		if _, err := send(1, lampIs(`{"on":false}`), "lamps"); err != nil {
			t.Fatal(err)
		}
		if n, err := send(2, lampIs(`{"on":true}`)); err != nil || n != 1 {
			t.Fatalf("got %d, %v", n, err)
		}
		diagnosis := daemon.Examine(ctx, config)
		if i := slices.IndexFunc(diagnosis.Findings, func(f daemon.Finding) bool {
			return f.Check == "agent lamps" && f.Grade == daemon.Suspect && strings.Contains(f.Detail, "it is dark")
		}); i < 0 {
			t.Errorf("the doctor does not name what the agent cannot see: %+v", diagnosis.Findings)
		}
		if _, err := send(4, nil); code(err) != connect.CodeOutOfRange {
			t.Errorf("a gap: %v", err)
		}
		if _, err := send(3, []*agentv1.Observation{{Object: "hall", Collection: "lamps", State: "no JSON"}}); code(err) != connect.CodeInvalidArgument {
			t.Errorf("no JSON: %v", err)
		}
		if _, err := send(3, lampIs(`"`+strings.Repeat("0", observe.MaxBytes)+`"`)); code(err) != connect.CodeResourceExhausted {
			t.Errorf("a bomb: %v", err)
		}
		status, text := visit(t, "viewer", http.MethodGet, opened.URL()+"/api/v1/events?service=lamp&kind=deploy", "")
		if status != http.StatusOK || !strings.Contains(text, "the lamp was switched") {
			t.Errorf("the feed: %d %s", status, text)
		}
		status, text = visit(t, "viewer", http.MethodGet, opened.URL()+"/api/v1/sources", "")
		for _, want := range []string{`"name":"lamps"`, `"state":"failing"`, `"fault":"it is dark"`, `"detail":"the hall"`, `"waiting":3`, `"agent":"one"`} {
			if status != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("the sources lack %s: %d %s", want, status, text)
			}
		}
		status, text = visit(t, "viewer", http.MethodGet, opened.URL()+"/api/v1/entities/service/lamp/running", "")
		if status != http.StatusOK || !strings.Contains(text, `"kind":"Lamp"`) || !strings.Contains(text, `"source":"lamps"`) {
			t.Errorf("what runs: %d %s", status, text)
		}
		status, text = visit(t, "viewer", http.MethodPost, opened.URL()+"/graphql",
			`{"query":"{entity(ref:\"service:lamp\"){running{kind ready seen source event} coverage{seen told}} feed{rows{dark}} sources{name observed{agent waiting}}}"}`)
		for _, want := range []string{`{"kind":"Lamp","ready":1,"seen":true,"source":"lamps","event":null}`, `"coverage":{"seen":1,"told":0}`, `{"dark":true}`, `"waiting":3`} {
			if status != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("GraphQL lacks %s: %d %s", want, status, text)
			}
		}
		if err := opened.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		again, err := daemon.Open(ctx, config)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close(context.Background())
		agent = agentOf(again.URL(), "lamps")
		if n, err := send(2, lampIs(`{"on":true}`)); err != nil || n != 0 {
			t.Errorf("sent again: %d, %v", n, err)
		}
		if n, err := send(3, lampIs(`{"on":false}`)); err != nil || n != 1 {
			t.Errorf("after a start: %d, %v", n, err)
		}
		next, err := agent.Open(ctx, connect.NewRequest(&agentv1.OpenRequest{Type: "lamp", Collections: []string{"lamps"}, Agent: "two"}))
		if err != nil || string(next.Msg.GetFingerprintKey()) != string(begun.Msg.GetFingerprintKey()) || len(next.Msg.GetFingerprintKey()) != 32 {
			t.Errorf("another session: %v", err)
		}
		if _, err := send(4, nil); code(err) != connect.CodeAborted || !strings.Contains(err.Error(), "two") {
			t.Errorf("one that was replaced: %v", err)
		}
	})
}
