package watch

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"

	"tidings.dev/tidings/integrations/kubernetes"
)

// helmType is the type of the Secrets in which Helm 3 and 4 keep their releases, one for each revision.
const helmType = "helm.sh/release.v1"

// maxRelease bounds a release when it is unpacked. A Secret holds at most a megabyte; packed, that can be anything.
const maxRelease = 32 << 20

// release is one revision of a Helm release.
type release struct {
	kubernetes.HelmRelease
}

// helmChart is what is read of a release: charts and values in it are never kept, not even for a moment longer than
// their bytes need to pass by.
type helmChart struct {
	Name string `json:"name"`
	Info struct {
		LastDeployed time.Time `json:"last_deployed"`
		Description  string    `json:"description"`
		Status       string    `json:"status"`
	} `json:"info"`
	Chart struct {
		Metadata struct {
			Name       string `json:"name"`
			Version    string `json:"version"`
			AppVersion string `json:"appVersion"`
		} `json:"metadata"`
	} `json:"chart"`
	Version   int    `json:"version"`
	Namespace string `json:"namespace"`
}

func (r reader) helmRelease(s *corev1.Secret) any {
	if s.Type != helmType {
		return nil
	}
	read, err := readRelease(s.Data["release"])
	if err != nil {
		return nil
	}
	m := r.meta("HelmRelease", s)
	m.Name, m.Labels = read.Name, nil
	return &release{kubernetes.HelmRelease{
		Meta: m, Release: read.Name, Revision: read.Version, Status: read.Info.Status,
		Chart: read.Chart.Metadata.Name, ChartVersion: read.Chart.Metadata.Version, AppVersion: read.Chart.Metadata.AppVersion,
		Description: said(read.Info.Description), DeployedAt: read.Info.LastDeployed.UTC(),
	}}
}

var gzipMagic = []byte{0x1f, 0x8b, 0x08}

// readRelease unpacks what Helm writes: base64 of JSON, compressed since Helm 3.
func readRelease(data []byte) (helmChart, error) {
	var made helmChart
	raw := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	n, err := base64.StdEncoding.Decode(raw, data)
	if err != nil {
		return made, errors.New("not in base64")
	}
	raw = raw[:n]
	var from io.Reader = bytes.NewReader(raw)
	if bytes.HasPrefix(raw, gzipMagic) {
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return made, errors.New("not compressed as it says")
		}
		from = unpacked
	}
	bounded := &io.LimitedReader{R: from, N: maxRelease}
	if err := json.NewDecoder(bounded).Decode(&made); err != nil {
		return helmChart{}, errors.New("not a release") // the cause would quote it
	}
	if made.Name == "" || made.Version <= 0 {
		return helmChart{}, errors.New("a release without a name or number")
	}
	return made, nil
}
