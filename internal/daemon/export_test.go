package daemon

import (
	"context"
	"net/http"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/observe"
)

// Routes lists everything that the server's mux holds, for the test that walks it.
func (d *Daemon) Routes() []Route { return d.router.routes }

// Desk is where credentials are made.
func (d *Daemon) Desk() *access.Desk { return d.desk }

// Ask lets a test say who asks, and whether they still may.
func (c *Config) Ask(who func(*http.Request) (access.Principal, error), again func(context.Context, access.Principal) (access.Principal, error)) {
	c.againEvery = 10 * time.Millisecond
	c.authenticate = func(r *http.Request) (identity, error) {
		principal, err := who(r)
		return identity{Principal: principal, again: func(ctx context.Context) (access.Principal, error) { return again(ctx, principal) }}, err
	}
}

// Interpret lets a test say what objects of a type mean.
func (c *Config) Interpret(name string, interpreter observe.Interpreter) {
	c.interpreters = map[string]observe.Interpreter{name: interpreter}
}

// TendEvery lets a test not wait for what the server does every few seconds.
func (c *Config) TendEvery(every time.Duration) { c.tendEvery = every }

// NeedFree says anew how many bytes must be free on the disk.
func (d *Daemon) NeedFree(bytes int64) {
	d.health.mu.Lock()
	defer d.health.mu.Unlock()
	d.health.leastFree = bytes
}

// Shed refuses for want of memory.
func (d *Daemon) Shed() { d.budget.Shed() }

// TellSilence looks for sources that went silent now.
func (d *Daemon) TellSilence(ctx context.Context) error {
	return d.tellSilence(access.With(ctx, access.Tidings))
}

// Play gives a clock, and lets the test say when incidents and chats are worked at.
func (c *Config) Play(now func() time.Time) { c.now, c.steps = now, true }

// Step works at incidents and chats until nothing is due.
func (d *Daemon) Step(ctx context.Context) error {
	if err := d.keeper.Follow(access.With(ctx, access.Tidings)); err != nil {
		return err
	}
	return d.office.Step(ctx)
}

// Relive gives the events of the example their times.
var Relive = relive
