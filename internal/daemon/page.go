package daemon

import (
	"bytes"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/web"
)

// page serves the built web app. Assets carry a hash of their content in their names and are kept for ever; every
// other path without an ending is a screen of the app.
type page struct {
	files fs.FS
	said  *previews
}

func newPage(said *previews) http.Handler {
	files, err := web.Dist()
	if err != nil {
		return http.NotFoundHandler()
	}
	return &page{files: files, said: said}
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "there is nothing to write here: the API begins at /api/v1")
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	hashed := strings.HasPrefix(name, "assets/")
	if !hashed && (name == "" || !p.exists(name)) {
		if strings.HasPrefix(name, "api/") || strings.HasPrefix(name, "hooks/") || !wantsPage(r) {
			refuse(w, http.StatusNotFound, "there is nothing at this path")
			return
		}
		name = "index.html"
	}
	accept := r.Header.Get("Accept-Encoding")
	told, found := preview{}, false
	if name == "index.html" {
		if told, found = p.said.of(r); found {
			accept = "" // what is told goes into the plain text
		}
	}
	content, encoding, err := p.open(name, accept)
	if err != nil {
		if name == "index.html" {
			refuse(w, http.StatusNotFound, "this binary was built without the page: run make build")
			return
		}
		refuse(w, http.StatusNotFound, "there is no such file")
		return
	}
	if found {
		content = p.said.into(content, told, r.URL)
	}
	header := w.Header()
	header.Set("Content-Type", contentType(name))
	header.Set("Vary", "Accept-Encoding")
	header.Set("Cache-Control", "no-cache")
	if hashed {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
		header.Set("Content-Length", strconv.Itoa(len(content)))
		if r.Method != http.MethodHead {
			_, _ = io.Copy(w, bytes.NewReader(content)) // the browser may have gone
		}
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// wantsPage tells a browser that opens a screen from a client that asks for a file that is not there.
func wantsPage(r *http.Request) bool {
	last := path.Base(r.URL.Path)
	return strings.Contains(r.Header.Get("Accept"), "text/html") || path.Ext(last) == ""
}

func (p *page) exists(name string) bool {
	info, err := fs.Stat(p.files, name)
	return err == nil && !info.IsDir()
}

// open reads the smallest form of a file that the browser takes.
func (p *page) open(name, accept string) (content []byte, encoding string, err error) {
	for _, form := range []struct{ encoding, ending string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !strings.Contains(accept, form.encoding) {
			continue
		}
		if content, err := fs.ReadFile(p.files, name+form.ending); err == nil {
			return content, form.encoding, nil
		}
	}
	content, err = fs.ReadFile(p.files, name)
	return content, "", err
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}
