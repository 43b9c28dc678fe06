package git

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

var monday = time.Date(2026, 6, 8, 9, 0, 0, 0, time.UTC)

// testRepository is a real repository that a test makes. Its clock goes on a minute a commit.
type testRepository struct {
	t   testing.TB
	dir string
	now time.Time
}

func newRepository(t testing.TB, args ...string) *testRepository {
	t.Helper()
	r := &testRepository{t: t, dir: filepath.Join(t.TempDir(), "pricing"), now: monday}
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.git(append([]string{"init", "--quiet", "--initial-branch=main"}, args...)...)
	return r
}

func (r *testRepository) gitInput(input string, args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", args...)
	cmd.Dir = r.dir
	date := r.now.Format(time.RFC3339)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "LC_ALL=C",
		"GIT_AUTHOR_NAME=Priya Raman", "GIT_AUTHOR_EMAIL=priya@northwind.example", "GIT_AUTHOR_DATE="+date,
		"GIT_COMMITTER_NAME=Jonas Weber", "GIT_COMMITTER_EMAIL=jonas@northwind.example", "GIT_COMMITTER_DATE="+date)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *testRepository) git(args ...string) string {
	r.t.Helper()
	return r.gitInput("", args...)
}

// commit writes files ("path=content") and commits them; it gives the commit's name.
func (r *testRepository) commit(message string, files ...string) string {
	r.t.Helper()
	for _, file := range files {
		name, content, _ := strings.Cut(file, "=")
		name = filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			r.t.Fatal(err)
		}
		r.git("add", "--all", ".")
	}
	r.now = r.now.Add(time.Minute)
	r.gitInput(message, "commit", "--quiet", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "--file=-")
	return r.git("rev-parse", "HEAD")
}

// many makes n commits on main at once, each of one file.
func (r *testRepository) many(n int) {
	r.t.Helper()
	var b bytes.Buffer
	from := ""
	if head, err := exec.CommandContext(r.t.Context(), "git", "-C", r.dir, "rev-parse", "--verify", "--quiet", "main").Output(); err == nil {
		from = "from " + strings.TrimSpace(string(head)) + "\n"
	}
	for i := range n {
		r.now = r.now.Add(time.Minute)
		message := fmt.Sprintf("Change %d (#%d)", i, i+1)
		fmt.Fprintf(&b, "commit refs/heads/main\ncommitter Priya Raman <priya@northwind.example> %d +0200\ndata %d\n%s\n%s", r.now.Unix(), len(message), message, from)
		content := strings.Repeat(fmt.Sprintf("line %d\n", i), 20)
		fmt.Fprintf(&b, "M 644 inline folder%d/file%d.go\ndata %d\n%s\n", i%40, i%400, len(content), content)
		from = ""
	}
	r.gitInput(b.String(), "fast-import", "--quiet")
}

// open makes a source whose clock stands a day after monday.
func open(t testing.TB, config Config) *Source {
	t.Helper()
	if config.CacheDir == "" {
		config.CacheDir = t.TempDir()
	}
	opened, err := config.Open()
	if err != nil {
		t.Fatal(err)
	}
	source, ok := opened.(*Source)
	if !ok {
		t.Fatalf("Open gave %T", opened)
	}
	source.now = func() time.Time { return monday.Add(24 * time.Hour) }
	return source
}

// look polls once and checks what is so of every look: its events pass the log's rules.
func look(t testing.TB, source *Source, cursor string) integration.Look {
	t.Helper()
	got, err := source.Poll(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range got.Events {
		if e.Source != "" {
			t.Errorf("%s: the caller names the source, not the integration: %q", e.Key, e.Source)
		}
		if faults := e.Normalize(monday.Add(24*time.Hour), ""); faults != nil {
			t.Errorf("%s: %v", e.Key, faults)
		}
	}
	return got
}

// all polls until there is no more.
func all(t testing.TB, source *Source, cursor string) (events []change.Event, next string) {
	t.Helper()
	for range 1000 {
		got := look(t, source, cursor)
		events, cursor = append(events, got.Events...), got.Cursor
		if !got.More {
			return events, cursor
		}
	}
	t.Fatal("no end of More")
	return nil, ""
}

func titles(events []change.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Title)
	}
	return all
}

func TestAMergeBecomesAnEvent(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Begin", "README.md=pricing\n")
	r.git("checkout", "--quiet", "-b", "retry")
	r.commit("Try", "client/fraud.go=package client\n\nfunc Retry() {}\n")
	r.git("checkout", "--quiet", "main")
	r.git("remote", "add", "origin", "https://oauth2:token@GitHub.com/Northwind/pricing.git")
	r.now = r.now.Add(time.Hour)
	r.git("merge", "--quiet", "--no-ff", "--message=Merge pull request #4812 from northwind/retry\n\nRetry the fraud check once on timeout", "retry")
	sha := r.git("rev-parse", "HEAD")

	events, cursor := all(t, open(t, Config{Repository: r.dir}), "")
	if diff := cmp.Diff([]string{"Merged #4812: Retry the fraud check once on timeout", "Begin"}, titles(events)); diff != "" {
		t.Fatal(diff)
	}
	want := change.Event{
		Key: sha, Kind: "merge", Phase: change.Succeeded, Title: "Merged #4812: Retry the fraud check once on timeout",
		Detail:    "Retry the fraud check once on timeout\n\n- `client/fraud.go`",
		Subjects:  []change.Subject{{Name: "git:github.com/northwind/pricing"}},
		Actor:     change.Actor{Type: change.ByPerson, Name: "Priya Raman"},
		StartedAt: r.now, Commit: sha,
		Links: []change.Link{
			{Type: "pull-request", Title: "Pull request", URL: "https://github.com/northwind/pricing/pull/4812"},
			{Type: "diff", Title: "Diff", URL: "https://github.com/northwind/pricing/commit/" + sha},
		},
		Labels: map[string]string{
			"files": "1", "additions": "3", "deletions": "0", "number": "4812",
			"author_date": r.now.Format(time.RFC3339),
		},
	}
	if diff := cmp.Diff(want, events[0]); diff != "" {
		t.Error(diff)
	}
	if again, _ := all(t, open(t, Config{Repository: r.dir}), cursor); len(again) != 0 {
		t.Errorf("a second look tells again: %q", titles(again))
	}
}

func TestSubjectsFollowTheMapping(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Both", "services/pay/main.go=a", "services/payouts/main.go=b")
	r.commit("One", "services/pay/main.go=c")
	r.commit("Nobody's", "docs/index.md=d")
	r.commit("One and the root", "services/payouts/x.go=e", "Makefile=f")
	r.git("mv", "services/pay/main.go", "services/payouts/moved.go")
	r.commit("Moved")
	for name, test := range map[string]struct {
		config Config
		want   []string // oldest first
	}{
		"outside name": {Config{}, []string{"git:pricing", "git:pricing", "git:pricing", "git:pricing", "git:pricing"}},
		"one service":  {Config{Service: "pricing"}, []string{"service:pricing", "service:pricing", "service:pricing", "service:pricing", "service:pricing"}},
		"monorepo": {
			Config{Paths: map[string]string{"services/pay": "payments-core", "/services/payouts/": "payouts"}},
			[]string{"service:payments-core service:payouts", "service:payments-core", "git:pricing", "service:payouts", "service:payments-core service:payouts"},
		},
		"monorepo with a rest": {
			Config{Service: "platform", Paths: map[string]string{"services": "other", "services/pay": "payments-core"}},
			[]string{"service:other service:payments-core", "service:payments-core", "service:platform", "service:other service:platform", "service:other service:payments-core"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.config.Repository = r.dir
			events, _ := all(t, open(t, test.config), "")
			var got []string
			for _, e := range slices.Backward(events) {
				var names []string
				for _, subject := range e.Subjects {
					names = append(names, subject.Name)
				}
				got = append(got, strings.Join(names, " "))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestActors(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("By hand\n\nCo-authored-by: Ines Duarte <ines@northwind.example>")
	r.commit("With help\n\nCo-authored-by: renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>")
	r.git("commit", "--quiet", "--allow-empty", "--author=dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", "--message=Bump (#3)")
	r.git("commit", "--quiet", "--allow-empty", "--author=Zoë Müller 山田 <zoe@northwind.example>", "--message=日本語の件名 🎉")
	events, _ := all(t, open(t, Config{Repository: r.dir}), "")
	var got []change.Actor
	for _, e := range slices.Backward(events) {
		got = append(got, e.Actor)
	}
	want := []change.Actor{
		{Type: change.ByPerson, Name: "Priya Raman"},
		{Type: change.ByAutomation, Name: "renovate[bot]"},
		{Type: change.ByAutomation, Name: "dependabot[bot]"},
		{Type: change.ByPerson, Name: "Zoë Müller 山田"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if author := events[2].Labels["author"]; author != "Priya Raman" {
		t.Errorf("the person beside the bot is lost: %q", author)
	}
	if events[0].Title != "日本語の件名 🎉" {
		t.Errorf("got the title %q", events[0].Title)
	}
}

func TestPathsOfEveryKind(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Odd names", "größe/日本.txt=1\n", "a`b.txt=2\n", "line\nbreak.txt=3\n", "-rf=4\n", "tab\there=5\n", "picture.bin=\x00\x01")
	var many []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("many/%02d.txt=x\ny\n", i))
	}
	r.commit("Many", many...)
	events, _ := all(t, open(t, Config{Repository: r.dir}), "")
	if got := events[0].Labels; got["files"] != "30" || got["additions"] != "60" || got["deletions"] != "0" {
		t.Errorf("got %v", got)
	}
	if got, want := events[0].Detail, "- `many/00.txt`\n"; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "- `many/19.txt`\n- and 10 more") {
		t.Errorf("got %q", got)
	}
	for _, want := range []string{"- `größe/日本.txt`", "- `` a`b.txt ``", "- `linebreak.txt`", "- `-rf`", "- `tabhere`", "- `picture.bin`"} {
		if !strings.Contains(events[1].Detail, want) {
			t.Errorf("%q is not in %q", want, events[1].Detail)
		}
	}
}

func TestTheLongestNamesFit(t *testing.T) {
	t.Parallel()
	c := commit{
		sha: strings.Repeat("a", 40), committed: monday, author: strings.Repeat("名", 9000),
		message: strings.Repeat("題", 9000) + " (#1)", files: 30,
	}
	for range maxPaths {
		c.paths = append(c.paths, strings.Repeat("\U0001F4E6", 9000))
	}
	source := &Source{now: func() time.Time { return monday }}
	e, ok := source.merge(c, "example.com/x")
	if faults := e.Normalize(monday, ""); !ok || faults != nil {
		t.Errorf("got %v", faults)
	}
}

func TestTagsBecomeReleases(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	first := r.commit("Begin")
	r.git("tag", "v1.0.0")
	second := r.commit("More")
	r.now = r.now.Add(time.Hour)
	r.git("tag", "--annotate", "--message=The summer release\n\nwith notes", "v1.1.0")
	r.git("tag", "--annotate", "--message=again", "nested", "v1.1.0")
	r.git("tag", "of-a-tree", "HEAD^{tree}")
	source := open(t, Config{Repository: r.dir, Service: "pricing"})
	events, cursor := all(t, source, "")
	releases := map[string]change.Event{}
	for _, e := range events {
		if e.Kind == "release" {
			releases[e.Version] = e
		}
	}
	if len(releases) != 3 {
		t.Fatalf("got %q", titles(events))
	}
	if got := releases["v1.0.0"]; got.Commit != first || got.Actor.Type != change.ByUnknown || !got.StartedAt.Equal(monday.Add(time.Minute)) {
		t.Errorf("got %+v", got)
	}
	want := change.Event{
		Key: "tag:" + r.git("rev-parse", "v1.1.0") + ":v1.1.0", Kind: "release", Phase: change.Succeeded, Title: "Released v1.1.0",
		Detail: "The summer release", Subjects: []change.Subject{{Name: "service:pricing"}},
		Actor: change.Actor{Type: change.ByPerson, Name: "Jonas Weber"}, StartedAt: r.now, Version: "v1.1.0", Commit: second,
	}
	if diff := cmp.Diff(want, releases["v1.1.0"]); diff != "" {
		t.Error(diff)
	}
	if got := releases["nested"].Commit; got != second {
		t.Errorf("a tag of a tag leads to %q", got)
	}

	// A new tag, and one that was moved, are told; what is gone is not.
	r.git("tag", "v1.2.0")
	r.git("tag", "--force", "v1.0.0")
	r.git("tag", "--delete", "nested")
	events, cursor = all(t, source, cursor)
	got := map[string]string{}
	for _, e := range events {
		got[e.Version] = e.Commit
	}
	if got["v1.2.0"] != second || got["v1.0.0"] != second || got["nested"] != "" {
		t.Errorf("got %v", got)
	}
	if events, _ = all(t, source, cursor); len(events) != 0 {
		t.Errorf("told again: %q", titles(events))
	}
}

func TestTagsOfAMonorepo(t *testing.T) {
	t.Parallel()
	m := newMapping("", map[string]string{"services/pay": "payments-core", "pricing": "pricing"})
	for tag, want := range map[string][2]string{
		"pricing/v1.2.0":      {"pricing", "v1.2.0"},
		"payments-core@2.0.1": {"payments-core", "2.0.1"},
		"pay-v3":              {"payments-core", "v3"},
		"services/pay/v1":     {"payments-core", "v1"},
		"pricing-tool/v1":     {"", "pricing-tool/v1"},
		"v9":                  {"", "v9"},
		"pricing":             {"", "pricing"},
		"pricing-v":           {"", "pricing-v"},
	} {
		service, version := m.ofTag(tag)
		if got := [2]string{service, version}; got != want {
			t.Errorf("%s: got %q, want %q", tag, got, want)
		}
	}
}

func TestHistoryThatWasRewritten(t *testing.T) {
	t.Parallel()
	for _, mirrored := range []bool{false, true} {
		t.Run(fmt.Sprintf("mirrored=%t", mirrored), func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			base := r.commit("Base")
			r.commit("Lost 1")
			r.commit("Lost 2")
			config := Config{Repository: r.dir}
			if mirrored {
				config.Repository = "file://" + filepath.ToSlash(r.dir)
			}
			source := open(t, config)
			_, cursor := all(t, source, "")

			r.git("reset", "--quiet", "--hard", base)
			r.commit("New 1")
			r.commit("New 2")
			events, cursor := all(t, source, cursor)
			if diff := cmp.Diff([]string{"New 2", "New 1"}, titles(events)); diff != "" {
				t.Error(diff)
			}

			// Going back is no news, and what follows is told.
			r.git("reset", "--quiet", "--hard", base)
			events, cursor = all(t, source, cursor)
			if len(events) != 0 {
				t.Errorf("got %q", titles(events))
			}
			r.commit("New 3")
			events, cursor = all(t, source, cursor)
			if diff := cmp.Diff([]string{"New 3"}, titles(events)); diff != "" {
				t.Error(diff)
			}

			// A history that shares nothing is as new.
			r.git("checkout", "--quiet", "--orphan", "fresh")
			r.commit("Fresh")
			r.git("branch", "--force", "main")
			events, _ = all(t, source, cursor)
			if diff := cmp.Diff([]string{"Fresh"}, titles(events)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAThousandCommitsInPages(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.many(1000)
	backfill := 450
	source := open(t, Config{Repository: r.dir, Backfill: &backfill})
	var sizes []int
	seen := map[string]bool{}
	cursor := ""
	for more := true; more; {
		got := look(t, source, cursor)
		cursor, more = got.Cursor, got.More
		sizes = append(sizes, len(got.Events))
		for _, e := range got.Events {
			seen[e.Key] = true
		}
	}
	if diff := cmp.Diff([]int{200, 200, 50}, sizes); diff != "" || len(seen) != backfill {
		t.Errorf("%d keys\n%s", len(seen), diff)
	}
	// While nobody looked, more came than the backfill bounds: none of it is left out.
	r.many(500)
	events, cursor := all(t, source, cursor)
	if len(events) != 500 || events[0].Title != "Merged #500: Change 499" || events[499].Title != "Merged #1: Change 0" {
		t.Errorf("got %d events", len(events))
	}
	if len(cursor) > 1000 {
		t.Errorf("the cursor has %d bytes", len(cursor))
	}
}

func TestManyTagsInPages(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	sha := r.commit("Begin")
	var refs strings.Builder
	for i := range 900 {
		fmt.Fprintf(&refs, "create refs/tags/v%d %s\n", i, sha)
	}
	r.gitInput(refs.String(), "update-ref", "--stdin")
	backfill := 700
	source := open(t, Config{Repository: r.dir, Backfill: &backfill})
	events, cursor := all(t, source, "")
	if len(events) != 701 {
		t.Errorf("got %d events", len(events))
	}
	r.git("tag", "v1000")
	events, _ = all(t, source, cursor)
	if !slices.Contains(titles(events), "Released v1000") || len(events) > 40 {
		t.Errorf("got %d events for one tag", len(events))
	}
}

func TestNoBackfill(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Old")
	r.git("tag", "v1")
	none := 0
	source := open(t, Config{Repository: r.dir, Backfill: &none})
	events, cursor := all(t, source, "")
	if len(events) != 0 {
		t.Errorf("got %q", titles(events))
	}
	r.commit("New")
	r.git("tag", "v2")
	events, _ = all(t, source, cursor)
	if got := titles(events); !slices.Contains(got, "New") || !slices.Contains(got, "Released v2") || slices.Contains(got, "Old") {
		t.Errorf("got %q", got)
	}
}

func TestNamesThatLookLikeOptions(t *testing.T) {
	t.Parallel()
	for _, mirrored := range []bool{false, true} {
		t.Run(fmt.Sprintf("mirrored=%t", mirrored), func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			sha := r.commit("Begin")
			canary := filepath.Join(t.TempDir(), "canary")
			branch := "--upload-pack=touch${IFS}" + canary
			r.git("update-ref", "refs/heads/"+branch, sha)
			r.git("update-ref", "refs/tags/--exec="+"touch", sha)
			r.git("symbolic-ref", "HEAD", "refs/heads/"+branch)
			r.git("update-ref", "-d", "refs/heads/main")
			config := Config{Repository: r.dir}
			if mirrored {
				config.Repository = "file://" + filepath.ToSlash(r.dir)
			}
			for _, name := range []string{"", branch} {
				config.Branch = name
				events, _ := all(t, open(t, config), "")
				if diff := cmp.Diff([]string{"Begin", "Released --exec=touch"}, titles(events)); diff != "" {
					t.Error(diff)
				}
			}
			if _, err := os.Stat(canary); !errors.Is(err, fs.ErrNotExist) {
				t.Error("the name of a branch was run")
			}
		})
	}
}

func TestTheRepositorysConfigurationRunsNothing(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Begin", "a.txt=a", ".gitattributes=*.txt diff=evil\n")
	canary := filepath.Join(t.TempDir(), "canary")
	for _, key := range []string{
		"core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "diff.external", "diff.evil.command",
		"diff.evil.textconv", "gpg.program", "core.alternateRefsCommand", "pager.log", "alias.log",
	} {
		r.git("config", key, "touch "+canary+"; true")
	}
	r.git("config", "log.showSignature", "true")
	r.git("config", "log.diffMerges", "separate")
	if err := os.WriteFile(filepath.Join(r.dir, ".git", "hooks", "post-index-change"), []byte("#!/bin/sh\ntouch "+canary+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	events, _ := all(t, open(t, Config{Repository: r.dir}), "")
	if len(events) != 1 || events[0].Labels["files"] != "2" {
		t.Errorf("got %+v", events)
	}
	if _, err := os.Stat(canary); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the repository's configuration was run")
	}
}

func TestRepositoriesWithoutACommit(t *testing.T) {
	t.Parallel()
	empty, branch := newRepository(t), newRepository(t)
	bare := newRepository(t, "--bare")
	unborn := newRepository(t)
	unborn.git("checkout", "--quiet", "-b", "other")
	unborn.commit("Elsewhere")
	unborn.git("symbolic-ref", "HEAD", "refs/heads/main")
	for name, config := range map[string]Config{
		"empty":               {Repository: empty.dir},
		"empty with a branch": {Repository: branch.dir, Branch: "main"},
		"bare":                {Repository: bare.dir},
		"mirrored":            {Repository: "file://" + filepath.ToSlash(bare.dir)},
		"mirrored branch":     {Repository: "file://" + filepath.ToSlash(bare.dir), Branch: "main"},
		"unborn":              {Repository: unborn.dir, Branch: "main"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := open(t, config)
			events, cursor := all(t, source, "")
			if len(events) != 0 {
				t.Errorf("got %q", titles(events))
			}
			if name != "empty" {
				return
			}
			empty.commit("Begin")
			if events, _ = all(t, source, cursor); len(events) != 1 {
				t.Errorf("the first commit shows as %q", titles(events))
			}
		})
	}
}

func TestShallowClone(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Begin", "a=1\n", "b=2\n")
	r.commit("Middle", "a=2\n")
	r.commit("End", "b=3\n")
	clone := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "--quiet", "--depth=2", "file://"+filepath.ToSlash(r.dir), clone)
	source := open(t, Config{Repository: clone})
	events, cursor := all(t, source, "")
	if diff := cmp.Diff([]string{"End", "Middle"}, titles(events)); diff != "" {
		t.Fatal(diff)
	}
	if got, cut := events[0].Labels["files"], events[1].Detail; got != "1" || cut != "" {
		t.Errorf("got %s files, and for the commit whose parent is cut off %q", got, cut)
	}
	r.commit("After", "a=4\n")
	r.dir = clone
	r.git("pull", "--quiet", "--ff-only")
	events, _ = all(t, source, cursor)
	if diff := cmp.Diff([]string{"After"}, titles(events)); diff != "" {
		t.Error(diff)
	}
}

func TestMirror(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Begin")
	cache := t.TempDir()
	config := Config{Repository: "file://" + filepath.ToSlash(r.dir), CacheDir: cache, Service: "pricing"}
	_, cursor := all(t, open(t, config), "")
	r.commit("Second")
	r.git("tag", "v1")
	// Another process goes on where the first left off, with its mirror or without.
	for _, dir := range []string{cache, t.TempDir()} {
		config.CacheDir = dir
		events, _ := all(t, open(t, config), cursor)
		if diff := cmp.Diff([]string{"Second", "Released v1"}, titles(events)); diff != "" {
			t.Error(diff)
		}
	}
	// The remote renames its default branch.
	source := open(t, config)
	_, cursor = all(t, source, cursor)
	r.git("branch", "--move", "main", "trunk")
	r.commit("Third")
	events, _ := all(t, source, cursor)
	if diff := cmp.Diff([]string{"Third"}, titles(events)); diff != "" {
		t.Error(diff)
	}
	// What a killed process left is cleared away once it is old.
	lock := filepath.Join(source.repository.dir, "packed-refs.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(lock, monday, monday); err != nil {
		t.Fatal(err)
	}
	all(t, source, cursor)
	if _, err := os.Stat(lock); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a stale lock stays")
	}
	config.Branch = "nothing"
	if _, err := open(t, config).Poll(t.Context(), ""); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("a branch that is not there: %v", err)
	}
}

// TestTokenOverHTTPS serves a repository from this process, as a host does that wants a token.
func TestTokenOverHTTPS(t *testing.T) {
	r := newRepository(t)
	r.commit("Begin")
	backend := &cgi.Handler{
		Path: filepath.Join(r.git("--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_HTTP_EXPORT_ALL=1", "GIT_PROJECT_ROOT=" + filepath.Dir(r.dir), "GIT_CONFIG_NOSYSTEM=1"},
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch _, password, _ := req.BasicAuth(); password {
		case "right":
			backend.ServeHTTP(w, req)
		case "busy":
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	authority := filepath.Join(dir, "ca.pem")
	raw := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_SSL_CAINFO", authority)
	t.Setenv("NO_PROXY", "127.0.0.1")
	file := filepath.Join(dir, "token")
	source := open(t, Config{Repository: server.URL + "/pricing", Token: "file:" + file})
	for _, test := range []struct {
		token string
		code  fault.Code
	}{{"wrong", fault.Unauthenticated}, {"busy", fault.RateLimited}, {"right\n", ""}} {
		if err := os.WriteFile(file, []byte(test.token), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := source.Poll(t.Context(), "")
		if test.code == "" {
			if err != nil || len(got.Events) != 1 {
				t.Errorf("with the right token: %q, %v", titles(got.Events), err)
			}
		} else if !fault.Is(err, test.code) || strings.Contains(err.Error(), test.token) {
			t.Errorf("with the token %s: got %v, want %s", test.token, err, test.code)
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Begin", "folder/file=1")
	missing := filepath.Join(t.TempDir(), "missing")
	for name, test := range map[string]struct {
		config Config
		code   fault.Code
		want   string
	}{
		"missing path":          {Config{Repository: missing}, fault.Unavailable, "there is no repository at " + missing},
		"a file":                {Config{Repository: filepath.Join(r.dir, "folder", "file")}, fault.Unavailable, "is a file"},
		"a folder that is none": {Config{Repository: t.TempDir()}, fault.Unavailable, "not the root of a Git repository"},
		"a folder inside one":   {Config{Repository: filepath.Join(r.dir, "folder")}, fault.Unavailable, "not the root of a Git repository"},
		"missing remote":        {Config{Repository: "file://" + filepath.ToSlash(missing)}, fault.Unavailable, "does not"},
		"missing branch":        {Config{Repository: r.dir, Branch: "nothing"}, fault.NotFound, "has no branch nothing"},
		"missing token":         {Config{Repository: "https://git.example.com/shop/pricing", Token: "env:TIDINGS_TEST_NO_SUCH_TOKEN"}, fault.Unauthenticated, "env:TIDINGS_TEST_NO_SUCH_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, test.config).Poll(t.Context(), "")
			if !fault.Is(err, test.code) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s with %q", err, test.code, test.want)
			}
		})
	}
}

func TestTheTimeOfACommit(t *testing.T) {
	t.Parallel()
	now := monday.Add(24 * time.Hour)
	source := &Source{now: func() time.Time { return now }}
	old, ahead := time.Unix(0, 0), now.Add(40*24*time.Hour)
	for _, test := range []struct {
		committed, authored, want time.Time
		ok                        bool
	}{
		{monday, old, monday, true},
		{old, monday, monday, true},
		{ahead, monday, monday, true},
		{ahead, ahead, now, true},
		{time.Time{}, old, time.Time{}, false},
	} {
		got, ok := source.when(test.committed, test.authored)
		if ok != test.ok || (ok && !got.Equal(test.want)) {
			t.Errorf("when(%s, %s) = %s, %t", test.committed, test.authored, got, ok)
		}
	}
}

func TestCancellationReturns(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Begin")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, repository := range []string{r.dir, "file://" + filepath.ToSlash(r.dir)} {
		if _, err := open(t, Config{Repository: repository}).Poll(ctx, ""); err == nil || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestACursorThatIsNone(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("Begin")
	for _, text := range []string{"rubbish", "{}", `{"main":"--all"}`, `{"next":"` + strings.Repeat("0", 40) + `","left":3}`, `{"tags":"AAAA"}`} {
		events, _ := all(t, open(t, Config{Repository: r.dir}), text)
		if diff := cmp.Diff([]string{"Begin"}, titles(events)); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	for _, repository := range []string{
		".", "/srv/git/pricing.git", `C:\git\pricing`, "https://git.example.com/shop/pricing.git", "git@git.example.com:shop/pricing.git",
		"ssh://git@git.example.com:2222/shop/pricing", "file:///srv/git/pricing.git", "./a:b",
	} {
		if err := (&Config{Repository: repository}).Validate(); err != nil {
			t.Errorf("%s: %v", repository, err)
		}
	}
	negative := -1
	for want, config := range map[string]Config{
		"/repository: is required":              {},
		"/repository: starts with a dash":       {Repository: "--upload-pack=x"},
		`/repository: has the scheme "http"`:    {Repository: "http://git.example.com/x"},
		`/repository: has the scheme "ext"`:     {Repository: "ext::sh -c touch% x"},
		`/repository: has the scheme "git"`:     {Repository: "git://git.example.com/x"},
		"/repository: lacks a host":             {Repository: "ssh://-oProxyCommand=x/y"},
		"/repository: carries a user":           {Repository: "https://u:hunter2@git.example.com/x"},
		`/branch: "refs/heads/a..b"`:            {Repository: ".", Branch: "a..b"},
		`/branch: "refs/heads/a:refs/heads/b"`:  {Repository: ".", Branch: "a:refs/heads/b"},
		"/service:":                             {Repository: ".", Service: "not a name"},
		`/paths: "../x"`:                        {Repository: ".", Paths: map[string]string{"../x": "x"}},
		"/backfill:":                            {Repository: ".", Backfill: &negative},
		"/timeout:":                             {Repository: ".", Timeout: -time.Second},
		"/token: is a reference":                {Repository: "https://git.example.com/x", Token: "hunter2"},
		"/token: goes with an https repository": {Repository: ".", Token: "env:X"},
		"/user: holds a colon":                  {Repository: "https://git.example.com/x", Token: "env:X", User: "a:b"},
	} {
		err := config.Validate()
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is in the error: %v", err)
		}
	}
}

func TestRemoteNames(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://github.com/Acme/Payments.git":     "github.com/acme/payments",
		"https://u:p@github.com/acme/payments/":    "github.com/acme/payments",
		"git@github.com:acme/payments.git":         "github.com/acme/payments",
		"ssh://git@git.example.com:2222/acme/x":    "git.example.com/acme/x",
		"github.com:/acme/../acme/payments":        "github.com/acme/payments",
		"file:///srv/git/pricing.git":              "pricing",
		"/srv/git/My Pricing":                      "my-pricing",
		`C:\git\pricing`:                           "pricing",
		"https://gitlab.example.com/a/b/c/pricing": "gitlab.example.com/a/b/c/pricing",
		"/": "repository",
	} {
		if got := remoteName(address); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/messages/hosts.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, file := range archive.Files {
		files[file.Name] = strings.TrimSpace(string(file.Data))
	}
	for name, message := range files {
		if base, ok := strings.CutSuffix(name, "/message"); ok {
			if diff := cmp.Diff(files[base+"/want"], readMessage(message).String()); diff != "" {
				t.Errorf("%s: %s", base, diff)
			}
		}
	}
}

func TestParseLogRefusesWhatIsNotALog(t *testing.T) {
	t.Parallel()
	sha := strings.Repeat("a", 40)
	for name, text := range map[string]string{
		"a file before a commit": "1\t1\tfile\x00",
		"no commit":              "\x01nonsense\x00\x00a\x00a\x000\x00a\x000\x00m\x00",
		"a parent that is none":  "\x01" + sha + "\x00--all\x00a\x00a\x000\x00a\x000\x00m\x00",
		"cut off":                "\x01" + sha + "\x00\x00a",
		"not a file":             "\x01" + sha + "\x00\x00a\x00a\x000\x00a\x000\x00m\x00\x00x\ty\tfile\x00",
		"half a rename":          "\x01" + sha + "\x00\x00a\x00a\x000\x00a\x000\x00m\x00\x001\t1\t\x00old\x00",
	} {
		if err := parseLog(strings.NewReader(text), mapping{}, func(commit) {}); !errors.Is(err, errLog) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzParseLog(f *testing.F) {
	seeds, err := filepath.Glob("testdata/log/*.log")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range seeds {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	source := &Source{
		mapping: newMapping("", map[string]string{"services/pay": "payments-core"}),
		now:     func() time.Time { return monday },
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := parseLog(bytes.NewReader(raw), source.mapping, func(c commit) {
			e, ok := source.merge(c, "example.com/shop/pricing")
			if !ok {
				return
			}
			if faults := e.Normalize(monday, ""); faults != nil {
				t.Errorf("%q: %v", c.sha, faults)
			}
		})
		if err != nil && !errors.Is(err, errLog) {
			t.Errorf("an unclassified error: %v", err)
		}
	})
}

// BenchmarkLook measures a look at a repository of ten thousand commits: the first, and one that finds nothing new.
func BenchmarkLook(b *testing.B) {
	r := newRepository(b)
	r.many(10_000)
	source := open(b, Config{Repository: r.dir})
	_, cursor := all(b, source, "")
	for name, from := range map[string]string{"first": "", "idle": cursor} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				look(b, source, from)
			}
		})
	}
}
