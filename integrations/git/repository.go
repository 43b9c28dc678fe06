package git

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// readTimeout bounds one command that reads what is on this machine.
const readTimeout = 2 * time.Minute

// staleLock is the age at which a lock file in a mirror must be of a process that was killed.
const staleLock = time.Hour

// repository runs the git program on a local repository, or on the mirror of a URL.
type repository struct {
	dir     string // absolute; of the local repository or the mirror; without symbolic links once it was looked at
	url     string // empty for a local one
	timeout time.Duration
	token   string // a reference
	guard   *integration.Guard
	user    string
	head    string // the remote's default branch, once it is known
}

var (
	shaFormat  = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	safeInName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
)

// mirrorName is a folder name of its own for each address and branch.
func mirrorName(address, branch string) string {
	sum := sha256.Sum256([]byte(address + "\x00" + branch))
	stem := safeInName.ReplaceAllString(strings.TrimSuffix(path.Base(strings.TrimRight(address, "/")), ".git"), "-")
	return strings.Trim(stem, ".-") + "-" + hex.EncodeToString(sum[:8]) + ".git"
}

// setting is one line of Git's configuration.
type setting struct{ key, value string }

// environment is all that the git program gets to see: no prompt, no configuration of the system or a user, and of the
// repository's own configuration nothing that names a program.
func (r *repository) environment(protocols string, more ...setting) []string {
	env := []string{
		"LC_ALL=C",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_ASKPASS=",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_ALLOW_PROTOCOL=" + protocols,
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_CEILING_DIRECTORIES=" + filepath.Dir(r.dir),
		"GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15",
	}
	for _, name := range []string{
		"PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "SSH_AUTH_SOCK",
		"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
	} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	settings := append([]setting{
		// The path was configured by the operator, who may well watch repositories of another user.
		{"safe.directory", r.dir},
		{"core.fsmonitor", "false"},
		{"core.hooksPath", os.DevNull},
		{"core.attributesFile", os.DevNull},
		{"log.showSignature", "false"},
		{"log.showRoot", "true"},
		{"log.diffMerges", "first-parent"},
		{"gc.autoDetach", "false"},
		{"http.lowSpeedLimit", "1000"},
		{"http.lowSpeedTime", "60"},
	}, more...)
	env = append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(len(settings)))
	for i, s := range settings {
		n := strconv.Itoa(i)
		env = append(env, "GIT_CONFIG_KEY_"+n+"="+s.key, "GIT_CONFIG_VALUE_"+n+"="+s.value)
	}
	return env
}

// command prepares the git program; it is told to stop, with its helpers, when the context ends.
func (r *repository) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-pager"}, args...)...)
	cmd.Dir = r.dir
	// Reading needs no protocol at all: a partial clone must not fetch what it lacks.
	cmd.Env = r.environment("none")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 3 * time.Second
	return cmd
}

// output runs a command that reads, and gives its standard output without the last line break.
func (r *repository) output(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return r.run(ctx, r.command(ctx, args...))
}

func (r *repository) run(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var stdout bytes.Buffer
	stderr := &tail{}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	if err := cmd.Run(); err != nil {
		return "", r.failure(ctx, err, stderr.String())
	}
	return strings.TrimSuffix(stdout.String(), "\n"), nil
}

// stream runs a command that reads, and hands its output over while it comes.
func (r *repository) stream(ctx context.Context, read func(io.Reader) error, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	cmd := r.command(ctx, args...)
	stderr := &tail{}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fault.New(fault.Internal, "git: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return r.failure(ctx, err, "")
	}
	readErr := read(stdout)
	if readErr != nil {
		cancel()
	}
	err = cmd.Wait()
	switch {
	case readErr != nil && ctx.Err() == nil, readErr != nil && err == nil:
		return readErr
	case err != nil && stderr.Len() > 0:
		return r.failure(ctx, err, stderr.String())
	case readErr != nil:
		return readErr
	case err != nil:
		return r.failure(ctx, err, "")
	}
	return nil
}

// exitError is a failure of the git program itself, with what it said.
type exitError struct {
	status int
	said   string
}

func (e *exitError) Error() string {
	return cmp.Or(e.said, "git ended with status "+strconv.Itoa(e.status))
}

// failure turns the end of a command into a fault. Git has no codes for why it failed, so its English words decide:
// LC_ALL=C keeps them the same everywhere.
func (r *repository) failure(ctx context.Context, err error, said string) error {
	place := cmp.Or(r.url, r.dir)
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "%s: git took too long: raise timeout if the repository is large: %w", place, ctx.Err())
	case ctx.Err() != nil:
		return fault.New(fault.Unavailable, "%s: %w", place, ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return fault.New(fault.Unavailable, "the git program is not on the PATH: install Git 2.31 or newer: %w", err)
	case !errors.As(err, &exit):
		return fault.New(fault.Unavailable, "%s: git: %w", place, err)
	}
	cause := &exitError{status: exit.ExitCode(), said: said}
	code := fault.Unavailable
	switch {
	case containsAny(said, "error: 401", "error: 403", "Authentication failed", "could not read Username", "Permission denied (", "Host key verification failed"):
		code = fault.Unauthenticated
	case containsAny(said, "error: 429"):
		code = fault.RateLimited
	case containsAny(said, "couldn't find remote ref"):
		code = fault.NotFound
	}
	return fault.New(code, "%s: %w", place, cause)
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// tail keeps the last bytes of what a program says on its standard error.
type tail struct{ bytes.Buffer }

const tailSize = 1 << 10

func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	if n > tailSize {
		p = p[n-tailSize:]
	}
	if over := t.Len() + len(p) - tailSize; over > 0 {
		t.Next(over)
	}
	t.Buffer.Write(p)
	return n, nil
}

// String is one line: a remote can write what it likes there.
func (t *tail) String() string {
	text := strings.ToValidUTF8(t.Buffer.String(), "")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// check makes sure that a local repository is there.
func (r *repository) check(ctx context.Context) error {
	info, err := os.Stat(r.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.Unavailable, "there is no repository at %s: %w", r.dir, fs.ErrNotExist)
	case err != nil:
		return fault.New(fault.Unavailable, "the repository at %s cannot be read: %w", r.dir, err)
	case !info.IsDir():
		return fault.New(fault.Unavailable, "%s is a file: give the folder of the repository", r.dir)
	}
	// Git compares the real path with safe.directory and with the ceiling.
	if real, err := filepath.EvalSymlinks(r.dir); err == nil {
		r.dir = real
	}
	if _, err := r.output(ctx, "rev-parse", "--git-dir"); err != nil {
		return fault.New(fault.Unavailable, "%s is not the root of a Git repository, or not a sound one: %w", r.dir, err)
	}
	return nil
}

// fetch brings the mirror up to date and gives the full name of the branch; empty while the remote has no commit.
func (r *repository) fetch(ctx context.Context, branch string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	if err := r.mirror(ctx); err != nil {
		return "", err
	}
	ref := r.head
	if branch != "" {
		ref = branchRef(branch)
	}
	known := ref != ""
	if !known {
		head, err := r.remoteHead(ctx)
		if err != nil || head == "" {
			return "", err
		}
		ref = head
	}
	err := r.fetchRef(ctx, ref)
	if fault.Is(err, fault.NotFound) && branch == "" && known {
		// The remote has another default branch now.
		if ref, err = r.remoteHead(ctx); err != nil || ref == "" {
			return "", err
		}
		err = r.fetchRef(ctx, ref)
	}
	if fault.Is(err, fault.NotFound) {
		empty, emptyErr := r.remoteEmpty(ctx)
		if emptyErr != nil || empty {
			return "", emptyErr
		}
		return "", fault.New(fault.NotFound, "%s has no branch %s", r.url, strings.TrimPrefix(ref, "refs/heads/"))
	}
	if err != nil {
		return "", err
	}
	if branch == "" {
		r.head = ref
	}
	return ref, nil
}

// mirror makes the bare repository if it is not there, and frees it of locks that a killed process left.
func (r *repository) mirror(ctx context.Context) error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return fault.New(fault.Unavailable, "the folder for mirrors cannot be made: %w", err)
	}
	if real, err := filepath.EvalSymlinks(r.dir); err == nil {
		r.dir = real
	}
	if _, err := os.Stat(filepath.Join(r.dir, "HEAD")); err == nil {
		return r.unlock()
	}
	_, err := r.output(ctx, "init", "--quiet", "--bare", "--template=", ".")
	return err
}

func (r *repository) unlock() error {
	err := filepath.WalkDir(r.dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // a file that went away while we look is no lock any more
		case entry.IsDir() && entry.Name() == "objects":
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".lock"):
			return nil
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > max(staleLock, 2*r.timeout) {
			return os.Remove(name)
		}
		return nil
	})
	if err != nil {
		return fault.New(fault.Unavailable, "the mirror of %s is locked: %w", r.url, err)
	}
	return nil
}

// reach runs a command that talks to the remote.
func (r *repository) reach(ctx context.Context, args ...string) (string, error) {
	var settings []setting
	protocols := "https:ssh:file"
	if r.guard != nil {
		if err := r.guard.Host(ctx, host(r.url)); err != nil {
			return "", err
		}
		protocols = "https:ssh"
		// A redirect would lead to a host that was not looked at.
		settings = append(settings, setting{"http.followRedirects", "false"})
	}
	header, err := r.authorization(ctx)
	if err != nil {
		return "", err
	}
	if header != "" {
		u, err := url.Parse(r.url)
		if err != nil {
			return "", fault.New(fault.Invalid, "%s is not a URL: %w", r.url, err)
		}
		// Bound to the host, so that a redirect does not carry it away. The environment keeps it out of `ps`.
		settings = append(settings, setting{"http.https://" + u.Host + "/.extraHeader", header})
	}
	cmd := r.command(ctx, args...)
	cmd.Env = r.environment(protocols, settings...)
	return r.run(ctx, cmd)
}

// authorization is the header that a token makes; empty without a token.
func (r *repository) authorization(ctx context.Context) (string, error) {
	var token string
	kind, place, _ := strings.Cut(r.token, ":")
	switch {
	case r.guard != nil:
		var err error
		if token, err = r.guard.Secret(ctx, "token"); fault.Is(err, fault.NotFound) || !strings.HasPrefix(r.url, "https://") {
			return "", nil
		} else if err != nil {
			return "", err
		}
	case r.token == "":
		return "", nil
	}
	switch kind {
	case "env":
		token = os.Getenv(place)
	case "file":
		raw, err := os.ReadFile(place)
		if err != nil {
			return "", fault.New(fault.Unavailable, "the token of %s cannot be read: %w", r.url, err)
		}
		token = string(raw)
	}
	token = strings.TrimSpace(token)
	if token == "" || strings.ContainsFunc(token, unicode.IsControl) {
		return "", fault.New(fault.Unauthenticated, "the token of %s at %s is empty, or not one line", r.url, r.token)
	}
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(cmp.Or(r.user, "git")+":"+token)), nil
}

func (r *repository) fetchRef(ctx context.Context, ref string) error {
	if err := checkRef(ref); err != nil {
		return err
	}
	_, err := r.reach(ctx, "fetch", "--quiet", "--force", "--prune", "--no-tags", "--no-write-fetch-head",
		"--no-recurse-submodules", "--", r.url, "+"+ref+":"+ref, "+refs/tags/*:refs/tags/*")
	return err
}

// remoteHead asks for the remote's default branch; empty while it has no commit.
func (r *repository) remoteHead(ctx context.Context) (string, error) {
	text, err := r.reach(ctx, "ls-remote", "--quiet", "--symref", "--", r.url, "HEAD")
	if err != nil {
		return "", err
	}
	for line := range strings.SplitSeq(text, "\n") {
		if ref, ok := strings.CutSuffix(line, "\tHEAD"); ok {
			if ref, ok = strings.CutPrefix(ref, "ref: "); ok {
				return ref, checkRef(ref)
			}
		}
	}
	return "", nil
}

// remoteEmpty reports whether the remote has no branch at all.
func (r *repository) remoteEmpty(ctx context.Context) (bool, error) {
	text, err := r.reach(ctx, "ls-remote", "--quiet", "--heads", "--", r.url)
	return text == "", err
}

// localBranch finds the full name of the main branch of a local repository. Where nobody configured it, the default of
// the remote it was cloned from tells; then the usual names; then what is checked out, so that a feature branch that
// somebody works on is not taken for it. A bare repository says it itself.
func (r *repository) localBranch(ctx context.Context, branch string) (string, error) {
	head, _ := r.output(ctx, "symbolic-ref", "--quiet", "HEAD") // fails when it is detached
	if branch != "" {
		ref := branchRef(branch)
		for _, candidate := range []string{ref, "refs/remotes/origin/" + strings.TrimPrefix(ref, "refs/heads/")} {
			if sha, err := r.resolve(ctx, candidate); err != nil || sha != "" {
				return candidate, err
			}
		}
		if ref == head {
			return ref, nil // unborn
		}
		refs, err := r.output(ctx, "for-each-ref", "--count=1", "--format=%(refname)", "refs/heads")
		if err != nil || refs == "" {
			return ref, err
		}
		return "", fault.New(fault.NotFound, "%s has no branch %s", r.dir, branch)
	}
	bare, err := r.output(ctx, "rev-parse", "--is-bare-repository")
	if err != nil {
		return "", err
	}
	if bare != "true" {
		origin, _ := r.output(ctx, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
		name := strings.TrimPrefix(origin, "refs/remotes/origin/")
		candidates := []string{"refs/heads/main", "refs/heads/master", "refs/heads/trunk"}
		if origin != "" && name != origin {
			candidates = append([]string{"refs/heads/" + name, origin}, candidates...)
		}
		for _, candidate := range candidates {
			if sha, err := r.resolve(ctx, candidate); err != nil || sha != "" {
				return candidate, err
			}
		}
	}
	return cmp.Or(head, "HEAD"), nil
}

// resolve gives the commit of a full reference name; empty when there is none.
func (r *repository) resolve(ctx context.Context, ref string) (string, error) {
	text, err := r.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if isExit(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !shaFormat.MatchString(text) {
		return "", fault.New(fault.Unavailable, "%s: git gives %q as the commit of %s", r.dir, text, ref)
	}
	return text, nil
}

// isExit tells that git ran and answered no, apart from that it could not run.
func isExit(err error) bool {
	_, ok := errors.AsType[*exitError](err)
	return ok
}

// has reports whether a commit is there.
func (r *repository) has(ctx context.Context, sha string) (bool, error) {
	if !shaFormat.MatchString(sha) {
		return false, nil
	}
	_, err := r.output(ctx, "cat-file", "-e", sha+"^{commit}")
	if isExit(err) {
		return false, nil
	}
	return err == nil, err
}

// related reports whether two commits have a common ancestor.
func (r *repository) related(ctx context.Context, a, b string) (bool, error) {
	if ok, err := r.has(ctx, a); err != nil || !ok {
		return false, err
	}
	_, err := r.output(ctx, "merge-base", a, b)
	if isExit(err) {
		return false, nil
	}
	return err == nil, err
}

// shallow lists the commits whose parents a shallow clone has cut off.
func (r *repository) shallow(ctx context.Context) (map[string]bool, error) {
	name, err := r.output(ctx, "rev-parse", "--git-path", "shallow")
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.dir, name)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, nil //nolint:nilerr // only a shallow clone has the file
	}
	cut := map[string]bool{}
	for sha := range strings.FieldsSeq(string(raw)) {
		cut[sha] = true
	}
	return cut, nil
}

// origin is the address that the repository was cloned from; its own path where there is none.
func (r *repository) origin(ctx context.Context) string {
	if r.url != "" {
		return r.url
	}
	text, _ := r.output(ctx, "config", "--get", "remote.origin.url")
	return cmp.Or(text, r.dir)
}
