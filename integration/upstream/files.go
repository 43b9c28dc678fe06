package upstream

import (
	"context"
	"sync"
	"time"

	"tidings.dev/tidings/fault"
)

// Files asks a tool which files a change touched, and remembers it: the same is told by a webhook and by a list, and a build
// several times.
type Files struct {
	// Read gives the names in one page of an answer, those of before a move too.
	Read func(body []byte) ([]string, error)

	mu    sync.Mutex
	known map[string][]string // by address
	again time.Time           // nobody waits before, since somebody waited in vain
}

// Getter asks for a page, as Client.Get does without headers.
type Getter func(ctx context.Context, at string, into any) (Answer, error)

// Bounds of asking for files.
const (
	maxFiles = 1000 // addresses that are remembered
	// filePages are asked for at most. What is beyond is told as one file more, which lies in no folder.
	filePages = 5
	beyond    = "…"
	// filePatience is how long a delivery waits: tools hang up after ten seconds.
	filePatience = 3 * time.Second
	// fileRest is how long none waits after one waited in vain.
	fileRest = 30 * time.Second
)

// List gives the files at an address, page after page. There are none of what is not to be seen, such as a commit of a branch
// that is gone: all else is told of it.
func (f *Files) List(ctx context.Context, address string, get Getter) ([]string, error) {
	files, err := f.list(ctx, address, get)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Invalid) {
		return nil, nil
	}
	return files, err
}

func (f *Files) list(ctx context.Context, address string, get Getter) ([]string, error) {
	f.mu.Lock()
	known, ok := f.known[address]
	f.mu.Unlock()
	if ok {
		return known, nil
	}
	files, at := []string{}, address
	for page := 0; at != "" && page < filePages; page++ {
		answer, err := get(ctx, at, nil)
		if err != nil {
			return nil, err
		}
		names, err := f.Read(answer.Body)
		if err != nil {
			return nil, err
		}
		files, at = append(files, names...), answer.Next
	}
	if at != "" {
		files = append(files, beyond)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil || len(f.known) >= maxFiles {
		f.known = map[string][]string{}
	}
	f.known[address] = files
	return files, nil
}

// InTime gives the files at an address to a delivery, which does not wait for long; none where they are not to be had.
func (f *Files) InTime(ctx context.Context, address string, client *Client) []string {
	f.mu.Lock()
	rests := time.Now().Before(f.again)
	f.mu.Unlock()
	if rests {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, filePatience)
	defer cancel()
	files, err := f.list(ctx, address, func(ctx context.Context, at string, into any) (Answer, error) {
		return client.Get(ctx, at, nil, into)
	})
	if err != nil {
		f.mu.Lock()
		f.again = time.Now().Add(fileRest)
		f.mu.Unlock()
	}
	return files
}
