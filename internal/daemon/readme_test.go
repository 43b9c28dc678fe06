package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidings.dev/tidings/internal/daemon"
)

// What a README of an integration says to write into the configuration is taken as it stands: that is what people paste.
func TestConfigurationsOfReadmes(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("..", "..", "integrations", "*", "README.md"))
	if err != nil || len(names) == 0 {
		t.Fatalf("there are no READMEs: %v", err)
	}
	found := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(text), "```yaml\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			if !strings.HasPrefix(strings.TrimSpace(block), "sources:") {
				continue
			}
			file := filepath.Join(t.TempDir(), "tidings.yaml")
			if err := os.WriteFile(file, []byte(outdent(block)), 0o600); err != nil {
				t.Fatal(err)
			}
			config, err := daemon.Load(file)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for i := range config.Sources {
				if err := config.Sources[i].Validate(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			found++
		}
	}
	if found < 10 {
		t.Errorf("only %d READMEs have a configuration to paste", found)
	}
}

// outdent takes the indent of the first line from all.
func outdent(block string) string {
	indent := block[:len(block)-len(strings.TrimLeft(block, " "))]
	var lines []string
	for line := range strings.Lines(block) {
		lines = append(lines, strings.TrimPrefix(line, indent))
	}
	return strings.Join(lines, "")
}
