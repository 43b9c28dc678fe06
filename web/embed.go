// Package web carries the built page inside the binary. Only the daemon imports it.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist is the built page: index.html, and assets whose names carry a hash of their content, each beside its .gz and
// .br form. It holds no index.html when the page was not built.
func Dist() (fs.FS, error) {
	return fs.Sub(files, "dist")
}
