//go:build unix

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one tidings, as a server or as an agent.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// start runs the binary; what it says is put behind what is in the file.
func start(binary, log string, env []string, args ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()                    //nolint:errcheck // the process has its own
	cmd := exec.Command(binary, args...) //nolint:noctx // it is killed, and never asked
	cmd.Stdout, cmd.Stderr, cmd.Env = out, out, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the harness is not one of the process
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // it is killed
		close(p.done)
	}()
	return p, nil
}

// kill is kill -9: nothing is put in order.
func (p *process) kill() {
	if p == nil {
		return
	}
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// memory is how much of it is resident, in bytes.
func (p *process) memory() int {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var size, resident int
	if _, err := fmt.Sscan(string(content), &size, &resident); err != nil {
		return 0
	}
	return resident * os.Getpagesize()
}

// ready waits until a server answers.
func (p *process) ready(ctx context.Context, url string) error {
	for began := time.Now(); time.Since(began) < 60*time.Second; {
		if p.ended() {
			return fmt.Errorf("the server ended by itself")
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close() // only the status is of interest
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		if err := waitBriefly(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("the server was not ready in a minute")
}

// tail is the last lines of a log.
func tail(file string, lines int) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return filepath.Base(file) + ":\n  " + strings.Join(all[max(0, len(all)-lines):], "\n  ")
}

// link carries bytes to the API server, and can be cut.
type link struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newLink(ctx context.Context, target string) (*link, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &link{listener: listener, target: target, conns: map[net.Conn]bool{}}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go l.join(near)
		}
	}()
	return l, nil
}

func (l *link) join(near net.Conn) {
	defer near.Close()                                          //nolint:errcheck // it is given up
	far, err := net.DialTimeout("tcp", l.target, 5*time.Second) //nolint:noctx // it ends with the link
	if err != nil {
		return
	}
	defer far.Close() //nolint:errcheck // it is given up
	l.mu.Lock()
	cut := l.cut
	l.conns[near], l.conns[far] = true, true
	l.mu.Unlock()
	if cut {
		return
	}
	var both sync.WaitGroup
	carry := func(to, from net.Conn) {
		_, _ = copyAll(to, from) // how it ends is all the same: so does the other direction
		_ = to.Close()           // it is given up
		_ = from.Close()         // it is given up
	}
	both.Go(func() { carry(far, near) })
	both.Go(func() { carry(near, far) })
	both.Wait()
	l.mu.Lock()
	delete(l.conns, near)
	delete(l.conns, far)
	l.mu.Unlock()
}

func (l *link) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		for conn := range l.conns {
			_ = conn.Close() // that is the fault
		}
	}
}

func (l *link) close() {
	l.set(true)
	_ = l.listener.Close() // it is given up
}
