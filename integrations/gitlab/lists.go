package gitlab

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// list is one kind of thing of which GitLab has a list in each project, the newest first.
type list struct {
	name  string
	query func(p *project, since time.Time) string
	// read gives what one page tells.
	read func(ctx context.Context, l *look, p *project, at *pass, body []byte) ([]item, error)
}

// item is one thing of a list.
type item struct {
	at   time.Time // by which the list is ordered
	tell []payload // as deliveries would have it
}

var lists = []list{
	{"deployments", func(_ *project, since time.Time) string { return "deployments?" + updated(since) }, readDeployments},
	{"pipelines", func(_ *project, since time.Time) string { return "pipelines?" + updated(since) }, readPipelines},
	{"merge requests", func(p *project, since time.Time) string {
		return "merge_requests?state=merged&scope=all&target_branch=" + url.QueryEscape(p.DefaultBranch) + "&" + updated(since)
	}, readMergeRequests},
	{"releases", func(*project, time.Time) string { return "releases?order_by=created_at&sort=desc" }, readReleases},
}

// of names the list of a project.
func (k *list) of(p *project) string { return fmt.Sprintf("%d %s", p.ID, k.name) }

func updated(since time.Time) string {
	return url.Values{"order_by": {"updated_at"}, "sort": {"desc"}, "updated_after": {since.Format(time.RFC3339)}}.Encode()
}

func read(body []byte, into any) error {
	if err := integration.ReadJSON(body, into); err != nil {
		return fault.New(fault.Unavailable, "GitLab answered with what it does not document: %s", sentence(err))
	}
	return nil
}

// readDeployments tells each deployment by the steps that its webhook would have sent.
func readDeployments(ctx context.Context, l *look, p *project, _ *pass, body []byte) ([]item, error) {
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
	if err := read(body, &all); err != nil {
		return nil, err
	}
	items := make([]item, 0, len(all))
	for i := range all {
		d := &all[i]
		it := item{at: d.UpdatedAt}
		phase, known := integration.OneOf(deployed, d.Status)
		if !known {
			items = append(items, it)
			continue
		}
		tier, err := l.tier(ctx, p, d.Environment.Name)
		if err != nil {
			return nil, err
		}
		step := payload{
			ObjectKind: "deployment", DeploymentID: d.ID, Ref: d.Ref, ShortSHA: d.SHA, User: d.User, CommitTitle: d.Deployable.Commit.Title,
			Environment: d.Environment.Name, EnvironmentTier: tier, EnvironmentURL: d.Environment.ExternalURL, DeployableURL: d.Deployable.WebURL,
		}
		tell := func(status string, at time.Time) {
			step.Status, step.StatusChangedAt = status, at.Format(time.RFC3339Nano)
			it.tell = append(it.tell, step)
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
			tell(d.Status, latest(started, integration.At(d.Deployable.FinishedAt, d.UpdatedAt)))
		}
		items = append(items, it)
	}
	return items, nil
}

// readPipelines tells of those of the main branch and of versions. The list says neither when one ended nor whose it is.
func readPipelines(ctx context.Context, l *look, p *project, at *pass, body []byte) ([]item, error) {
	var all []struct {
		ID        int64     `json:"id"`
		Ref       string    `json:"ref"`
		Status    string    `json:"status"`
		UpdatedAt time.Time `json:"updated_at"`
	}
	if err := read(body, &all); err != nil {
		return nil, err
	}
	items := make([]item, 0, len(all))
	for _, one := range all {
		it := item{at: one.UpdatedAt}
		phase, known := integration.OneOf(ran, one.Status)
		_, before := l.told[toldKey(fmt.Sprintf("pipeline/%d", one.ID), phase)]
		if known && !before && !it.at.Before(at.Since) && (one.Ref == p.DefaultBranch || integration.Version(one.Ref) != "") {
			var whole struct {
				attributes
				WebURL    string    `json:"web_url"`
				User      user      `json:"user"`
				StartedAt time.Time `json:"started_at"`
			}
			if _, err := l.get(ctx, p.path(fmt.Sprintf("pipelines/%d", one.ID)), &whole); err != nil {
				return nil, err
			}
			whole.URL = whole.WebURL
			last := payload{ObjectKind: "pipeline", Attributes: whole.attributes, User: whole.User}
			if started := last; phase != change.Planned && phase != change.Started && !whole.StartedAt.IsZero() {
				started.Attributes.Status, started.Attributes.FinishedAt = "running", ""
				it.tell = append(it.tell, started)
			}
			it.tell = append(it.tell, last)
		}
		items = append(items, it)
	}
	return items, nil
}

// readMergeRequests tells what was merged. One that was only written about since is in the list again.
func readMergeRequests(_ context.Context, _ *look, _ *project, at *pass, body []byte) ([]item, error) {
	var all []struct {
		attributes
		HeadSHA   string    `json:"sha"`
		WebURL    string    `json:"web_url"`
		MergedAt  time.Time `json:"merged_at"`
		MergedBy  user      `json:"merged_by"` // until GitLab 14.7
		MergeUser user      `json:"merge_user"`
		Updated   time.Time `json:"updated_at"`
	}
	if err := read(body, &all); err != nil {
		return nil, err
	}
	items := make([]item, 0, len(all))
	for i := range all {
		r := &all[i]
		it := item{at: r.Updated}
		if merged := integration.At(r.MergedAt); !merged.IsZero() && !merged.Before(at.Start) {
			r.Action, r.URL, r.UpdatedAt, r.LastCommit = "merge", r.WebURL, merged.Format(time.RFC3339Nano), &commit{ID: r.HeadSHA}
			it.tell = []payload{{ObjectKind: "merge_request", Attributes: r.attributes, User: cmp.Or(r.MergeUser, r.MergedBy)}}
		}
		items = append(items, it)
	}
	return items, nil
}

func readReleases(_ context.Context, _ *look, _ *project, _ *pass, body []byte) ([]item, error) {
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
	if err := read(body, &all); err != nil {
		return nil, err
	}
	items := make([]item, 0, len(all))
	for i := range all {
		r := &all[i]
		items = append(items, item{at: r.CreatedAt, tell: []payload{{
			ObjectKind: "release", Action: "create", Tag: strings.TrimSpace(r.Tag), Name: r.Name, Description: r.Description,
			CreatedAt: r.CreatedAt.Format(time.RFC3339Nano), User: r.Author, Commit: r.Commit, URL: r.Links.Self,
		}}})
	}
	return items, nil
}
