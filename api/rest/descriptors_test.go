package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescriptors(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	type result struct {
		Documents []struct {
			Name, Format     string
			Entities         []string
			Changed          int
			Unchanged        int
			Faults, Warnings []struct {
				Line          int
				Field, Detail string
			}
		}
	}
	const one, two = "name: pricing\nkind: service\ndescription: says what things cost\nowner: payments\n", "name: ledger\nkind: service\n"
	var r result
	s.do("POST", "/api/v1/descriptors?name=acme/tidings.yaml&dry_run=1", one, "Content-Type", "application/yaml").want(t, 200, &r)
	if len(r.Documents) != 1 || r.Documents[0].Changed != 1 {
		t.Fatalf("got %+v", r)
	}
	s.do("GET", "/api/v1/entities/service/pricing", "").refused(t, 404)
	for i, want := range []int{1, 0} { // the second time, nothing changes
		g := s.do("POST", "/api/v1/descriptors?name=acme/tidings.yaml", one, "Content-Type", "text/yaml; charset=utf-8").want(t, 200, &r)
		d := r.Documents[0]
		if d.Name != "acme/tidings.yaml" || d.Format != "tidings" || d.Changed != want || !cmp.Equal(d.Entities, []string{"service:pricing"}) {
			t.Errorf("%d: %s", i, g.text)
		}
	}
	// The same path now describes another: the first is withdrawn.
	s.do("POST", "/api/v1/descriptors?name=acme/tidings.yaml", two, "Content-Type", "application/yaml").want(t, 200, nil)
	var e entity
	s.do("GET", "/api/v1/entities/service/pricing", "").want(t, 200, &e)
	if !e.Retired {
		t.Errorf("not withdrawn: %+v", e)
	}
	// Without a name, documents do not stand in for each other.
	for _, doc := range []string{one, two, one} {
		s.do("POST", "/api/v1/descriptors", doc, "Content-Type", "application/yaml").want(t, 200, nil)
	}
	e = entity{}
	s.do("GET", "/api/v1/entities/service/pricing", "").want(t, 200, &e)
	if e.Retired || e.Description == "" {
		t.Errorf("got %+v", e)
	}

	// A list as JSON, with one that is broken.
	body, _ := json.Marshal(map[string]any{"documents": []any{
		map[string]string{"name": "x/tidings.yaml", "content": "name: mailer\ntier: 9\n"},
		map[string]string{"name": "y/tidings.yaml", "content": "name: [broken\n"},
		map[string]string{"name": "z/catalog-info.yaml", "content": "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\nspec: {type: website, lifecycle: production, owner: blue}\n"},
	}})
	r = result{}
	g := s.do("POST", "/api/v1/descriptors", string(body), "Content-Type", "application/json").want(t, 200, &r)
	if len(r.Documents) != 3 || len(r.Documents[0].Faults) == 0 || r.Documents[0].Faults[0].Line != 2 || len(r.Documents[1].Faults) == 0 || r.Documents[2].Format != "backstage" {
		t.Errorf("got %s", g.text)
	}
	// A form of files of one name, as curl -F sends them.
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, name := range []string{"red", "green"} {
		part, _ := w.CreateFormFile("file", "tidings.yaml")
		fmt.Fprintf(part, "name: %s\nkind: service\n", name)
	}
	_ = w.Close()
	r = result{}
	g = s.do("POST", "/api/v1/descriptors", form.String(), "Content-Type", w.FormDataContentType()).want(t, 200, &r)
	if len(r.Documents) != 2 || r.Documents[0].Name == r.Documents[1].Name || r.Documents[0].Changed != 1 || r.Documents[1].Changed != 1 {
		t.Errorf("got %s", g.text)
	}
	// Nothing could be read.
	p := s.do("POST", "/api/v1/descriptors?name=t.yaml", "name: [x\n", "Content-Type", "application/yaml").refused(t, 400, "t.yaml:1")
	if len(p.Faults) == 0 {
		t.Errorf("got %+v", p)
	}
	s.do("POST", "/api/v1/descriptors", "", "Content-Type", "application/yaml").refused(t, 400, "empty")
	s.do("POST", "/api/v1/descriptors", `{"documents":[]}`, "Content-Type", "application/json").refused(t, 400, "/documents")
	s.do("POST", "/api/v1/descriptors", `{"documents":{}}`, "Content-Type", "application/json").refused(t, 400, "/documents")
	s.do("POST", "/api/v1/descriptors", `--x`, "Content-Type", "multipart/form-data; boundary=x").refused(t, 400, "form")

	for format, word := range map[string]string{"": "name: red", "tidings": "name: red", "kubernetes": "tidings.dev/", "backstage": "backstage.io"} {
		g := s.do("GET", "/api/v1/entities/service/red/descriptor?format="+format, "").want(t, 200, nil)
		if g.header.Get("Content-Type") != "application/yaml" || !strings.Contains(g.text, word) {
			t.Errorf("%s: %s", format, g.text)
		}
	}
	const to = "&workload=sts/red-db&namespace=shop&key=red.annotations"
	for format, want := range map[string]string{
		"kubernetes": "metadata:\n  annotations:\n    tidings.dev/entity: service:red\n",
		"kustomize": "patches:\n  - target:\n      group: apps\n      kind: StatefulSet\n      name: red-db\n    patch: |-\n      apiVersion: apps/v1\n" +
			"      kind: StatefulSet\n      metadata:\n        name: red-db\n        annotations:\n          tidings.dev/entity: service:red\n",
		"helm":    "red:\n  annotations:\n    tidings.dev/entity: service:red\n",
		"kubectl": "kubectl annotate --overwrite --namespace shop statefulset/red-db \\\n  tidings.dev/entity=service:red\n",
	} {
		g := s.do("GET", "/api/v1/entities/service/red/descriptor?format="+format+to, "").want(t, 200, nil)
		if diff := cmp.Diff(want, g.text); diff != "" || (format == "kubectl") != strings.HasPrefix(g.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s is %s and differs (-want +got):\n%s", format, g.header.Get("Content-Type"), diff)
		}
	}
	s.do("GET", "/api/v1/entities/service/red/descriptor?format=kubectl&workload=pod/red", "").refused(t, 400, "workload", "deployment")
	s.do("GET", "/api/v1/entities/service/red/descriptor?format=excel", "").refused(t, 400, "excel", "backstage")
	s.do("GET", "/api/v1/entities/service/nobody/descriptor", "").refused(t, 404)
}

func TestUnclaimedAndAliases(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("PUT", "/api/v1/entities/service/Payments", `{"name":"Payments"}`).want(t, 201, nil)
	for i := range 5 {
		for j := range i + 1 {
			s.do("POST", "/api/v1/events", fmt.Sprintf(`{"title":"merged","kind":"merge","subjects":["github:acme/repo%d"],"key":"%d/%d"}`, i, i, j)).want(t, 201, nil)
		}
	}
	type list struct {
		Unclaimed []struct {
			Alias  string
			Events int
		}
		Next  string
		Total int
	}
	var names []string
	for cursor := ""; ; {
		var page list
		s.do("GET", "/api/v1/unclaimed?limit=2&cursor="+cursor, "").want(t, 200, &page)
		for _, u := range page.Unclaimed {
			names = append(names, u.Alias)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if want := []string{"github:acme/repo4", "github:acme/repo3", "github:acme/repo2", "github:acme/repo1", "github:acme/repo0"}; !cmp.Equal(names, want) {
		t.Errorf("got %v", names)
	}
	var claimed struct {
		Alias, Entity string
		Events        int
	}
	s.do("POST", "/api/v1/aliases", `{"alias":"GitHub:acme/repo4","entity":"Payments"}`).want(t, 200, &claimed)
	if claimed.Events != 5 || claimed.Entity != "service:payments" || claimed.Alias != "github:acme/repo4" {
		t.Errorf("got %+v", claimed)
	}
	var e entity
	s.do("GET", "/api/v1/entities/service/payments", "").want(t, 200, &e)
	if e.Name != "Payments" || len(e.Aliases) != 1 {
		t.Errorf("claiming an alias changed the name: %+v", e)
	}
	var page events
	s.do("GET", "/api/v1/events?service=payments&kind=merge", "").want(t, 200, &page)
	if len(page.Events) != 5 {
		t.Errorf("%d events were re-attributed", len(page.Events))
	}
	s.do("PUT", "/api/v1/entities/service/other", `{}`).want(t, 201, nil)
	s.do("POST", "/api/v1/aliases", `{"alias":"github:acme/repo4","entity":"other"}`).refused(t, 409, "service:payments")
	s.do("POST", "/api/v1/aliases", `{"alias":"github:acme/repo3","entity":"nobody"}`).refused(t, 404)
	s.do("POST", "/api/v1/aliases", `{"alias":"plain","entity":"other"}`).refused(t, 400, "/alias")
	s.do("POST", "/api/v1/aliases", `{"alias":"github:x/y","entity":"elephant:x"}`).refused(t, 400, "/entity")
	s.do("POST", "/api/v1/aliases", `{"alias":7,"entity":"other","more":1}`).refused(t, 400, "/alias", "/more")
	s.do("GET", "/api/v1/unclaimed?cursor=xyz", "").refused(t, 400, "cursor")
}
