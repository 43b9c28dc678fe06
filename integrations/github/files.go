package github

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/walk"
)

// Complete decodes a delivery, and asks which files were changed where that says which service of a monorepo it is about.
func (s *Polled) Complete(ctx context.Context, d integration.Delivery) (integration.Decoded, error) {
	decoded, err := s.Decode(d)
	if err != nil || len(decoded.Events) == 0 {
		return decoded, err
	}
	var p payload
	if err := integration.ReadJSON(d.Body, &p); err != nil {
		return decoded, err
	}
	at := s.filesOf(&p)
	if at == "" {
		return decoded, nil
	}
	p.files = s.files.InTime(ctx, at, s.Client)
	for i := range decoded.Events {
		s.about(&decoded.Events[i], &p)
	}
	return decoded, nil
}

// complete adds the files to what a list tells of, where they count.
func (s *Polled) complete(ctx context.Context, l *walk.Look, p *payload, at, since time.Time) (err error) {
	address := s.filesOf(p)
	if address == "" || at.Before(since) || l.Now.Sub(at) > detailed {
		return nil
	}
	p.files, err = s.files.List(ctx, address, l.Get)
	return err
}

// filesOf is where GitHub says which files were changed; empty where that says nothing more, or a push has said it.
func (s *Polled) filesOf(p *payload) string {
	if len(s.config.Folders(scheme, p.Repository.FullName)) == 0 {
		return ""
	}
	switch {
	case p.PullRequest != nil:
		return s.path(&p.Repository, fmt.Sprintf("pulls/%d/files?per_page=%d", p.PullRequest.Number, perPage))
	case p.WorkflowRun != nil && integration.IsCommit(p.WorkflowRun.HeadSHA):
		return s.path(&p.Repository, fmt.Sprintf("commits/%s?per_page=%d", p.WorkflowRun.HeadSHA, perPage))
	}
	return ""
}

// changedFile is one of the files of a commit or a pull request.
type changedFile struct {
	Name     string `json:"filename"`
	Previous string `json:"previous_filename"` // of one that was moved
}

// readFiles reads a list of files: that of a pull request, or that within a commit.
func readFiles(body []byte) ([]string, error) {
	var commit struct {
		Files []changedFile `json:"files"`
	}
	into := any(&commit)
	if strings.HasPrefix(strings.TrimSpace(string(body)), "[") {
		into = &commit.Files
	}
	if err := integration.ReadJSON(body, into); err != nil {
		return nil, err
	}
	var names []string
	for _, file := range commit.Files {
		if names = append(names, file.Name); file.Previous != "" {
			names = append(names, file.Previous)
		}
	}
	return names, nil
}
