// Package journal is the log of this process: structured lines on one writer, without secrets, the newest of which are
// kept in memory for whoever has to find out what went wrong. Anyone may import it.
package journal

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"tidings.dev/tidings/internal/request"
	"tidings.dev/tidings/secret"
)

// Bounds of what is kept in memory.
const (
	keptLines = 1000
	keptBytes = 1 << 20
)

// Settings say how the log is written.
type Settings struct {
	// Format is text or json; empty means text.
	Format string `yaml:"format"`
	// Level is the least that is written: debug, info, warn or error; empty means warn.
	Level string `yaml:"level"`
}

// Validate names the first mistake.
func (s Settings) Validate() error {
	if s.Format != "" && s.Format != "text" && s.Format != "json" {
		return fmt.Errorf("the format is text or json, not %q", s.Format)
	}
	_, err := s.level()
	return err
}

func (s Settings) level() (slog.Level, error) {
	switch s.Level {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "", "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("the level is debug, info, warn or error, not %q", s.Level)
}

// Journal is an open log.
type Journal struct {
	*slog.Logger
	out io.Writer

	mu    sync.Mutex
	lines [][]byte // oldest first
	bytes int
}

// New opens a log; the settings must be valid.
func New(out io.Writer, settings Settings) *Journal {
	j := &Journal{out: out}
	level, err := settings.level()
	if err != nil {
		level = slog.LevelWarn
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	var handler slog.Handler = slog.NewTextHandler(j, options)
	if settings.Format == "json" {
		handler = slog.NewJSONHandler(j, options)
	}
	j.Logger = slog.New(request.Handler(handler))
	return j
}

// Write takes one line of the handler.
func (j *Journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	j.lines = append(j.lines, bytes.Clone(line))
	j.bytes += len(line)
	for len(j.lines) > keptLines || (j.bytes > keptBytes && len(j.lines) > 1) {
		j.bytes -= len(j.lines[0])
		j.lines[0] = nil
		j.lines = j.lines[1:]
	}
	j.mu.Unlock()
	return j.out.Write(line)
}

// Recent gives the newest lines, oldest first.
func (j *Journal) Recent() []byte {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return bytes.Join(j.lines, nil)
}

// Redact takes what looks like a secret out of a text.
func Redact(text string) string {
	text, _ = secret.Hide(text)
	return text
}

func redact(_ []string, attr slog.Attr) slog.Attr {
	if secret.Named(attr.Key) {
		return slog.String(attr.Key, secret.Hidden)
	}
	switch value := attr.Value.Any().(type) {
	case string:
		if cleaned := Redact(value); cleaned != value {
			return slog.String(attr.Key, cleaned)
		}
	case error:
		return slog.String(attr.Key, Redact(value.Error()))
	}
	return attr
}
