package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"tidings.dev/tidings/internal/daemon"
	"tidings.dev/tidings/internal/smtptest"
)

// byMail starts a Tidings with a mail server.
func byMail(t *testing.T) (url string, mail *smtptest.Server) {
	t.Helper()
	mail = smtptest.New(t, smtptest.Options{Plain: true})
	return server(t, settings(func(c *daemon.Config) {
		c.Data = t.TempDir()
		var source daemon.SourceConfig
		if err := source.UnmarshalYAML([]byte("name: mail\ntype: email\nallow: [127.0.0.1]\nencryption: none\nfrom: Tidings <tidings@northwind.example>\nserver: " + mail.Address + "\n")); err != nil {
			t.Fatal(err)
		}
		c.Sources = append(c.Sources, source)
	})), mail
}

// An incident is told to a mailbox with what could be its cause, and its end in the same thread.
func TestAnIncidentByMail(t *testing.T) {
	t.Parallel()
	url, mail := byMail(t)
	call(t, http.MethodPost, url+"/api/v1/descriptors", "application/yaml", "kind: team\nname: payments\n---\nname: pricing\nowner: payments\n", http.StatusOK)
	now := time.Now().UTC()
	post(t, url+"/api/v1/follows", `{"source":"mail","channel":"payments@northwind.example","teams":["payments"],"kinds":["incident"],"incidents":true}`)
	post(t, url+"/api/v1/events", fmt.Sprintf(`{"title":"pricing 1.42","kind":"deploy","service":"pricing","started_at":%q}`, now.Add(-20*time.Minute).Format(time.RFC3339)))
	page := `{"source":"pager","key":"482","kind":"incident","phase":%q,"title":"Prices are wrong","service":"pricing","started_at":%q%s}`
	post(t, url+"/api/v1/events", fmt.Sprintf(page, "started", now.Add(-2*time.Minute).Format(time.RFC3339), ""))
	eventually(t, "the mail", func() bool { return len(mail.Letters()) > 0 })
	first := mail.Letters()[0].Raw
	for _, want := range []string{"Subject: INC-1 Prices are wrong", "References: <incident-1@northwind.example>", "To: <payments@northwind.example>", "pricing 1.42", "nobody took it yet"} {
		if !strings.Contains(first, want) {
			t.Errorf("the mail lacks %q:\n%s", want, first)
		}
	}
	call(t, http.MethodPost, url+"/api/v1/events", "application/json", fmt.Sprintf(page, "succeeded", now.Add(-2*time.Minute).Format(time.RFC3339), fmt.Sprintf(`,"ended_at":%q`, now.Format(time.RFC3339))), http.StatusCreated)
	eventually(t, "the mail of the end", func() bool { return len(mail.Letters()) > 1 })
	last := mail.Letters()[1].Raw
	if !strings.Contains(last, "References: <incident-1@northwind.example>") || !strings.Contains(last, "resolved") {
		t.Errorf("the end:\n%s", last)
	}
	if n := len(mail.Letters()); n != 2 {
		t.Errorf("%d mails of one incident, want two", n)
	}
}

// What the mail server refuses for good is dead and seen; it goes out when it is sent again.
func TestAMailThatIsRefused(t *testing.T) {
	t.Parallel()
	url, mail := byMail(t)
	call(t, http.MethodPost, url+"/api/v1/descriptors", "application/yaml", "name: pricing\n", http.StatusOK)
	mail.Refuse(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"})
	post(t, url+"/api/v1/follows", `{"source":"mail","channel":"gone@northwind.example","services":["pricing"],"kinds":["incident"],"incidents":true}`)
	post(t, url+"/api/v1/events", `{"source":"pager","key":"1","kind":"incident","phase":"started","title":"Prices are wrong","service":"pricing"}`)
	dead := func() []any { return get(t, url+"/api/v1/posts?state=dead")["posts"].([]any) }
	eventually(t, "that it is given up", func() bool { return len(dead()) == 1 })
	one := dead()[0].(object)
	if fault := fmt.Sprint(one["fault"]); !strings.Contains(fault, "550") || !strings.Contains(fault, "no such mailbox") || one["channel"] != "gone@northwind.example" {
		t.Errorf("what is seen of it: %v", one)
	}
	mail.Refuse(nil)
	call(t, http.MethodPost, url+"/api/v1/posts/"+one["id"].(string)+"/retry", "", "", http.StatusAccepted)
	eventually(t, "the mail", func() bool { return len(mail.Letters()) == 1 })
}
