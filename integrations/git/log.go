package git

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// commit is one record of git log.
type commit struct {
	sha                   string
	parents               []string
	author, authorEmail   string
	authored              time.Time
	committer             string
	committed             time.Time
	message               string
	files, added, removed int
	paths                 []string        // the first of them, as Git writes them: bytes, maybe not UTF-8
	services              map[string]bool // whom the mapping gives the changed paths to
	elsewhere             bool            // some path was nobody's
}

const (
	// logMark starts the first field of a record; a file's numbers start with a digit or a dash.
	logMark = "\x01"
	// logFormat ends every field with NUL, which neither names nor messages nor paths can hold.
	logFormat = "--format=%x01%H%x00%P%x00%aN%x00%aE%x00%at%x00%cN%x00%ct%x00%B%x00"

	maxPaths = 20
	// maxField bounds what is kept of one field; the rest of a longer one is read past.
	maxField = 64 << 10
)

var errLog = errors.New("the output of git log is not as documented")

// parseLog reads the output of git log with -z, --numstat and logFormat, and hands over one commit after another. Only
// the first paths of a commit are kept: the first commit of an imported repository can touch a million.
func parseLog(r io.Reader, owners mapping, each func(commit)) error {
	tokens := &tokenReader{r: bufio.NewReaderSize(r, 64<<10)}
	var current *commit
	for {
		token, err := tokens.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(token, logMark):
			if current != nil {
				each(*current)
			}
			if current, err = parseHead(strings.TrimPrefix(token, logMark), tokens); err != nil {
				return err
			}
		case token == "" || token == "\n":
			// What -z writes between a message and its files.
		case current == nil:
			return fault.New(fault.Unavailable, "%w: it starts with %.40q", errLog, token)
		default:
			if err := current.parseFile(strings.TrimPrefix(token, "\n"), tokens, owners); err != nil {
				return err
			}
		}
	}
	if current != nil {
		each(*current)
	}
	return nil
}

func parseHead(sha string, tokens *tokenReader) (*commit, error) {
	fields := make([]string, 7)
	for i := range fields {
		field, err := tokens.next()
		if err != nil {
			return nil, fault.New(fault.Unavailable, "%w: a commit is cut off", errLog)
		}
		fields[i] = field
	}
	c := &commit{
		sha: sha, parents: strings.Fields(fields[0]),
		author: fields[1], authorEmail: fields[2], committer: fields[4], message: strings.TrimSpace(fields[6]),
	}
	for _, sha := range append([]string{sha}, c.parents...) {
		if !shaFormat.MatchString(sha) {
			return nil, fault.New(fault.Unavailable, "%w: %.80q is not a commit", errLog, sha)
		}
	}
	for i, at := range map[int]*time.Time{3: &c.authored, 5: &c.committed} {
		seconds, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			continue // a damaged date: the poll chooses another
		}
		*at = time.Unix(seconds, 0).UTC()
	}
	return c, nil
}

// parseFile reads "added TAB removed TAB path", where the numbers of a binary file are dashes, and the path of a
// renamed one is empty and followed by two tokens: the old path and the new.
func (c *commit) parseFile(token string, tokens *tokenReader, owners mapping) error {
	parts := strings.SplitN(token, "\t", 3)
	if len(parts) != 3 {
		return fault.New(fault.Unavailable, "%w: %.40q is not a file", errLog, token)
	}
	for i, sum := range []*int{&c.added, &c.removed} {
		if parts[i] == "-" {
			continue
		}
		n, err := strconv.ParseUint(parts[i], 10, 31)
		if err != nil {
			return fault.New(fault.Unavailable, "%w: %.40q is not a file", errLog, token)
		}
		*sum += int(n)
	}
	paths := parts[2:]
	if paths[0] == "" {
		paths = make([]string, 2)
		for i := range paths {
			path, err := tokens.next()
			if err != nil {
				return fault.New(fault.Unavailable, "%w: a renamed file is cut off", errLog)
			}
			paths[i] = path
		}
	}
	c.files++
	if len(c.paths) < maxPaths {
		c.paths = append(c.paths, paths[len(paths)-1])
	}
	for _, path := range paths {
		service := owners.of(path)
		if service == "" {
			c.elsewhere = true
			continue
		}
		if c.services == nil {
			c.services = map[string]bool{}
		}
		c.services[service] = true
	}
	return nil
}

// tokenReader reads what NUL ends, and keeps no more of it than maxField.
type tokenReader struct {
	r   *bufio.Reader
	buf []byte
}

// next gives io.EOF at the end. An unfinished last token counts as one, so that no byte is dropped silently.
func (t *tokenReader) next() (string, error) {
	t.buf = t.buf[:0]
	read := 0
	for {
		chunk, err := t.r.ReadSlice(0)
		read += len(chunk)
		keep := bytes.TrimSuffix(chunk, []byte{0})
		if room := maxField - len(t.buf); len(keep) > room {
			keep = keep[:room]
		}
		t.buf = append(t.buf, keep...)
		switch {
		case err == nil:
			return string(t.buf), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && read > 0:
			return string(t.buf), nil
		case errors.Is(err, io.EOF):
			return "", io.EOF
		default:
			return "", fault.New(fault.Unavailable, "git log: %w", err)
		}
	}
}
