package gitlab

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/walk"
)

// readDeployments tells each deployment by the steps that its webhook would have sent.
func (s *Asked) readDeployments(ctx context.Context, l *walk.Look, p *project, page *walk.Page) ([]walk.Item, error) {
	var all []struct {
		ID          int64     `json:"id"`
		Ref         string    `json:"ref"`
		SHA         string    `json:"sha"`
		Status      string    `json:"status"`
		CreatedAt   time.Time `json:"created_at"`
		UpdatedAt   time.Time `json:"updated_at"`
		User        user      `json:"user"`
		Environment struct {
			Name        string `json:"name"`
			ExternalURL string `json:"external_url"`
		} `json:"environment"`
		Deployable struct {
			ID         int64     `json:"id"`
			WebURL     string    `json:"web_url"`
			StartedAt  time.Time `json:"started_at"`
			FinishedAt time.Time `json:"finished_at"`
			Commit     struct {
				Title string `json:"title"`
			} `json:"commit"`
		} `json:"deployable"` // of no job where the API made the deployment
	}
	if err := page.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all))
	for i := range all {
		d := &all[i]
		items[i].At = d.UpdatedAt
		phase, known := integration.OneOf(deployed, d.Status)
		if !known {
			continue
		}
		tier, err := s.tier(ctx, l, p, d.Environment.Name)
		if err != nil {
			return nil, err
		}
		step := payload{
			ObjectKind: "deployment", DeploymentID: d.ID, Ref: d.Ref, ShortSHA: d.SHA, User: d.User, CommitTitle: d.Deployable.Commit.Title,
			Environment: d.Environment.Name, EnvironmentTier: tier, EnvironmentURL: d.Environment.ExternalURL, DeployableURL: d.Deployable.WebURL,
		}
		tell := func(status string, at time.Time) {
			step.Status, step.StatusChangedAt = status, at.Format(time.RFC3339Nano)
			s.tell(&items[i], p, step)
		}
		started := integration.At(d.Deployable.StartedAt)
		switch phase {
		case change.Planned:
			tell(d.Status, d.CreatedAt)
		case change.Started:
			tell(d.Status, integration.At(started, d.CreatedAt))
		default:
			if !started.IsZero() {
				tell("running", started)
			}
			ended := integration.At(d.Deployable.FinishedAt, d.UpdatedAt)
			if ended.Before(started) {
				ended = started
			}
			tell(d.Status, ended)
		}
	}
	return items, nil
}

// readPipelines tells of those of the main branch and of versions. The list says neither when one ended nor whose it is.
func (s *Asked) readPipelines(ctx context.Context, l *walk.Look, p *project, page *walk.Page) ([]walk.Item, error) {
	var all []struct {
		ID        int64     `json:"id"`
		Ref       string    `json:"ref"`
		Status    string    `json:"status"`
		UpdatedAt time.Time `json:"updated_at"`
	}
	if err := page.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all))
	for i, one := range all {
		items[i].At = one.UpdatedAt
		phase, known := integration.OneOf(ran, one.Status)
		if known && !l.Told(fmt.Sprintf("pipeline/%d", one.ID), phase) && !one.UpdatedAt.Before(page.Since) && (one.Ref == p.DefaultBranch || integration.Version(one.Ref) != "") {
			var whole struct {
				attributes
				WebURL    string    `json:"web_url"`
				User      user      `json:"user"`
				StartedAt time.Time `json:"started_at"`
			}
			if _, err := l.Get(ctx, p.path(fmt.Sprintf("pipelines/%d", one.ID)), &whole); err != nil {
				return nil, err
			}
			whole.URL = whole.WebURL
			last := payload{ObjectKind: "pipeline", Attributes: whole.attributes, User: whole.User}
			if err := s.complete(ctx, l, p, &last); err != nil {
				return nil, err
			}
			if started := last; phase != change.Planned && phase != change.Started && !whole.StartedAt.IsZero() {
				started.Attributes.Status, started.Attributes.FinishedAt = "running", ""
				s.tell(&items[i], p, started)
			}
			s.tell(&items[i], p, last)
		}
	}
	return items, nil
}

// readMergeRequests tells what was merged. One that was only written about since is in the list again.
func (s *Asked) readMergeRequests(ctx context.Context, l *walk.Look, p *project, page *walk.Page) ([]walk.Item, error) {
	var all []struct {
		attributes
		HeadSHA   string    `json:"sha"`
		WebURL    string    `json:"web_url"`
		MergedAt  time.Time `json:"merged_at"`
		MergedBy  user      `json:"merged_by"` // until GitLab 14.7
		MergeUser user      `json:"merge_user"`
		Updated   time.Time `json:"updated_at"`
	}
	if err := page.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all))
	for i := range all {
		r := &all[i]
		items[i].At = r.Updated
		if merged := integration.At(r.MergedAt); !merged.IsZero() && !merged.Before(page.Start) {
			r.Action, r.URL, r.UpdatedAt, r.LastCommit = "merge", r.WebURL, merged.Format(time.RFC3339Nano), &commit{ID: r.HeadSHA}
			whole := payload{ObjectKind: "merge_request", Attributes: r.attributes, User: cmp.Or(r.MergeUser, r.MergedBy)}
			if !r.Updated.Before(page.Since) {
				if err := s.complete(ctx, l, p, &whole); err != nil {
					return nil, err
				}
			}
			s.tell(&items[i], p, whole)
		}
	}
	return items, nil
}

func (s *Asked) readReleases(_ context.Context, _ *walk.Look, p *project, page *walk.Page) ([]walk.Item, error) {
	var all []struct {
		Tag         string    `json:"tag_name"`
		Name        string    `json:"name"`
		Description string    `json:"description"`
		CreatedAt   time.Time `json:"created_at"`
		Author      user      `json:"author"`
		Commit      *commit   `json:"commit"`
		Links       struct {
			Self string `json:"self"`
		} `json:"_links"`
	}
	if err := page.Read(&all); err != nil {
		return nil, err
	}
	items := make([]walk.Item, len(all))
	for i := range all {
		r := &all[i]
		items[i].At = r.CreatedAt
		s.tell(&items[i], p, payload{
			ObjectKind: "release", Action: "create", Tag: strings.TrimSpace(r.Tag), Name: r.Name, Description: r.Description,
			CreatedAt: r.CreatedAt.Format(time.RFC3339Nano), User: r.Author, Commit: r.Commit, URL: r.Links.Self,
		})
	}
	return items, nil
}
