//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one tidings serve.
type process struct {
	cmd  *exec.Cmd
	url  string
	log  *tail
	done chan struct{}
}

var answers = regexp.MustCompile(`answers at (\S+)`)

// startTime bounds how long a server may take until it answers.
const startTime = 120 * time.Second

// serve starts the binary and waits until it answers. When it ends first, the error tells what it said.
func serve(ctx context.Context, binary string, environment []string, args ...string) (*process, error) {
	cmd := exec.Command(binary, append([]string{"serve", "--no-login", "--listen", "127.0.0.1:0"}, args...)...) //nolint:noctx // faults end it, and close
	cmd.Env = append(append(os.Environ(), "GOMEMLIMIT=1GiB"), environment...)
	p := &process{cmd: cmd, log: &tail{}, done: make(chan struct{})}
	cmd.Stderr = p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	said := make(chan string, 1)
	go func() {
		defer close(p.done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if found := answers.FindStringSubmatch(lines.Text()); found != nil {
				said <- found[1]
			}
		}
		_ = cmd.Wait() // how it ended is the fault's own matter
	}()
	select {
	case p.url = <-said:
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("the server ended at once (%s): %s", cmd.ProcessState, p.log)
	case <-time.After(startTime):
		p.kill()
		return nil, fmt.Errorf("the server did not answer within %s: %s", startTime, p.log)
	case <-ctx.Done():
		p.kill()
		return nil, ctx.Err()
	}
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // it may have ended

// kill ends the process at this very instant, and waits until it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// tail keeps the last lines that a process wrote.
type tail struct {
	mu    sync.Mutex
	lines []string
	part  []byte
}

const tailed = 40

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.part = append(t.part, b...)
	for {
		line, rest, ok := bytes.Cut(t.part, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		t.lines = append(t.lines, string(line))
		t.lines = slices.Clone(t.lines[max(0, len(t.lines)-tailed):])
		t.part = rest
	}
}

func (t *tail) last(n int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.lines[max(0, len(t.lines)-n):])
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}

// ended waits for a process that was told to end.
func (p *process) ended(within time.Duration) error {
	select {
	case <-p.done:
	case <-time.After(within):
		p.kill()
		return fmt.Errorf("the server did not end within %s of SIGTERM: %s", within, p.log)
	}
	if !p.cmd.ProcessState.Success() {
		return fmt.Errorf("the server ended with %s: %s", p.cmd.ProcessState, p.log)
	}
	return nil
}
