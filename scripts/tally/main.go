// Command tally adds up the test reports of a run, and closes with one line
// such as "1432 passed, 0 failed". It is called by scripts/test.
//
// Each argument is STAGE=ok or STAGE=failed, followed by :REPORT for a stage
// that runs tests. A report is what `go test -json` or Vitest's json reporter
// writes. Subtests count, as they do in the tools' own totals. A failed stage
// in which no test failed counts as one failure, and so does a stage that was
// to run tests and ran none: silence must not read like success.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	total, err := tally(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		total.failed++
	}
	if total.skipped > 0 {
		fmt.Printf("  %d skipped\n", total.skipped)
	}
	fmt.Printf("%d passed, %d failed\n", total.passed, total.failed)
	if total.failed > 0 {
		os.Exit(1)
	}
}

type count struct{ passed, failed, skipped int }

// tally sums the stages, and writes a line to out for each whose tests do not
// explain its verdict.
func tally(stages []string, out io.Writer) (count, error) {
	var total count
	for _, stage := range stages {
		name, result, ok := strings.Cut(stage, "=")
		if !ok {
			return total, fmt.Errorf("%q is not STAGE=ok or STAGE=failed", stage)
		}
		verdict, path, hasReport := strings.Cut(result, ":")

		var c count
		var reason string
		if hasReport {
			report, err := os.ReadFile(path)
			if err == nil {
				c, err = read(report)
			}
			switch {
			case err != nil:
				reason = fmt.Sprintf("its report cannot be read: %v", err)
			case c.passed+c.failed == 0:
				reason = "it ran no tests"
			}
		}
		if verdict != "ok" && hasReport && c.failed == 0 && reason == "" {
			reason = "it failed, but none of its tests did"
		}
		if reason != "" {
			fmt.Fprintf(out, "  %s: %s\n", name, reason)
		}
		if reason != "" || (verdict != "ok" && !hasReport) {
			c.failed++
		}

		total.passed += c.passed
		total.failed += c.failed
		total.skipped += c.skipped
	}
	return total, nil
}

// read counts a report of either kind: Vitest writes one object with a
// testResults field, Go one object an event.
func read(report []byte) (count, error) {
	var vitest struct {
		TestResults []vitestFile `json:"testResults"`
	}
	if err := json.Unmarshal(report, &vitest); err == nil && vitest.TestResults != nil {
		return countVitest(vitest.TestResults), nil
	}
	return countGo(report)
}

type vitestFile struct {
	Status           string `json:"status"`
	AssertionResults []struct {
		Status string `json:"status"`
	} `json:"assertionResults"`
}

func countVitest(files []vitestFile) count {
	var c count
	for _, file := range files {
		before := c.failed
		for _, test := range file.AssertionResults {
			switch test.Status {
			case "passed":
				c.passed++
			case "failed":
				c.failed++
			default: // pending, skipped, todo, disabled
				c.skipped++
			}
		}
		if file.Status == "failed" && c.failed == before {
			c.failed++ // it could not be loaded, or a hook of it failed
		}
	}
	return c
}

func countGo(report []byte) (count, error) {
	var c count
	failedTests := map[string]bool{} // by package
	decoder := json.NewDecoder(bytes.NewReader(report))
	for {
		var event struct{ Action, Package, Test string }
		err := decoder.Decode(&event)
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return c, fmt.Errorf("go test -json: %w", err)
		}
		switch {
		case event.Test == "" && event.Action == "fail" && !failedTests[event.Package]:
			c.failed++ // it did not build, or it died outside of a test
		case event.Test == "":
		case event.Action == "pass":
			c.passed++
		case event.Action == "fail":
			c.failed++
			failedTests[event.Package] = true
		case event.Action == "skip":
			c.skipped++
		}
	}
}
