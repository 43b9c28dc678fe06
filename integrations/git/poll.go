package git

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tidings.dev/tidings/change"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
)

// pageSize is about how many events one look brings.
const pageSize = 200

// Poll looks once: at what reached the main branch since the cursor, newest first, and then at the tags. An empty
// repository, and a branch without a commit, show nothing and are no error.
func (s *Source) Poll(ctx context.Context, from string) (integration.Look, error) {
	s.looking.Lock()
	defer s.looking.Unlock()
	at := parseCursor(from)
	ref, err := s.refresh(ctx, at)
	if err != nil {
		return integration.Look{}, err
	}
	look := integration.Look{}
	remote := remoteName(s.repository.origin(ctx))
	if err := s.begin(ctx, &at, ref); err != nil {
		return integration.Look{}, err
	}
	if at.Next != "" {
		commits, err := s.page(ctx, &at)
		if err != nil {
			return integration.Look{}, err
		}
		for _, c := range commits {
			if event, ok := s.merge(c, remote); ok {
				look.Events = append(look.Events, event)
			}
		}
	}
	look.More = at.Next != ""
	if room := pageSize - len(look.Events); !look.More && room > 0 {
		events, more, err := s.tags(ctx, &at, remote, room)
		if err != nil {
			return integration.Look{}, err
		}
		look.Events, look.More = append(look.Events, events...), more
	} else if !look.More {
		look.More = true // a full page: the tags are another
	}
	look.Cursor = at.String()
	return look, nil
}

// refresh makes the repository ready and gives the name of the branch, empty if there is none yet. A run that was
// begun needs no new fetch.
func (s *Source) refresh(ctx context.Context, at cursor) (string, error) {
	if s.repository.url == "" {
		if err := s.repository.check(ctx); err != nil {
			return "", err
		}
		return s.repository.localBranch(ctx, s.branch)
	}
	if at.Next != "" {
		if ok, err := s.repository.has(ctx, at.Next); ok && err == nil {
			return "", nil
		}
	}
	return s.repository.fetch(ctx, s.branch)
}

// begin starts a run when the branch has moved.
func (s *Source) begin(ctx context.Context, at *cursor, ref string) error {
	if at.Next != "" {
		ok, err := s.repository.has(ctx, at.Next)
		if err != nil || ok {
			return err
		}
		at.Tip, at.Next, at.Left = "", "", 0
	}
	if ref == "" {
		return nil
	}
	tip, err := s.repository.resolve(ctx, ref)
	if err != nil || tip == "" || tip == at.Main {
		return err
	}
	at.Tip, at.Next, at.Left = tip, tip, 0
	// After a force push the old commit may be no ancestor: what both share stays told, and the rest is told anew. If
	// they share nothing, or the old one is gone, it is as at the first look.
	related := false
	if at.Main != "" {
		if related, err = s.repository.related(ctx, at.Main, tip); err != nil {
			return err
		}
	}
	if !related {
		at.Main, at.Left = "", s.backfill
		if s.backfill == 0 {
			at.Main, at.Tip, at.Next = tip, "", ""
		}
	}
	return nil
}

// page reads the next commits of the run and moves the cursor past them.
func (s *Source) page(ctx context.Context, at *cursor) ([]commit, error) {
	size := pageSize
	if at.Left > 0 {
		size = min(size, at.Left)
	}
	args := []string{
		"log", "--first-parent", "-m", "-M", "-l400", "-z", "--numstat", "--no-ext-diff", "--no-textconv", "--no-notes",
		"--no-color", "--no-decorate", "--encoding=UTF-8", "--max-count=" + strconv.Itoa(size), logFormat,
		"--end-of-options", at.Next,
	}
	if at.Left == 0 && at.Main != "" {
		args = append(args, "^"+at.Main)
	}
	cut, err := s.repository.shallow(ctx)
	if err != nil {
		return nil, err
	}
	var commits []commit
	err = s.repository.stream(ctx, func(r io.Reader) error {
		return parseLog(r, s.mapping, func(c commit) {
			if cut[c.sha] {
				// Without its parent every file looks new: nothing can be said about what it changed.
				c.files, c.added, c.removed, c.paths, c.services = 0, 0, 0, nil, nil
			}
			commits = append(commits, c)
		})
	}, append(args, "--")...)
	if err != nil {
		return nil, err
	}
	left := at.Left - len(commits)
	at.Next = ""
	if n := len(commits); n == size && len(commits[n-1].parents) > 0 && (at.Left == 0 || left > 0) {
		at.Next, at.Left = commits[n-1].parents[0], max(left, 0)
		return commits, nil
	}
	at.Main, at.Tip, at.Left = at.Tip, "", 0
	return commits, nil
}

// merge makes the event of a commit; false for one that is older than the log can be.
func (s *Source) merge(c commit, remote string) (change.Event, bool) {
	when, ok := s.when(c.committed, c.authored)
	if !ok {
		return change.Event{}, false
	}
	request := readMessage(clean(c.message, true))
	e := change.Event{
		Key: c.sha, Kind: "merge", Phase: change.Succeeded,
		Title:     cmp.Or(request.String(), "Commit "+c.sha[:7]+" without a message"),
		Detail:    detail(c, request),
		Subjects:  s.subjects(c, remote),
		StartedAt: when,
		Commit:    c.sha,
		Links:     links(remote, c.sha, request.number),
		Labels: map[string]string{
			"files": strconv.Itoa(c.files), "additions": strconv.Itoa(c.added), "deletions": strconv.Itoa(c.removed),
		},
	}
	author := short(c.author)
	switch robot := short(bot(author, clean(c.authorEmail, false), clean(c.message, true))); {
	case robot != "":
		e.Actor = change.Actor{Type: change.ByAutomation, Name: robot}
		if author != robot {
			e.Labels["author"] = author
		}
	case author != "":
		e.Actor = change.Actor{Type: change.ByPerson, Name: author}
	default:
		e.Actor.Type = change.ByUnknown
	}
	if !c.authored.IsZero() {
		e.Labels["author_date"] = c.authored.Format(time.RFC3339)
	}
	if request.number != "" {
		e.Labels["number"] = request.number
	}
	return e, true
}

// when chooses the time of an event among what Git says, best first. A clock that was wrong wrote some dates: one
// ahead is not believed before the time has come, one before 2005 never.
func (s *Source) when(dates ...time.Time) (time.Time, bool) {
	now := s.now().UTC()
	ahead := false
	for _, date := range dates {
		switch {
		case date.After(now.Add(change.MaxAhead)):
			ahead = true
		case !date.Before(change.Earliest):
			return date, true
		}
	}
	return now.Truncate(time.Second), ahead
}

// subjects are the services that the mapping gives the paths to, and the whole repository's where it has one of its own
// and a path is nobody else's, or where nothing else is known.
func (s *Source) subjects(c commit, remote string) []change.Subject {
	var subjects []change.Subject
	for _, service := range slices.Sorted(maps.Keys(c.services)) {
		subjects = append(subjects, change.Subject{Name: "service:" + service})
	}
	if len(subjects) > change.MaxSubjects {
		subjects = subjects[:change.MaxSubjects]
	}
	if len(subjects) == 0 || (c.elsewhere && s.mapping.service != "" && !c.services[s.mapping.service] && len(subjects) < change.MaxSubjects) {
		subjects = append(subjects, s.whole(remote))
	}
	return subjects
}

// whole is the subject of what is about the whole repository.
func (s *Source) whole(remote string) change.Subject {
	if s.mapping.service != "" {
		return change.Subject{Name: "service:" + s.mapping.service}
	}
	return change.Subject{Name: "git:" + remote}
}

// detail names what changed, in Markdown: below the title of a request, which a line of the feed quotes beside its
// number, the first of the paths.
func detail(c commit, r request) string {
	var b strings.Builder
	if r.number != "" && c.files > 0 {
		b.WriteString(short(r.title) + "\n\n")
	}
	for _, path := range c.paths {
		b.WriteString("- " + code(path) + "\n")
	}
	if more := c.files - len(c.paths); more > 0 {
		b.WriteString("- and " + strconv.Itoa(more) + " more\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// code quotes a path for Markdown; a path may hold anything but NUL.
func code(path string) string {
	path = clean(path, false)
	if runes := []rune(path); len(runes) > 120 {
		path = string(runes[:40]) + "…" + string(runes[len(runes)-79:])
	}
	switch {
	case path == "":
		return "(a path that is not text)"
	case strings.Contains(path, "`"):
		return "`` " + strings.ReplaceAll(path, "``", "`\u200b`") + " ``"
	}
	return "`" + path + "`"
}

// clean makes text out of bytes: UTF-8, without control characters other than line breaks, if those may stay.
func clean(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsControl(r) || (lines && (r == '\n' || r == '\t')) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// short is clean text within the bound of a name.
func short(text string) string {
	text = strings.TrimSpace(clean(text, false))
	if len(text) <= change.MaxText {
		return text
	}
	end := change.MaxText - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// tag is one tag with what it points at.
type tag struct {
	ref, object, commit string
	at                  time.Time
	tagger, subject     string
}

// tags tells the tags of every set that changed, a set at a time, until there are about as many as there is room.
func (s *Source) tags(ctx context.Context, at *cursor, remote string, room int) ([]change.Event, bool, error) {
	now, err := s.repository.tagDigests(ctx)
	if err != nil {
		return nil, false, err
	}
	if len(at.Tags) == 0 {
		at.Tags = make(tagDigests, tagBuckets*4)
	}
	if at.First && s.backfill == 0 || slices.Equal(at.Tags, now) {
		at.Tags, at.First = now, false
		return nil, false, nil
	}
	all, err := s.repository.tags(ctx)
	if err != nil {
		return nil, false, err
	}
	if at.First {
		all = all[:min(len(all), s.backfill)]
	}
	sets := make([][]tag, tagBuckets)
	for _, t := range all {
		sets[bucketOf(t.ref)] = append(sets[bucketOf(t.ref)], t)
	}
	var events []change.Event
	for i, set := range sets {
		if at.Tags.bucket(i) == now.bucket(i) {
			continue
		}
		if len(events) >= room {
			return events, true, nil
		}
		for _, t := range set {
			if event, ok := s.release(t, remote); ok {
				events = append(events, event)
			}
		}
		copy(at.Tags[i*4:][:4], now[i*4:])
	}
	at.First = false
	return events, false, nil
}

// release makes the event of a tag.
func (s *Source) release(t tag, remote string) (change.Event, bool) {
	when, ok := s.when(t.at)
	if !ok {
		return change.Event{}, false
	}
	name := strings.TrimPrefix(t.ref, "refs/tags/")
	service, version := s.mapping.ofTag(name)
	version = short(version)
	subject := change.Subject{Name: "service:" + service}
	if service == "" {
		subject = s.whole(remote)
	}
	e := change.Event{
		Key: "tag:" + t.object + ":" + name, Kind: "release", Phase: change.Succeeded,
		Title:    "Released " + version,
		Detail:   t.subject,
		Subjects: []change.Subject{subject}, StartedAt: when,
		Version: version, Commit: t.commit,
		Actor: change.Actor{Type: change.ByUnknown},
		Links: links(remote, t.commit, ""),
	}
	if len(e.Key) > change.MaxText {
		sum := sha256.Sum256([]byte(name))
		e.Key = "tag:" + t.object + ":" + hex.EncodeToString(sum[:])
	}
	if t.tagger != "" {
		e.Actor = change.Actor{Type: change.ByPerson, Name: t.tagger}
		if isBot(t.tagger, "") {
			e.Actor.Type = change.ByAutomation
		}
	}
	if version != name {
		e.Labels = map[string]string{"tag": short(name)}
	}
	return e, true
}

// tagDigests reads the names and objects of all tags, which is cheap, to see whether there is anything to tell.
func (r *repository) tagDigests(ctx context.Context) (tagDigests, error) {
	digests := make(tagDigests, tagBuckets*4)
	text, err := r.output(ctx, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
	if err != nil {
		return nil, err
	}
	for line := range strings.SplitSeq(text, "\n") {
		if object, ref, ok := strings.Cut(line, " "); ok {
			digests.add(ref, object)
		}
	}
	return digests, nil
}

// tags reads all tags that are about a commit, newest first.
func (r *repository) tags(ctx context.Context) ([]tag, error) {
	const fields = 8
	text, err := r.output(ctx, "for-each-ref", "--sort=-creatordate",
		"--format=%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)%00%(creatordate:unix)%00%(taggername)%00%(contents:subject)%00", "refs/tags")
	if err != nil {
		return nil, err
	}
	var tags []tag
	parts := strings.Split(text, "\x00")
	for ; len(parts) >= fields; parts = parts[fields:] {
		t := tag{ref: strings.TrimPrefix(parts[0], "\n"), object: parts[1]}
		switch {
		case parts[2] == "commit":
			t.commit = parts[1]
		case parts[4] == "commit":
			t.commit = parts[3]
		case parts[4] == "tag":
			// A tag of a tag: before Git 2.45 the format above peels only one of them.
			if t.commit, err = r.resolve(ctx, t.ref); err != nil {
				return nil, err
			}
		}
		if t.commit == "" {
			continue // of a file or a folder, as the first of Linux
		}
		if parts[2] == "tag" {
			t.tagger, t.subject = short(parts[6]), short(parts[7])
		}
		if !shaFormat.MatchString(t.object) || !shaFormat.MatchString(t.commit) || !strings.HasPrefix(t.ref, "refs/tags/") {
			return nil, fault.New(fault.Unavailable, "%s: git gives %.80q as a tag", r.dir, parts[0])
		}
		if seconds, err := strconv.ParseInt(parts[5], 10, 64); err == nil {
			t.at = time.Unix(seconds, 0).UTC()
		}
		tags = append(tags, t)
	}
	return tags, nil
}
