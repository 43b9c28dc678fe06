package audit_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/integrations/kubernetes/audit"
	"tidings.dev/tidings/observe"
)

var update = flag.Bool("update", false, "write the golden files anew")

// taker takes acts as the server would.
type taker struct {
	got      []observe.Observation
	err      error
	troubles []string
}

func (s *taker) deliver(_ context.Context, acts []observe.Observation) error {
	if s.err != nil {
		return s.err
	}
	s.got = append(s.got, acts...)
	return nil
}

func (s *taker) receiver(filter audit.Filter) *audit.Receiver {
	return &audit.Receiver{
		Filter: filter, Deliver: s.deliver,
		Token:   func() (string, error) { return "the-token", nil },
		Trouble: func(sentence string) { s.troubles = append(s.troubles, sentence) },
	}
}

func post(r http.Handler, token, path, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, request)
	return w
}

// What an API server 1.33 told of what several people did by kubectl, and its controllers after them.
func TestKubectl(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/kubectl.json")
	if err != nil {
		t.Fatal(err)
	}
	s := &taker{}
	r := s.receiver(audit.Filter{Stands: func(_, namespace, name string) (object, collection, id string, found bool) {
		return namespace + "/deployment/of-" + name, kubernetes.Deployments, "autoscaler-uid", true
	}})
	if w := post(r, "the-token", "/audit", string(body)); w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	var lines bytes.Buffer
	for _, o := range s.got {
		if o.SeenAt.IsZero() {
			t.Errorf("%s was seen never", o.Object)
		}
		o.SeenAt = time.Time{}
		line, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
		if err := (kubernetes.Interpreter{}).Check(o); err != nil {
			t.Error(err)
		}
	}
	const golden = "testdata/kubectl.jsonl"
	if *update {
		if err := os.WriteFile(golden, lines.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), lines.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c := r.Counts(); c.Deliveries != 1 || c.Acts != len(s.got) || c.Events != 35 {
		t.Errorf("counts %+v", c)
	}
}

const one = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"a1","stage":"ResponseComplete",
"requestURI":"/apis/apps/v1/namespaces/shop/deployments/cart","verb":"patch","user":{"username":"alice"},"userAgent":"kubectl/v1.33.0",
"objectRef":{"resource":"deployments","namespace":"shop","name":"cart","apiGroup":"apps"},"responseStatus":{"code":200},
"requestObject":{"spec":"a secret"},"stageTimestamp":"2026-11-22T11:00:09.940036Z"}]}`

// What is no successful write of something that is looked at is no act.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"a request that has just come": {"ResponseComplete", "RequestReceived"},
		"a panic":                      {"ResponseComplete", "Panic"},
		"a refusal":                    {`"code":200`, `"code":403`},
		"no answer":                    {`"responseStatus":{"code":200},`, ``},
		"a dry run":                    {"deployments/cart", "deployments/cart?fieldManager=x&dryRun=All"},
		"a read":                       {`"patch"`, `"get"`},
		"a status":                     {`"name":"cart"`, `"name":"cart","subresource":"status"`},
		"another group":                {`"apps"`, `"apps.example.com"`},
		"a pod":                        {`"deployments","namespace"`, `"pods","namespace"`},
		"no name":                      {`"name":"cart",`, ``},
		"no object":                    {`"objectRef":{"resource"`, `"other":{"resource"`},
		"an autoscaler":                {`"deployments","namespace":"shop","name":"cart","apiGroup":"apps"`, `"horizontalpodautoscalers","namespace":"shop","name":"cart","apiGroup":"autoscaling"`},
		"nobody":                       {`"alice"`, `""`},
		"another namespace":            {`"shop"`, `"kube-system"`},
		"a kind that is not looked at": {`"deployments","namespace":"shop","name":"cart","apiGroup":"apps"`, `"secrets","namespace":"shop","name":"cart"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(one, change[0]) {
				t.Fatal("the case changes nothing")
			}
			s := &taker{}
			r := s.receiver(audit.Filter{
				Collections: []string{kubernetes.Deployments},
				Looks:       func(namespace string) bool { return namespace != "kube-system" },
			})
			if w := post(r, "the-token", "/audit", strings.Replace(one, change[0], change[1], 1)); w.Code != http.StatusOK {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			if len(s.got) != 0 {
				t.Errorf("it is an act: %+v", s.got[0])
			}
			if w := post(r, "the-token", "/audit", one); w.Code != http.StatusOK || len(s.got) != 1 {
				t.Errorf("without the change it is none: %d", w.Code)
			}
		})
	}
}

func TestAutomation(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]bool{
		"alice":                             false,
		"alice@example.com":                 false,
		"system:serviceaccount:ci:deployer": true,
		"system:node:worker-1":              true,
		"ci-release":                        true,
		"release@bots.example.com":          true,
		"bots.example.com":                  false,
	} {
		s := &taker{}
		post(s.receiver(audit.Filter{Automation: []string{"ci-*", "*@bots.example.com"}}), "the-token", "/audit", strings.Replace(one, `"alice"`, `"`+user+`"`, 1))
		if len(s.got) != 1 || s.got[0].Act.Automation != want {
			t.Errorf("%s: %+v", user, s.got)
		}
	}
	if err := (audit.Filter{Automation: []string{"ci-["}}).Validate(); !fault.Is(err, fault.Invalid) {
		t.Errorf("error %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, path, body string
		err               error
		status            int
		says              string
		trouble           bool
	}{
		"no token":         {"", "/audit", one, nil, 401, "--audit-token-file", false},
		"another token":    {"the-tokem", "/audit", one, nil, 401, "--audit-token-file", false},
		"another path":     {"the-token", "/", one, nil, 404, "at /audit", false},
		"no JSON":          {"the-token", "/audit", "kind: EventList", nil, 400, "not a list of audit events", true},
		"an older version": {"the-token", "/audit", strings.Replace(one, "audit.k8s.io/v1", "audit.k8s.io/v1beta1", 1), nil, 400, "audit.k8s.io/v1beta1", true},
		"something else":   {"the-token", "/audit", `{"kind":"Event","apiVersion":"v1"}`, nil, 400, "“Event” of “v1”", true},
		"too much":         {"the-token", "/audit", one + strings.Repeat(" ", audit.MaxBody), nil, 413, "metadata only", true},
		"the server away":  {"the-token", "/audit", one, fault.New(fault.Unavailable, "the server has not acknowledged it yet"), 503, "not acknowledged", false},
		"something broke":  {"the-token", "/audit", one, os.ErrClosed, 500, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &taker{err: c.err}
			r := s.receiver(audit.Filter{})
			w := post(r, c.token, c.path, c.body)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			if len(s.got) != 0 {
				t.Error("it was taken")
			}
			if told := len(s.troubles) > 0; told != c.trouble {
				t.Errorf("troubles %q", s.troubles)
			}
			if c.status == 503 && w.Header().Get("Retry-After") == "" {
				t.Error("it does not say when to come again")
			}
			s.err = nil
			if w := post(r, "the-token", "/audit", one); w.Code != 200 || len(s.got) != 1 || s.troubles[len(s.troubles)-1] != "" {
				t.Errorf("afterwards nothing is taken: %d, troubles %q", w.Code, s.troubles)
			}
		})
	}
}

// Without a token only a certificate that was verified opens it.
func TestCertificates(t *testing.T) {
	t.Parallel()
	s := &taker{}
	r := s.receiver(audit.Filter{})
	r.Token = nil
	if w := post(r, "the-token", "/audit", one); w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
	request := httptest.NewRequest(http.MethodPost, "/audit", strings.NewReader(one))
	request.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	if r.ServeHTTP(w, request); w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
	request.TLS.VerifiedChains = [][]*x509.Certificate{{{}}}
	w = httptest.NewRecorder()
	if r.ServeHTTP(w, request); w.Code != http.StatusOK {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	// A token that cannot be read opens nothing.
	r.Token = func() (string, error) { return "", nil }
	if w := post(r, "", "/audit", one); w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
}

// The API server hears that a delivery failed before it gives up by itself.
func TestAnswersInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &taker{}
		r := s.receiver(audit.Filter{})
		r.Deliver = func(ctx context.Context, _ []observe.Observation) error {
			<-ctx.Done()
			return fault.New(fault.Unavailable, "the server has not acknowledged it yet")
		}
		began := time.Now()
		if w := post(r, "the-token", "/audit", one); w.Code != http.StatusServiceUnavailable {
			t.Errorf("status %d", w.Code)
		}
		if took := time.Since(began); took < 20*time.Second || took >= 30*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func FuzzDelivery(f *testing.F) {
	body, err := os.ReadFile("testdata/kubectl.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(body))
	f.Add(one)
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, body string) {
		s := &taker{}
		w := post(s.receiver(audit.Filter{}), "the-token", "/audit", body)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		for _, o := range s.got {
			if err := (kubernetes.Interpreter{}).Check(o); err != nil {
				t.Errorf("%+v: %s", o, err)
			}
			if len(o.Object) > observe.MaxName || len(o.State) > 0 || len(o.Act.User) > 200 {
				t.Errorf("%+v is over a bound", o)
			}
		}
	})
}
