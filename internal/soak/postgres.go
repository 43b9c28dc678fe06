//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// postgres is a cluster of the harness's own, which it may kill.
type postgres struct {
	binaries string
	data     string
	port     int
	owner    *syscall.Credential // nil when we are not root
	cmd      *exec.Cmd
	done     chan struct{}
	log      *tail
}

func newPostgres(ctx context.Context, dir string) (*postgres, error) {
	p := &postgres{data: filepath.Join(dir, "data"), log: &tail{}}
	if err := p.find(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // another user has to get in
		return nil, err
	}
	if err := p.initialise(ctx); err != nil {
		return nil, err
	}
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.port = free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		return nil, err
	}
	return p, p.start(ctx)
}

// initialise makes an empty cluster.
func (p *postgres) initialise(ctx context.Context) error {
	if p.owner != nil {
		for _, dir := range []string{filepath.Dir(p.data), p.data} {
			if err := os.Chown(dir, int(p.owner.Uid), int(p.owner.Gid)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	initdb := p.command(ctx, "initdb", "--pgdata="+p.data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1")
	if said, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, said)
	}
	return nil
}

// find looks for the binaries, and for somebody to run them: PostgreSQL refuses to be root.
func (p *postgres) find() error {
	p.binaries = os.Getenv("TIDINGS_POSTGRES_BINARIES") // scripts/postgres says where it found them
	if p.binaries == "" {
		for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"} {
			if found, _ := filepath.Glob(pattern + "/initdb"); len(found) > 0 {
				p.binaries = filepath.Dir(found[len(found)-1])
			}
		}
	}
	if p.binaries == "" {
		return errors.New("no PostgreSQL is installed: scripts/postgres -- true says how to get one")
	}
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "tidings-postgres", "nobody"} {
		owner, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(owner.Uid, 10, 32)
		gid, _ := strconv.ParseUint(owner.Gid, 10, 32)
		p.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return nil
	}
	return errors.New("PostgreSQL refuses to run as root, and there is no other user for it")
}

func (p *postgres) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(p.binaries, name), args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.owner, Setpgid: true}
	cmd.Dir = filepath.Dir(p.data)
	return cmd
}

func (p *postgres) address() string { return "127.0.0.1:" + strconv.Itoa(p.port) }

func (p *postgres) url(address string) string {
	return "postgres://postgres@" + address + "/postgres?sslmode=disable"
}

// start runs the cluster until it takes connections. What a killed one left behind may keep the first attempts out.
func (p *postgres) start(ctx context.Context) error {
	for began := time.Now(); time.Since(began) < startTime && ctx.Err() == nil; {
		// What is lost with a process is what was not written; that is handed to the disk is not in question here.
		p.cmd = p.command(context.WithoutCancel(ctx), "postgres", "-D", p.data, "-p", strconv.Itoa(p.port), "-k", filepath.Dir(p.data),
			"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "fsync=off", "-c", "restart_after_crash=on",
			"-c", "min_wal_size=2MB", "-c", "max_wal_size=16MB")
		p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
		if err := p.cmd.Start(); err != nil {
			return err
		}
		p.done = make(chan struct{})
		go func(cmd *exec.Cmd, done chan struct{}) {
			defer close(done)
			_ = cmd.Wait() // it is asked whether it answers
		}(p.cmd, p.done)
		for {
			if _, err := p.sql(ctx, "SELECT 1"); err == nil {
				return nil
			}
			select {
			case <-p.done:
			case <-time.After(50 * time.Millisecond):
				if time.Since(began) < startTime && ctx.Err() == nil {
					continue
				}
				p.signal(syscall.SIGQUIT)
				<-p.done
			}
			break
		}
		rest(ctx, 100*time.Millisecond)
	}
	return fmt.Errorf("PostgreSQL does not start: %s", p.log)
}

func (p *postgres) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // it may have ended

// stop ends the cluster by a signal, and waits until it is gone.
func (p *postgres) stop(s syscall.Signal) {
	p.signal(s)
	<-p.done
}

func (p *postgres) close() {
	if p.cmd != nil && p.done != nil {
		p.stop(syscall.SIGQUIT)
	}
}

// sqlTime bounds one statement of the harness's own.
const sqlTime = 20 * time.Second

// sql runs statements past the proxy and the server, and gives the first row of the last answer as text.
func (p *postgres) sql(ctx context.Context, text string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, sqlTime)
	defer cancel()
	config, err := pgconn.ParseConfig(p.url(p.address()))
	if err != nil {
		return "", err
	}
	config.RuntimeParams["default_transaction_read_only"] = "off"
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // one text was all
	results, err := conn.Exec(ctx, text).ReadAll()
	if err != nil || len(results) == 0 || len(results[len(results)-1].Rows) == 0 {
		return "", err
	}
	return string(bytes.Join(results[len(results)-1].Rows[0], []byte("|"))), nil
}
