package git

import (
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

const (
	defaultBackfill = 200
	maxBackfill     = 100_000
	defaultTimeout  = 5 * time.Minute
)

// Config is one repository.
type Config struct {
	// Repository is a local path, or a URL of the schemes https, ssh and file, or git@host:path.
	Repository string `yaml:"repository"`
	// Branch is the main branch. Left out, it is the one that the repository calls its default.
	Branch string `yaml:"branch"`
	// Service is what the repository is the code of. Without it and without Paths the events carry the outside name
	// git:HOST/PATH, which an alias of the roll can claim.
	Service string `yaml:"service"`
	// Paths gives folders of a monorepo to services, by prefix; the longest wins. What none holds is of Service.
	Paths map[string]string `yaml:"paths"`
	// Backfill is how many commits, and how many tags, the first look goes back: 200 unless said, 0 for none.
	Backfill *int `yaml:"backfill"`
	// CacheDir is where mirrors of URLs are kept; by default in the user's cache folder.
	CacheDir string `yaml:"cache_dir"`
	// Timeout bounds one fetch, the first of which brings the whole branch: 5m unless said.
	Timeout time.Duration `yaml:"timeout"`
	// Token is the access token for https, by reference: env:NAME or file:PATH. It is read anew for every fetch.
	Token string `yaml:"token"`
	// User goes with Token; hosts that ask for none in particular take the default, git.
	User string `yaml:"user"`

	guard *integration.Guard // of what was typed; nil for the configuration file
}

var (
	_ integration.Config = (*Config)(nil)

	// scpFormat is the short form of ssh addresses, user@host:path.
	scpFormat = regexp.MustCompile(`^(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)@)?([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]):([^:\\].*)$`)
	// schemeFormat tells a URL from a path.
	schemeFormat = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*::?(//|:)?`)
)

// Validate names every fault of the configuration.
func (c *Config) Validate() error {
	var faults []fault.Fault
	add := func(place string, err error) {
		if err != nil {
			faults = append(faults, fault.Fault{Pointer: "/" + place, Detail: strings.TrimPrefix(err.Error(), "invalid: ")})
		}
	}
	add("repository", c.checkRepository())
	if c.Branch != "" {
		add("branch", checkRef(branchRef(c.Branch)))
	}
	if c.Service != "" {
		add("service", catalog.CheckName(c.Service))
	}
	for _, prefix := range slices.Sorted(maps.Keys(c.Paths)) {
		if clean := path.Clean("/" + prefix); strings.Contains(prefix, "..") || strings.ContainsAny(clean, "*?\\") {
			add("paths", fault.New(fault.Invalid, "%q is not a folder: write it from the root of the repository, such as services/pricing, without patterns", prefix))
		}
		add("paths", catalog.CheckName(c.Paths[prefix]))
	}
	if n := c.Backfill; n != nil && (*n < 0 || *n > maxBackfill) {
		add("backfill", fault.New(fault.Invalid, "is a number of commits from 0 to %d", maxBackfill))
	}
	if c.Timeout < 0 || c.Timeout > 24*time.Hour {
		add("timeout", fault.New(fault.Invalid, "is a duration up to 24h, such as 5m"))
	}
	add("token", c.checkToken())
	if strings.ContainsAny(c.User, ":\r\n") {
		add("user", fault.New(fault.Invalid, "holds a colon or a line break"))
	}
	return fault.InvalidInput("git source", faults)
}

func (c *Config) checkRepository() error {
	switch repo := c.Repository; {
	case repo == "":
		return fault.New(fault.Invalid, "is required: a path, or a URL such as https://git.example.com/shop/pricing.git")
	case strings.HasPrefix(repo, "-") || strings.ContainsFunc(repo, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fault.New(fault.Invalid, "starts with a dash or holds control characters")
	case !isURL(repo):
		return nil
	case scpFormat.MatchString(repo) && !strings.Contains(repo, "://"):
		return nil
	}
	u, err := url.Parse(c.Repository)
	if err != nil {
		return fault.New(fault.Invalid, "is not a URL")
	}
	switch u.Scheme {
	case "https", "ssh":
		if u.Host == "" || strings.HasPrefix(u.Host, "-") || strings.HasPrefix(u.User.Username(), "-") {
			return fault.New(fault.Invalid, "lacks a host")
		}
	case "file":
	default:
		return fault.New(fault.Invalid, "has the scheme %q: use https, ssh or file", u.Scheme)
	}
	if _, has := u.User.Password(); has || (u.Scheme == "https" && u.User != nil) {
		return fault.New(fault.Invalid, "carries a user or password: take it out, and set token to env:NAME or file:PATH")
	}
	return nil
}

func (c *Config) checkToken() error {
	kind, rest, _ := strings.Cut(c.Token, ":")
	switch {
	case c.Token == "":
		return nil
	case (kind != "env" && kind != "file") || rest == "":
		// The value is not repeated: it may be the token itself.
		return fault.New(fault.Invalid, "is a reference, env:NAME or file:PATH, never the token itself")
	case !strings.HasPrefix(c.Repository, "https://"):
		return fault.New(fault.Invalid, "goes with an https repository only")
	}
	return nil
}

// Open makes the source. It neither looks at the repository nor makes a folder.
func (c *Config) Open() (integration.Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	source := &Source{
		place:      c.Repository,
		repository: &repository{timeout: c.Timeout, token: c.Token, user: c.User, guard: c.guard},
		branch:     c.Branch,
		mapping:    newMapping(c.Service, c.Paths),
		backfill:   defaultBackfill,
		now:        time.Now,
	}
	if c.Backfill != nil {
		source.backfill = *c.Backfill
	}
	if source.repository.timeout == 0 {
		source.repository.timeout = defaultTimeout
	}
	if !isURL(c.Repository) {
		dir, err := filepath.Abs(c.Repository)
		if err != nil {
			return nil, fault.New(fault.Invalid, "git source: %w", err)
		}
		source.repository.dir = dir
		return source, nil
	}
	cache := c.CacheDir
	if cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, fault.New(fault.Invalid, "git source: /cache_dir: set it: this user has no cache folder (%w)", err)
		}
		cache = filepath.Join(dir, "tidings", "git")
	}
	cache, err := filepath.Abs(cache)
	if err != nil {
		return nil, fault.New(fault.Invalid, "git source: %w", err)
	}
	source.repository.url = c.Repository
	source.repository.dir = filepath.Join(cache, mirrorName(c.Repository, c.Branch))
	return source, nil
}

// isURL tells an address from a path. A drive letter is a path, and so is what has a slash before its first colon.
func isURL(repository string) bool {
	before, _, found := strings.Cut(repository, ":")
	return found && len(before) > 1 && !strings.ContainsAny(before, `/\`) && (scpFormat.MatchString(repository) || schemeFormat.MatchString(repository))
}

// branchRef is the full name of a branch.
func branchRef(branch string) string {
	if strings.HasPrefix(branch, "refs/") {
		return branch
	}
	return "refs/heads/" + branch
}

// checkRef holds a full reference name to the rules of git-check-ref-format(1), because it becomes part of a refspec.
func checkRef(ref string) error {
	bad := !strings.HasPrefix(ref, "refs/") || len(ref) > 1024 || strings.HasSuffix(ref, "/") || strings.HasSuffix(ref, ".") ||
		strings.Contains(ref, "..") || strings.Contains(ref, "//") || strings.Contains(ref, "@{") ||
		strings.ContainsFunc(ref, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) })
	for part := range strings.SplitSeq(ref, "/") {
		bad = bad || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock")
	}
	if bad {
		return fault.New(fault.Invalid, "%q is not the name of a branch", ref)
	}
	return nil
}
