package watch

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// packed is a release as Helm writes it.
func packed(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(b.Bytes()))
}

const upgrade = `{"name":"cart","info":{"first_deployed":"2026-03-01T08:00:00.5Z","last_deployed":"2026-03-02T09:30:00.25+01:00","deleted":"",
"description":"Upgrade complete","status":"deployed","notes":"the password is hunter2"},
"chart":{"metadata":{"name":"web","version":"4.2.0","appVersion":"1.9.3"},"templates":[{"name":"a","data":"aHVudGVyMg=="}],"values":{"password":"hunter2"}},
"config":{"password":"hunter2"},"manifest":"password: hunter2","version":7,"namespace":"shop"}`

func helmSecret(data []byte) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "sh.helm.release.v1.cart.v7", UID: "u-7", Labels: map[string]string{"owner": "helm", "status": "deployed"}},
		Type:       helmType, Data: map[string][]byte{"release": data},
	}
}

func TestHelmRelease(t *testing.T) {
	t.Parallel()
	r := reader{mark: func(string) string { return "marked" }}
	got, ok := r.helmRelease(helmSecret(packed(t, upgrade))).(*release)
	if !ok {
		t.Fatal("the release was not read")
	}
	if got.Release != "cart" || got.Revision != 7 || got.Status != "deployed" || got.Chart != "web" || got.ChartVersion != "4.2.0" ||
		got.AppVersion != "1.9.3" || got.Description != "Upgrade complete" || got.DeployedAt.Format("15:04:05.00") != "08:30:00.25" || name(got.Meta) != "shop/helmrelease/cart" {
		t.Errorf("got %+v", got.HelmRelease)
	}
	raw, err := json.Marshal(got.HelmRelease)
	if err != nil || bytes.Contains(raw, []byte("hunter2")) {
		t.Errorf("%v: %s", err, raw)
	}
	for what, data := range map[string][]byte{
		"nothing":                nil,
		"no base64":              []byte("%%%"),
		"no JSON":                packed(t, "password: hunter2"),
		"no name":                packed(t, `{"version": 3}`),
		"more than can be right": packed(t, `{"name":"cart","version":1,"manifest":"`+strings.Repeat("a", maxRelease)+`"}`),
	} {
		if got := r.helmRelease(helmSecret(data)); got != nil {
			t.Errorf("%s was read as %+v", what, got)
		}
	}
}

func FuzzReadRelease(f *testing.F) {
	f.Add(packed(f, upgrade))
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(upgrade))))
	f.Add([]byte("H4sI"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readRelease(data)
		if err == nil && (got.Name == "" || got.Version <= 0) {
			t.Errorf("a release without a name was read: %+v", got)
		}
		if err != nil && got != (helmChart{}) {
			t.Errorf("something was read of what is no release: %+v", got)
		}
	})
}
