package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/store/sqlite"
)

// Remote says how to reach S3-compatible storage. Keys come from the usual variables (AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), the shared credentials file, or the machine's role.
type Remote struct {
	Endpoint string // a URL; empty is Amazon's own
	Region   string // empty is asked of the storage
	// Allow are addresses beside those of the public internet that it may be at, as the configuration's outbound.allow has them.
	Allow []string
}

// machine are where AWS hands out the keys of a role: to a machine, to a task of ECS, to a pod of EKS. See the guides of its
// SDKs, "Container credential provider" and "IMDS credential provider".
var machine = []string{"169.254.169.254", "fd00:ec2::254", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"}

// partBytes is how much is sent at once, and kept in memory to be sent again: 10,000 parts of it are 320 GB.
const partBytes = 32 << 20

// Save writes a file by fn: to a path, to s3://bucket/key, or to out where the name is "-". Nothing is under the name
// until all of it is there and durable; an error of fn leaves nothing behind.
func Save(ctx context.Context, name string, remote Remote, out io.Writer, fn func(io.Writer) error) error {
	switch {
	case name == "-":
		return fn(out)
	case strings.HasPrefix(name, "s3:"):
		return remote.save(ctx, name, fn)
	}
	return saveFile(name, fn)
}

// Load opens what Save wrote; in is read where the name is "-".
func Load(ctx context.Context, name string, remote Remote, in io.Reader) (io.ReadCloser, error) {
	switch {
	case name == "-":
		return io.NopCloser(in), nil
	case strings.HasPrefix(name, "s3:"):
		return remote.load(ctx, name)
	}
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "there is no file %s", name)
	}
	return file, err
}

// Depot is a directory, or a prefix of S3-compatible storage, that holds many files; it is a sqlite.Depot.
type Depot struct {
	base   string
	remote Remote
}

var _ sqlite.Depot = (*Depot)(nil)

// NewDepot names one: a directory, or s3://BUCKET/PREFIX.
func NewDepot(name string, remote Remote) (*Depot, error) {
	name = strings.TrimSuffix(name, "/")
	if strings.HasPrefix(name, "s3:") {
		if _, err := remote.object(name); err != nil {
			return nil, err
		}
	}
	return &Depot{name, remote}, nil
}

func (d *Depot) path(name string) string { return d.base + "/" + name }

// Put writes a file by write.
func (d *Depot) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	if !strings.HasPrefix(d.base, "s3:") {
		if err := os.MkdirAll(filepath.Dir(d.path(name)), 0o700); err != nil {
			return fault.New(fault.Unavailable, "write %s: %w", name, err)
		}
	}
	return Save(ctx, d.path(name), d.remote, nil, write)
}

// Open reads a file.
func (d *Depot) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	return Load(ctx, d.path(name), d.remote, nil)
}

// List gives the names of all files, in their order.
func (d *Depot) List(ctx context.Context) ([]string, error) {
	var names []string
	if strings.HasPrefix(d.base, "s3:") {
		o, err := d.remote.object(d.base)
		if err != nil {
			return nil, err
		}
		for entry := range o.ListObjects(ctx, o.bucket, minio.ListObjectsOptions{Prefix: o.key + "/", Recursive: true}) {
			if entry.Err != nil {
				return nil, remoteFault("list "+d.base, entry.Err)
			}
			names = append(names, strings.TrimPrefix(entry.Key, o.key+"/"))
		}
		slices.Sort(names)
		return names, nil
	}
	err := filepath.WalkDir(d.base, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(d.base, path)
		if err == nil && !strings.HasPrefix(filepath.Base(path), ".") {
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "there is no directory %s", d.base)
	}
	slices.Sort(names)
	return names, err
}

// Delete removes a file.
func (d *Depot) Delete(ctx context.Context, name string) error {
	if !strings.HasPrefix(d.base, "s3:") {
		return os.Remove(d.path(name))
	}
	o, err := d.remote.object(d.path(name))
	if err != nil {
		return err
	}
	return remoteFault("delete "+name, o.RemoveObject(ctx, o.bucket, o.key, minio.RemoveObjectOptions{}))
}

// Recover makes an embedded store out of what a server shipped.
func Recover(ctx context.Context, from string, remote Remote, to Place) (sqlite.Recovered, error) {
	if to.URL != "" {
		return sqlite.Recovered{}, fault.New(fault.Invalid, "what was shipped is restored into a directory: give --data, and move from there")
	}
	depot, err := NewDepot(from, remote)
	if err != nil {
		return sqlite.Recovered{}, err
	}
	return sqlite.Recover(ctx, depot, to.Directory)
}

func saveFile(name string, fn func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".partial-*")
	if err != nil {
		return fault.New(fault.Unavailable, "write %s: %w", name, err)
	}
	err = fn(file)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncDirectory(filepath.Dir(name))
}

// syncDirectory makes a new name durable, where the system knows that.
func syncDirectory(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_ = dir.Sync() // some systems cannot, and lose nothing by it
	return dir.Close()
}

// object is one thing in the storage.
type object struct {
	*minio.Client
	bucket, key string
}

func (r Remote) object(name string) (*object, error) {
	place, err := url.Parse(name)
	if err != nil || place.Scheme != "s3" || place.Host == "" || len(place.Path) < 2 {
		return nil, fault.New(fault.Invalid, "write s3://BUCKET/KEY, not %q", name)
	}
	endpoint := &url.URL{Scheme: "https", Host: "s3.amazonaws.com"}
	lookup := minio.BucketLookupAuto
	if r.Endpoint != "" {
		endpoint, err = url.Parse(r.Endpoint)
		if err != nil || endpoint.Host == "" || endpoint.Scheme != "https" && endpoint.Scheme != "http" {
			return nil, fault.New(fault.Invalid, "the endpoint of the storage is a URL such as https://storage.example.com, not %q", r.Endpoint)
		}
		lookup = minio.BucketLookupPath
	}
	rule, err := outbound.NewRule(r.Allow)
	if err != nil {
		return nil, err
	}
	role, err := rule.With(machine)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{Client: role.Client(outbound.Options{})},
		}),
		Secure: endpoint.Scheme == "https", Region: r.Region, BucketLookup: lookup, Transport: rule.Files(),
	})
	if err != nil {
		return nil, fault.New(fault.Invalid, "the storage at %s: %w", endpoint.Host, err)
	}
	return &object{client, place.Host, strings.TrimPrefix(place.Path, "/")}, nil
}

func (r Remote) save(ctx context.Context, name string, fn func(io.Writer) error) error {
	o, err := r.object(name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, writer := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		// Parts become an object when all of them have come; the client sends a part again that did not arrive.
		_, err := o.PutObject(ctx, o.bucket, o.key, reader, -1, minio.PutObjectOptions{
			PartSize: partBytes, ContentType: "application/octet-stream",
		})
		_ = reader.CloseWithError(errors.Join(errSent, err))
		sent <- err
	}()
	err = fn(writer)
	if err != nil {
		// The upload sees the error in place of the end, and gives up what was sent.
		_ = writer.CloseWithError(err)
		if failed := <-sent; errors.Is(err, errSent) {
			err = remoteFault("write "+name, failed)
		}
		return err
	}
	_ = writer.Close()
	return remoteFault("write "+name, <-sent)
}

// errSent is what a writer hears whose upload ended before it did.
var errSent = errors.New("the upload ended")

func (r Remote) load(ctx context.Context, name string) (io.ReadCloser, error) {
	o, err := r.object(name)
	if err != nil {
		return nil, err
	}
	content, err := o.GetObject(ctx, o.bucket, o.key, minio.GetObjectOptions{})
	if err == nil {
		_, err = content.Stat()
	}
	if err != nil {
		return nil, remoteFault("read "+name, err)
	}
	return content, nil
}

// remoteFault gives an answer of the storage its code: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
func remoteFault(what string, err error) error {
	if err == nil {
		return nil
	}
	code := fault.Unavailable
	switch minio.ToErrorResponse(err).StatusCode {
	case 400:
		code = fault.Invalid
	case 401, 403:
		code = fault.Forbidden
	case 404:
		code = fault.NotFound
	}
	return fault.New(code, "%s: %w", what, err)
}
