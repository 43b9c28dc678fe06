package notify

import (
	"testing"
	"time"

	"tidings.dev/tidings/fault"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]request{
		"":                             {verb: "help"},
		"Help":                         {verb: "help"},
		"pricing":                      {verb: "profile", what: "pricing", when: ""},
		"who owns Pricing?":            {verb: "owner", what: "pricing", when: ""},
		"owner of pricing":             {verb: "owner", what: "pricing", when: ""},
		"oncall payments":              {verb: "oncall", what: "payments", when: ""},
		"who is on call for payments?": {verb: "oncall", what: "payments", when: ""},
		"on-call payments":             {verb: "oncall", what: "payments", when: ""},
		"changes":                      {verb: "changes"},
		"changes since 2am":            {verb: "changes", what: "", when: "2am"},
		"what changed since 14:30":     {verb: "changes", what: "", when: "14:30"},
		"changes pricing since 1h":     {verb: "changes", what: "pricing", when: "1h"},
		"changes in pricing":           {verb: "changes", what: "pricing", when: ""},
		"changes since 2am in pricing": {verb: "changes", what: "pricing", when: "2am"},
		"what changed in pricing":      {verb: "changes", what: "pricing", when: ""},
		"suspects pricing at 03:07":    {verb: "suspects", what: "pricing", when: "03:07"},
		"follow payments in production quiet 22:00-07:00": {verb: "follow", what: "payments", where: "production", quiet: "22:00-07:00"},
		"follow pricing digest 09:00":                     {verb: "follow", what: "pricing", digest: "09:00"},
		"take commander of INC-482":                       {verb: "take", role: "commander", what: "482"},
		"hand commander of 482 over to @Priya.Raman":      {verb: "hand over", role: "commander", what: "482", who: "@priya.raman"},
		"give scribe of 482 to ines":                      {verb: "hand over", role: "scribe", what: "482", who: "ines"},
		"give deputy commander of 482 back":               {verb: "give back", role: "deputy commander", what: "482"},
		"unmute 3.1":                                      {verb: "unmute", what: "3.1"},
		"suspects pricing":                                {verb: "suspects", what: "pricing", when: ""},
	} {
		if got, ok := parse(text); !ok || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", text, got, ok, want)
		}
	}
	if got, ok := parse("please delete the production database"); ok {
		t.Errorf("what is no question was taken for %+v", got)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 3, 41, 0, 0, berlin)
	for text, want := range map[string]time.Time{
		"2am":              time.Date(2026, 11, 22, 2, 0, 0, 0, berlin),
		"14:30":            time.Date(2026, 11, 21, 14, 30, 0, 0, berlin),
		"1h":               now.Add(-time.Hour),
		"2 days ago":       now.Add(-48 * time.Hour),
		"30 minutes":       now.Add(-30 * time.Minute),
		"today":            time.Date(2026, 11, 22, 0, 0, 0, 0, berlin),
		"yesterday":        time.Date(2026, 11, 21, 0, 0, 0, 0, berlin),
		"2026-06-11 02:00": time.Date(2026, 6, 11, 2, 0, 0, 0, berlin),
		"":                 {},
	} {
		if got, err := clock(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	if _, err := clock("the other day", now); !fault.Is(err, fault.Invalid) {
		t.Errorf("what is no time: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("changes since 2am in pricing")
	f.Fuzz(func(t *testing.T, text string) {
		if r, ok := parse(text); ok {
			_, _ = clock(r.when, time.Unix(1795348861, 0))
		}
		_ = t
	})
}
