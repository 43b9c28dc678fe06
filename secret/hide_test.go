package secret_test

import (
	"strings"
	"testing"

	"tidings.dev/tidings/secret"
)

// fill makes a token of a shape; no test carries one whole, or scanners of repositories would find it.
func fill(prefix, alphabet string, n int) string {
	var b strings.Builder
	b.WriteString(prefix)
	for i := range n {
		b.WriteByte(alphabet[(i*7+3)%len(alphabet)])
	}
	return b.String()
}

const (
	alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	hexes = "0123456789abcdef"
)

func tokens() map[string]string {
	return map[string]string{
		"aws":        fill("AKIA", upper, 16),
		"aws role":   fill("ASIA", upper, 16),
		"github":     fill("ghp_", alnum, 36),
		"github new": fill("github_pat_", alnum, 82),
		"gitlab":     fill("glpat-", alnum, 20),
		"slack":      fill("xoxb-", "0123456789", 12) + fill("-", alnum, 24),
		"stripe":     fill("sk_live_", alnum, 24),
		"npm":        fill("npm_", alnum, 36),
		"pypi":       fill("pypi-AgEIcHlwaS5vcmc", alnum, 80),
		"google":     fill("AIza", alnum, 35),
		"vault":      fill("hvs.", alnum, 90),
		"anthropic":  fill("sk-ant-api03-", alnum, 93),
		"sendgrid":   fill("SG.", alnum, 22) + fill(".", alnum, 43),
		"tidings":    fill("tidings_", alnum, 32),
		"jwt":        fill("eyJ", alnum, 30) + fill(".eyJ", alnum, 40) + fill(".", alnum, 43),
		"private":    "-----BEGIN RSA PRIVATE" + " KEY-----\n" + fill("MII", alnum, 200) + "\n-----END RSA PRIVATE" + " KEY-----",
		"slack hook": "hooks.slack.com/services/" + fill("T", upper, 8) + "/" + fill("B", upper, 8) + "/" + fill("", alnum, 24),
	}
}

func TestHideShapes(t *testing.T) {
	t.Parallel()
	for name, token := range tokens() {
		for _, frame := range []string{"%", "deployed with %", "(%)", "key %, and more", `{"a":"%"}`, "https://example.com/?a=%&b=1", "Bearer %", "a\n%\nb", "é%é"} {
			text := strings.Replace(frame, "%", token, 1)
			got, found := secret.Hide(text)
			if !found || strings.Contains(got, token) || strings.Contains(got, token[len(token)-8:]) {
				t.Errorf("%s in %q: got %q", name, frame, got)
			}
			if again, found := secret.Hide(got); found || again != got {
				t.Errorf("%s in %q is not stable: %q then %q", name, frame, got, again)
			}
		}
	}
}

func TestHideByNameAndPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"password=hunter2":                                   "password=hidden",
		"set DB_PASSWORD = hunter2, then go":                 "set DB_PASSWORD = hidden, then go",
		`{"api_key": "canary", "x": 1}`:                      `{"api_key": "hidden", "x": 1}`,
		`{\"api_key\":\"canary\"}`:                           `{\"api_key\":\"hidden\"}`,
		"token: abc123def":                                   "token: hidden",
		"Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==\nnext":    "Authorization: hidden\nnext",
		"Cookie: a=b; session=c":                             "Cookie: hidden",
		"postgres://app:s3cr3t@db/x":                         "postgres://app:hidden@db/x",
		"postgres://app:p@ssw@rd@db:5432/x":                  "postgres://app:hidden@db:5432/x",
		"postgres://app:pa/ss@db:5432/x":                     "postgres://app:hidden@db:5432/x",
		"amqp://u:p@mq and redis://:pw@cache":                "amqp://u:hidden@mq and redis://:hidden@cache",
		"https://0123456789abcdef@github.com/a/b":            "https://hidden@github.com/a/b",
		"https://x/y?token=abc&a=b":                          "https://x/y?token=hidden&a=b",
		"https://x/y?X-Amz-Signature=abc&a=b#c":              "https://x/y?X-Amz-Signature=hidden&a=b#c",
		"https://x/y#access_token=abc":                       "https://x/y#access_token=hidden",
		"Server=db;User Id=u;Password=p w;Encrypt=true":      "Server=db;User Id=u;Password=hidden w;Encrypt=true",
		"AccountName=a;AccountKey=" + strings.Repeat("a", 4): "AccountName=a;AccountKey=hidden",
		"export GITHUB_TOKEN='canary'":                       "export GITHUB_TOKEN='hidden'",
		// What stays as it is.
		"rotate the token: expired last week":                 "",
		"secret: payments-db":                                 "",
		"password=$DB_PASSWORD":                               "",
		"password=${{ secrets.DB }}":                          "",
		"token=env:GITHUB_TOKEN":                              "",
		"https://example.com:8080/a@b":                        "",
		"ssh://git@github.com/acme/shop.git":                  "",
		"https://example.com/a?page=2":                        "",
		"git@github.com:acme/shop.git":                        "",
		"mailto:priya@example.com":                            "",
		"max_tokens=4096":                                     "",
		"secret_version=3":                                    "",
		"the bearer of this is entitled":                      "",
		"Bearer certificates are renewed":                     "",
		"pricing 1.42.0 to production at 11:50:00":            "",
		"sha256:" + fill("", hexes, 64):                       "",
		fill("", hexes, 40):                                   "",
		"image=registry.example.com/a@sha256:" + hexes:        "",
		"skipping-the-line and npm_config_registry=https://r": "",
		"-----BEGIN CERTIFICATE-----\nabc":                    "",
		"ghp_short":                                           "",
		"":                                                    "",
	} {
		if want == "" {
			want = text
		}
		got, found := secret.Hide(text)
		if got != want || found != (want != text) {
			t.Errorf("%q:\n got %q, %v\nwant %q", text, got, found, want)
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"SMTP_PASSWORD": true, "db.password": true, "api_key": true, "routing_key": true, "githubToken": true, "AWS_SECRET_ACCESS_KEY": true, "token": true,
		"spec.env.DB_PASSWORD": true, "X-Api-Key": true, "client_secret": true, "passphrase": true, "AccountKey": true, "secret_id": true,
		"tokenizer": false, "passenger_count": false, "FRAUD_TIMEOUT_MS": false, "monkey": false, "secretariat": false,
		"secret_name": false, "secretName": false, "token_count": false, "access_key_id": false, "max_tokens": false, "key": false, "": false,
	} {
		if got := secret.Named(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func FuzzHide(f *testing.F) {
	for _, token := range tokens() {
		f.Add("x " + token + " y")
	}
	f.Add("a://b:c@d e=f password=: token:=\"\\\"x")
	f.Fuzz(func(t *testing.T, text string) {
		got, found := secret.Hide(text)
		if found == (got == text) && !strings.Contains(text, secret.Hidden) {
			t.Errorf("%q: says %v, and gives %q", text, found, got)
		}
	})
}

func BenchmarkHide(b *testing.B) {
	// The texts of a usual event, and a detail of four kilobytes.
	usual := []string{
		"ci", "run/8841", "pricing 1.42.0 to production", "production", "eu-west-1", "ana@example.com", "github-actions", "1.42.0", "1.41.3",
		"d7b2629f0c2e4f1c9a51", "image", "pricing:1.41.3", "pricing:1.42.0", "run", "https://ci.example.com/runs/8841", "payments", "main",
		"Reviewed by Priya. Rolls out to 5% first; the runbook says how to go back: https://wiki.example.com/runbooks/pricing#rollback",
	}
	b.Run("event", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, text := range usual {
				secret.Hide(text)
			}
		}
	})
	long := strings.Repeat(usual[len(usual)-1]+"\n", 4096/len(usual[len(usual)-1]))
	b.Run("4 KiB", func(b *testing.B) {
		b.SetBytes(int64(len(long)))
		b.ReportAllocs()
		for b.Loop() {
			secret.Hide(long)
		}
	})
}

// TestHideIsLinear reads texts that are made to be read over and over. It does not time them: a quadratic pass over
// these would not end within the test's own time limit.
func TestHideIsLinear(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"://", "a://b:", "token:", "token=$", "token='", "eyJ.", "eyJaaaaaaaaaaaaaaa.b.", "AIza-", "SG.", "-----BEGIN ", "bearer ", "Cookie: ", "sk-", "password=\\"} {
		secret.Hide(strings.Repeat(part, (1<<18)/len(part)))
	}
}
