package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/store"
)

// An archive is a tar compressed by Zstandard. Its files, in this order:
//
//	header.json          what is coming: Header
//	data/TABLE/N.jsonl   the rows of each table in turn, in the row form of store.AppendRow, a few MiB a file
//	manifest.json        what came: the number of rows and the sum of each table
//
// The manifest comes last, so that an archive is written in one pass to any place; one without it was cut off.
// docs/backup-format.md describes it for other programs.

// Format is the number of this form.
const Format = 1

const (
	headerName   = "header.json"
	manifestName = "manifest.json"
)

// Header is the first file of an archive.
type Header struct {
	Format    int           `json:"format"`
	ID        string        `json:"id"`
	CreatedAt time.Time     `json:"created_at"` // when the snapshot was taken
	Release   string        `json:"release"`
	Engine    string        `json:"engine"`
	Schema    int64         `json:"schema"`
	Tables    []headerTable `json:"tables"`
}

type headerTable struct {
	store.Table
	Rows int64 `json:"rows"`
}

type manifest struct {
	ID     string             `json:"id"`
	Tables map[string]sumJSON `json:"tables"`
}

// Report is what was copied.
type Report struct {
	Header Header
	Rows   int64
	Tables int
}

// partSize is how much of a table is gathered for one file of the archive.
const partSize = 4 << 20

// Write takes a backup of a database, while servers write. It sees every write that was acknowledged before it was
// called, and no write in part. The directory temp is for the copy of an embedded store; empty means beside it.
func Write(ctx context.Context, from Place, temp, release string, to io.Writer, tell Progress) (Report, error) {
	var report Report
	snapshot, err := from.snapshot(ctx, temp)
	if err != nil {
		return report, err
	}
	defer snapshot.Close() //nolint:errcheck // it was only read
	header := Header{
		Format: Format, ID: uuid.NewString(), CreatedAt: time.Now().UTC(), Release: release,
		Engine: snapshot.Engine, Schema: snapshot.Schema,
	}
	for _, table := range snapshot.Tables {
		n, err := snapshot.Count(ctx, table)
		if err != nil {
			return report, err
		}
		header.Tables = append(header.Tables, headerTable{table, n})
	}
	a, err := newArchive(to, header.CreatedAt)
	if err != nil {
		return report, err
	}
	defer a.abandon()
	if err := a.json(headerName, header); err != nil {
		return report, err
	}
	sums := manifest{ID: header.ID, Tables: map[string]sumJSON{}}
	for _, table := range header.Tables {
		sum, err := a.table(ctx, snapshot, table, tell)
		if err != nil {
			return report, err
		}
		sums.Tables[table.Name] = sum.json()
		report.Rows += sum.Rows
	}
	if err := a.json(manifestName, sums); err != nil {
		return report, err
	}
	report.Header, report.Tables = header, len(header.Tables)
	return report, a.close()
}

// archive is one in the making.
type archive struct {
	pressed *zstd.Encoder
	tar     *tar.Writer
	at      time.Time
}

func newArchive(to io.Writer, at time.Time) (*archive, error) {
	pressed, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(2))
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return &archive{pressed, tar.NewWriter(pressed), at}, nil
}

// abandon releases what an archive that is not closed holds.
func (a *archive) abandon() { a.pressed.Reset(nil) }

func (a *archive) close() error {
	if err := errors.Join(a.tar.Close(), a.pressed.Close()); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

func (a *archive) file(name string, content []byte) error {
	err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: a.at.Truncate(time.Second), Typeflag: tar.TypeReg})
	if err == nil {
		_, err = a.tar.Write(content)
	}
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

func (a *archive) json(name string, value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return a.file(name, append(content, '\n'))
}

func (a *archive) table(ctx context.Context, snapshot *store.Snapshot, table headerTable, tell Progress) (Sum, error) {
	var sum Sum
	var part []byte
	n := 0
	flush := func() error {
		n++
		err := a.file(fmt.Sprintf("data/%s/%06d.jsonl", table.Name, n), part)
		part = part[:0]
		tell(table.Name, sum.Rows, table.Rows)
		return err
	}
	err := snapshot.Rows(ctx, table.Table, func(row []any) error {
		from := len(part)
		part = store.AppendRow(part, row)
		sum.add(part[from:])
		part = append(part, '\n')
		if len(part) < partSize {
			return nil
		}
		return flush()
	})
	if err == nil && len(part) > 0 {
		err = flush()
	}
	return sum, err
}

// Restore makes a database out of an archive, and checks it against the archive's sums before any server may open it.
// The target must be empty, or hold a restore of the same archive that was broken off.
func Restore(ctx context.Context, from io.Reader, to Place, tell Progress) (Report, error) {
	var report Report
	pressed, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(2))
	if err != nil {
		return report, fmt.Errorf("read the archive: %w", err)
	}
	defer pressed.Close()
	r := &restore{pressed: pressed, tar: tar.NewReader(pressed), tell: tell, known: map[string]headerTable{}}
	if err := r.header(); err != nil {
		return report, err
	}
	report.Header = r.head
	r.filling, err = to.fill(ctx, r.head.Schema, "backup "+r.head.ID)
	if err != nil {
		return report, err
	}
	finished := false
	defer func() {
		if !finished {
			_ = r.filling.Close() // the first error is the one that tells why
		}
	}()
	if err := r.tables(ctx); err != nil {
		return report, err
	}
	var tables []store.Table
	for _, table := range r.head.Tables {
		tables = append(tables, table.Table)
		report.Rows += r.sums[table.Name].Rows
	}
	report.Tables = len(tables)
	if err := compare(ctx, r.filling, tables, r.sums, tell); err != nil {
		return report, err
	}
	if err := r.filling.Finish(ctx); err != nil {
		return report, err
	}
	finished = true
	return report, r.filling.Close()
}

// Verify restores an archive into a directory that is thrown away.
func Verify(ctx context.Context, from io.Reader, temp string, tell Progress) (Report, error) {
	dir, err := os.MkdirTemp(temp, "tidings-verify-")
	if err != nil {
		return Report{}, fault.New(fault.Unavailable, "make room for a copy: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder that stays behind is no reason to doubt the archive
	return Restore(ctx, from, Place{Directory: dir}, tell)
}

type restore struct {
	pressed io.Reader
	tar     *tar.Reader
	filling *store.Filling
	head    Header
	known   map[string]headerTable
	sums    map[string]Sum
	tell    Progress

	current *pour
	skip    int64 // rows of the current table that are there from an attempt before
}

func broken(format string, args ...any) error {
	return fault.New(fault.Invalid, "the archive is damaged: "+format, args...)
}

func (r *restore) header() error {
	file, err := r.tar.Next()
	if err != nil || file.Name != headerName {
		return fault.New(fault.Invalid, "this is no backup of Tidings")
	}
	if err := json.NewDecoder(io.LimitReader(r.tar, 16<<20)).Decode(&r.head); err != nil {
		return broken("%s: %w", headerName, err)
	}
	if r.head.Format != Format {
		return fault.New(fault.Invalid, "the archive has form %d, and this release reads %d: use the release that wrote it, %s", r.head.Format, Format, r.head.Release)
	}
	for _, table := range r.head.Tables {
		r.known[table.Name] = table
	}
	return nil
}

func (r *restore) tables(ctx context.Context) error {
	for _, table := range r.head.Tables {
		if err := r.filling.Match(table.Table); err != nil {
			return err
		}
	}
	for {
		file, err := r.tar.Next()
		if errors.Is(err, io.EOF) {
			return broken("it ends before its manifest: it was cut off")
		}
		if err != nil {
			return broken("%w", err)
		}
		if file.Name == manifestName {
			if err := r.end(ctx); err != nil {
				return err
			}
			return r.manifest()
		}
		parts := strings.Split(file.Name, "/")
		if len(parts) != 3 || parts[0] != "data" {
			return broken("it holds a file %q", file.Name)
		}
		if err := r.part(ctx, parts[1]); err != nil {
			return err
		}
	}
}

func (r *restore) part(ctx context.Context, name string) error {
	table, ok := r.known[name]
	if !ok {
		return broken("it holds rows of %q, which its header does not name", name)
	}
	if r.current == nil || r.current.table.Name != name {
		if err := r.end(ctx); err != nil {
			return err
		}
		current, err := newPour(r.filling, table.Table, table.Rows, r.tell)
		if err != nil {
			return err
		}
		r.current, r.skip = current, current.state.Rows
	}
	lines := bufio.NewReaderSize(r.tar, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if r.skip > 0 {
				r.skip--
			} else {
				row, err := store.ParseRow(table.Columns, bytes.TrimSuffix(line, []byte("\n")))
				if err != nil {
					return broken("%s: %w", name, err)
				}
				if err := r.current.add(ctx, row); err != nil {
					return contradicted(name, err)
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken("%w", err)
		}
	}
}

// contradicted says that an archive is damaged whose rows the database cannot hold together: its sums are only compared at
// the end.
func contradicted(table string, err error) error {
	if fault.Is(err, fault.Conflict) {
		return broken("rows of %s contradict each other: %w", table, err)
	}
	return err
}

// end writes what is left of the current table.
func (r *restore) end(ctx context.Context) error {
	if r.current == nil {
		return nil
	}
	return contradicted(r.current.table.Name, r.current.flush(ctx, true))
}

func (r *restore) manifest() error {
	var m manifest
	if err := json.NewDecoder(r.tar).Decode(&m); err != nil {
		return broken("%s: %w", manifestName, err)
	}
	r.sums = map[string]Sum{}
	for name, written := range m.Tables {
		sum, err := written.sum()
		if err != nil {
			return broken("%s: %s: %w", manifestName, name, err)
		}
		r.sums[name] = sum
	}
	if m.ID != r.head.ID || len(r.sums) != len(r.head.Tables) {
		return broken("its manifest is of another archive")
	}
	if _, err := r.tar.Next(); !errors.Is(err, io.EOF) {
		return broken("something follows its manifest")
	}
	// The compressed stream has a checksum of its own, behind all of it.
	if _, err := io.Copy(io.Discard, r.pressed); err != nil {
		return broken("%w", err)
	}
	return nil
}
