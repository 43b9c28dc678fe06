//go:build unix

// Command scenario performs, by a seed, hundreds of known operations on a real Kubernetes, by several users, while it kills
// the server and the agent, cuts the network between them, and makes watches expire; then it holds the feed against what
// was done. Each meaningful operation has to be there exactly once, with its kind, service, difference and actor, and
// nothing else; no value of a secret may be in the database, on the wire or in a log.
//
// docs/reliability.md tells how to run it. A failure is repeated by its seed: operations and faults follow from it, how
// they interleave with the cluster does not.
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
	s := settings{out: os.Stdout}
	faults := flag.String("faults", "all", "which faults are made, of: "+strings.Join(faultNames(), ", ")+"; none for none")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano())%1_000_000, "of operations and faults")
	flag.IntVar(&s.operations, "operations", 300, "how many are performed")
	flag.BoolVar(&s.alone, "alone", false, "nobody else uses the cluster: the API server may be killed, and nodes cordoned")
	flag.StringVar(&s.binary, "binary", "", "the tidings to try; built when it is not given")
	flag.StringVar(&s.postgres, "postgres", "", "the address of an empty PostgreSQL database, such as scripts/postgres makes; SQLite when it is not given")
	flag.StringVar(&s.keep, "keep", "", "a directory for the logs, the feed and the database, which stays")
	flag.DurationVar(&s.apart, "apart", 0, "how much time there is between two operations at least; the API server counts in seconds who wrote what")
	flag.BoolVar(&s.talk, "v", false, "tell each operation")
	flag.Parse()
	s.faults = chosen(*faults)
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "scenario:", err)
		os.Exit(1)
	}
}

type settings struct {
	seed       uint64
	operations int
	faults     []string
	alone      bool
	binary     string
	postgres   string
	keep       string
	talk       bool
	// apart is how much time there is between two operations.
	apart time.Duration
	out   io.Writer
}

func chosen(text string) []string {
	switch text {
	case "all":
		return faultNames()
	case "none", "":
		return nil
	}
	return strings.Split(text, ",")
}

// build makes the binary that is tried.
func build(ctx context.Context, s settings, dir string) (string, error) {
	if s.binary != "" {
		return filepath.Abs(s.binary)
	}
	binary := filepath.Join(dir, "tidings")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary, "tidings.dev/tidings/cmd/tidings")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build tidings: %w: %s", err, said)
	}
	return binary, nil
}
