//go:build unix

// Command soak tries to break the promises of Tidings: it runs the real binary under load, kills it, its database and
// its network at random instants, and holds what is left against a model of what was acknowledged. It speaks HTTP only.
//
// Inputs and faults follow from a seed. The first broken promise ends the run with the seed, the evidence and status 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	s := settings{out: os.Stdout}
	engines := flag.String("engines", "sqlite,postgres", "which stores to try")
	only := flag.String("faults", "", "only these, of: "+strings.Join(faultNames(), ", "))
	flag.IntVar(&s.kills, "kills", 1000, "how often the server is killed on each engine")
	flag.IntVar(&s.rounds, "rounds", 5, "how often each of the other faults is made")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano())%1_000_000, "of inputs and faults")
	flag.StringVar(&s.binary, "binary", "", "the tidings to try; built when it is not given")
	flag.Parse()
	s.engines = strings.Split(*engines, ",")
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

const usage = `Usage: go run ./internal/soak [FLAG…]

Runs tidings under load, makes faults, and checks what is left: every
acknowledged event once and in its latest phase, every claim merged, every name
re-attributed, every story whole, every count right, every stream without a gap.

  go run ./internal/soak -engines sqlite -kills 100
  go run ./internal/soak -faults disk -rounds 3
  go run ./internal/soak -seed 42              the same inputs and faults again
  make soak                                    the long form, on both engines

PostgreSQL is started by the harness itself, which kills it: the binaries of
version 15 or later have to be installed. Full and read-only disks are small
file systems in memory, which only root may mount: without, that fault is
reported as not tried.

`

type settings struct {
	engines []string
	only    []string
	kills   int
	rounds  int
	seed    uint64
	binary  string
	dir     string
	out     io.Writer
}

func run(ctx context.Context, s settings) error {
	dir, err := os.MkdirTemp("", "tidings-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)                      //nolint:errcheck // a temporary directory
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user
		return err
	}
	s.dir = dir
	if s.binary == "" {
		s.binary = filepath.Join(dir, "tidings")
		fmt.Fprintln(s.out, "building the binary …")
		if err := compile(ctx, s.out, s.binary); err != nil {
			return err
		}
	}
	var all []result
	for _, engine := range s.engines {
		results, err := try(ctx, s, engine)
		all = append(all, results...)
		if err != nil {
			printTable(s.out, all)
			return fmt.Errorf("%s, seed %d: %w", engine, s.seed, err)
		}
	}
	printTable(s.out, all)
	return nil
}

// compile builds the binary as a release has it.
func compile(ctx context.Context, out io.Writer, to string, more ...string) error {
	arguments := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", to}, more...)
	build := exec.CommandContext(ctx, "go", append(arguments, "tidings.dev/tidings/cmd/tidings")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = out, out
	if err := build.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return nil
}
