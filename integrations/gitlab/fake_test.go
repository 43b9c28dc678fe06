package gitlab_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

type object = map[string]any

// fakeGitLab is an honest fake of the part of GitLab's REST API that is asked, as its documentation has it: lists that are
// ordered and bounded by when something was updated, pages by the header Link. It knows one project unless told.
type fakeGitLab struct {
	*httptest.Server
	t *testing.T

	deployments, pipelines, mergeRequests, releases []object
	files                                           map[string][]object         // what changed, by merge_requests/IID or commits/HASH
	fails                                           map[string]http.HandlerFunc // by the end of a path; "" is all
	asked                                           []string
}

var fakeProject = object{
	"id": 47, "path_with_namespace": "acme/shop/payments", "default_branch": "main", "web_url": "https://gitlab.acme.example/acme/shop/payments",
}

func newFakeGitLab(t *testing.T) *fakeGitLab {
	t.Helper()
	f := &fakeGitLab{t: t, files: map[string][]object{}, fails: map[string]http.HandlerFunc{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v4/projects/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != "acme/shop/payments" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		f.answer(w, fakeProject)
	})
	mux.HandleFunc("GET /api/v4/groups/{id}/projects", func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); r.PathValue("id") != "acme/shop" || q.Get("archived") != "false" || q.Get("include_subgroups") != "true" {
			t.Errorf("the projects of a group were asked for by %s", r.URL)
		}
		f.answer(w, []object{fakeProject})
	})
	mux.HandleFunc("GET /api/v4/projects/47/environments", func(w http.ResponseWriter, r *http.Request) {
		f.answer(w, []object{{"id": 9, "name": r.URL.Query().Get("name"), "tier": "production"}})
	})
	mux.HandleFunc("GET /api/v4/projects/47/deployments", func(w http.ResponseWriter, r *http.Request) { f.page(w, r, "updated_at", f.deployments) })
	mux.HandleFunc("GET /api/v4/projects/47/pipelines", func(w http.ResponseWriter, r *http.Request) {
		listed := []object{}
		for _, p := range f.pipelines { // the list does not say when one ended, whose it is, or that it is of a tag
			one := object{}
			for _, key := range []string{"id", "iid", "ref", "status", "sha", "source", "created_at", "updated_at", "web_url"} {
				one[key] = p[key]
			}
			listed = append(listed, one)
		}
		f.page(w, r, "updated_at", listed)
	})
	mux.HandleFunc("GET /api/v4/projects/47/pipelines/{id}", func(w http.ResponseWriter, r *http.Request) {
		for _, p := range f.pipelines {
			if fmt.Sprint(p["id"]) == r.PathValue("id") {
				f.answer(w, p)
			}
		}
	})
	mux.HandleFunc("GET /api/v4/projects/47/merge_requests", func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("state") != "merged" || q.Get("scope") != "all" || q.Get("target_branch") != "main" {
			t.Errorf("merge requests were asked for by %s", r.URL.RawQuery)
		}
		f.page(w, r, "updated_at", f.mergeRequests)
	})
	mux.HandleFunc("GET /api/v4/projects/47/merge_requests/{iid}/diffs", func(w http.ResponseWriter, r *http.Request) {
		f.answer(w, f.files["merge_requests/"+r.PathValue("iid")])
	})
	mux.HandleFunc("GET /api/v4/projects/47/repository/commits/{hash}/diff", func(w http.ResponseWriter, r *http.Request) {
		f.answer(w, f.files["commits/"+r.PathValue("hash")])
	})
	mux.HandleFunc("GET /api/v4/projects/47/releases", func(w http.ResponseWriter, r *http.Request) { f.page(w, r, "created_at", f.releases) })
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asked = append(f.asked, r.URL.RequestURI())
		if r.Header.Get("Authorization") != "Bearer a-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for end, fail := range f.fails {
			if strings.HasSuffix(r.URL.Path, end) {
				fail(w, r)
				return
			}
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeGitLab) answer(w http.ResponseWriter, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		f.t.Error(err)
	}
}

// page answers with a page of a list, the newest first.
func (f *fakeGitLab) page(w http.ResponseWriter, r *http.Request, by string, all []object) {
	q := r.URL.Query()
	if q.Get("order_by") != by || q.Get("sort") != "desc" {
		f.t.Errorf("%s was asked for by %s", r.URL.Path, r.URL.RawQuery)
	}
	at := func(o object) time.Time {
		t, err := time.Parse(time.RFC3339Nano, o[by].(string))
		if err != nil {
			f.t.Error(err)
		}
		return t
	}
	shown := []object{}
	after, _ := time.Parse(time.RFC3339Nano, q.Get("updated_after"))
	for _, o := range all {
		if !at(o).Before(after) {
			shown = append(shown, o)
		}
	}
	slices.SortStableFunc(shown, func(a, b object) int { return at(b).Compare(at(a)) })
	size, number := 20, 1
	if n, err := strconv.Atoi(q.Get("per_page")); err == nil {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil {
		number = n
	}
	from, to := min((number-1)*size, len(shown)), min(number*size, len(shown))
	if to < len(shown) {
		q.Set("page", strconv.Itoa(number+1))
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next", <%s>; rel="first"`, f.URL, r.URL.Path, q.Encode(), f.URL))
	}
	f.answer(w, shown[from:to])
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func (f *fakeGitLab) deploy(id int, at time.Time, status string) {
	d := object{
		"id": id, "iid": 1, "ref": "v2.14.0", "sha": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "status": status, "created_at": stamp(at), "updated_at": stamp(at.Add(5 * time.Minute)),
		"user": object{"id": 3, "username": "ana"}, "environment": object{"id": 9, "name": "prod-eu", "external_url": "https://payments.acme.example"},
		"deployable": object{
			"id": 7960, "web_url": "https://gitlab.acme.example/acme/shop/payments/-/jobs/7960", "started_at": stamp(at.Add(10 * time.Second)), "finished_at": nil,
			"commit": object{"id": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "title": "Round totals half to even"},
		},
	}
	f.deployments = append(f.deployments, d)
}

func (f *fakeGitLab) run(id int, at time.Time, status, ref string, tag bool) {
	p := object{
		"id": id, "iid": 31, "ref": ref, "tag": tag, "sha": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "status": status, "source": "push", "name": nil, "created_at": stamp(at),
		"updated_at": stamp(at.Add(time.Minute)), "web_url": fmt.Sprintf("https://gitlab.acme.example/acme/shop/payments/-/pipelines/%d", id), "user": object{"id": 3, "username": "ana"},
	}
	if p["started_at"] = stamp(at.Add(5 * time.Second)); status != "running" {
		p["finished_at"] = stamp(at.Add(time.Minute))
	}
	f.pipelines = append(f.pipelines, p)
}

func (f *fakeGitLab) merge(id int, at time.Time) {
	f.mergeRequests = append(f.mergeRequests, object{
		"id": id, "iid": 412, "title": "Round totals half to even", "description": "Fixes the drift of totals.", "state": "merged", "target_branch": "main",
		"merged_at": stamp(at), "updated_at": stamp(at), "merge_user": object{"id": 3, "username": "ana"}, "sha": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d",
		"merge_commit_sha": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "squash_commit_sha": nil, "web_url": "https://gitlab.acme.example/acme/shop/payments/-/merge_requests/412",
	})
}

func (f *fakeGitLab) release(tag string, at time.Time) {
	f.releases = append(f.releases, object{
		"tag_name": tag, "name": "Autumn", "description": "Totals are rounded half to even.", "created_at": stamp(at), "released_at": stamp(at.Add(time.Hour)),
		"author": object{"id": 3, "username": "ana"}, "commit": object{"id": "9f1c2e4ab07d5a3be6f8c1d2034a5b6c7d8e9f01", "message": "Round totals"},
		"_links": object{"self": "https://gitlab.acme.example/acme/shop/payments/-/releases/" + tag},
	})
}
