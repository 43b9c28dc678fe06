package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// line is one connection that one client posts over. It takes the client as little of the processor, which it shares with the
// server, as can be: http.Client hands each request to one goroutine and each answer to another.
type line struct {
	url    string
	conn   net.Conn
	answer *bufio.Reader
}

// lines opens as many as there are clients; hangUp closes them.
func (s *server) lines(ctx context.Context, clients int) (all []*line, hangUp func(), err error) {
	at, err := url.Parse(s.url)
	if err != nil {
		return nil, nil, err
	}
	hangUp = func() {
		for _, l := range all {
			_ = l.conn.Close() // nothing is on its way
		}
	}
	for range clients {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.Host)
		if err != nil {
			hangUp()
			return nil, nil, err
		}
		all = append(all, &line{url: s.url, conn: conn, answer: bufio.NewReader(conn)})
	}
	return all, hangUp, nil
}

// post sends JSON, and reads the answer to its end.
func (l *line) post(ctx context.Context, path string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	var head bytes.Buffer
	if err := request.Write(&head); err != nil {
		return err
	}
	if _, err := head.WriteTo(l.conn); err != nil {
		return err
	}
	answer, err := http.ReadResponse(l.answer, request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("POST %s: %s: %.300s", path, answer.Status, content)
	}
	return err
}
