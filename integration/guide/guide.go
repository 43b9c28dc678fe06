// Package guide reads how a tool is set up from the README in its folder, so that the page and the repository say the same
// words: the page fills in the address and the secret. Imports: the standard library.
package guide

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Guide is what a README says to whoever sets a source up. All texts are Markdown.
type Guide struct {
	Intro string
	Ways  []Way // the first is the usual one
	// Configuration is the example for the configuration file, in YAML.
	Configuration string
	// Issued says that the tool makes the secret, and not whoever sets it up.
	Issued bool
	Rights string // what Tidings may do in the tool: nothing, as a rule
	Gives  string // the tables of what becomes what
	Limits string
}

// Way is one way to set the tool up.
type Way struct {
	Title string // empty for the only way
	Steps []string
	Notes string // what stands after the steps
}

// What a README writes where a page has the values of its reader.
const (
	addressWord = "https://TIDINGS"
	hostWord    = "TIDINGS"
	secretWord  = "SECRET"
)

var (
	stepStart  = regexp.MustCompile(`^\d+\. `)
	exampleOf  = regexp.MustCompile(`TIDINGS/hooks/([a-z0-9.-]+)`)
	secretHere = regexp.MustCompile(`\b` + secretWord + `\b`)
	linkOut    = regexp.MustCompile(`\[([^\]]*)\]\((\.\.?/[^)]*|#[^)]*)\)`)
)

// Read takes a README apart. It is an error if there is no section on how the tool is set up, or if that lacks the step
// in Tidings.
func Read(readme string) (Guide, error) {
	var g Guide
	sections := split(readme)
	inTidings := false
	for _, s := range sections {
		s.text = linkOut.ReplaceAllString(s.text, "$1") // what it leads to lies in the repository
		switch title := strings.ToLower(s.title); {
		case s.title == "":
			g.Intro = s.text
		case strings.HasSuffix(title, "set it up"):
			steps, notes := list(s.text)
			way := Way{Notes: notes}
			if before, _, ok := strings.Cut(s.title, ":"); ok {
				way.Title = before
			}
			for _, step := range steps {
				switch {
				case strings.HasPrefix(step, "Make a secret"):
				case !inTidings && strings.HasPrefix(step, "In Tidings, "):
					g.Configuration = firstBlock(step)
					g.Issued = len(way.Steps) > 0
					inTidings = true
				default:
					way.Steps = append(way.Steps, step)
				}
			}
			g.Ways = append(g.Ways, way)
		case title == "permissions":
			g.Rights = s.text
		case title == "what becomes what":
			g.Gives = s.text
		case title == "limits":
			g.Limits = s.text
		}
	}
	if len(g.Ways) == 0 {
		return g, errors.New("the README has no section Set it up")
	}
	if first := &g.Ways[0]; g.Rights == "" {
		// As a rule what stands behind the steps is that.
		g.Rights, first.Notes = first.Notes, ""
	}
	if !inTidings && g.Delivers() {
		return g, errors.New("no step of Set it up begins with: In Tidings, on the page of sources or in the configuration file")
	}
	return g, nil
}

// Delivers reports whether any way names an address of a source: the tool calls it.
func (g Guide) Delivers() bool {
	for _, way := range g.Ways {
		if exampleOf.MatchString(strings.Join(way.Steps, "\n") + way.Notes) {
			return true
		}
	}
	return false
}

// For fills in what a README cannot know: where this installation is (https://tidings.example.com), the name of the source,
// and its secret, which stays a placeholder where it is empty.
func (g Guide) For(base, source, secret string) Guide {
	host := base
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		host = u.Host
	}
	fill := func(text string) string {
		text = exampleOf.ReplaceAllString(text, hostWord+"/hooks/"+url.PathEscape(source))
		text = strings.ReplaceAll(text, addressWord, base)
		text = strings.ReplaceAll(text, hostWord, host)
		if secret != "" {
			text = secretHere.ReplaceAllLiteralString(text, secret)
		}
		return text
	}
	ways := make([]Way, len(g.Ways))
	for i, way := range g.Ways {
		ways[i] = Way{Title: way.Title, Notes: fill(way.Notes), Steps: make([]string, len(way.Steps))}
		for j, step := range way.Steps {
			ways[i].Steps[j] = fill(step)
		}
	}
	g.Ways, g.Rights = ways, fill(g.Rights)
	return g
}

type section struct{ title, text string }

// split takes a README apart at its headings of the second level. The text before them has no title.
func split(readme string) []section {
	var all []section
	now := section{}
	fenced := false
	end := func() {
		now.text = strings.TrimSpace(now.text)
		all = append(all, now)
	}
	for line := range strings.Lines(readme) {
		fenced = fenced != strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case !fenced && strings.HasPrefix(line, "## "):
			end()
			now = section{title: strings.TrimSpace(line[3:])}
		case !fenced && strings.HasPrefix(line, "# "):
		default:
			now.text += line
		}
	}
	end()
	return all
}

// list takes a section apart into its numbered steps and what stands behind them. A block of code belongs to the step
// before it, indented or not.
func list(text string) (steps []string, notes string) {
	var now []string
	fenced, behind := false, false
	end := func() {
		if len(now) > 0 {
			steps = append(steps, strings.TrimSpace(strings.Join(now, "\n")))
		}
		now = nil
	}
	var rest []string
	for line := range strings.SplitSeq(text, "\n") {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case !fenced && stepStart.MatchString(line):
			end()
			behind = false
			now = []string{stepStart.ReplaceAllString(line, "")}
		case fenced || fence || line == "" || strings.HasPrefix(line, "   "):
			if behind || len(steps) == 0 && now == nil {
				rest = append(rest, line)
			} else {
				now = append(now, strings.TrimPrefix(line, "   "))
			}
		default:
			behind = true
			rest = append(rest, line)
		}
		fenced = fenced != fence
	}
	end()
	return steps, strings.TrimSpace(strings.Join(rest, "\n"))
}

// firstBlock is the content of the first block of code.
func firstBlock(text string) string {
	_, rest, found := strings.Cut(text, "```yaml\n")
	if !found {
		return ""
	}
	block, _, _ := strings.Cut(rest, "\n```")
	return block
}
