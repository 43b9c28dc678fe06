package email_test

import (
	"crypto/x509"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration/chat"
	"tidings.dev/tidings/integration/integrationtest"
	"tidings.dev/tidings/integrations/email"
	"tidings.dev/tidings/internal/outbound"
	"tidings.dev/tidings/internal/smtptest"
)

const password = "a-password-of-the-mail-server"

// sender is a source that writes to the server.
func sender(t *testing.T, o *smtptest.Server, change func(*email.Config)) chat.Messenger {
	t.Helper()
	c := &email.Config{Server: o.Address, From: "Tidings <tidings@northwind.example>", User: "tidings"}
	integrationtest.Refer(&c.Password)
	rule, err := outbound.NewRule([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	c.Connect(rule.Dial)
	c.Trust(o.Roots)
	if change != nil {
		change(c)
	}
	source, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return source.(chat.Messenger)
}

func outgoing() chat.Outgoing {
	return chat.Outgoing{
		Place: chat.Place{Channel: "payments@northwind.example"}, Key: "01a203d5-7ad0-7df7-a3c1-75ec4743e534", Conversation: "incident-482", Message: chat.Message{
			Title: "What changed before this: prïcing", URL: "https://tidings.northwind.example/i/482", Lead: "One change stands out.",
			Items: []chat.Item{
				{Mark: "1. strong", Title: "Deployed pricing <script>alert(1)</script>", URL: "https://tidings.northwind.example/e/1", At: time.Date(2026, 11, 22, 2, 55, 0, 0, time.UTC), Details: []string{"+ 12 minutes before", "− in another region"}},
				{Mark: "flag failed", Title: "Turned new-checkout on", URL: "javascript:alert(1)"},
			},
			Code: "kubectl rollout undo deployment/pricing", Facts: []chat.Fact{{Name: "Owner", Value: "payments", URL: "https://tidings.northwind.example/t/payments"}, {Name: "On call", Value: "Ines"}},
			Foot: "3 ruled out", Buttons: []chat.Button{{Label: "It was this", Action: "caused", Value: "{}"}, {Label: "Open in Tidings", URL: "https://tidings.northwind.example/i/482"}},
		},
	}
}

// What is sent is read as mail is: headers, and the same in two forms.
func TestMail(t *testing.T) {
	t.Setenv(integrationtest.Secret, password)
	for name, full := range map[string]bool{"starttls": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			o := smtptest.New(t, smtptest.Options{User: "tidings", Password: password, Full: full})
			if _, err := sender(t, o, func(c *email.Config) { c.Encryption = name }).Send(t.Context(), outgoing()); err != nil {
				t.Fatal(err)
			}
			all := o.Letters()
			if len(all) != 1 || !all[0].Secured || all[0].User != "tidings" || all[0].From != "tidings@northwind.example" || all[0].To != "payments@northwind.example" {
				t.Fatalf("taken: %+v", all)
			}
			read, err := mail.ReadMessage(strings.NewReader(all[0].Raw))
			if err != nil {
				t.Fatal(err)
			}
			for header, want := range map[string]string{
				"Message-ID": "<01a203d5-7ad0-7df7-a3c1-75ec4743e534@northwind.example>", "References": "<incident-482@northwind.example>",
				"In-Reply-To": "<incident-482@northwind.example>", "Auto-Submitted": "auto-generated", "To": "<payments@northwind.example>",
			} {
				if got := read.Header.Get(header); got != want {
					t.Errorf("%s: got %q, want %q", header, got, want)
				}
			}
			if subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); err != nil || subject != "What changed before this: prïcing" {
				t.Errorf("the subject: %q, %v", subject, err)
			}
			kind, params, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
			if err != nil || kind != "multipart/alternative" {
				t.Fatalf("%s, %v", kind, err)
			}
			parts := multipart.NewReader(read.Body, params["boundary"])
			for _, want := range []string{"plain.txt", "page.html"} {
				part, err := parts.NextRawPart()
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(quotedprintable.NewReader(part))
				if err != nil {
					t.Fatal(err)
				}
				golden(t, want, strings.ReplaceAll(string(text), "\r\n", "\n"))
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if flag.Lookup("update").Value.String() == "true" { // the flag of integrationtest
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: want -, got + (-update writes it anew):\n%s", name, diff)
	}
}

// What may pass is tried again, what does not is given up; and what was taken without anybody knowing has the same id again.
func TestRefusals(t *testing.T) {
	t.Setenv(integrationtest.Secret, password)
	o := smtptest.New(t, smtptest.Options{User: "tidings", Password: password})
	for _, test := range []struct {
		name   string
		refuse error
		change func(*email.Config)
		place  string
		want   fault.Code
	}{
		{name: "the mailbox is busy", refuse: &smtp.SMTPError{Code: 450, Message: "greylisted"}, want: fault.Unavailable},
		{name: "there is no such mailbox", refuse: &smtp.SMTPError{Code: 550, Message: "no such user"}, want: fault.Invalid},
		{name: "another password", change: func(c *email.Config) { c.User = "somebody" }, want: fault.Unauthenticated},
		{name: "no address", place: "payments", want: fault.Invalid},
		{name: "two headers", place: "a@northwind.example\r\nBcc: all@northwind.example", want: fault.Invalid},
		{name: "an unknown certificate", change: func(c *email.Config) { c.Trust(x509.NewCertPool()) }, want: fault.Unavailable},
		{name: "a private address", change: func(c *email.Config) {
			rule, err := outbound.NewRule(nil)
			if err != nil {
				t.Fatal(err)
			}
			c.Connect(rule.Dial)
		}, want: fault.Forbidden},
		{name: "nobody is there", change: func(c *email.Config) { c.Server = "127.0.0.1:1" }, want: fault.Unavailable},
	} {
		o.Refuse(test.refuse)
		m := outgoing()
		if test.place != "" {
			m.Place.Channel = test.place
		}
		_, err := sender(t, o, test.change).Send(t.Context(), m)
		if !fault.Is(err, test.want) || strings.Contains(err.Error(), password) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	if all := o.Letters(); len(all) != 0 {
		t.Fatalf("taken all the same: %+v", all)
	}
	o.Refuse(nil)
	o.Lose(true)
	if _, err := sender(t, o, nil).Send(t.Context(), outgoing()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a lost answer: %v", err)
	}
	o.Lose(false)
	if _, err := sender(t, o, nil).Send(t.Context(), outgoing()); err != nil {
		t.Error(err)
	}
	const id = "<01a203d5-7ad0-7df7-a3c1-75ec4743e534@northwind.example>"
	if all := o.Letters(); len(all) != 2 || !strings.Contains(all[0].Raw, id) || !strings.Contains(all[1].Raw, id) {
		t.Errorf("%d mails, want two with one id", len(all))
	}
}

// A server that offers no encryption gets no password, and no mail.
func TestNoEncryption(t *testing.T) {
	t.Setenv(integrationtest.Secret, password)
	o := smtptest.New(t, smtptest.Options{Plain: true})
	if _, err := sender(t, o, nil).Send(t.Context(), outgoing()); err == nil || len(o.Letters()) != 0 {
		t.Errorf("without STARTTLS: %v, %d mails", err, len(o.Letters()))
	}
	if _, err := sender(t, o, func(c *email.Config) { c.Encryption, c.User = "none", "" }).Send(t.Context(), outgoing()); err != nil || len(o.Letters()) != 1 {
		t.Errorf("a relay: %v, %d mails", err, len(o.Letters()))
	}
	if err := (&email.Config{Server: o.Address, From: "a@b.example", Encryption: "none", User: "x"}).Validate(); err == nil {
		t.Error("a user without encryption passes")
	}
}

func FuzzPage(f *testing.F) {
	f.Add("title", `"><script>`, "https://x.example/?a=b&c=d")
	f.Fuzz(func(t *testing.T, title, detail, address string) {
		m := &chat.Message{Title: title, URL: address, Lead: detail, Items: []chat.Item{{Title: detail, URL: address, Details: []string{title}}}, Code: detail}
		got, err := email.Page(m)
		if err != nil {
			t.Fatal(err)
		}
		if lower := strings.ToLower(got); strings.Contains(lower, "<script") || strings.Contains(lower, `href="javascript:`) {
			t.Errorf("it does something: %s", got)
		}
		email.Plain(m)
	})
}
