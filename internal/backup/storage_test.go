package backup_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // the tag of an object, as S3 makes it
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/internal/backup"
)

// The keys of the storage of the tests; scripts/storage starts versitygw with them, and names it in this variable.
const (
	storageVariable = "TIDINGS_TEST_S3"
	accessKey       = "tidings-test"
	secretKey       = "tidings-test-secret" //nolint:gosec // of a storage that lives as long as the test
)

// storage is the endpoint of a real storage, where scripts/storage runs one, or of a fake one, which checks signatures
// as well.
func storage(t *testing.T) backup.Remote {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", accessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	if endpoint := os.Getenv(storageVariable); endpoint != "" {
		return backup.Remote{Endpoint: endpoint, Region: "us-east-1", Allow: []string{"127.0.0.1"}}
	}
	server := httptest.NewServer(&fakeStorage{t: t, objects: map[string][]byte{}, parts: map[string]map[int][]byte{}})
	t.Cleanup(server.Close)
	return backup.Remote{Endpoint: server.URL, Region: "us-east-1", Allow: []string{"127.0.0.1"}}
}

func TestStorageKeepsWholeObjectsOnly(t *testing.T) {
	remote := storage(t)
	random := make([]byte, 70<<20) // three parts
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"s3://backups/one/small.tar.zst": []byte("small"), "s3://backups/large.tar.zst": random} {
		write := func(w io.Writer) error { _, err := w.Write(content); return err }
		if err := backup.Save(t.Context(), name, remote, nil, write); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		read, err := backup.Load(t.Context(), name, remote, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(read)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: got %d bytes, %v; want %d", name, len(got), err, len(content))
		}
		_ = read.Close()
	}
	broken := func(w io.Writer) error { _, err := w.Write(random); return errors.Join(errKilled, err) }
	if err := backup.Save(t.Context(), "s3://backups/broken.tar.zst", remote, nil, broken); !errors.Is(err, errKilled) {
		t.Errorf("a writer that fails: got %v", err)
	}
	if _, err := backup.Load(t.Context(), "s3://backups/broken.tar.zst", remote, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("what was broken off: got %v, want it not found", err)
	}
	if err := backup.Save(t.Context(), "s3://other-bucket/x", remote, nil, broken); err == nil || fault.Is(err, fault.Unavailable) {
		t.Errorf("a bucket that there is not: got %v", err)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	if err := backup.Save(t.Context(), "s3://backups/x", remote, nil, func(io.Writer) error { return nil }); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a wrong key: got %v, want it forbidden", err)
	}
	if _, err := backup.Load(t.Context(), "s3://backups/large.tar.zst", remote, nil); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a wrong key: got %v, want it forbidden", err)
	}
}

func TestABackupGoesThroughStorage(t *testing.T) {
	remote := storage(t)
	from, to := embedded(t), embedded(t)
	s := open(t, from)
	fill(t, s, 0, 2000)
	closed(t, s)
	const name = "s3://backups/tidings.tar.zst"
	err := backup.Save(t.Context(), name, remote, nil, func(w io.Writer) error {
		_, err := backup.Write(t.Context(), from, "", "test", w, quiet)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	content, err := backup.Load(t.Context(), name, remote, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if _, err := backup.Restore(t.Context(), content, to, quiet); err != nil {
		t.Fatal(err)
	}
}

// fakeStorage answers what the client asks of S3, checks the signature of each request, and loses one part in three
// once: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html.
type fakeStorage struct {
	t       *testing.T
	mu      sync.Mutex
	objects map[string][]byte
	parts   map[string]map[int][]byte
	lost    int
}

func (f *fakeStorage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	refuse := func(status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
	}
	if !signed(r) {
		refuse(http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if bucket != "backups" {
		refuse(http.StatusNotFound, "NoSuchBucket")
		return
	}
	query := r.URL.Query()
	upload := query.Get("uploadId")
	switch {
	case r.Method == http.MethodPost && query.Has("uploads"):
		id := fmt.Sprint(len(f.parts))
		f.parts[id] = map[int][]byte{}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>", bucket, key, id)
	case r.Method == http.MethodPut:
		content, err := body(r)
		if err != nil {
			refuse(http.StatusBadRequest, "IncompleteBody")
			return
		}
		if f.lost++; f.lost%3 == 1 && upload != "" {
			refuse(http.StatusServiceUnavailable, "SlowDown")
			return
		}
		sum := md5.Sum(content) //nolint:gosec // the tag of an object, as S3 makes it
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
		if upload == "" {
			f.objects[key] = content
			return
		}
		number, _ := strconv.Atoi(query.Get("partNumber"))
		f.parts[upload][number] = content
	case r.Method == http.MethodPost && upload != "":
		var wanted struct{ Part []struct{ PartNumber int } }
		if err := xml.NewDecoder(r.Body).Decode(&wanted); err != nil {
			refuse(http.StatusBadRequest, "MalformedXML")
			return
		}
		var whole []byte
		for _, part := range wanted.Part {
			whole = append(whole, f.parts[upload][part.PartNumber]...)
		}
		f.objects[key] = whole
		fmt.Fprintf(w, "<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>\"x\"</ETag></CompleteMultipartUploadResult>", bucket, key)
	case r.Method == http.MethodDelete:
		delete(f.parts, upload)
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		content, ok := f.objects[key]
		if !ok {
			refuse(http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", noon.Format(http.TimeFormat))
		http.ServeContent(w, r, "", noon, bytes.NewReader(content))
	}
}

// signed recomputes the signature of a request.
func signed(r *http.Request) bool {
	// Some requests have a space after the comma.
	authorization := strings.ReplaceAll(r.Header.Get("Authorization"), ", ", ",")
	scope, rest, _ := strings.Cut(strings.TrimPrefix(authorization, "AWS4-HMAC-SHA256 Credential="+accessKey+"/"), ",SignedHeaders=")
	names, signature, _ := strings.Cut(rest, ",Signature=")
	var headers strings.Builder
	for name := range strings.SplitSeq(names, ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical := strings.Join([]string{
		r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"), headers.String(), names,
		r.Header.Get("X-Amz-Content-Sha256"),
	}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	key := []byte("AWS4" + secretKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope, hex.EncodeToString(digest[:])}, "\n")
	return hex.EncodeToString(mac(key, text)) == signature
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// body reads what was sent, in signed chunks where the client says so.
func body(r *http.Request) ([]byte, error) {
	if !slices.Contains([]string{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, r.Header.Get("X-Amz-Content-Sha256")) {
		return io.ReadAll(r.Body)
	}
	var whole []byte
	lines := bufio.NewReader(r.Body)
	for {
		head, err := lines.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(head), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			_, err := io.Copy(io.Discard, lines)
			return whole, err
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(lines, chunk); err != nil {
			return nil, err
		}
		whole = append(whole, chunk[:n]...)
	}
}

func TestStorageInsideHasToBeAllowed(t *testing.T) {
	remote := storage(t)
	remote.Allow = nil
	err := backup.Save(t.Context(), "s3://backups/x", remote, nil, func(w io.Writer) error { _, err := w.Write([]byte("x")); return err })
	if err == nil || !strings.Contains(err.Error(), "outbound.allow") {
		t.Errorf("got %v", err)
	}
}
