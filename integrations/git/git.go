package git

import (
	"sync"
	"time"

	"tidings.dev/tidings/integration"
)

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "git",
	Title:   "Git repository",
	Summary: "Merges to the main branch and tags of any Git repository, by path or URL, without a webhook.",
	Class:   integration.ClassCode,
	Config:  func() integration.Config { return &Config{} },
}

// Source is one watched repository.
type Source struct {
	place      string // the path or the address, as configured
	repository *repository
	branch     string // as configured; empty for the default one
	mapping    mapping
	backfill   int
	now        func() time.Time

	// looking keeps two looks from fetching into one mirror at once.
	looking sync.Mutex
}

var _ integration.Poller = (*Source)(nil)

// Describe gives the path or the address.
func (s *Source) Describe() string { return s.place }
