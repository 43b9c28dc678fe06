package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/disk"
	"tidings.dev/tidings/store"
	"tidings.dev/tidings/store/postgres"
	"tidings.dev/tidings/store/sqlite"
)

// Grade says how bad a finding is.
type Grade string

// The grades.
const (
	Well    Grade = "ok"
	Suspect Grade = "warn" // it works, and should be looked at
	Ill     Grade = "fail" // it does not work, or will not for long
)

// Finding is one thing that was looked at.
type Finding struct {
	Check  string `json:"check"`
	Grade  Grade  `json:"grade"`
	Detail string `json:"detail"`
	// Do is what to do about it; empty when nothing has to be done.
	Do string `json:"do,omitempty"`
}

// Diagnosis is what was found, and the database as it was.
type Diagnosis struct {
	Findings []Finding
	Database store.Inspection
}

// Ill reports whether anything does not work.
func (d *Diagnosis) Ill() bool {
	for _, finding := range d.Findings {
		if finding.Grade == Ill {
			return true
		}
	}
	return false
}

func (d *Diagnosis) add(check string, grade Grade, do, format string, args ...any) {
	d.Findings = append(d.Findings, Finding{Check: check, Grade: grade, Detail: fmt.Sprintf(format, args...), Do: do})
}

// skew is how far two clocks may be apart.
const skew = 2 * time.Second

// Examine looks at everything that a configuration names, without changing anything, beside a running server or without
// one. It asks nobody but the database, the program that keeps the key of the secrets where there is one, the server at
// the address of the configuration, and who resolves names.
func Examine(ctx context.Context, config Config) Diagnosis {
	var d Diagnosis
	d.configuration(&config)
	d.server(ctx, &config)
	d.directory(&config)
	d.database(ctx, &config)
	d.sources(&config)
	d.reach(ctx, &config, d.typed(ctx, &config))
	d.agents()
	return d
}

func (d *Diagnosis) configuration(config *Config) {
	err := config.Validate()
	if err == nil {
		d.add("configuration", Well, "", "%d sources, listening on %s", len(config.Sources), config.Listen)
		return
	}
	if known, ok := errors.AsType[*fault.Error](err); ok && len(known.Faults) > 0 {
		for _, f := range known.Faults {
			d.add("configuration", Ill, "mend this setting", "%s: %s", f.Pointer, f.Detail)
		}
		return
	}
	d.add("configuration", Ill, "mend the configuration", "%s", err)
}

// server asks the server at the configured address, or tries whether one could listen there.
func (d *Diagnosis) server(ctx context.Context, config *Config) {
	status, body, err := Probe(ctx, config.Listen)
	if err == nil {
		switch status {
		case http.StatusOK:
			d.add("server", Well, "", "a server answers at %s, and is ready", config.Listen)
		case http.StatusServiceUnavailable:
			for line := range strings.Lines(body) {
				if strings.Contains(line, `"ok":false`) {
					d.add("server", Ill, "see the log of the server", "the server at %s is not ready: %s", config.Listen, strings.TrimSpace(line))
				}
			}
		default:
			d.add("server", Ill, "stop it, or set another listen", "something that is not Tidings answers at %s with %d", config.Listen, status)
		}
		return
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", config.Listen)
	if err != nil {
		d.add("server", Ill, "set a listen that is free on this machine, or give the right to use a low port", "no server answers at %s, and none can listen there: %s", config.Listen, err)
		return
	}
	_ = listener.Close() // it was only a trial
	d.add("server", Well, "", "no server answers at %s; one could listen there", config.Listen)
}

// Probe asks the server at an address to listen on whether it is ready.
func Probe(ctx context.Context, listen string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, LocalURL(listen)+"/readyz", nil)
	if err != nil {
		return 0, "", err
	}
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}} // it is this machine
	response, err := client.Do(request)
	if err != nil {
		return 0, "", fault.New(fault.Unavailable, "no server answers at %s", listen)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	return response.StatusCode, string(text), err
}

// LocalURL is where this machine reaches a server that listens at an address.
func LocalURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "http://" + listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Permissions that nobody else should have on files that hold everything, or a secret.
const others = 0o077

func (d *Diagnosis) directory(config *Config) {
	if path, ok := strings.CutPrefix(config.DatabaseURL, "file:"); ok {
		d.private("secrets", path)
	}
	if config.DatabaseURL != "" {
		return
	}
	info, err := os.Stat(config.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		d.add("directory", Suspect, "", "%s is not there yet: the server makes it", config.Data)
		return
	case err != nil:
		d.add("directory", Ill, "let this user read it", "%s", err)
		return
	case !info.IsDir():
		d.add("directory", Ill, "set data to a directory", "%s is no directory", config.Data)
		return
	}
	d.private("directory", config.Data)
	files, err := filepath.Glob(filepath.Join(config.Data, "*"))
	if err == nil {
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
				d.writable(file)
			}
		}
	}
	trial, err := os.CreateTemp(config.Data, ".doctor-*")
	if err != nil {
		d.add("directory", Ill, "give the directory to the user that runs the server, on a disk that can be written", "nothing can be written in %s: %s", config.Data, err)
		return
	}
	_ = trial.Close()
	_ = os.Remove(trial.Name())
	if free, err := disk.Free(config.Data); err == nil {
		grade, do := Well, ""
		switch least := config.LeastFree << 20; {
		case free < least:
			grade, do = Ill, "free some, or move the directory to a larger disk: nothing is taken in meanwhile"
		case free < 4*least:
			grade, do = Suspect, "free some soon"
		}
		d.add("disk", grade, do, "%s free, %d MiB needed", mebibytes(free), config.LeastFree)
	}
}

// writable finds the file that was once made by another user, such as root.
func (d *Diagnosis) writable(path string) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		d.add("directory", Ill, "give the file to the user that runs the server", "%s", err)
		return
	}
	_ = file.Close() // nothing was written
}

func (d *Diagnosis) private(check, path string) {
	info, err := os.Stat(path)
	if err != nil {
		d.add(check, Ill, "let this user read it", "%s", err)
		return
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&others != 0 {
		d.add(check, Suspect, fmt.Sprintf("chmod go= %s", path), "%s can be read by others: its mode is %04o", path, info.Mode().Perm())
		return
	}
	d.add(check, Well, "", "%s is for its owner alone", path)
}

func (d *Diagnosis) database(ctx context.Context, config *Config) {
	address, dir, err := config.Database()
	if err != nil {
		d.add("database", Ill, "set it, or name another in database_url", "%s", plain(err))
		return
	}
	began := time.Now()
	if address != "" {
		d.Database, err = postgres.Inspect(ctx, address)
	} else {
		d.Database, err = sqlite.Inspect(ctx, dir)
	}
	if fault.Is(err, fault.NotFound) {
		d.add("database", Well, "", "there is none in %s yet: the server makes it", dir)
		return
	}
	if err != nil {
		d.add("database", Ill, "see that it runs, that the address is right, and that this user may connect", "%s", plain(err))
		return
	}
	took, found := time.Since(began), &d.Database
	d.add("database", Well, "", "%s %s, %s, %d events, %d entities; read in %s", found.Engine, found.Version, mebibytes(found.Health.Database), found.Rows["event"], found.Rows["entity"], took.Round(time.Millisecond))
	for _, damage := range found.Damage {
		d.add("integrity", Ill, "stop the server, keep a copy of the directory, and restore the last backup", "%s", damage)
	}
	if found.Engine == "sqlite" && len(found.Damage) == 0 {
		d.add("integrity", Well, "", "SQLite finds no damage")
	}
	switch {
	case found.Schema > found.Known:
		d.add("schema", Ill, "run the version that brought the schema there, or a later one", "the schema is at %d, and this program knows %d", found.Schema, found.Known)
	case found.Schema < found.Known:
		d.add("schema", Suspect, "take a backup; the next start brings it up to date", "the schema is at %d of %d", found.Schema, found.Known)
	default:
		d.add("schema", Well, "", "at %d", found.Schema)
	}
	if found.Health.Log > wideLog {
		d.add("write-ahead log", Suspect, "look for a copy or another reader of the file that never ends", "it has %s", mebibytes(found.Health.Log))
	}
	d.clock(ctx, found, dir)
}

// clock compares that of this machine with the database's, or with the file's: a file of the future was written when the
// clock was ahead.
func (d *Diagnosis) clock(_ context.Context, found *store.Inspection, dir string) {
	reference, what := found.Now, "the database's"
	if reference.IsZero() {
		info, err := os.Stat(filepath.Join(dir, "tidings.db"))
		if err != nil {
			return
		}
		if reference, what = info.ModTime(), "that of the last write"; time.Since(reference) > -skew {
			d.add("clock", Well, "", "it is after the last write")
			return
		}
	}
	if apart := time.Since(reference); apart.Abs() > skew {
		d.add("clock", Suspect, "let both follow the same time servers: events would be dated wrong", "this machine's clock is %s from %s", apart.Round(time.Millisecond), what)
		return
	}
	d.add("clock", Well, "", "within %s of %s", skew, what)
}

func (d *Diagnosis) sources(config *Config) {
	for _, source := range config.Sources {
		if source.Config == nil {
			continue // the configuration says so
		}
		if _, err := source.Open(); err != nil {
			d.add("source "+source.Name, Ill, "mend its settings", "%s", plain(err))
			continue
		}
		d.add("source "+source.Name, Well, "", "%s, every %s", source.Type, source.Every)
	}
}

// agents looks at those that send what they see, as the database knows of them.
func (d *Diagnosis) agents() {
	now := time.Now()
	if !d.Database.Now.IsZero() {
		now = d.Database.Now
	}
	for i := range d.Database.Observers {
		o := &d.Database.Observers[i]
		check := "agent " + o.Source
		switch {
		case o.Silent(now):
			d.add(check, Suspect, "see whether it runs and reaches the server: its own /readyz says; where it is not needed any more, nothing has to be done",
				"%s was last heard %s ago", o.Agent, now.Sub(o.HeardAt).Round(time.Second))
		case o.Refused != "":
			d.add(check, Suspect, "mend what it names, or update the server", "something that it sent was left out: %s", o.Refused)
		case o.Report.Problem != "":
			d.add(check, Suspect, "give it the right that it lacks, or have it leave the kind out", "it cannot see everything: %s", o.Report.Problem)
		case o.Report.SyncedAt.IsZero():
			d.add(check, Suspect, "wait: the first look at a large cluster takes a minute", "%s has not seen everything yet", o.Agent)
		default:
			d.add(check, Well, "", "%s looks at %s: %d objects, heard %s ago", o.Agent, o.Report.Detail, o.Report.Objects, max(now.Sub(o.HeardAt), 0).Round(time.Second))
		}
	}
}

// plain is the sentence of an error, without its code.
func plain(err error) string {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return cmp.Or(known.Detail, err.Error())
	}
	return err.Error()
}
