package github_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeGitHub is an honest fake of the part of GitHub's REST API that is asked, as its documentation has it: pages by the
// header Link, ETags that cost nothing, limits, and whatever failure is set. It knows one repository unless told.
type fakeGitHub struct {
	*httptest.Server
	t *testing.T

	mu          sync.Mutex
	deployments []map[string]any // oldest first
	statuses    map[int][]map[string]any
	runs, pulls []map[string]any
	releases    []map[string]any
	hooks       []map[string]any
	sent        []map[string]any
	files       map[string][]map[string]any // by pulls/NUMBER or commits/HASH
	fails       map[string]http.HandlerFunc // by the end of a path; "" is all
	counted     int                         // requests that GitHub counts: not those answered by 304
	asked       []string
}

var fakeNow = time.Now().UTC().Truncate(time.Second)

func newFakeGitHub(t *testing.T) *fakeGitHub {
	t.Helper()
	f := &fakeGitHub{t: t, statuses: map[int][]map[string]any{}, files: map[string][]map[string]any{}, fails: map[string]http.HandlerFunc{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /repos/acme/{repo}", func(w http.ResponseWriter, r *http.Request) {
		f.answer(w, r, f.repository(r.PathValue("repo")))
	})
	mux.HandleFunc("GET /orgs/acme/repos", func(w http.ResponseWriter, r *http.Request) {
		old := f.repository("old")
		old["archived"] = true
		f.page(w, r, "", []map[string]any{f.repository("payments"), old})
	})
	mux.HandleFunc("GET /repos/acme/payments/deployments", func(w http.ResponseWriter, r *http.Request) { f.page(w, r, "", f.deployments) })
	mux.HandleFunc("GET /repos/acme/payments/deployments/{id}/statuses", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.PathValue("id"))
		f.page(w, r, "", f.statuses[id])
	})
	mux.HandleFunc("GET /repos/acme/payments/actions/runs", func(w http.ResponseWriter, r *http.Request) { f.page(w, r, "workflow_runs", f.runs) })
	mux.HandleFunc("GET /repos/acme/payments/pulls", func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("state") != "closed" || q.Get("sort") != "updated" || q.Get("direction") != "desc" || q.Get("base") != "main" {
			t.Errorf("pulls were asked for by %s", r.URL.RawQuery)
		}
		listed := make([]map[string]any, len(f.pulls))
		for i, pull := range f.pulls { // the list does not say by whom, nor that it was merged
			listed[i] = map[string]any{}
			for key, value := range pull {
				if key != "merged" && key != "merged_by" {
					listed[i][key] = value
				}
			}
		}
		slices.SortStableFunc(listed, func(a, b map[string]any) int {
			return strings.Compare(a["updated_at"].(string), b["updated_at"].(string))
		})
		f.page(w, r, "", listed)
	})
	mux.HandleFunc("GET /repos/acme/payments/pulls/{n}", func(w http.ResponseWriter, r *http.Request) {
		for _, pull := range f.pulls {
			if fmt.Sprint(pull["number"]) == r.PathValue("n") {
				f.answer(w, r, pull)
			}
		}
	})
	mux.HandleFunc("GET /repos/acme/payments/pulls/{n}/files", func(w http.ResponseWriter, r *http.Request) {
		f.page(w, r, "", f.files["pulls/"+r.PathValue("n")])
	})
	mux.HandleFunc("GET /repos/acme/payments/commits/{hash}", func(w http.ResponseWriter, r *http.Request) {
		f.page(w, r, "files", f.files["commits/"+r.PathValue("hash")])
	})
	mux.HandleFunc("GET /repos/acme/payments/releases", func(w http.ResponseWriter, r *http.Request) { f.page(w, r, "", f.releases) })
	mux.HandleFunc("GET /repos/acme/payments/hooks", func(w http.ResponseWriter, r *http.Request) { f.page(w, r, "", f.hooks) })
	mux.HandleFunc("GET /repos/acme/payments/hooks/{id}/deliveries", func(w http.ResponseWriter, r *http.Request) {
		var listed []map[string]any
		for _, d := range f.sent {
			listed = append(listed, map[string]any{"id": d["id"], "guid": d["guid"], "delivered_at": d["delivered_at"], "status_code": d["status_code"], "event": d["event"]})
		}
		f.page(w, r, "", listed)
	})
	mux.HandleFunc("GET /repos/acme/payments/hooks/{id}/deliveries/{delivery}", func(w http.ResponseWriter, r *http.Request) {
		for _, d := range f.sent {
			if fmt.Sprint(d["id"]) == r.PathValue("delivery") {
				f.answer(w, r, d)
			}
		}
	})
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, r.URL.RequestURI())
		if r.Header.Get("Authorization") != "Bearer a-token" || r.Header.Get("X-GitHub-Api-Version") == "" {
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

func (f *fakeGitHub) repository(name string) map[string]any {
	return map[string]any{"full_name": "acme/" + name, "default_branch": "main", "html_url": "https://github.com/acme/" + name}
}

// answer answers with an ETag, and with 304 where that is known.
func (f *fakeGitHub) answer(w http.ResponseWriter, r *http.Request, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		f.t.Error(err)
	}
	tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(body))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.counted++
	_, _ = w.Write(body)
}

// page answers with a page of a list, the newest first, within an object where it has a name.
func (f *fakeGitHub) page(w http.ResponseWriter, r *http.Request, within string, all []map[string]any) {
	size, number := 30, 1
	if n, err := strconv.Atoi(r.URL.Query().Get("per_page")); err == nil {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil {
		number = n
	}
	newest := slices.Clone(all)
	slices.Reverse(newest)
	from, to := min((number-1)*size, len(newest)), min(number*size, len(newest))
	if to < len(newest) {
		next := *r.URL
		q := next.Query()
		q.Set("page", strconv.Itoa(number+1))
		next.RawQuery = q.Encode()
		w.Header().Set("Link", fmt.Sprintf(`<%s%s>; rel="next", <%s%s>; rel="last"`, f.URL, next.RequestURI(), f.URL, next.RequestURI()))
	}
	shown := newest[from:to]
	if shown == nil {
		shown = []map[string]any{}
	}
	if within != "" {
		f.answer(w, r, map[string]any{"total_count": len(newest), within: shown})
		return
	}
	f.answer(w, r, shown)
}

func ago(d time.Duration) string { return fakeNow.Add(-d).Format(time.RFC3339) }

var alice = map[string]any{"login": "alice", "type": "User"}

// deploy adds a deployment, with the states that it went through a minute each.
func (f *fakeGitHub) deploy(id int, before time.Duration, states ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deployments = append(f.deployments, map[string]any{
		"id": id, "sha": fmt.Sprintf("%040x", id), "ref": "main", "task": "deploy", "environment": "prod-eu", "creator": alice, "created_at": ago(before), "updated_at": ago(before),
	})
	for i, state := range states {
		f.statuses[id] = append(f.statuses[id], status(state, before-time.Duration(i+1)*time.Minute))
	}
}

func status(state string, before time.Duration) map[string]any {
	return map[string]any{"state": state, "environment": "prod-eu", "creator": alice, "created_at": ago(before), "updated_at": ago(before)}
}

func (f *fakeGitHub) run(id int, before time.Duration, conclusion string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	run := map[string]any{
		"id": id, "name": "build", "head_branch": "main", "head_sha": fmt.Sprintf("%040x", id), "run_number": id, "run_attempt": 1, "event": "push", "status": "in_progress",
		"created_at": ago(before), "run_started_at": ago(before), "updated_at": ago(before - time.Minute), "triggering_actor": alice,
	}
	if conclusion != "" {
		run["status"], run["conclusion"] = "completed", conclusion
	}
	f.runs = append(f.runs, run)
}

func (f *fakeGitHub) merge(number int, before time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pulls = append(f.pulls, map[string]any{
		"number": number, "title": fmt.Sprintf("Change %d", number), "merged": true, "merged_at": ago(before), "updated_at": ago(before), "merge_commit_sha": fmt.Sprintf("%040x", number),
		"merged_by": alice, "user": map[string]any{"login": "bob", "type": "User"}, "base": map[string]any{"ref": "main"},
	})
}

func (f *fakeGitHub) release(id int, before time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.releases = append(f.releases, map[string]any{
		"id": id, "tag_name": fmt.Sprintf("v1.%d.0", id), "published_at": ago(before), "created_at": ago(before), "author": alice,
	})
}

// changed says which files a pull request or a commit changed.
func (f *fakeGitHub) changed(what string, names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range names {
		f.files[what] = append(f.files[what], map[string]any{"filename": name, "status": "modified", "patch": "@@ -1 +1 @@"})
	}
}

func (f *fakeGitHub) fail(end string, status int, header map[string]string, body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails[end] = func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func (f *fakeGitHub) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.fails)
}

// since tells how many requests GitHub counted since it was last asked, and which were made.
func (f *fakeGitHub) since() (counted int, asked []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	counted, asked = f.counted, f.asked
	f.counted, f.asked = 0, nil
	return counted, asked
}
