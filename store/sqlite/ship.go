package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"tidings.dev/tidings/fault"
)

// Shipping copies the database continuously: a snapshot of the file, and from then on every committed frame of the
// write-ahead log, within about a second. It works because one process writes, and that process alone writes the log
// back: what is to be cut off has been read before.
//
// A line is what one run of a server ships. Epochs number the logs within it, from one cut to the next:
//
//	LINE/EPOCH.db.zst           the file as it was when the epoch began
//	LINE/EPOCH-OFFSET.wal.zst   bytes of the epoch's log from an offset, up to the end of a commit
//
// The form of the log: https://sqlite.org/fileformat2.html#the_write_ahead_log.

// Depot is where copies are kept. Nothing is under a name until all of it is there.
type Depot interface {
	Put(ctx context.Context, name string, write func(io.Writer) error) error
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// List gives all names in their order.
	List(ctx context.Context) ([]string, error)
	Delete(ctx context.Context, name string) error
}

// Bounds of shipping.
const (
	shipEvery     = time.Second
	snapshotEvery = 24 * time.Hour
	shipPatience  = 10 * time.Second // for what is left when the server stops
	segmentSize   = 8 << 20
	cutAt         = 16 << 20 // the size of the log from which it is cut
	backlogAtMost = 64 << 20 // what waits in memory while the depot does not answer
	snapshotsKept = 3
)

const (
	logHeader   = 32
	frameHeader = 24
)

type segment struct {
	name    string
	content []byte
}

// shipper is the shipping of one open database.
type shipper struct {
	depot    Depot
	path     string
	stop     context.CancelFunc
	stopped  chan struct{}
	uploads  sync.WaitGroup
	finished context.Context

	mu        sync.Mutex
	line      string
	epoch     int
	offset    int64 // of the log, up to which it was read
	sum       [2]uint32
	salt      [8]byte
	order     binary.ByteOrder
	page      int64
	queue     []segment
	waiting   int64              // bytes in the queue
	snapshot  bool               // one is on its way: the file must not change
	giveUp    context.CancelFunc // ends it
	due       time.Time
	broken    bool // frames were lost for the depot: a new line begins at the next cut
	complains bool
}

func newShipper(depot Depot, path string) *shipper {
	return &shipper{depot: depot, path: path, stopped: make(chan struct{})}
}

// begin starts a line. The log has just been cut, and nobody writes.
func (s *shipper) begin(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.finished = ctx
	s.mu.Lock()
	s.newLine()
	s.mu.Unlock()
	go func() {
		defer close(s.stopped)
		tick := time.NewTicker(shipEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				s.work(ctx)
			}
		}
	}()
}

func (s *shipper) newLine() {
	s.line, s.epoch, s.broken = time.Now().UTC().Format("20060102T150405.000Z"), 1, false
	s.offset, s.queue, s.waiting = 0, nil, 0
	s.takeSnapshot()
}

// takeSnapshot copies the file, which holds everything from before the epoch and does not change until it is copied.
func (s *shipper) takeSnapshot() {
	s.snapshot, s.due = true, time.Now().Add(snapshotEvery)
	name := fmt.Sprintf("%s/%08d.db.zst", s.line, s.epoch)
	ctx, giveUp := context.WithCancel(s.finished)
	s.giveUp = giveUp
	s.uploads.Go(func() {
		defer giveUp()
		err := ctx.Err()
		for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, time.Minute) {
			if err = s.depot.Put(ctx, name, func(w io.Writer) error { return press(w, s.path) }); err == nil {
				break
			}
			s.complain(err)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
		s.mu.Lock()
		s.snapshot = false
		s.mu.Unlock()
		if err == nil {
			s.clean(ctx)
		}
	})
}

func press(to io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	pressed, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	_, err = io.Copy(pressed, file)
	return errors.Join(err, pressed.Close())
}

// complain logs that the depot does not answer, once until it does.
func (s *shipper) complain(err error) {
	s.mu.Lock()
	first := !s.complains
	s.complains = true
	s.mu.Unlock()
	if first && s.finished.Err() == nil {
		slog.Warn("the database cannot be shipped: what is written now is in one place only, until it can", "error", err)
	}
}

// work reads what is new, and sends what waits, in order.
func (s *shipper) work(ctx context.Context) {
	for {
		s.mu.Lock()
		if s.waiting < backlogAtMost {
			if err := s.read(); err != nil && s.finished.Err() == nil {
				slog.WarnContext(ctx, "the write-ahead log cannot be read to be shipped", "error", err)
			}
		}
		if len(s.queue) == 0 {
			s.mu.Unlock()
			return
		}
		next := s.queue[0]
		s.mu.Unlock()
		err := s.depot.Put(ctx, next.name, func(w io.Writer) error {
			pressed, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
			if err != nil {
				return err
			}
			_, err = pressed.Write(next.content)
			return errors.Join(err, pressed.Close())
		})
		if err != nil {
			s.complain(err)
			return
		}
		s.mu.Lock()
		if len(s.queue) > 0 && s.queue[0].name == next.name {
			s.queue = s.queue[1:]
			s.waiting -= int64(len(next.content))
		}
		recovered := s.complains
		s.complains = false
		s.mu.Unlock()
		if recovered {
			slog.InfoContext(ctx, "the database is shipped again")
		}
	}
}

// read puts the frames of complete commits after the offset into the queue; the caller holds the lock. Frames that a
// transaction wrote and took back are told by the sums, which chain each frame to all before it.
func (s *shipper) read() error {
	log, err := os.Open(s.path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // it was only read
	start, sum := s.offset, s.sum
	var content []byte
	if start == 0 {
		head := make([]byte, logHeader)
		if n, err := io.ReadFull(log, head); n < logHeader {
			return ignoreEnd(err)
		}
		s.order = binary.ByteOrder(binary.LittleEndian)
		if head[3]&1 == 1 {
			s.order = binary.BigEndian
		}
		s.page = int64(binary.BigEndian.Uint32(head[8:]))
		copy(s.salt[:], head[16:24])
		sum = s.add([2]uint32{}, head[:24])
		if !same(sum, head[24:]) {
			return nil // it is being written
		}
		content = head
	} else if _, err := log.Seek(start, io.SeekStart); err != nil {
		return err
	}
	frame := make([]byte, frameHeader+s.page)
	whole, wholeSum := 0, sum
	keep := func() {
		if whole == 0 {
			return
		}
		name := fmt.Sprintf("%s/%08d-%012d.wal.zst", s.line, s.epoch, s.offset)
		s.queue = append(s.queue, segment{name, slices.Clone(content[:whole])})
		s.waiting += int64(whole)
		s.offset, s.sum = s.offset+int64(whole), wholeSum
		content, whole = append([]byte(nil), content[whole:]...), 0
	}
	for {
		if _, err := io.ReadFull(log, frame); err != nil {
			keep()
			return ignoreEnd(err)
		}
		next := s.add(s.add(sum, frame[:8]), frame[frameHeader:])
		if !bytes.Equal(frame[8:16], s.salt[:]) || !same(next, frame[16:]) {
			keep()
			return nil
		}
		sum = next
		content = append(content, frame...)
		if binary.BigEndian.Uint32(frame[4:]) > 0 { // the last frame of a commit
			whole, wholeSum = len(content), sum
			if whole >= segmentSize {
				keep()
			}
		}
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// add goes on with a sum: https://sqlite.org/fileformat2.html#checksum_algorithm.
func (s *shipper) add(sum [2]uint32, content []byte) [2]uint32 {
	for i := 0; i+8 <= len(content); i += 8 {
		sum[0] += s.order.Uint32(content[i:]) + sum[1]
		sum[1] += s.order.Uint32(content[i+4:]) + sum[0]
	}
	return sum
}

func same(sum [2]uint32, written []byte) bool {
	return sum[0] == binary.BigEndian.Uint32(written) && sum[1] == binary.BigEndian.Uint32(written[4:])
}

// cut reads the rest of the log and has it cut, unless a snapshot is being taken or too much waits already. Nobody
// writes meanwhile.
func (s *shipper) cut(size int64, checkpoint func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	full := size >= longestLog
	switch {
	case s.snapshot:
		if full {
			// The disk must not fill: the snapshot is given up, and with it this line. The next cut begins another.
			s.broken = true
			s.giveUp()
		}
		return
	case s.waiting >= backlogAtMost && !full:
		return
	case s.waiting >= backlogAtMost:
		s.broken = true
	case !s.broken:
		if err := s.read(); err != nil {
			return
		}
	}
	if !checkpoint() {
		return
	}
	s.epoch, s.offset = s.epoch+1, 0
	switch {
	case s.broken:
		s.newLine()
	case time.Now().After(s.due):
		s.takeSnapshot()
	}
}

// close ships what is left.
func (s *shipper) close() {
	if s.stop == nil {
		return
	}
	s.stop()
	<-s.stopped
	s.uploads.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), shipPatience)
	defer cancel()
	s.work(ctx)
}

// clean deletes what is older than the snapshots that are kept.
func (s *shipper) clean(ctx context.Context) {
	names, err := s.depot.List(ctx)
	if err != nil {
		return
	}
	var snapshots []string
	for _, name := range names {
		if strings.HasSuffix(name, ".db.zst") {
			snapshots = append(snapshots, name)
		}
	}
	if len(snapshots) <= snapshotsKept {
		return
	}
	oldest := strings.TrimSuffix(snapshots[len(snapshots)-snapshotsKept], ".db.zst")
	for _, name := range names {
		if name < oldest && (strings.HasSuffix(name, ".db.zst") || strings.HasSuffix(name, ".wal.zst")) {
			_ = s.depot.Delete(ctx, name) // it is tried again after the next snapshot
		}
	}
}

// Recovered tells what a database was made of.
type Recovered struct {
	Line     string
	Snapshot string
	Segments int
}

// Recover makes the database of a directory that has none out of what was shipped: the newest snapshot, and what follows
// it without a gap. Its integrity is checked.
func Recover(ctx context.Context, depot Depot, dir string) (Recovered, error) {
	var r Recovered
	names, err := depot.List(ctx)
	if err != nil {
		return r, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".db.zst") {
			r.Snapshot = name
		}
	}
	if r.Snapshot == "" {
		return r, fault.New(fault.NotFound, "nothing was shipped there, or no snapshot was finished")
	}
	line, epoch := filepath.ToSlash(filepath.Dir(r.Snapshot)), 0
	r.Line = line
	if _, err := fmt.Sscanf(strings.TrimPrefix(r.Snapshot, line+"/"), "%d.db.zst", &epoch); err != nil {
		return r, fmt.Errorf("read the name %s: %w", r.Snapshot, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return r, fault.New(fault.Unavailable, "make the data directory: %w", err)
	}
	if _, err := Existing(dir); err == nil {
		return r, fault.New(fault.Conflict, "the target is not empty: give a new directory")
	}
	held, err := hold(ctx, dir)
	if err != nil {
		return r, err
	}
	defer held.Close() //nolint:errcheck // the lock ends with it
	partial := filepath.Join(dir, file+".partial")
	for _, stale := range []string{partial, partial + "-wal", partial + "-shm"} {
		if err := os.Remove(stale); err != nil && !errors.Is(err, os.ErrNotExist) {
			return r, err
		}
	}
	if _, err := unpress(ctx, depot, r.Snapshot, partial); err != nil {
		return r, err
	}
	// Segments of one epoch follow each other, and epochs do; what comes after a gap cannot be used.
	for ; ; epoch++ {
		var end int64
		for _, name := range names {
			var e int
			var offset int64
			if n, _ := fmt.Sscanf(strings.TrimPrefix(name, line+"/"), "%d-%d.wal.zst", &e, &offset); n != 2 || !strings.HasPrefix(name, line+"/") || e != epoch || offset != end {
				continue
			}
			n, err := unpress(ctx, depot, name, partial+"-wal")
			if err != nil {
				return r, err
			}
			end += n
			r.Segments++
		}
		if end == 0 {
			break
		}
		if err := writeBack(ctx, partial); err != nil {
			return r, err
		}
	}
	if err := sound(ctx, partial); err != nil {
		return r, err
	}
	return r, os.Rename(partial, filepath.Join(dir, file))
}

// unpress appends what a depot has to a file.
func unpress(ctx context.Context, depot Depot, name, path string) (int64, error) {
	content, err := depot.Open(ctx, name)
	if err != nil {
		return 0, err
	}
	defer content.Close()
	pressed, err := zstd.NewReader(content)
	if err != nil {
		return 0, err
	}
	defer pressed.Close()
	to, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(to, pressed)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return n, fault.New(fault.Invalid, "%s is damaged: %w", name, err)
	}
	return n, nil
}

// writeBack lets SQLite read the log that was put beside a file.
func writeBack(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", place(path)+"?_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	var busy, frames, written int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &written)
	if err == nil && busy != 0 {
		err = errors.New("the database is in use")
	}
	return errors.Join(err, db.Close())
}

func sound(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", place(path))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	var verdict string
	err = db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict)
	if err == nil && verdict != "ok" {
		err = fault.New(fault.Invalid, "what was shipped is damaged: %s", verdict)
	}
	return errors.Join(err, db.Close())
}
