package git

import (
	"regexp"
	"strings"
)

// request is what a commit message says about the pull or merge request it came from.
type request struct {
	number string // digits; empty for a plain commit
	mark   string // what the host writes before the number: # or !
	title  string
}

// String is how the title of the event begins and ends.
func (r request) String() string {
	if r.number == "" {
		return r.title
	}
	return strings.TrimSuffix("Merged "+r.mark+r.number+": "+r.title, ": ")
}

// What the hosts write, by the first line of the message. The group "n" is the number, "t" the title where the line
// holds it; elsewhere the title is the first line of the body.
var requestFormats = []*regexp.Regexp{
	// GitHub: "Merge pull request #12 from acme/branch", the title below.
	// Bitbucket Server 4: "Merge pull request #12 in SHOP/pricing from branch to main".
	regexp.MustCompile(`^Merge pull request #(?P<n>[0-9]+) (?:from|in) `),
	// Gitea: "Merge pull request 'Title' (#12) from branch into main".
	regexp.MustCompile(`^Merge pull request '(?P<t>.*)' \(#(?P<n>[0-9]+)\)`),
	// Bitbucket Cloud: "Merged in branch (pull request #12)", the title below.
	regexp.MustCompile(`^Merged in .* \(pull request #(?P<n>[0-9]+)\)$`),
	// Bitbucket Server: "Pull request #12: Title".
	regexp.MustCompile(`^Pull request #(?P<n>[0-9]+): (?P<t>.*)$`),
	// Azure DevOps: "Merged PR 12: Title".
	regexp.MustCompile(`^Merged PR (?P<n>[0-9]+): (?P<t>.*)$`),
	// GitHub and Gitea, squashed or rebased: "Title (#12)".
	regexp.MustCompile(`^(?P<t>.*\S)\s+\(#(?P<n>[0-9]+)\)$`),
}

var (
	// GitLab puts the number into the last line, "See merge request shop/pricing!12", and the title below the first.
	gitlabReference = regexp.MustCompile(`(?m)^See merge request (?:\S*)!([0-9]+)\s*$`)
	gitlabSubject   = regexp.MustCompile(`^Merge branch '.*' into '?.*'?$`)
	coAuthor        = regexp.MustCompile(`(?mi)^Co-authored-by:\s*([^<\n]*?)\s*<([^>\n]*)>\s*$`)
)

// readMessage finds the request and a title for people in a commit message.
func readMessage(message string) request {
	subject, body := splitMessage(message)
	for _, format := range requestFormats {
		match := format.FindStringSubmatch(subject)
		if match == nil {
			continue
		}
		r := request{number: match[format.SubexpIndex("n")], mark: "#"}
		if i := format.SubexpIndex("t"); i >= 0 {
			r.title = strings.TrimSpace(match[i])
		} else {
			r.title = firstLine(body, subject)
		}
		return r
	}
	if match := gitlabReference.FindStringSubmatch(body); match != nil {
		r := request{number: match[1], mark: "!", title: subject}
		if gitlabSubject.MatchString(subject) {
			r.title = firstLine(body, subject)
		}
		return r
	}
	return request{title: subject}
}

func splitMessage(message string) (subject, body string) {
	subject, body, _ = strings.Cut(strings.TrimSpace(message), "\n")
	return strings.TrimSpace(subject), strings.TrimSpace(body)
}

// firstLine is the title in a merge's body; where there is none, the last resort is the subject.
func firstLine(body, subject string) string {
	line, _, _ := strings.Cut(body, "\n")
	line = strings.TrimSpace(line)
	if line == "" || gitlabReference.MatchString(line) || coAuthor.MatchString(line) || strings.HasPrefix(line, "* commit '") {
		return subject
	}
	return line
}

// bot finds the automation that a commit is of: its author, or one that its message names as co-author.
func bot(author, email, message string) string {
	if isBot(author, email) {
		return author
	}
	for _, match := range coAuthor.FindAllStringSubmatch(message, -1) {
		if isBot(match[1], match[2]) {
			return match[1]
		}
	}
	return ""
}

func isBot(name, email string) bool {
	local, _, _ := strings.Cut(email, "@")
	return strings.HasSuffix(strings.ToLower(name), "[bot]") || strings.HasSuffix(strings.ToLower(local), "[bot]")
}
