//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// violationError is a broken promise: the run ends with it.
type violationError struct{ text string }

func (v violationError) Error() string { return v.text }

func violation(format string, args ...any) error { return violationError{fmt.Sprintf(format, args...)} }

func broken(err error) bool {
	_, ok := errors.AsType[violationError](err)
	return ok
}

// refusedError is an answer that says no, with its problem document.
type refusedError struct {
	status  int
	problem struct {
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}
	text string
}

func (r *refusedError) Error() string { return fmt.Sprintf("%d: %.400s", r.status, r.text) }

// client speaks to whichever server is up.
type client struct {
	http   *http.Client
	target atomic.Pointer[string]
	counts *counts
}

func newClient(c *counts) *client {
	return &client{counts: c, http: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	}}}
}

func (c *client) aim(url string) {
	c.target.Store(&url)
	c.http.CloseIdleConnections()
}

// requestTime is longer than a server may take to refuse what it cannot store.
const requestTime = 90 * time.Second

// call makes one request. Its error is a violation when the answer is one that no fault excuses.
func (c *client) call(ctx context.Context, method, path, kind string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, *c.target.Load()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode < 300 {
		if into == nil {
			return nil
		}
		if err := json.Unmarshal(content, into); err != nil {
			return violation("%s %s: an answer that cannot be read: %s: %.200s", method, path, err, content)
		}
		return nil
	}
	refused := &refusedError{status: answer.StatusCode, text: string(content)}
	if json.Unmarshal(content, &refused.problem) != nil || refused.problem.Code == "" || refused.problem.Detail == "" {
		return violation("%s %s: %d without a reason: %.300s", method, path, answer.StatusCode, content)
	}
	if answer.StatusCode != http.StatusServiceUnavailable {
		return violation("%s %s: %s (sent: %.600s)", method, path, refused, body)
	}
	c.counts.refused.Add(1)
	return refused
}

func (c *client) get(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, "", nil, into)
}

func (c *client) post(ctx context.Context, path string, body, into any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, path, "application/json", content, into)
}

// probe asks /readyz as a load balancer does, and gives the reasons when there are some.
func (c *client) probe(ctx context.Context) (ready bool, said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, *c.target.Load()+"/readyz", http.NoBody)
	if err != nil {
		return false, "", err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return false, "", err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	for line := range bytes.Lines(content) {
		var check struct {
			OK     bool
			Detail string
		}
		if json.Unmarshal(line, &check) != nil {
			return false, "", violation("/readyz: %s", line)
		}
		if !check.OK {
			said += check.Detail + "; "
		}
	}
	return answer.StatusCode == http.StatusOK, said, err
}

// receipt acknowledges one event.
type receipt struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Status string `json:"status"`
}
