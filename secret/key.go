package secret

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"tidings.dev/tidings/fault"
)

// Wrapper is a key from outside of the database. It wraps data keys, and nothing else.
type Wrapper interface {
	Wrap(ctx context.Context, key []byte) ([]byte, error)
	// Unwrap gives ErrWrongKey when the key was wrapped by another, and any other error when that cannot be told.
	Unwrap(ctx context.Context, wrapped []byte) ([]byte, error)
	// String says where the key lies, never what it is.
	String() string
}

// ErrWrongKey says that a data key was wrapped by another key than the one at hand.
var ErrWrongKey = errors.New("the key does not open it")

// Reference says where a key from outside lies: one of the three.
type Reference struct {
	File    string   // a file that holds the key
	Env     string   // a variable that holds the key
	Command []string // a program that wraps or unwraps what it reads: its last argument is the one word or the other
}

// IsZero reports whether no key is configured.
func (r Reference) IsZero() bool { return r.File == "" && r.Env == "" && len(r.Command) == 0 }

// Least is the shortest text that is taken for a key, in bytes: 32 random bytes in base64 or hex are longer.
const Least = 32

// Open reads the key, or prepares the command.
func (r Reference) Open() (Wrapper, error) {
	var text, place string
	switch {
	case len(r.Command) > 0:
		return command(r.Command), nil
	case r.Env != "":
		text, place = os.Getenv(r.Env), "env:"+r.Env
	case r.File != "":
		content, err := os.ReadFile(r.File)
		if err != nil {
			return nil, fault.New(fault.Invalid, "the key of the secrets cannot be read: %w", err)
		}
		text, place = string(content), "file:"+r.File
	default:
		return nil, fault.New(fault.Invalid, "no key for secrets is configured: set secrets.key; openssl rand -base64 32 makes one")
	}
	text = strings.TrimSpace(text)
	if len(text) < Least {
		return nil, fault.New(fault.Invalid, "the key of the secrets at %s has %d characters: at least %d, such as openssl rand -base64 32 makes", place, len(text), Least)
	}
	key, err := hkdf.Key(sha256.New, []byte(text), nil, "tidings/wrap/1", 32)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(key)
	return &fixed{aead: aead, place: place}, err
}

// newAEAD is AES-256-GCM with a random nonce in front of each text.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// fixed is a key that lies in a file or a variable.
type fixed struct {
	aead  cipher.AEAD
	place string
}

const wrapContext = "tidings/data-key/1"

func (f *fixed) String() string { return f.place }

func (f *fixed) Wrap(_ context.Context, key []byte) ([]byte, error) {
	return f.aead.Seal(nil, nil, key, []byte(wrapContext)), nil
}

func (f *fixed) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	key, err := f.aead.Open(nil, nil, wrapped, []byte(wrapContext))
	if err != nil {
		return nil, ErrWrongKey
	}
	return key, nil
}

// command is a program that asks a key service.
type command []string

func (c command) String() string { return "command:" + c[0] }

// Bounds of one run of the command.
const (
	commandTime  = 30 * time.Second
	commandBytes = 64 << 10
)

func (c command) Wrap(ctx context.Context, key []byte) ([]byte, error) {
	return c.run(ctx, "wrap", key)
}

func (c command) Unwrap(ctx context.Context, wrapped []byte) ([]byte, error) {
	return c.run(ctx, "unwrap", wrapped)
}

func (c command) run(ctx context.Context, verb string, in []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, c[0], append(append([]string(nil), c[1:]...), verb)...)
	cmd.WaitDelay = time.Second
	var out, problem bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &problem
	if err := cmd.Run(); err != nil {
		said, _ := Hide(strings.TrimSpace(strings.ToValidUTF8(problem.String()[:min(problem.Len(), 400)], "�")))
		return nil, fault.New(fault.Unavailable, "the key command %s %s failed (%w): %s", c[0], verb, err, said)
	}
	if out.Len() == 0 || out.Len() > commandBytes {
		return nil, fault.New(fault.Unavailable, "the key command %s %s wrote %d bytes: it writes the key to its standard output and nothing else", c[0], verb, out.Len())
	}
	return out.Bytes(), nil
}
