// Command image assembles the container image of a static binary without a daemon: an OCI image layout in one tar file,
// of one layer, from an empty base. The same binary always gives the same bytes.
//
//	go run ./scripts/image BINARY ARCHITECTURE VERSION OUTPUT
//
// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// user is nobody that any other image or host knows.
const user = 65532

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: image BINARY ARCHITECTURE VERSION OUTPUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

type object = map[string]any

func run(binary, architecture, version, output string) error {
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	layer, err := archive([]entry{
		{name: "tidings", mode: 0o755, content: program},
		{name: "data/", mode: 0o700, owner: user},
		{name: "tmp/", mode: 0o1777},
	})
	if err != nil {
		return err
	}
	config, err := json.Marshal(object{
		"architecture": architecture, "os": "linux",
		"config": object{
			"User": fmt.Sprintf("%d:%d", user, user), "Entrypoint": []string{"/tidings"}, "Cmd": []string{"serve"},
			"Env": []string{"TIDINGS_DATA=/data", "TIDINGS_LISTEN=0.0.0.0:8080"}, "WorkingDir": "/data",
			"ExposedPorts": object{"8080/tcp": object{}}, "Volumes": object{"/data": object{}},
			"Labels":      object{"org.opencontainers.image.title": "Tidings", "org.opencontainers.image.version": version},
			"Healthcheck": object{"Test": []string{"CMD", "/tidings", "doctor", "--ready"}, "Interval": 30e9, "Timeout": 5e9, "StartPeriod": 10e9},
		},
		"rootfs":  object{"type": "layers", "diff_ids": []string{digest(layer)}},
		"history": []object{{"created_by": "scripts/image"}},
	})
	if err != nil {
		return err
	}
	describe := func(kind string, content []byte) object {
		return object{"mediaType": kind, "digest": digest(content), "size": len(content)}
	}
	const spec = "application/vnd.oci.image."
	manifest, err := json.Marshal(object{
		"schemaVersion": 2, "mediaType": spec + "manifest.v1+json",
		"config": describe(spec+"config.v1+json", config), "layers": []object{describe(spec+"layer.v1.tar", layer)},
	})
	if err != nil {
		return err
	}
	top := describe(spec+"manifest.v1+json", manifest)
	top["platform"] = object{"os": "linux", "architecture": architecture}
	top["annotations"] = object{"org.opencontainers.image.ref.name": "tidings:" + version}
	index, err := json.Marshal(object{"schemaVersion": 2, "mediaType": spec + "index.v1+json", "manifests": []object{top}})
	if err != nil {
		return err
	}
	var entries []entry
	for _, blob := range [][]byte{layer, config, manifest} {
		entries = append(entries, entry{name: "blobs/sha256/" + digest(blob)[len("sha256:"):], mode: 0o644, content: blob})
	}
	entries = append(entries, entry{name: "index.json", mode: 0o644, content: index}, entry{name: "oci-layout", mode: 0o644, content: []byte(`{"imageLayoutVersion":"1.0.0"}`)})
	image, err := archive(entries)
	if err != nil {
		return err
	}
	return os.WriteFile(output, image, 0o644) //nolint:gosec // an image is for everybody
}

func digest(content []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(content)) }

type entry struct {
	name    string // a directory ends in /
	mode    int64
	owner   int
	content []byte
}

func archive(entries []entry) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		kind := byte(tar.TypeReg)
		if e.name[len(e.name)-1] == '/' {
			kind = tar.TypeDir
		}
		err := w.WriteHeader(&tar.Header{
			Typeflag: kind, Name: e.name, Mode: e.mode, Uid: e.owner, Gid: e.owner, Size: int64(len(e.content)), ModTime: time.Unix(0, 0), Format: tar.FormatPAX,
		})
		_, wrote := w.Write(e.content)
		if err := errors.Join(err, wrote); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
