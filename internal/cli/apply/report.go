package apply

import (
	"cmp"
	"fmt"

	"tidings.dev/tidings/internal/cli/console"
)

// report tells what becomes of the documents, batch by batch.
type report struct {
	*options
	total   int
	batches int
	live    bool // Err is a terminal, where a line can be written over

	batch     int
	documents int
	changed   int
	unchanged int
	faults    int
	faulty    int
}

// maxListed is how many changed documents are named.
const maxListed = 20

func (r *report) progress() {
	if r.live {
		fmt.Fprintf(r.console.Err, "\r\x1b[K%s of %s …", console.Number(r.documents), console.Count(r.total, "document"))
	}
}

// clear takes the line of progress away.
func (r *report) clear() {
	if r.live {
		fmt.Fprint(r.console.Err, "\r\x1b[K")
	}
}

func (r *report) add(batch []document, outcomes []outcome) {
	r.clear()
	for i, outcome := range outcomes {
		path := console.Clean(batch[min(i, len(batch)-1)].path)
		for _, m := range outcome.Warnings {
			fmt.Fprintf(r.console.Err, "%s: warning: %s\n", m.at(path), m)
		}
		for _, m := range outcome.Faults {
			fmt.Fprintf(r.console.Err, "%s: %s\n", m.at(path), m)
		}
		r.faults += len(outcome.Faults)
		switch {
		case outcome.Changed > 0:
			if r.changed++; r.changed <= maxListed {
				r.list(path, outcome)
			}
		case len(outcome.Faults) == 0:
			r.unchanged++
		}
		if len(outcome.Faults) > 0 {
			r.faulty++
		}
	}
	r.documents += len(outcomes)
	if r.batch++; r.batches > 1 && !r.live {
		fmt.Fprintf(r.console.Err, "batch %d of %d: %s of %s\n", r.batch, r.batches, console.Number(r.documents), console.Count(r.total, "document"))
	}
}

func (r *report) list(path string, outcome outcome) {
	what := console.Number(outcome.Changed) + " entities"
	switch {
	case outcome.Changed == 1 && len(outcome.Entities) == 1:
		what = console.Clean(outcome.Entities[0])
	case outcome.Changed == 1:
		what = "1 entity"
	}
	verb := "changed"
	if r.dryRun {
		verb = "would change"
	}
	fmt.Fprintf(r.console.Out, "%s: %s %s\n", path, verb, what)
}

func (m mistake) at(path string) string {
	if m.Line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, m.Line)
}

func (m mistake) String() string {
	if m.Field == "" {
		return console.Clean(m.Detail)
	}
	return console.Clean(m.Field + ": " + m.Detail)
}

// end writes the summary; faults are an error.
func (r *report) end() error {
	if more := r.changed - maxListed; more > 0 {
		fmt.Fprintf(r.console.Out, "and %s more\n", console.Number(more))
	}
	changed, dry := "changed", ""
	if r.dryRun {
		changed, dry = "would change", " (dry run)"
	}
	fmt.Fprintf(r.console.Out, "%s: %s %s, %s unchanged, %s%s\n", console.Count(r.total, "document"),
		console.Number(r.changed), changed, console.Number(r.unchanged), console.Count(r.faults, "fault"), dry)
	if r.faults > 0 {
		return fmt.Errorf("%s in %s: mend what is named above and apply again%s", console.Count(r.faults, "fault"),
			console.Count(r.faulty, "document"), cmp.Or(dry, "; the rest is applied"))
	}
	return nil
}
