// Command generate writes examples/northwind/events.jsonl: seven days of a made-up organisation, the last hours by hand
// (story.go), the week before them by a seeded generator (week.go), so that the file can be made again to the byte.
//
//	go run ./examples/generate            # to the standard output
//	go run ./examples/generate FILE
package main

//go:generate go run . ../northwind/events.jsonl

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	out, err := generate()
	if err == nil && len(os.Args) > 1 {
		err = os.WriteFile(os.Args[1], out, 0o644)
	} else if err == nil {
		_, err = os.Stdout.Write(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// now is the instant of the story at which somebody opens the page: a Thursday night in Berlin.
var now = time.Date(2026, 6, 11, 3, 12, 40, 0, time.FixedZone("Berlin", 2*60*60))

// event is a native event whose times are distances from now.
type event struct {
	Ago         string            `json:"ago"`
	Took        string            `json:"took,omitempty"`
	Source      string            `json:"source"`
	Key         string            `json:"key"`
	Kind        string            `json:"kind"`
	Phase       string            `json:"phase,omitempty"`
	Title       string            `json:"title"`
	Detail      string            `json:"detail,omitempty"`
	Subjects    []string          `json:"subjects"`
	Environment string            `json:"environment,omitempty"`
	Region      string            `json:"region,omitempty"`
	Cluster     string            `json:"cluster,omitempty"`
	Actor       actor             `json:"actor"`
	Version     string            `json:"version,omitempty"`
	Previous    string            `json:"previous,omitempty"`
	Commit      string            `json:"commit,omitempty"`
	Diff        []diff            `json:"diff,omitempty"`
	Exposure    *float64          `json:"exposure,omitempty"`
	Links       []link            `json:"links,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Story       string            `json:"story,omitempty"`

	at time.Time
}

type actor struct {
	Type string `json:"type"`
	Name string `json:"name"`
	Via  string `json:"via,omitempty"`
}

type diff struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

type link struct {
	Type  string `json:"type"`
	Title string `json:"title,omitempty"`
	URL   string `json:"url"`
}

func person(name string) actor    { return actor{Type: "person", Name: name} }
func via(name, tool string) actor { return actor{Type: "person", Name: name, Via: tool} }
func machine(name string) actor   { return actor{Type: "automation", Name: name} }
func (e event) with(key, value string) event {
	labels := map[string]string{key: value}
	for k, v := range e.Labels {
		labels[k] = v
	}
	e.Labels = labels
	return e
}

// share is a pointer for the field that tells zero from absent.
func share(percent float64) *float64 { return &percent }

// commit is a name such as Git gives, the same for the same words.
func commit(words ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(words...)))
	return hex.EncodeToString(sum[:20])
}

// clock is a time of day so many days before the night of the story.
func clock(daysAgo int, timeOfDay string) time.Time {
	layout := "15:04:05"
	if strings.Count(timeOfDay, ":") == 1 {
		layout = "15:04"
	}
	t, _ := time.Parse(layout, timeOfDay) // written in this program
	return time.Date(now.Year(), now.Month(), now.Day()-daysAgo, t.Hour(), t.Minute(), t.Second(), 0, now.Location())
}

func span(d time.Duration) string {
	text := d.Round(time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// generate gives the lines of the file, oldest first.
func generate() ([]byte, error) {
	events := append(week(), story()...)
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, e := range events {
		if e.at.After(now) {
			continue
		}
		e.Ago = span(now.Sub(e.at))
		e.Key = cmp.Or(e.Key, e.Kind+"/"+commit(e.Title, e.at.Unix(), e.Subjects)[:12])
		if err := encoder.Encode(e); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Key, err)
		}
	}
	return out.Bytes(), nil
}
