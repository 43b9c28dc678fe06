// Command bench measures Tidings against its promises: the real binary, over HTTP, on both engines, each figure beside
// the raw cost of the same engine in the same run. Times of one machine are no promise: read the ratios.
//
// SIZE=full fills ten million events instead of one. TIDINGS_TEST_POSTGRES names the PostgreSQL server; make bench starts
// one. Memory is bounded to 4 GiB and each stage in time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/internal/bench/org"
)

// memoryLimit bounds this process; the server beneath has its own.
const memoryLimit = 2 << 30

type settings struct {
	engines  []string
	events   int
	services int
	// workloads of a real Kubernetes; zero leaves it out.
	workloads int
	quiet     time.Duration // in which nobody touches the cluster
	seed      int64
	span      time.Duration // of each timed stage
	stages    string        // which of them, by a part of their names; empty is all
	postgres  string
	binary    string
	dir       string
	data      string // where the filled installation stays; empty is nowhere
}

func main() {
	debug.SetMemoryLimit(memoryLimit)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	s := settings{postgres: os.Getenv("TIDINGS_TEST_POSTGRES"), services: 10_000, events: 1_000_000}
	if os.Getenv("SIZE") == "full" {
		s.events = 10_000_000
	}
	engines := flag.String("engines", "sqlite,postgres", "which stores to measure")
	flag.IntVar(&s.events, "events", s.events, "events in the log before the feed is read")
	flag.IntVar(&s.services, "services", s.services, "services in the roll")
	flag.IntVar(&s.workloads, "workloads", 0, "workloads of a Kubernetes cluster with four pods each, as 5000; scripts/kubernetes has to have started it")
	flag.DurationVar(&s.quiet, "quiet", time.Minute, "how long the cluster is left alone, while processor, requests and events are counted")
	flag.Int64Var(&s.seed, "seed", 1, "of the generated organisation")
	flag.DurationVar(&s.span, "span", 4*time.Second, "how long each timed stage takes")
	flag.StringVar(&s.stages, "stages", "", "only stages whose name holds one of these, such as \"apply descriptors,single posts,fill\"; open is always run")
	flag.StringVar(&s.data, "data", "", "a directory in which the filled installation of the embedded store stays: a later run with the same -data, -events, -services and -seed asks it, and does not apply and fill anew. Ask within hours: questions about now are about what is newest in it")
	flag.Parse()
	s.engines = strings.Split(*engines, ",")
	if s.data != "" && *engines != "sqlite" {
		return fmt.Errorf("-data is for -engines sqlite: the databases of a server stay where that keeps them")
	}
	dir, err := os.MkdirTemp("", "tidings-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	s.dir, s.binary = dir, filepath.Join(dir, "tidings")
	fmt.Println("building the binary …")
	build := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "./cmd/tidings")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	t := &table{}
	for _, engine := range s.engines {
		if err := measure(ctx, s, engine, t); err != nil {
			t.print()
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	t.print()
	return nil
}

// measure runs every stage on one engine, in the order in which an installation grows.
func measure(ctx context.Context, s settings, engine string, t *table) error {
	began := time.Now()
	b := &bench{settings: s, engine: engine, table: t, org: org.New(s.seed, org.Size{Services: s.services})}
	for _, stage := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"open", b.open},
		{"apply descriptors", b.apply},
		{"single posts", b.singles},
		{"fill the log", b.fill},
		{"read the feed", b.feed},
		{"rank suspects", b.suspects},
		{"from page to ranking", b.pages},
		{"from page to thread", b.threads},
		{"read the catalog", b.catalog},
		{"live streams", b.live},
		{"restart", b.restart},
		{"a roll of 100,000", b.large},
		{"keep less", b.retain},
		{"deliveries", b.deliveries},
		{"backfill", b.backfill},
		{"a cluster", b.cluster},
	} {
		if ctx.Err() != nil {
			break
		}
		if stage.name != "open" && !wanted(s.stages, stage.name) {
			continue
		}
		fmt.Printf("%s: %s …\n", engine, stage.name)
		if err := stage.run(ctx); err != nil {
			b.close()
			return fmt.Errorf("%s: %w", stage.name, err)
		}
	}
	b.close()
	fmt.Printf("%s: done in %s\n", engine, time.Since(began).Round(time.Second))
	return ctx.Err()
}

func wanted(stages, name string) bool {
	return slices.ContainsFunc(strings.Split(stages, ","), func(part string) bool { return strings.Contains(name, part) })
}

// table collects figures and prints them as Markdown.
type table struct{ rows [][5]string }

// add notes a figure, what it was measured beside, and what was promised.
func (t *table) add(engine, what, figure, beside, promise string) {
	t.rows = append(t.rows, [5]string{engine, what, figure, beside, promise})
	fmt.Printf("  %-46s %-22s %-34s %s\n", what, figure, beside, promise)
}

func (t *table) print() {
	fmt.Println("\n| engine | what | figure | beside | promise |\n| --- | --- | --- | --- | --- |")
	for _, row := range t.rows {
		fmt.Println("| " + strings.Join(row[:], " | ") + " |")
	}
}
