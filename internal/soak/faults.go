//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// killsARound is how many kills fall between two checks of everything that the round wrote.
const killsARound = 20

func tryKills(ctx context.Context, r *rig) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	r.follow(ctx)
	for done := 0; done < r.kills; {
		l := r.load(ctx)
		for n := 0; n < killsARound && done < r.kills && l.err() == nil && ctx.Err() == nil; n++ {
			r.between(ctx, 0, 400*time.Millisecond)
			r.server.kill()
			r.counts.faults.Add(1)
			done++
			if err := r.start(ctx); err != nil {
				_ = l.end() // the start tells more
				return err
			}
		}
		r.between(ctx, 50*time.Millisecond, 200*time.Millisecond)
		if err := l.end(); err != nil {
			return err
		}
		if err := r.settle(ctx, l); err != nil {
			return err
		}
		fmt.Fprintf(r.out, "  %d kills, %d events acknowledged, %d checked\n", done, r.counts.acked.Load(), r.counts.events.Load())
	}
	return ctx.Err()
}

// harm does one kind of harm again and again to a server under load, and undoes it each time; then everything is
// checked. While it lasts, the server either serves or says why it does not.
func (r *rig) harm(ctx context.Context, begin, end func(context.Context) error, least, most time.Duration) error {
	if r.server == nil {
		if err := r.start(ctx); err != nil {
			return err
		}
	}
	r.follow(ctx)
	for n := range r.rounds {
		l := r.load(ctx)
		r.between(ctx, 200*time.Millisecond, 600*time.Millisecond)
		err := begin(ctx)
		r.between(ctx, least, most)
		r.counts.faults.Add(1)
		if undone := end(context.WithoutCancel(ctx)); err == nil {
			err = undone
		}
		if err == nil {
			err = r.recover(ctx, l)
		}
		if ended := l.end(); err == nil {
			err = ended
		}
		if err == nil {
			err = r.settle(ctx, l)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "  %d of %d: %d events acknowledged, %d checked, %d requests refused\n", n+1, r.rounds, r.counts.acked.Load(), r.counts.events.Load(), r.counts.refused.Load())
	}
	return ctx.Err()
}

// recoverTime is how long it may take, after a fault is over, until something is acknowledged again.
const recoverTime = 30 * time.Second

// recover waits until the load gets through again, without anybody's help.
func (r *rig) recover(ctx context.Context, l *load) error {
	before := r.counts.acked.Load()
	for began := time.Now(); ctx.Err() == nil && l.err() == nil; rest(ctx, 10*time.Millisecond) {
		if r.counts.acked.Load() > before+20 {
			return nil
		}
		if took := time.Since(began); took > recoverTime {
			return violation("nothing was acknowledged for %s after the fault was over", took)
		}
	}
	return ctx.Err()
}

func tryPauses(ctx context.Context, r *rig) error {
	return r.harm(ctx, func(context.Context) error {
		r.server.signal(syscall.SIGSTOP)
		return nil
	}, func(context.Context) error {
		r.server.signal(syscall.SIGCONT)
		return nil
	}, 500*time.Millisecond, 3*time.Second)
}

func tryDatabaseKills(ctx context.Context, r *rig) error {
	return r.harm(ctx, func(context.Context) error {
		r.postgres.stop(syscall.SIGKILL)
		return nil
	}, r.postgres.start, 0, time.Second)
}

func tryDatabaseRestarts(ctx context.Context, r *rig) error {
	return r.harm(ctx, func(context.Context) error {
		r.postgres.stop(syscall.SIGINT) // what a restart for an upgrade does
		return nil
	}, r.postgres.start, 0, time.Second)
}

// tryReadOnlyDatabase makes every transaction read-only, as on a replica before it is promoted.
func tryReadOnlyDatabase(ctx context.Context, r *rig) error {
	set := func(value string) func(context.Context) error {
		return func(ctx context.Context) error {
			if _, err := r.postgres.sql(ctx, "ALTER SYSTEM SET default_transaction_read_only = "+value); err != nil {
				return err
			}
			_, err := r.postgres.sql(ctx, "SELECT pg_reload_conf()")
			return err
		}
	}
	unset := func(ctx context.Context) error {
		// Even the way back would be a write.
		if _, err := r.postgres.sql(ctx, "ALTER SYSTEM RESET default_transaction_read_only"); err != nil {
			return err
		}
		_, err := r.postgres.sql(ctx, "SELECT pg_reload_conf()")
		return err
	}
	return r.harm(ctx, func(ctx context.Context) error {
		if err := set("on")(ctx); err != nil {
			return err
		}
		return r.notReady(ctx, "")
	}, unset, 500*time.Millisecond, 2*time.Second)
}

func tryCuts(ctx context.Context, r *rig) error {
	return r.harm(ctx, func(ctx context.Context) error {
		r.proxy.set(true, false, 0)
		return r.notReady(ctx, "")
	}, func(context.Context) error {
		r.proxy.set(false, false, 0)
		return nil
	}, 200*time.Millisecond, 2*time.Second)
}

func tryDelays(ctx context.Context, r *rig) error {
	return r.harm(ctx, func(context.Context) error {
		r.proxy.set(false, false, time.Duration(5+r.rand.IntN(60))*time.Millisecond)
		return nil
	}, func(context.Context) error {
		r.proxy.set(false, false, 0)
		return nil
	}, time.Second, 4*time.Second)
}

// trySilence swallows everything for longer than the server waits; what was swallowed comes through afterwards, or the
// connections break.
func trySilence(ctx context.Context, r *rig) error {
	return r.harm(ctx, func(ctx context.Context) error {
		r.proxy.set(false, true, 0)
		return r.notReady(ctx, "")
	}, func(context.Context) error {
		if r.rand.IntN(2) == 0 {
			r.proxy.set(true, false, 0)
		}
		r.proxy.set(false, false, 0)
		return nil
	}, time.Second, 12*time.Second)
}

// notReady waits until the server says that it cannot serve, and why.
func (r *rig) notReady(ctx context.Context, about string) error {
	for began := time.Now(); ctx.Err() == nil; rest(ctx, 20*time.Millisecond) {
		ready, said, err := r.client.probe(ctx)
		if err == nil && !ready && strings.Contains(said, about) {
			return nil
		}
		if time.Since(began) > 20*time.Second {
			return violation("the server does not say that it cannot serve: %s, %v", said, err)
		}
	}
	return ctx.Err()
}

// small mounts a file system of so many megabytes in memory.
func small(dir string, megabytes int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user
		return err
	}
	if err := mount(dir, megabytes); err != nil {
		return notTried{fmt.Sprintf("a small file system cannot be mounted here: %s", err)}
	}
	return nil
}

// ballast fills what is left of a file system, but for a few bytes.
func ballast(dir string) error {
	f, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		return err
	}
	block := make([]byte, 64<<10)
	for size := len(block); size > 0; {
		if _, err := f.Write(block[:size]); err != nil {
			size /= 4
		}
	}
	return f.Close()
}

func tryFullDisk(ctx context.Context, r *rig) error {
	where := filepath.Join(r.dir, "data")
	if r.postgres != nil {
		where = r.postgres.data
		r.postgres.close()
	}
	err := small(where, 96)
	if err != nil {
		return err
	}
	defer unmount(where)
	if r.postgres != nil {
		if err := r.postgres.initialise(ctx); err != nil {
			return err
		}
		if err := r.postgres.start(ctx); err != nil {
			return err
		}
		defer r.postgres.close()
	}
	defer func() {
		r.unfollow()
		if r.server != nil {
			r.server.kill()
		}
	}()
	return r.harm(ctx, func(ctx context.Context) error {
		if err := ballast(where); err != nil {
			return err
		}
		return r.notReady(ctx, "")
	}, func(context.Context) error {
		return os.Remove(filepath.Join(where, "ballast"))
	}, 500*time.Millisecond, 2*time.Second)
}

// tryReadOnlyDisk finds the file system read-only at the start, as after an error of the disk: files that are open keep
// a file system from becoming so while the server runs.
func tryReadOnlyDisk(ctx context.Context, r *rig) error {
	where := filepath.Join(r.dir, "data")
	if err := small(where, 96); err != nil {
		return err
	}
	defer unmount(where)
	defer func() {
		r.unfollow()
		r.server.kill()
	}()
	return r.harm(ctx, func(ctx context.Context) error {
		r.server.kill()
		if err := remount(where, true); err != nil {
			return err
		}
		_, err := serve(ctx, r.binary, r.environment, r.flags()...)
		if err == nil || !strings.Contains(err.Error(), "readonly") {
			return violation("a server on a read-only disk must say so: %v", err)
		}
		return nil
	}, func(ctx context.Context) error {
		if err := remount(where, false); err != nil {
			return err
		}
		return r.start(ctx)
	}, 0, 100*time.Millisecond)
}
