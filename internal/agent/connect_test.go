package agent_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"tidings.dev/tidings/api/rpc/agentv1"
	"tidings.dev/tidings/api/rpc/agentv1/agentv1connect"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/agent"
	"tidings.dev/tidings/observe"
)

// remote answers as it is told, and keeps what it was sent.
type remote struct {
	agentv1connect.UnimplementedObserverServiceHandler
	open   *agentv1.OpenRequest
	send   *agentv1.SendRequest
	header http.Header
	err    error
}

func (r *remote) Open(_ context.Context, request *connect.Request[agentv1.OpenRequest]) (*connect.Response[agentv1.OpenResponse], error) {
	r.open, r.header = request.Msg, request.Header()
	return connect.NewResponse(&agentv1.OpenResponse{Source: "s", Session: 7, FingerprintKey: []byte("k"), MaxObservations: 9, MaxBytes: 1000}), r.err
}

func (r *remote) Send(_ context.Context, request *connect.Request[agentv1.SendRequest]) (*connect.Response[agentv1.SendResponse], error) {
	r.send, r.header = request.Msg, request.Header()
	if r.err != nil {
		return nil, r.err
	}
	return connect.NewResponse(&agentv1.SendResponse{}), nil
}

// connected is a door to a remote, with what of the request came over the wire before it was decoded.
func connected(t *testing.T, r *remote, token func() (string, error)) agent.Door {
	t.Helper()
	_, handler := agentv1connect.NewObserverServiceHandler(r)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("it came as %q", request.Header.Get("Content-Encoding"))
		}
		handler.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	door, err := agent.Connect(agent.Address{Server: server.URL + "/", Token: token, Release: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func TestWire(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	r := &remote{}
	door := connected(t, r, agent.Token("", file))
	opening := opening()
	opening.Yield, opening.Scope.Environment = true, "production"
	opened, err := door.Open(t.Context(), opening)
	if err != nil || opened.Session != 7 || string(opened.Key) != "k" || opened.MaxObservations != 9 || opened.MaxBytes != 1000 {
		t.Errorf("opened %+v, %v", opened, err)
	}
	if r.header.Get("Authorization") != "Bearer first" || r.header.Get("User-Agent") != "tidings-agent/1.2.3" || !r.open.GetYield() || r.open.GetAgent() != "one" || r.open.GetEnvironment() != "production" {
		t.Errorf("it said %v with %v", r.open, r.header)
	}
	// A token that was replaced is used at once.
	write("second")
	at := time.Date(2026, 11, 22, 11, 0, 9, 940036000, time.UTC)
	batch := observe.Batch{
		Source: "s", Session: 7, Number: 3, Complete: []string{"things"}, Report: observe.Report{Problem: "none", SyncedAt: at},
		Observations: []observe.Observation{
			{Object: "a", Collection: "things", State: json.RawMessage(`{"b":1}`), SeenAt: at},
			{Object: "a", Collection: "things", Gone: true, SeenAt: at},
			{Object: "a", Collection: "things", SeenAt: at, Act: &observe.Act{
				ID: "1", At: at, Verb: "patch", Part: "scale", User: "bob", Impersonator: "carol", Agent: "kubectl", Automation: true, ObjectID: "u",
			}},
		},
	}
	if err := door.Send(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	m := r.send
	if r.header.Get("Authorization") != "Bearer second" || m.GetSource() != "s" || m.GetSession() != 7 || m.GetNumber() != 3 || len(m.GetComplete()) != 1 || m.GetReport().GetProblem() != "none" || !m.GetReport().GetSyncedAt().AsTime().Equal(at) {
		t.Errorf("it said %v with %v", m, r.header)
	}
	state, gone, act := m.GetObservations()[0], m.GetObservations()[1], m.GetObservations()[2].GetAct()
	if state.GetState() != `{"b":1}` || !state.GetSeenAt().AsTime().Equal(at) || !gone.GetGone() || gone.GetState() != "" ||
		act.GetId() != "1" || !act.GetAt().AsTime().Equal(at) || act.GetUser() != "bob" || act.GetImpersonator() != "carol" || act.GetObjectId() != "u" ||
		act.GetPart() != "scale" || act.GetVerb() != "patch" || !act.GetAutomation() || act.GetAgent() != "kubectl" {
		t.Errorf("it said %v", m.GetObservations())
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := door.Send(t.Context(), batch); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("without a token: %v", err)
	}
}

// Each refusal is told apart, and tells a person what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for code, want := range map[connect.Code]struct {
		code fault.Code
		says string
	}{
		connect.CodeAborted:           {fault.Conflict, "why"},
		connect.CodeOutOfRange:        {fault.NotFound, "why"},
		connect.CodeUnimplemented:     {fault.NotFound, "is it a Tidings server"},
		connect.CodeInvalidArgument:   {fault.Invalid, "why"},
		connect.CodeUnauthenticated:   {fault.Unauthenticated, "tidings token create"},
		connect.CodePermissionDenied:  {fault.Forbidden, "the scope agent"},
		connect.CodeResourceExhausted: {fault.RateLimited, "why"},
		connect.CodeUnavailable:       {fault.Unavailable, "why"},
		connect.CodeDeadlineExceeded:  {fault.Unavailable, "why"},
		connect.CodeInternal:          {fault.Internal, "why"},
	} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			refusal := connect.NewError(code, errors.New("why"))
			refusal.Meta().Set("Retry-After", "7")
			r := &remote{err: refusal}
			err := connected(t, r, agent.Token("token", "")).Send(t.Context(), observe.Batch{Session: 1, Number: 1})
			if fault.CodeOf(err) != want.code || !strings.Contains(err.Error(), want.says) || strings.Contains(err.Error(), "Bearer") {
				t.Errorf("error %v", err)
			}
			if wait := fault.RetryAfter(err); wait != 7*time.Second {
				t.Errorf("retry after %s", wait)
			}
		})
	}
}

// What stands at the address may be no Tidings, or nothing at all.
func TestOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		code   fault.Code
	}{
		"a page":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, fault.Internal},
		"not found": {http.NotFound, fault.NotFound},
		"a proxy":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, fault.Unavailable},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example", http.StatusFound)
		}, fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.answer)
			defer server.Close()
			door, err := agent.Connect(agent.Address{Server: server.URL, Token: agent.Token("", "")})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := door.Open(t.Context(), opening()); fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), server.URL) {
				t.Errorf("error %v", err)
			}
			server.Close()
			if _, err := door.Open(t.Context(), opening()); !fault.Is(err, fault.Unavailable) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	_, handler := agentv1connect.NewObserverServiceHandler(&remote{})
	server := httptest.NewTLSServer(handler)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for ca, want := range map[string]bool{"": false, file: true} {
		door, err := agent.Connect(agent.Address{Server: server.URL, Token: agent.Token("", ""), CA: ca})
		if err != nil {
			t.Fatal(err)
		}
		_, err = door.Open(t.Context(), opening())
		if (err == nil) != want || !want && !strings.Contains(err.Error(), "--ca-file") {
			t.Errorf("with the authority %q: %v", ca, err)
		}
	}
}
