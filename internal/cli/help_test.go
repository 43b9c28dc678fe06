package cli

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func commands() []*cobra.Command {
	root := newRoot(&World{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard})
	var all []*cobra.Command
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		all = append(all, cmd)
		for _, child := range cmd.Commands() {
			add(child)
		}
	}
	add(root)
	return all
}

// Every command says what it does, and shows how.
func TestHelpTeaches(t *testing.T) {
	t.Parallel()
	for _, cmd := range commands() {
		if cmd.HasSubCommands() {
			continue
		}
		if cmd.Short == "" || cmd.Long == "" {
			t.Errorf("%s does not say what it does", cmd.CommandPath())
		}
		if !strings.Contains(cmd.Example+cmd.Long, "  "+cmd.CommandPath()) {
			t.Errorf("%s shows no example of itself", cmd.CommandPath())
		}
	}
}

// What help and docs/cli.md show can be typed: each line is a command that there is, with flags and arguments that it
// takes.
func TestExamplesAreCommands(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(page)}
	for _, cmd := range commands() {
		texts = append(texts, cmd.Example, cmd.Long)
	}
	seen := 0
	for _, text := range texts {
		text = strings.ReplaceAll(text, "\\\n", " ")
		for line := range strings.Lines(text) {
			for _, match := range regexp.MustCompile(`(?:^\s{2,}|[|&] )tidings ((?:'[^']*'|"[^"]*"|[^'"|&>#])+)`).FindAllStringSubmatch(line, -1) {
				seen++
				check(t, strings.TrimSpace(match[0]), words(match[1]))
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d examples were found", seen)
	}
}

func check(t *testing.T, example string, args []string) {
	t.Helper()
	root := newRoot(&World{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	cmd, rest, err := root.Find(args)
	if err != nil {
		t.Errorf("%s: %v", example, err)
		return
	}
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%s: %v", example, err)
		return
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		t.Errorf("%s: %v", example, err)
	}
}

// words splits a line as a shell does, without its expansions.
func words(line string) []string {
	var all []string
	for _, word := range regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`).FindAllString(line, -1) {
		all = append(all, strings.NewReplacer("'", "", `"`, "").Replace(word))
	}
	return all
}
