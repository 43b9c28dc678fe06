//go:build unix

package main

import (
	"context"
	"net"
	"sync"
	"time"
)

// proxy stands between the server and its database: a network that can be cut, slowed down and swallowed.
type proxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	changed *sync.Cond
	cut     bool          // connections break, and new ones are refused
	silent  bool          // nothing gets through, and nobody is told
	delay   time.Duration // of each packet
	conns   map[net.Conn]bool
}

func newProxy(ctx context.Context, target string) (*proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, target: target, conns: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	go p.accept()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.join(near)
	}
}

func (p *proxy) join(near net.Conn) {
	defer near.Close() //nolint:errcheck // it is given up
	if !p.pass() {
		return
	}
	far, err := net.DialTimeout("tcp", p.target, 5*time.Second) //nolint:noctx // it ends with the proxy
	if err != nil {
		return
	}
	defer far.Close() //nolint:errcheck // it is given up
	p.mu.Lock()
	p.conns[near], p.conns[far] = true, true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.conns, near)
		delete(p.conns, far)
		p.mu.Unlock()
	}()
	var both sync.WaitGroup
	both.Go(func() { p.carry(far, near) })
	both.Go(func() { p.carry(near, far) })
	both.Wait()
}

// carry copies what one side says, as the network allows.
func (p *proxy) carry(to, from net.Conn) {
	// When one direction ends, so does the other: a server that was killed must not seem to be there still.
	defer to.Close()   //nolint:errcheck // it is given up
	defer from.Close() //nolint:errcheck // it is given up
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			if !p.pass() {
				return
			}
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits as long as the network is silent or slow; it reports false when it is cut.
func (p *proxy) pass() bool {
	p.mu.Lock()
	for p.silent && !p.cut {
		p.changed.Wait()
	}
	cut, delay := p.cut, p.delay
	p.mu.Unlock()
	time.Sleep(delay)
	return !cut
}

// set changes the network. A cut breaks what is connected.
func (p *proxy) set(cut, silent bool, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.silent, p.delay = cut, silent, delay
	if cut {
		for conn := range p.conns {
			_ = conn.Close() // that is the fault
		}
	}
	p.changed.Broadcast()
}

func (p *proxy) close() {
	p.set(true, false, 0)
	_ = p.listener.Close() // it is given up
}
