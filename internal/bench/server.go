package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is the binary under measure, in a process of its own.
type server struct {
	cmd  *exec.Cmd
	url  string
	http *http.Client
}

var answers = regexp.MustCompile(`answers at (\S+)`)

// start runs the binary and gives how long it took until the first answer about a service.
func start(ctx context.Context, binary string, args ...string) (*server, time.Duration, error) {
	began := time.Now()
	cmd := exec.CommandContext(ctx, binary, append([]string{"serve", "--no-login", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(os.Environ(), "GOMEMLIMIT=2GiB")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	s := &server{cmd: cmd, http: &http.Client{
		Timeout:   2 * time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 600, DialContext: (&net.Dialer{}).DialContext},
	}}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := answers.FindStringSubmatch(lines.Text()); found != nil {
			s.url = found[1]
			break
		}
	}
	if s.url == "" {
		return nil, 0, fmt.Errorf("the server did not start: %w", cmd.Wait())
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // what it prints from now on is not needed
	if _, err := s.get(ctx, "/api/v1/entities?kind=service&limit=1"); err != nil {
		return nil, 0, err
	}
	return s, time.Since(began), nil
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// resident is the memory of the process, in MB.
func (s *server) resident() (float64, error) { return resident(s.cmd.Process.Pid) }

func resident(pid int) (float64, error) {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in the status of the process")
}

func (s *server) get(ctx context.Context, path string) ([]byte, error) {
	return s.do(ctx, http.MethodGet, path, "", nil)
}

func (s *server) post(ctx context.Context, path, kind string, body []byte) ([]byte, error) {
	return s.do(ctx, http.MethodPost, path, kind, body)
}

func (s *server) do(ctx context.Context, method, path, kind string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	answer, err := s.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s: %.300s", method, path, answer.Status, content)
	}
	return content, nil
}

// total reads the number of matches of a list.
func (s *server) total(ctx context.Context, query url.Values) (int, error) {
	content, err := s.get(ctx, "/api/v1/entities?"+query.Encode())
	if err != nil {
		return 0, err
	}
	var page struct {
		Total int `json:"total"`
	}
	err = json.Unmarshal(content, &page)
	return page.Total, err
}

// events are the titles of what is in the feed since an instant: a thousand at most.
func (s *server) events(ctx context.Context, since time.Time) ([]string, error) {
	content, err := s.get(ctx, "/api/v1/events?limit=1000&since="+url.QueryEscape(since.UTC().Format(time.RFC3339Nano)))
	if err != nil {
		return nil, err
	}
	var page struct {
		Events []struct {
			Kind  string `json:"kind"`
			Title string `json:"title"`
		} `json:"events"`
	}
	if err := json.Unmarshal(content, &page); err != nil {
		return nil, err
	}
	var titles []string
	for _, event := range page.Events {
		titles = append(titles, event.Kind+": "+event.Title)
	}
	return titles, nil
}
