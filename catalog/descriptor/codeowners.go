package descriptor

import (
	"path"
	"strings"

	"tidings.dev/tidings/catalog"
)

const (
	maxRules   = 10_000 // of a CODEOWNERS file
	maxPattern = 512    // bytes
)

// isCodeowners reports whether a file of this name is a CODEOWNERS. GitHub reads it in the root, .github/ and docs/,
// GitLab in the root, docs/ and .gitlab/.
func isCodeowners(name string) bool {
	return path.Base(strings.ReplaceAll(name, `\`, "/")) == "CODEOWNERS"
}

// rule is one line of a CODEOWNERS.
type rule struct {
	line     int
	pattern  []string // segments; "**" for any number of them
	owners   []string
	section  int
	optional bool
	excluded bool // a line with "!": its section says nothing of the path
}

// owners is one CODEOWNERS with the folder that it speaks about.
type owners struct {
	f     *file
	root  string // with a slash at its end, or empty
	place int    // of several in one root the one of the lowest place is read
	rules []rule
	used  bool
}

// codeowners gives the entities of descriptors their owner, where their descriptor names none: the last rule that
// matches owns (github/docs, "About code owners"; gitlabhq/gitlabhq, doc/user/project/codeowners/reference.md).
//
// A rule owns an entity when it owns whatever may lie beside its descriptor. So "*.yaml @platform" owns no service,
// though it owns the descriptor. A rule of an optional section counts when no other matches.
func codeowners(docs []Document, files []*file) {
	var all []*owners
	for i, doc := range docs {
		if isCodeowners(doc.Name) {
			files[i].format = "codeowners"
			if content, problem := text(doc.Content); problem != nil {
				files[i].faults = append(files[i].faults, *problem)
			} else {
				o := &owners{f: files[i]}
				o.root, o.place = codeownersRoot(doc.Name)
				o.rules = parseCodeowners(files[i], string(content))
				all = append(all, o)
			}
		}
	}
	if len(all) == 0 {
		return
	}
	teams, people := described(files)
	owned := ownedEntities(files)
	matches := map[string]*rule{} // by folder, for many descriptors lie side by side
	for _, f := range files {
		o := governing(all, f.name)
		if o == nil || o.f == f {
			continue
		}
		folder := path.Dir(strings.TrimPrefix(clean(f.name), o.root))
		for _, e := range f.order {
			if !e.told || e.ref.Kind == catalog.Team || e.ref.Kind == catalog.Person {
				continue
			}
			key := o.f.name + "\x00" + folder
			found, again := matches[key]
			if !again {
				found = o.match(folder)
				matches[key] = found
			}
			if found == nil {
				continue
			}
			o.used = true
			if !owned[e.ref] {
				o.own(e, found, teams, people)
			}
		}
	}
	for _, o := range all {
		if other := governing(all, o.root+"CODEOWNERS"); other != o && other.root == o.root {
			o.f.warn(1, "", "%s is read instead of this file: keep one of them", other.f.name)
			continue
		}
		if !o.used && len(o.rules) > 0 {
			o.f.warn(1, "", "no rule matches the folder of a descriptor that was read with this file: it gives nobody an owner")
		}
	}
}

// ownedEntities are those whose descriptors name an owner.
func ownedEntities(files []*file) map[catalog.Ref]bool {
	owned := map[catalog.Ref]bool{}
	for _, f := range files {
		for _, e := range f.order {
			if _, found := e.index[catalog.FieldOwner]; found {
				owned[e.ref] = true
			}
		}
	}
	return owned
}

// codeownersRoot is the folder that a CODEOWNERS speaks about, and its place among those that do.
func codeownersRoot(name string) (root string, place int) {
	folder := strings.TrimSuffix(clean(name), "CODEOWNERS")
	for i, inner := range []string{".github/", "", "docs/", ".gitlab/"} {
		if before, found := strings.CutSuffix(folder, inner); inner != "" && found && (before == "" || strings.HasSuffix(before, "/")) {
			return before, i
		}
	}
	return folder, 1
}

// clean is a name with slashes and without "./" at its beginning.
func clean(name string) string {
	return strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "./")
}

// governing is the CODEOWNERS of the innermost root around a file.
func governing(all []*owners, name string) *owners {
	var best *owners
	for _, o := range all {
		if !strings.HasPrefix(clean(name), o.root) {
			continue
		}
		if best == nil || len(o.root) > len(best.root) || len(o.root) == len(best.root) && o.place < best.place {
			best = o
		}
	}
	return best
}

// described are the teams by name, and the persons by address.
func described(files []*file) (teams map[string]bool, people map[string]catalog.Ref) {
	teams, people = map[string]bool{}, map[string]catalog.Ref{}
	for _, f := range files {
		for _, e := range f.order {
			switch e.ref.Kind {
			case catalog.Team:
				teams[e.ref.Name] = true
			case catalog.Person:
				if address := e.address(); address != "" {
					people[address] = e.ref
				}
			default:
			}
		}
	}
	return teams, people
}

// match finds the rule that owns what may lie in a folder.
func (o *owners) match(folder string) *rule {
	var segments []string
	if folder != "." && folder != "" {
		segments = strings.Split(folder, "/")
	}
	// No pattern can name this file but by a wildcard for all files.
	segments = append(segments, strings.Repeat("\x00", 64))
	excluded := map[int]bool{}
	for _, r := range o.rules {
		if r.excluded && matchSegments(r.pattern, segments) {
			excluded[r.section] = true
		}
	}
	var optional *rule
	decided := map[int]bool{} // a section speaks once
	for i := len(o.rules) - 1; i >= 0; i-- {
		r := &o.rules[i]
		if r.excluded || r.optional && optional != nil || !matchSegments(r.pattern, segments) || excluded[r.section] || decided[r.section] {
			continue
		}
		decided[r.section] = true
		if !r.optional {
			return r
		}
		optional = r
	}
	return optional
}

// own makes the first team of a rule the owner, else the first person; addresses are contacts.
func (o *owners) own(e *entity, r *rule, teams map[string]bool, people map[string]catalog.Ref) {
	v := value{f: o.f, line: r.line}
	about := o.f.about(e.ref, e.name)
	var team, person string
	for _, owner := range r.owners {
		name, at := strings.CutPrefix(owner, "@")
		switch {
		case strings.HasPrefix(name, "@"): // a role of GitLab: whoever has it
		case !at && strings.Contains(owner, "@"):
			about.contact(v, "email", owner, "")
			if ref, known := people[strings.ToLower(owner)]; known && person == "" {
				person = ref.String()
			}
		case !at:
		case strings.Contains(name, "/"):
			if team == "" {
				team = "team:" + name[strings.LastIndexByte(name, '/')+1:]
			}
		case teams[strings.ToLower(name)]: // GitLab writes a group at the top like a user
			if team == "" {
				team = "team:" + name
			}
		case person == "":
			person = "person:" + name
		}
	}
	if team == "" {
		team = person
	}
	if team != "" {
		about.say(v, catalog.FieldOwner, team)
	}
	if len(about.claims) == 0 { // it says nothing, and so is no statement
		delete(o.f.entities, about.ref)
		o.f.order = o.f.order[:len(o.f.order)-1]
	}
}

func parseCodeowners(f *file, content string) []rule {
	var rules []rule
	var defaults []string
	section, optional := 0, false
	sections := map[string]int{}
	number := 0
	for line := range strings.SplitSeq(content, "\n") {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if name, owners, isOptional, ok := sectionHeading(line); ok {
			key := strings.ToLower(name)
			if _, again := sections[key]; !again {
				sections[key] = len(sections) + 1
			}
			section, defaults, optional = sections[key], owners, isOptional
			continue
		}
		fields := splitLine(line)
		r := rule{line: number, section: section, optional: optional, owners: fields[1:]}
		pattern := fields[0]
		if rest, found := strings.CutPrefix(pattern, "!"); found {
			pattern, r.excluded = rest, true
		}
		if len(r.owners) == 0 {
			r.owners = defaults // outside of a section: a rule without owners takes the path from the rules above it
		}
		for _, owner := range r.owners {
			if !strings.Contains(owner, "@") {
				f.warn(number, "", "%q is no owner: write @org/team, @user or an e-mail address", clip(owner))
			}
		}
		if len(pattern) > maxPattern {
			f.warn(number, "", "the pattern has %d characters: at most %d", len(pattern), maxPattern)
			continue
		}
		if r.pattern = compile(pattern); r.pattern == nil {
			f.warn(number, "", "the pattern %q is empty: write a path such as /services/payments/", clip(pattern))
			continue
		}
		if len(rules) == maxRules {
			f.fault(number, "", "the file has more than %d rules: the rest is not read", maxRules)
			break
		}
		rules = append(rules, r)
	}
	return rules
}

// sectionHeading reads "[Name][2] @owner", or "^[Name]" for an optional section, of GitLab.
func sectionHeading(line string) (name string, owners []string, optional, ok bool) {
	rest, optional := strings.CutPrefix(line, "^")
	if !strings.HasPrefix(rest, "[") {
		return "", nil, false, false
	}
	name, rest, found := strings.Cut(rest[1:], "]")
	if !found || name == "" {
		return "", nil, false, false
	}
	if strings.HasPrefix(rest, "[") { // how many must approve
		_, rest, _ = strings.Cut(rest, "]")
	}
	return name, splitLine("x " + rest)[1:], optional, true
}

// splitLine parts a line at white space, with "\ " for a space in a path, up to a comment.
func splitLine(line string) []string {
	var fields []string
	var field strings.Builder
	flush := func() {
		if field.Len() > 0 {
			fields = append(fields, field.String())
			field.Reset()
		}
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			field.WriteByte(line[i])
		case c == ' ' || c == '\t' || c == '\r':
			flush()
		case c == '#' && field.Len() == 0 && len(fields) > 0:
			return fields
		default:
			field.WriteByte(c)
		}
	}
	flush()
	if len(fields) == 0 {
		return []string{""}
	}
	return fields
}

// compile makes the segments of a pattern, by the rules of gitignore that CODEOWNERS keeps: a pattern without a slash,
// but for one at its end, stands for any depth, and what it names is owned with all below it. GitLab finds a pattern
// such as docs/api at any depth too, GitHub only in the root. It is the root here: a rule that is found where it was
// not meant makes an owner of the wrong people, one that is not found makes none.
func compile(pattern string) []string {
	rooted := strings.Contains(strings.TrimSuffix(pattern, "/"), "/")
	folder := strings.HasSuffix(pattern, "/")
	pattern = strings.Trim(pattern, "/")
	if pattern == "" {
		if folder { // "/" is everything
			return []string{"**"}
		}
		return nil
	}
	var segments []string
	if !rooted {
		segments = append(segments, "**")
	}
	for segment := range strings.SplitSeq(pattern, "/") {
		if segment == "" || segment == "**" && len(segments) > 0 && segments[len(segments)-1] == "**" {
			continue
		}
		segments = append(segments, segment)
	}
	last := segments[len(segments)-1]
	// What the pattern names may be a folder; but "docs/*" owns the files of docs and no deeper.
	if folder || last != "**" && (last != "*" || !rooted) {
		segments = append(segments, "**")
	}
	return segments
}

// matchSegments matches a path with a pattern, each "**" standing for any number of segments. Going back to the last
// "**" only is enough, as in matching a text with stars, and keeps it from growing out of bounds.
func matchSegments(pattern, name []string) bool {
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			star, from = p, n
			p++
		case p < len(pattern) && matchText(pattern[p], name[n]):
			p++
			n++
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

// matchText matches one segment, with "*" for any text and "?" for one character.
func matchText(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
