// Command ranking measures how good the ranking of suspects is: it asks about troubles of which the true cause is known,
// of made-up organisations (internal/simulator) and of cases written by hand after published post-mortems, and counts
// where the cause stands, beside plain recency and chance.
//
// All is told and asked through the public API of a server. With -memory the reader is given a log in memory instead,
// which gives the same answers and is fast enough to try weights. docs/ranking.md has the figures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"tidings.dev/tidings/incident/suspect"
	"tidings.dev/tidings/internal/ranking/report"
	"tidings.dev/tidings/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var s settings
	seeds := flag.String("seeds", "1001-1010", "which worlds of each shape: numbers and spans, as in 1,3,10-20")
	shapes := flag.String("shapes", "all", "which shapes: all, train, held, or names")
	flag.StringVar(&s.url, "url", "", "an empty server that is asked; one is started for each world when it is not given")
	flag.BoolVar(&s.memory, "memory", false, "ask the reader over a log in memory, not a server")
	flag.BoolVar(&s.cases, "cases", false, "ask about the cases alone: those written by hand, and those after published reports")
	flag.BoolVar(&s.talk, "v", false, "tell of each cause that is not in the first place")
	flag.BoolVar(&s.oracle, "oracle", false, "ask one too who knows by which laws the troubles were made, which takes a while")
	flag.BoolVar(&s.variants, "variants", false, "ask about all cases to learn from with less and less metadata")
	flag.StringVar(&s.variant, "variant", "", "of the variants only those whose name has this text")
	learn := flag.Int("learn", 0, "try other weights for so many rounds, and print what is better")
	flag.Parse()
	err := func() error {
		var err error
		if s.seeds, err = numbers(*seeds); err != nil {
			return err
		}
		if s.shapes, err = chosen(*shapes); err != nil {
			return err
		}
		s.out = os.Stdout
		if s.cases {
			return s.runCases(ctx)
		}
		if s.variants {
			return s.vary(ctx)
		}
		if *learn > 0 {
			return s.learn(ctx, *learn)
		}
		return s.run(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ranking:", err)
		os.Exit(1)
	}
}

type settings struct {
	seeds    []uint64
	shapes   []simulator.Shape
	url      string
	memory   bool
	cases    bool
	talk     bool
	variants bool
	variant  string
	oracle   bool
	out      io.Writer
}

// run asks, and prints the tables.
func (s *settings) run(ctx context.Context) error {
	var all results
	for _, shape := range s.shapes {
		for _, seed := range s.seeds {
			world := s.make(shape, seed)
			found, err := s.world(ctx, world)
			if err != nil {
				return fmt.Errorf("shape %s, seed %d: %w", shape.Name, seed, err)
			}
			all = append(all, found...)
		}
	}
	all.print(s.out)
	if s.talk {
		all.printMisses(s.out)
	}
	return nil
}

// runCases asks about the cases, and prints their tables. Of those kept apart no miss is told.
func (s *settings) runCases(ctx context.Context) error {
	cases, err := s.handwritten(ctx)
	if err != nil {
		return err
	}
	cases.printCases(s.out)
	if s.talk {
		cases.printMisses(s.out)
	}
	for _, crowd := range []report.Crowd{report.Day, report.Storm} {
		reports, err := s.reports(ctx, crowd)
		if err != nil {
			return err
		}
		reports.printReports(s.out, crowd)
		if s.talk {
			reports.where(func(r *result) bool { return !r.held }).printMisses(s.out)
		}
	}
	return nil
}

func (s *settings) make(shape simulator.Shape, seed uint64) *simulator.World {
	if s.oracle {
		return simulator.Judged(shape, seed)
	}
	return simulator.New(shape, seed)
}

// open gives somebody to ask, and what ends it.
func (s *settings) open(ctx context.Context) (asker, func() error, error) {
	if s.memory {
		return newMemory(suspect.Standard()), func() error { return nil }, nil
	}
	return openServer(ctx, s.url)
}

// numbers reads 1,3,10-20.
func numbers(text string) ([]uint64, error) {
	var all []uint64
	for part := range strings.SplitSeq(text, ",") {
		low, high, span := strings.Cut(part, "-")
		from, err := strconv.ParseUint(low, 10, 32)
		to := from
		if span && err == nil {
			to, err = strconv.ParseUint(high, 10, 32)
		}
		if err != nil || to < from || to-from > 10_000 {
			return nil, fmt.Errorf("-seeds %q: write numbers and spans, as in 1,3,10-20", text)
		}
		for n := from; n <= to; n++ {
			all = append(all, n)
		}
	}
	return all, nil
}

func chosen(text string) ([]simulator.Shape, error) {
	all := simulator.Shapes()
	switch text {
	case "all":
		return all, nil
	case "train", "held":
		return slices.DeleteFunc(all, func(s simulator.Shape) bool { return s.Held != (text == "held") }), nil
	}
	var some []simulator.Shape
	for name := range strings.SplitSeq(text, ",") {
		i := slices.IndexFunc(all, func(s simulator.Shape) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no shape %q", name)
		}
		some = append(some, all[i])
	}
	if len(some) == 0 {
		return nil, errors.New("no shape is named")
	}
	return some, nil
}
