package client

import (
	"strings"
	"testing"
	"time"
)

// FuzzStream reads anything as server-sent events: whatever a server sends, the next attempt is neither at once nor never.
func FuzzStream(f *testing.F) {
	f.Add("retry: 2000\nid: 7\n\nid: 8\ndata: {}\n\n: heartbeat\nid: 9\n\n")
	f.Add("data\ndata:a\r\ndata: b\n\nretry: 9223372036854775807\n\n")
	f.Add("retry: 9000000000\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		messages := 0
		s := &stream{gap: defaultGap, listener: Listener{Message: func(Message) error { messages++; return nil }}}
		_ = s.read(strings.NewReader(text), func() {}) // a line that is too long is an error
		if s.gap < 10*time.Millisecond || s.gap > longest {
			t.Errorf("the next attempt is after %s", s.gap)
		}
		if messages > strings.Count(text, "data") {
			t.Errorf("%d messages", messages)
		}
	})
}
