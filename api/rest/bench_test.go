package rest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// load sends a request over and over from 64 connections, as plainly as can be: the cores are shared with the server.
func load(b *testing.B, s *server, request func(n int64) string, status int) {
	b.Helper()
	address, _ := strings.CutPrefix(s.URL, "http://")
	var count atomic.Int64
	b.SetParallelism(32) // of two cores, 64 clients
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		reader := bufio.NewReader(conn)
		for pb.Next() {
			if _, err := io.WriteString(conn, request(count.Add(1))); err != nil {
				b.Error(err)
				return
			}
			answer, err := http.ReadResponse(reader, nil)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			if answer.StatusCode != status {
				b.Errorf("status %d", answer.StatusCode)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// organisation describes services, 50 to a team.
func (s *server) organisation(b *testing.B, services int) {
	b.Helper()
	var text strings.Builder
	for i := range services {
		fmt.Fprintf(&text, "---\nname: svc-%05d\nkind: service\ndescription: does what number %d of the organisation is there to do\ntier: %d\nlanguage: go\nplatform: kubernetes\n"+
			"lifecycle: production\nowner: team-%03d\ntags: {pci: \"yes\", cost: c%d}\nlinks: [{type: runbook, title: Runbook, url: \"https://runbooks.example.com/%d\"}, {type: dashboard, url: \"https://dashboards.example.com/%d\"}]\n"+
			"depends_on: [svc-%05d, svc-%05d]\n", i, i, i%4, i/50, i%9, i, i, (i+1)%services, (i+7)%services)
	}
	s.do("POST", "/api/v1/descriptors?name=all.tidings.yaml", text.String(), "Content-Type", "application/yaml").want(b, 200, nil)
}

func BenchmarkGetEntity(b *testing.B) {
	s := newServer(b)
	s.organisation(b, 2000)
	load(b, s, func(n int64) string {
		return fmt.Sprintf("GET /api/v1/entities/service/svc-%05d HTTP/1.1\r\nHost: x\r\n\r\n", n%2000)
	}, 200)
}

func BenchmarkOwnersList(b *testing.B) {
	s := newServer(b)
	s.organisation(b, 2000)
	load(b, s, func(n int64) string {
		return fmt.Sprintf("GET /api/v1/entities?owner=team-%03d HTTP/1.1\r\nHost: x\r\n\r\n", n%40)
	}, 200)
}

func BenchmarkPostEvent(b *testing.B) {
	s := newServer(b)
	s.organisation(b, 2000)
	load(b, s, func(n int64) string {
		body := fmt.Sprintf(`{"source":"ci","key":"run/%d","kind":"deploy","title":"svc to production","service":"svc-%05d","version":"1.%d","environment":"production","actor":"ana"}`, n, n%2000, n)
		return fmt.Sprintf("POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}, 201)
}

func BenchmarkFeedPage(b *testing.B) {
	s := newServer(b)
	s.organisation(b, 200)
	for i := range 20 {
		items := make([]string, 500)
		for j := range items {
			items[j] = fmt.Sprintf(`{"title":"deployed","kind":"deploy","service":"svc-%05d","key":"%d/%d","environment":"production"}`, (i*500+j)%200, i, j)
		}
		s.do("POST", "/api/v1/events", "["+strings.Join(items, ",")+"]").want(b, 201, nil)
	}
	load(b, s, func(n int64) string {
		return fmt.Sprintf("GET /api/v1/events?service=svc-%05d HTTP/1.1\r\nHost: x\r\n\r\n", n%200)
	}, 200)
}
