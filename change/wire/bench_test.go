package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

const typical = `{"source":"ci","key":"run/8841","kind":"deploy","phase":"succeeded","title":"pricing 1.42.0 to production",
 "subjects":["service:pricing"],"environment":"production","region":"eu-west-1",
 "actor":{"type":"person","name":"ana@example.com","via":"github-actions"},
 "started_at":"2026-06-11T11:50:00Z","ended_at":"2026-06-11T11:53:10Z","version":"1.42.0","previous":"1.41.3",
 "commit":"d7b2629f0c2e4f1c9a51","diff":[{"field":"image","old":"pricing:1.41.3","new":"pricing:1.42.0"}],
 "links":[{"title":"run","url":"https://ci.example.com/runs/8841"}],"labels":{"team":"payments","pipeline":"main"}}`

var noon = time.Date(2026, 6, 11, 12, 0, 0, 0, time.UTC)

func BenchmarkReadOne(b *testing.B) {
	body, header := []byte(typical), http.Header{"Content-Type": {"application/json"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(header, body, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadThousand(b *testing.B) {
	header := http.Header{"Content-Type": {"application/json"}}
	items := bytes.Repeat([]byte(","+typical), 1000)
	for name, body := range map[string][]byte{
		"list":   append(append([]byte("["), items[1:]...), ']'),
		"events": append(append([]byte(`{"events":[`), items[1:]...), "]}"...),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(header, body, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParse compares the parser with the standard library's.
func BenchmarkParse(b *testing.B) {
	body := []byte(typical)
	b.Run("here", func(b *testing.B) {
		for b.Loop() {
			p := parser{body: body}
			if _, err := p.value(0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json into a map", func(b *testing.B) {
		for b.Loop() {
			var v map[string]any
			if err := json.Unmarshal(body, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	batch, err := Read(nil, []byte(typical), noon)
	if err != nil {
		b.Fatal(err)
	}
	var text []byte
	b.ReportAllocs()
	for b.Loop() {
		text = Append(text[:0], &batch.Events[0])
	}
}
