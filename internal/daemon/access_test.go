package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/api/graph"
	"tidings.dev/tidings/api/rest"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/daemon"
)

// visitors are those who stand at the door, by the credential that they show.
func visitors() map[string]access.Principal {
	all := map[string]access.Principal{
		"nobody":    {},
		"anonymous": {Type: access.Anonymous, Role: access.RoleViewer},
		"unroled":   {Type: access.Person, Name: "newcomer"},
	}
	for _, role := range access.Roles() {
		all[role.String()] = access.Principal{Type: access.Person, Name: "a-" + role.String(), Role: role, Teams: []string{"payments"}}
	}
	for _, scope := range access.Scopes() {
		for _, role := range access.Roles() {
			all[role.String()+"/"+string(scope)] = access.Principal{
				Type: access.Token, Name: "t-" + string(scope), Role: role, Scopes: []access.Scope{scope}, Teams: []string{"payments"},
			}
		}
	}
	return all
}

// desk knows the visitors by their credential, and can turn one away.
type desk struct {
	mu     sync.Mutex
	people map[string]access.Principal
}

func (d *desk) who(r *http.Request) (access.Principal, error) {
	name, shown := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !shown {
		return access.Principal{}, nil
	}
	return d.named(name)
}

func (d *desk) named(name string) (access.Principal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.people[name]
	if !ok {
		return p, fault.New(fault.Unauthenticated, "this token is not known, or no longer good")
	}
	p.Credential = name
	return p, nil
}

func (d *desk) again(_ context.Context, p access.Principal) (access.Principal, error) {
	return d.named(p.Credential)
}

func (d *desk) turnAway(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.people, name)
}

// guarded starts a server that knows the visitors.
func guarded(t *testing.T, config daemon.Config) (*daemon.Daemon, *desk) {
	t.Helper()
	config.NoLogin = false
	d := &desk{people: visitors()}
	config.Ask(d.who, d.again)
	return running(t, config), d
}

// visit sends a request as a visitor, and tells the status and the first of an answer.
func visit(t *testing.T, who, method, address, body string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", "192.0.2.1") // the metrics are open to this machine
	if who != "nobody" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s as %s: %v", address, who, err)
	}
	defer answer.Body.Close()
	text := make([]byte, 64<<10)
	n, err := io.ReadAtLeast(answer.Body, text, 1) // a stream goes on
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%s as %s: %v", address, who, err)
	}
	return answer.StatusCode, string(text[:n])
}

// bodies are what a write needs to be more than refused.
var bodies = map[string]string{
	"POST /api/v1/events":                  `{"title":"x","service":"pricing","source":"ci"}`,
	"POST /api/v1/aliases":                 `{"alias":"github:acme/x","entity":"service:ours"}`,
	"POST /api/v1/descriptors":             `{"documents":[{"name":"a.yaml","content":"name: walked\nowner: payments\n"}]}`,
	"PUT /api/v1/entities/{kind}/{name}":   `{"owner":"team:payments"}`,
	"PATCH /api/v1/entities/{kind}/{name}": `{"description":"walked"}`,
}

// questions ask for each root field.
var questions = map[string]string{
	"Query.secretKeeping":          `{secretKeeping{possible}}`,
	"Query.__schema":               `{__schema{queryType{name}}}`,
	"Query.__type":                 `{__type(name:"Query"){name}}`,
	"Query.viewer":                 `{viewer{name}}`,
	"Query.entity":                 `{entity(ref:"service:ours"){name}}`,
	"Query.entities":               `{entities{total}}`,
	"Query.search":                 `{search(q:"x"){name}}`,
	"Query.feed":                   `{feed{next}}`,
	"Query.histogram":              `{histogram(since:"2026-01-01T00:00:00Z",until:"2026-01-02T00:00:00Z"){__typename}}`,
	"Query.facets":                 `{facets(since:"2026-01-01T00:00:00Z",until:"2026-01-02T00:00:00Z"){__typename}}`,
	"Query.event":                  `{event(id:"00000000-0000-7000-8000-000000000000"){id}}`,
	"Query.story":                  `{story(id:"00000000-0000-7000-8000-000000000000"){id}}`,
	"Query.unclaimed":              `{unclaimed{total}}`,
	"Query.incidents":              `{incidents{next}}`,
	"Query.incident":               `{incident(number:1){title}}`,
	"Query.suspectsRecord":         `{suspectsRecord{verdicts}}`,
	"Mutation.openIncident":        `mutation{openIncident(input:{title:"x",services:["ours"]}){number}}`,
	"Mutation.acknowledgeIncident": `mutation{acknowledgeIncident(number:9000000){number}}`,
	"Mutation.resolveIncident":     `mutation{resolveIncident(number:9000000){number}}`,
	"Mutation.reopenIncident":      `mutation{reopenIncident(number:9000000){number}}`,
	"Mutation.editIncident":        `mutation{editIncident(number:9000000,input:{title:"y"}){number}}`,
	"Mutation.assignRole":          `mutation{assignRole(number:9000000,role:"commander",person:"person:ines"){number}}`,
	"Mutation.pageForIncident":     `mutation{pageForIncident(number:9000000){number}}`,
	"Mutation.noteIncident":        `mutation{noteIncident(number:9000000,text:"x"){number}}`,
	"Mutation.mergeIncident":       `mutation{mergeIncident(number:9000000,into:9000001){number}}`,
	"Mutation.splitIncident":       `mutation{splitIncident(number:9000000,signals:[]){number}}`,
	"Mutation.judgeChange":         `mutation{judgeChange(incident:9000000,event:"00000000-0000-7000-8000-000000000000",finding:"dismissed"){at}}`,
	"Subscription.incidentChanges": `subscription{incidentChanges{sequence}}`, // told that it is a stream
	"Query.suspects":               `{suspects(services:["ours"]){summary}}`,
	"Query.kinds":                  `{kinds{name}}`,
	"Query.sources":                `{sources{name observed{agent lagSeconds}}}`,
	"Query.map":                    `{map{total}}`,
	"Query.paths":                  `{paths(from:"service:ours",to:"service:ours"){stops{name}}}`,
	"Query.migration":              `{migration(what:"k8s"){done}}`,
	"Mutation.putEntity":           `mutation{putEntity(ref:"service:ours",fields:[{field:"owner",value:"team:payments"}]){name}}`,
	"Mutation.deleteEntity":        `mutation{deleteEntity(ref:"service:ours")}`,
	"Mutation.applyDescriptors":    `mutation{applyDescriptors(documents:[{name:"b.yaml",content:"name: asked\nowner: payments\n"}]){name}}`,
	"Mutation.claimAlias":          `mutation{claimAlias(alias:"github:acme/x",ref:"service:ours"){events}}`,
	"Query.me":                     `{me{id}}`,
	"Query.people":                 `{people{total}}`,
	"Query.sessions":               `{sessions{id}}`,
	"Query.tokens":                 `{tokens{next}}`,
	"Mutation.endSession":          `mutation{endSession(id:"none")}`,
	"Mutation.createToken":         `mutation{createToken(input:{name:"x",kind:personal}){secret}}`,
	"Mutation.revokeToken":         `mutation{revokeToken(id:"none"){id}}`,
	"Mutation.setRole":             `mutation{setRole(account:"none",role:viewer){id}}`,
	"Mutation.setDisabled":         `mutation{setDisabled(account:"none",disabled:true){id}}`,
	"Mutation.invite":              `mutation{invite(role:viewer)}`,
	"Query.tools":                  `{tools{type}}`,
	"Query.tool":                   `{tool(type:"github"){type}}`,
	"Query.source":                 `{source(name:"none"){name}}`,
	"Query.sourceSettings":         `{sourceSettings(name:"none"){type}}`,
	"Query.deliveries":             `{deliveries(source:"none"){next}}`,
	"Query.delivery":               `{delivery(source:"none",id:"none"){id}}`,
	"Query.trySource":              `{trySource(trial:{type:"github",body:"{}"}){fault}}`,
	"Mutation.createSource":        `mutation{createSource(input:{name:"x",type:"none"}){secret}}`,
	"Mutation.changeSource":        `mutation{changeSource(name:"none",settings:{},revision:1){name}}`,
	"Mutation.switchSource":        `mutation{switchSource(name:"none",on:true){name}}`,
	"Mutation.setSourceSecret":     `mutation{setSourceSecret(name:"none"){secret}}`,
	"Mutation.dropSourceSecret":    `mutation{dropSourceSecret(name:"none",field:"secret"){name}}`,
	"Mutation.removeSource":        `mutation{removeSource(name:"none")}`,
	"Mutation.replayDelivery":      `mutation{replayDelivery(source:"none",id:"none"){outcome}}`,
	"Mutation.replayFailed":        `mutation{replayFailed(source:"none"){id}}`,
	"Query.jobs":                   `{jobs{id}}`,
	"Query.job":                    `{job(id:"replay:none failed"){id}}`,
	"Query.storySteps":             `{storySteps(id:"01a20453-5da9-70cf-a76c-000000000001"){step}}`,
	"Mutation.retryJob":            `mutation{retryJob(id:"replay:none failed"){id}}`,
	"Mutation.cancelJob":           `mutation{cancelJob(id:"replay:none failed"){id}}`,
	"Subscription.events":          `subscription{events{cursor}}`, // told that it is a stream
	"Query.installation":           `{installation{database}}`,
	"Query.posts":                  `{posts{next}}`,
	"Query.follows":                `{follows{number}}`,
	"Mutation.retryPost":           `mutation{retryPost(id:"none"){id}}`,
	"Mutation.follow":              `mutation{follow(input:{source:"none",services:["ours"]}){number}}`,
	"Mutation.unfollow":            `mutation{unfollow(number:9000000)}`,
	"Mutation.unmute":              `mutation{unmute(number:9000000,noise:1){number}}`,
	"Query.views":                  `{views(page:feed){id}}`,
	"Mutation.saveView":            `mutation{saveView(input:{page:feed,name:"walked",query:"kind=deploy"}){id}}`,
	"Mutation.removeView":          `mutation{removeView(id:"none")}`,
}

// withoutRoute are the operations that no entrance performs yet.
var withoutRoute = map[access.Operation]bool{
	access.ShareView:  true,                           // the shelf of views asks for it beneath one that everyone has
	access.ReadTokens: true, access.WriteTokens: true, // the desk asks for them beneath routes that everyone has
	access.Erase: true,
}

// Everybody tries everything: what the server does is what the table in access says.
func TestEverybodyTriesEverything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, config daemon.Config) {
		opened, desk := guarded(t, config)
		routes := rest.New(rest.Deps{}).Routes()
		performed := map[access.Operation]bool{}
		var patterns, cells int
		known := map[string]bool{"/api/v1/": true, rest.HookPath: true, "POST /graphql": true}
		for _, route := range routes {
			known[route.Path] = true
			performed[route.Operation] = true
		}
		for _, route := range opened.Routes() {
			patterns++
			_, listed := access.RuleOf(route.Operation)
			if !listed && !known[route.Pattern] {
				t.Errorf("the route %q asks for no operation", route.Pattern)
			}
			if listed {
				performed[route.Operation] = true
				method, path, found := strings.Cut(route.Pattern, " ")
				if !found {
					method, path = http.MethodGet, route.Pattern
				}
				routes = append(routes, rest.Route{Method: method, Path: path, Operation: route.Operation})
			}
		}
		// What some may delete is there again for the next.
		renew := func(op access.Operation) {
			if op == access.EditEntity {
				visit(t, "operator", http.MethodPut, opened.URL()+"/api/v1/entities/service/ours", `{"owner":"team:payments"}`)
			}
		}
		renew(access.EditEntity)
		for name, who := range desk.people {
			for _, route := range routes {
				cells++
				renew(route.Operation)
				path := strings.NewReplacer("{kind}", "service", "{name}", "ours", "{id}", "00000000-0000-7000-8000-000000000000").Replace(route.Path)
				status, text := visit(t, name, route.Method, opened.URL()+path, bodies[route.Method+" "+route.Path])
				verdict(t, fmt.Sprintf("%s: %s %s", name, route.Method, path), who.Check(route.Operation), status, text)
			}
			for field, op := range graph.Operations() {
				performed[op] = true
				cells++
				renew(op)
				query, ok := questions[field]
				if !ok {
					t.Fatalf("nobody asks for %s: add a question", field)
				}
				body, err := json.Marshal(map[string]string{"query": query})
				if err != nil {
					t.Fatal(err)
				}
				status, text := visit(t, name, http.MethodPost, opened.URL()+"/graphql", string(body))
				verdict(t, name+": "+field, who.Check(op), graphStatus(status, text), text)
			}
		}
		for _, op := range access.Operations() {
			if performed[op] == withoutRoute[op] {
				t.Errorf("the operation %s is performed: %t, and said to be without a route: %t", op, performed[op], withoutRoute[op])
			}
		}
		t.Logf("%d operations, %d patterns, %d routes, %d fields, %d principals: %d cells",
			len(access.Operations()), patterns, len(routes), len(graph.Operations()), len(desk.people), cells)
	})
}

// graphStatus takes a code in an answer of GraphQL for a status.
func graphStatus(status int, text string) int {
	switch {
	case strings.Contains(text, `"code":"unauthenticated"`):
		return http.StatusUnauthorized
	case strings.Contains(text, `"code":"forbidden"`):
		return http.StatusForbidden
	case strings.Contains(text, `"code":"internal"`):
		return http.StatusInternalServerError
	}
	return status
}

// verdict compares what the table says with what the server did.
func verdict(t *testing.T, what string, table error, status int, text string) {
	t.Helper()
	want := "let in"
	switch fault.CodeOf(table) {
	case fault.Unauthenticated:
		want = "401"
	case fault.Forbidden:
		want = "403"
	}
	if table == nil {
		want = "let in"
	}
	got := "let in"
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		got = fmt.Sprint(status)
	}
	if got != want || status >= 500 {
		t.Errorf("%s: got %s (%d), want %s: %.300s", what, got, status, want, text)
	}
}

// A stream of somebody who was turned away ends by itself.
func TestStreamsEndWithTheCredential(t *testing.T) {
	t.Parallel()
	config := settings(func(c *daemon.Config) { c.Data = t.TempDir() })
	opened, desk := guarded(t, config)
	for _, request := range []struct{ name, method, path, body string }{
		{"viewer", http.MethodGet, "/api/v1/stream", ""},
		{"member", http.MethodPost, "/graphql", `{"query":"subscription{events{cursor}}"}`},
	} {
		r, err := http.NewRequestWithContext(t.Context(), request.method, opened.URL()+request.path, strings.NewReader(request.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+request.name)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "text/event-stream")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("got %s", answer.Status)
		}
		desk.turnAway(request.name)
		_, _ = io.Copy(io.Discard, answer.Body) // ends, or the test times out
		if status, text := visit(t, request.name, request.method, opened.URL()+request.path, request.body); status != http.StatusUnauthorized {
			t.Errorf("%s came back: %d %s", request.name, status, text)
		}
	}
}
