//go:build unix

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// trouble is what is done to the agent, the server, or what lies between them, while operations go on.
type trouble struct {
	name string
	// folds says that the agent sees nothing meanwhile: what was done may be told as its net difference.
	folds bool
	alone bool // needs a cluster that nobody else uses
	begin func(*scene, context.Context) error
	end   func(*scene, context.Context) error
}

var troubles = []trouble{
	{"kill-server", false, false, func(s *scene, _ context.Context) error {
		s.server.kill()
		return nil
	}, (*scene).startServerAgain},
	{"kill-agent", true, false, func(s *scene, _ context.Context) error {
		s.agent.kill()
		return nil
	}, (*scene).startAgentAgain},
	{"cut", false, false, func(s *scene, _ context.Context) error {
		s.wire.set(true, false)
		return nil
	}, (*scene).mendWire},
	{"lose-answers", false, false, func(s *scene, _ context.Context) error {
		s.wire.set(false, true)
		return nil
	}, (*scene).mendWire},
	{"kill-both", true, false, func(s *scene, _ context.Context) error {
		s.server.kill()
		s.agent.kill()
		return nil
	}, func(s *scene, ctx context.Context) error {
		if err := s.startAgentAgain(ctx); err != nil { // it has to wait for the server
			return err
		}
		return s.startServerAgain(ctx)
	}},
	{"drop-watches", true, false, func(s *scene, _ context.Context) error {
		s.link.set(true)
		return nil
	}, func(s *scene, ctx context.Context) error {
		if err := s.compact(ctx); err != nil {
			return err
		}
		s.link.set(false)
		return nil
	}},
	// The API server forgets what was, so that every watch of before is too old.
	{"expire-watches", true, true, func(s *scene, _ context.Context) error {
		s.link.set(true)
		return nil
	}, func(s *scene, ctx context.Context) error {
		if err := s.compact(ctx); err != nil {
			return err
		}
		if err := s.killAPIServer(ctx); err != nil {
			return err
		}
		s.link.set(false)
		return nil
	}},
}

func faultNames() []string {
	var names []string
	for _, t := range troubles {
		names = append(names, t.name)
	}
	return names
}

func (s *scene) startServerAgain(ctx context.Context) error { return s.startServer(ctx) }

func (s *scene) startAgentAgain(context.Context) error { return s.startAgent() }

func (s *scene) mendWire(context.Context) error {
	s.wire.set(false, false)
	return nil
}

// compact takes the history out of etcd, by its gateway.
func (s *scene) compact(ctx context.Context) error {
	etcd, err := s.cluster.File("etcd.address")
	if err != nil {
		return err
	}
	out, err := s.cluster.Kubectl(ctx, "admin", "", "get", "--raw", "/api/v1/namespaces?limit=1")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(out, `"resourceVersion":"`)
	revision, _, _ := strings.Cut(rest, `"`)
	if _, err := strconv.Atoi(revision); err != nil {
		return fmt.Errorf("the API server names no revision: %.200s", out)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, etcd+"/v3/kv/compaction", strings.NewReader(`{"revision":"`+revision+`"}`))
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// killAPIServer kills it; scripts/kubernetes starts it again.
func (s *scene) killAPIServer(ctx context.Context) error {
	text, err := s.cluster.File("pid/kube-apiserver")
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < time.Minute; {
		if now, err := s.cluster.File("pid/kube-apiserver"); err == nil && now != text {
			if _, err := s.cluster.Kubectl(ctx, "admin", "", "get", "--raw", "/readyz"); err == nil {
				return nil
			}
		}
		if err := waitBriefly(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("the API server did not come back")
}

// kubeconfig of the agent, through the link.
func (s *scene) kubeconfig() (string, error) {
	content, err := os.ReadFile(s.cluster.Kubeconfig("agent"))
	if err != nil {
		return "", err
	}
	file := filepath.Join(s.keep, "agent.kubeconfig")
	return file, os.WriteFile(file, []byte(strings.Replace(string(content), s.link.target, s.link.listener.Addr().String(), 1)), 0o600)
}
