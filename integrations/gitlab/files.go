package gitlab

import (
	"context"
	"fmt"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/walk"
)

// about says what an event is about: the project's service, or those services of a monorepo of which files were changed or
// which a tag names.
func (s *Source) about(e *change.Event, p *payload) {
	folders := s.config.Folders(scheme, p.Project.Path)
	if len(folders) == 0 {
		e.Subjects = []change.Subject{s.config.Subject(scheme, p.Project.Path)}
		return
	}
	if e.Kind == "release" {
		if folder, version, ok := folders.OfTag(e.Version); ok {
			e.Subjects, e.Version = []change.Subject{s.config.Folder(scheme, p.Project.Path, folder)}, version
			return
		}
	}
	e.Subjects = s.config.Changed(scheme, p.Project.Path, folders, p.changed())
}

// Complete decodes a delivery, and asks which files were changed where that says which service of a monorepo it is about.
func (s *Asked) Complete(ctx context.Context, d integration.Delivery) (integration.Decoded, error) {
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
func (s *Asked) complete(ctx context.Context, l *walk.Look, project *project, p *payload) (err error) {
	p.Project = *project
	if address := s.filesOf(p); address != "" {
		p.files, err = s.files.List(ctx, address, l.Get)
	}
	return err
}

// filesOf is where GitLab says which files were changed; empty where that says nothing more, or a push has said it.
func (s *Asked) filesOf(p *payload) string {
	if len(s.config.Folders(scheme, p.Project.Path)) == 0 || p.Project.ID == 0 {
		return ""
	}
	switch p.ObjectKind {
	case "merge_request":
		return p.Project.path(fmt.Sprintf("merge_requests/%d/diffs?per_page=%d", p.Attributes.IID, perPage))
	case "pipeline":
		if integration.IsCommit(p.Attributes.SHA) {
			return p.Project.path(fmt.Sprintf("repository/commits/%s/diff?per_page=%d", p.Attributes.SHA, perPage))
		}
	}
	return ""
}

// readFiles reads a list of differences, of a merge request or of a commit.
func readFiles(body []byte) ([]string, error) {
	var files []struct {
		Old string `json:"old_path"`
		New string `json:"new_path"`
	}
	if err := integration.ReadJSON(body, &files); err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		if names = append(names, file.New); file.Old != file.New {
			names = append(names, file.Old)
		}
	}
	return names, nil
}
