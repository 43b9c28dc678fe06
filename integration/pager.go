package integration

import (
	"context"
	"time"
)

// Pager is a source through which somebody is called: whoever its tool finds to be on call.
type Pager interface {
	Source
	// Page calls. The same key calls once while the tool's own alert is open, so that it may be asked again when the answer
	// was lost. Errors are those of Poll.
	Page(ctx context.Context, call Call) error
	// Pages reports whether there is a credential to call with.
	Pages(ctx context.Context) bool
}

// Call is why somebody is called.
type Call struct {
	// Key is what the tool tells calls apart by, of at most 255 characters.
	Key   string
	Title string
	// Services are in trouble, by name.
	Services    []string
	Environment string
	// By is who asked for it, and Text what they say to whom they call; it may be empty.
	By   string
	Text string
	// URL is where more is seen.
	URL string
	At  time.Time
}
