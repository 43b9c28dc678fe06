package terraform

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/upstream"
	"tidings.dev/tidings/integration/walk"
)

// Asked is a source that asks for runs as well: those before the notification, and those that it missed.
type Asked struct {
	*Source
	*walk.Walker
}

var (
	_ integration.Receiver = (*Asked)(nil)
	_ integration.Poller   = (*Asked)(nil)
)

func (s *Source) asking() *Asked {
	client := &upstream.Client{
		Tool: "HCP Terraform", Base: s.config.address() + "/api/v2", HTTP: s.config.HTTP, Sign: s.config.Bearer,
		Header: http.Header{"Accept": {"application/vnd.api+json"}},
	}
	a := &Asked{Source: s, Walker: &walk.Walker{Client: client, Credential: &s.config.Token, Reach: s.config.Reach}}
	a.Lists = func(context.Context, *walk.Look) ([]walk.List, error) {
		first := func(time.Time) string { return a.page(1) }
		return []walk.List{{Name: "runs " + s.config.Organisation, Owner: s.config.Organisation, First: first, Read: a.read}}, nil
	}
	return a
}

// Describe says what it listens to and asks.
func (s *Asked) Describe() string {
	return "runs of " + s.config.Organisation + " at " + s.config.address()
}

const pageSize = 100 // the largest

// page is the address of one page of the organisation's runs ("List Runs in an Organization"), with what they refer to.
func (s *Asked) page(number int) string {
	query := url.Values{"page[size]": {strconv.Itoa(pageSize)}, "page[number]": {strconv.Itoa(number)}, "include": {"workspace,created_by"}}
	return s.Client.Base + "/organizations/" + url.PathEscape(s.config.Organisation) + "/runs?" + query.Encode()
}

// steps are the states of a run that tell something: how a notification calls it, and whether nothing follows.
var steps = map[string]struct {
	trigger string
	ended   bool
}{
	"applying": {"run:applying", false}, "applied": {"run:completed", true}, "errored": {"run:errored", true},
	"canceled": {"run:errored", true}, "force_canceled": {"run:errored", true}, "discarded": {"run:errored", true},
	"policy_soft_failed": {"run:errored", true}, "planned_and_finished": {"run:completed", true}, "planned_and_saved": {"run:completed", true},
}

// read tells each run by the steps that its notifications would have sent.
func (s *Asked) read(_ context.Context, _ *walk.Look, p *walk.Page) ([]walk.Item, error) {
	var list runs
	if err := p.Read(&list); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, one := range list.Included {
		names[one.Type+" "+one.ID] = one.Attributes.Name + one.Attributes.Username
	}
	items := make([]walk.Item, len(list.Data))
	for i := range list.Data {
		r := &list.Data[i]
		last, known := steps[r.Attributes.Status]
		items[i].At, items[i].Open = r.Attributes.CreatedAt, !last.ended
		workspace := names["workspaces "+r.Relationships.Workspace.Data.ID]
		told := payload{
			Organization: s.config.Organisation, Workspace: workspace, RunID: r.ID, RunMessage: r.Attributes.Message,
			RunCreatedBy: names["users "+r.Relationships.CreatedBy.Data.ID],
			RunURL:       fmt.Sprintf("%s/app/%s/%s/runs/%s", s.config.address(), s.config.Organisation, workspace, r.ID),
		}
		tell := func(trigger, status, at string) {
			told.Notifications = []notification{{Trigger: trigger, RunStatus: status, RunUpdatedAt: at}}
			items[i].Tell(s.event(integration.Delivery{}, &told))
		}
		times := r.Attributes.Times
		if at := times.of("applying"); at != "" {
			tell("run:applying", "applying", at)
		}
		if known && last.ended {
			tell(last.trigger, r.Attributes.Status, times.of(r.Attributes.Status))
		}
	}
	if p.Next = ""; list.Meta.Pagination.Next > 0 {
		p.Next = s.page(list.Meta.Pagination.Next)
	}
	return items, nil
}
