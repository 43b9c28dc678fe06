// Package console is what the commands read from and write to, and how they lay out text for people.
//
// It may be imported by internal/cli and its commands. Imports: x/text, for the width of characters, and the standard
// library.
package console

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// Console is the surroundings of a command; tests bring their own.
type Console struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// Now is the clock, in the time zone of whoever reads.
	Now func() time.Time
	// Env looks up a variable; empty when it is not set.
	Env func(string) string
}

// Terminal reports whether a stream is a terminal.
func Terminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	// The null device is a character device too, but nobody reads it.
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && file.Name() != os.DevNull
}

// Paint tells whether Out takes colour: a terminal that can show it, unless NO_COLOR is set (no-color.org).
func (c Console) Paint() Paint {
	return Paint(Terminal(c.Out) && c.Env("NO_COLOR") == "" && c.Env("TERM") != "dumb")
}

// Paint colours text, or leaves it alone. Nothing may be told by colour only.
type Paint bool

// Bad is for what failed.
func (p Paint) Bad(text string) string { return p.sgr("31", text) }

// Warn is for what wants attention.
func (p Paint) Warn(text string) string { return p.sgr("33", text) }

// Name is for what a line or a section is about.
func (p Paint) Name(text string) string { return p.sgr("1", text) }

// Quiet is for what matters less.
func (p Paint) Quiet(text string) string { return p.sgr("2", text) }

func (p Paint) sgr(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Clean takes out of somebody's text what would steer the terminal: control characters, and marks that turn the
// direction of writing. Line breaks and tabs become spaces.
func Clean(text string) string {
	if !strings.ContainsFunc(text, steers) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case steers(r):
			return -1
		}
		return r
	}, text)
}

func steers(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// CleanLines is Clean for each line of a text.
func CleanLines(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(Clean(lines[i]), " ")
	}
	return strings.Join(lines, "\n")
}

// Width is how many columns of a terminal a text takes.
func Width(text string) int {
	columns := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			columns += 2
		default:
			columns++
		}
	}
	return columns
}

// Pad fills a text with spaces up to so many columns.
func Pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(columns-Width(text), 0))
}

// Clip cuts a text to so many columns, with an ellipsis.
func Clip(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	used := 0
	for i, r := range text {
		if used += Width(string(r)); used > columns-1 {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}

// Table writes rows in aligned columns, two spaces apart. The header, if any, is quiet.
func Table(w io.Writer, paint Paint, header []string, rows [][]string) {
	var widths []int
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], Width(Clean(cell)))
		}
	}
	line := func(row []string) string {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString(Pad(Clean(cell), widths[i]) + "  ")
		}
		return strings.TrimRight(b.String(), " ")
	}
	if len(header) > 0 {
		fmt.Fprintln(w, paint.Quiet(line(header)))
	}
	for _, row := range rows {
		fmt.Fprintln(w, line(row))
	}
}

// Count is a number with its noun: "1 document", "10,000 documents".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}

// Number writes a number with a comma between thousands.
func Number(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
