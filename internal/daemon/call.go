package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/incident"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/internal/job"
)

// callers lists the sources through which somebody can be called.
func (d *Daemon) callers(ctx context.Context) []string {
	var names []string
	for name, s := range d.configured() {
		if s.pager != nil && s.pager.Pages(ctx) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// call is the step of a job: a pager is asked to call somebody. It may be asked twice: the key is the same.
func (d *Daemon) call(ctx context.Context, j *job.Job) (more bool, err error) {
	c, err := readCall(j)
	if err != nil {
		return false, err
	}
	pager := d.configured()[c.Source].pager
	if pager == nil {
		return false, fault.New(fault.NotFound, "there is no source %s to page with any more", c.Source)
	}
	err = pager.Page(ctx, integration.Call{
		Key: "tidings/" + c.Key(), Title: c.Title, Services: c.Services, Environment: c.Environment, By: c.By, Text: c.Text,
		URL: d.incidentURL(c.Incident), At: c.At,
	})
	if err != nil {
		// Who waits for somebody hears of it at once; it is tried again meanwhile.
		return false, errors.Join(err, d.keeper.Called(ctx, c, said(err)))
	}
	return false, d.keeper.Called(ctx, c, "")
}

func readCall(j *job.Job) (incident.Call, error) {
	var c incident.Call
	if err := json.Unmarshal([]byte(j.Payload), &c); err != nil {
		return c, fault.New(fault.Invalid, "who is to be called for what cannot be read: %w", err)
	}
	return c, nil
}
