//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// copyAll is io.Copy without what it knows of TCP: bytes that the kernel carries by itself are not cut.
func copyAll(to io.Writer, from io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{to}, struct{ io.Reader }{from})
}

// wire stands between the agent and the server. It reads everything that they say, inflated, and looks for secrets; it can
// be cut, and it can lose answers, after the server has done what it was asked for.
type wire struct {
	server  *http.Server
	address string
	target  string
	needles needles

	mu       sync.Mutex
	cut      bool
	loses    bool
	requests int
	bytes    int
	lost     int
	leaks    []string
}

// MaxBody bounds one message; the agent's own bound is lower.
const maxBody = 16 << 20

func newWire(ctx context.Context, target string, n needles) (*wire, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{target: target, needles: n, address: listener.Addr().String()}
	w.server = &http.Server{Handler: http.HandlerFunc(w.carry), ReadHeaderTimeout: time.Minute}
	go w.server.Serve(listener) //nolint:errcheck // it is closed at the end
	return w, nil
}

func (w *wire) state() (cut, loses bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut, w.loses
}

func (w *wire) set(cut, loses bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.loses = cut, loses
}

func (w *wire) carry(out http.ResponseWriter, r *http.Request) {
	if cut, _ := w.state(); cut {
		hangUp(out)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		hangUp(out)
		return
	}
	w.inspect("what the agent sends", r.Header, body)
	request, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, "http://"+w.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		hangUp(out)
		return
	}
	request.Header = r.Header.Clone()
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil { // nobody answers there
		hangUp(out)
		return
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		hangUp(out)
		return
	}
	w.inspect("what the server answers", answer.Header, content)
	if cut, loses := w.state(); cut || loses {
		w.mu.Lock()
		w.lost++
		w.mu.Unlock()
		hangUp(out)
		return
	}
	for name, values := range answer.Header {
		out.Header()[name] = values
	}
	out.WriteHeader(answer.StatusCode)
	_, _ = out.Write(content) // the agent may have been killed
}

// hangUp breaks the connection without an answer.
func hangUp(out http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(out).Hijack(); err == nil {
		_ = conn.Close() // that is the fault
	}
}

// inspect looks for secrets in a message, in every way that it can be packed.
func (w *wire) inspect(what string, header http.Header, body []byte) {
	texts := [][]byte{body}
	if header.Get("Content-Encoding") == "gzip" {
		if r, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			if inflated, err := io.ReadAll(io.LimitReader(r, 4*maxBody)); err == nil {
				texts = append(texts, inflated)
			}
		}
	}
	found := ""
	for _, text := range texts {
		if found = w.needles.in(text); found != "" {
			break
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	w.bytes += len(body)
	if found != "" && len(w.leaks) < 20 {
		w.leaks = append(w.leaks, what+" has "+found)
	}
}

// needles are secrets as they can be written, to be looked for.
type needles []string

func needlesOf(secrets ...string) needles {
	var n needles
	for _, secret := range secrets {
		n = append(n, secret)
		// What base64 makes of a text depends on where it begins, and its ends on what stands beside it.
		for shift := range 3 {
			coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("-", shift) + secret))
			n = append(n, coded[4*((shift+2)/3):len(coded)-4])
		}
	}
	return n
}

// in gives what is there with what stands around it, or nothing.
func (n needles) in(text []byte) string {
	for _, needle := range n {
		if i := bytes.Index(text, []byte(needle)); i >= 0 {
			return fmt.Sprintf("%q", text[max(0, i-80):min(len(text), i+len(needle)+20)])
		}
	}
	return ""
}

// files looks for secrets in everything beneath a directory.
func (n needles) files(directory string) ([]string, error) {
	var leaks []string
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found := n.in(content); found != "" {
			leaks = append(leaks, filepath.Base(path)+" has "+found)
		}
		return nil
	})
	slices.Sort(leaks)
	return leaks, err
}
