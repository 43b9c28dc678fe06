package secret_test

import (
	"testing"

	"tidings.dev/tidings/secret"
)

func TestHideJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a": 12345678901234567890, "b": [true, null, "x<y"]}`: `{"a":12345678901234567890,"b":[true,null,"x<y"]}`,
		`{"password": "hunter2", "user": "ana"}`:                `{"password":"` + secret.Hidden + `","user":"ana"}`,
		`{"api_key": 4711, "count": 4711}`:                      `{"api_key":"` + secret.Hidden + `","count":4711}`,
		`{"credentials": {"a": ["b", {"c": "d"}]}}`:             `{"credentials":{"a":["` + secret.Hidden + `",{"c":"` + secret.Hidden + `"}]}}`,
		`{"url": "https://ana:hunter2hunter2@host/x"}`:          `{"url":"https://ana:` + secret.Hidden + `@host/x"}`,
		`no json, password=hunter2hunter2`:                      `no json, password=` + secret.Hidden,
		`{"a": 1} {"b": 2}`:                                     `{"a": 1} {"b": 2}`,
	} {
		if got := string(secret.HideJSON([]byte(text))); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}
