//go:build unix

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

var begin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func second(n int) time.Time { return begin.Add(time.Duration(n) * time.Second) }

var somebody = actor{"person", "alice@example.com", "kubectl"}

// image is a step that brings a version, n seconds after the beginning.
func image(n int, from, to string) *step {
	return &step{
		number: n, what: "set image", object: "shop/deployment/cart", incarnation: 1, aspect: aspectTemplate, services: []string{"cart"},
		before: fields{"image": "r/cart:" + from}, after: fields{"image": "r/cart:" + to}, kinds: []string{"deploy"}, phases: []string{"succeeded"},
		actors: []actor{somebody}, at: second(n), done: second(n + 1),
	}
}

// tells is the event that tells a step.
func tells(n int, from, to string) *event {
	return &event{
		Key: fmt.Sprint(n), Kind: "deploy", Phase: "succeeded", Subjects: []string{"service:cart"}, Actor: somebody, StartedAt: second(n),
		Version: to, Previous: from, Diff: []diff{{"image", "r/cart:" + from, "r/cart:" + to}}, Labels: map[string]string{"object": "shop/deployment/cart"},
	}
}

// The judge has to find each sort of fault: one that passes everything says nothing.
func TestCompareFindsFaults(t *testing.T) {
	t.Parallel()
	steps := []*step{image(10, "1", "2"), image(20, "2", "3"), image(30, "3", "4")}
	away := []window{{second(8), second(25), "kill-agent"}}
	for name, test := range map[string]struct {
		windows                         []window
		change                          func([]*event) []*event
		right, wrong, missing, spurious int
	}{
		"as it should be":                         {nil, func(e []*event) []*event { return e }, 3, 0, 0, 0},
		"one is missing":                          {nil, func(e []*event) []*event { return e[1:] }, 2, 0, 1, 0},
		"one is there twice":                      {nil, func(e []*event) []*event { return append(e, tells(20, "2", "3")) }, 3, 0, 0, 1},
		"nobody did it":                           {nil, func(e []*event) []*event { return append(e, tells(40, "4", "9")) }, 3, 0, 0, 1},
		"two became one":                          {nil, func(e []*event) []*event { return []*event{tells(20, "1", "3"), e[2]} }, 1, 1, 1, 0},
		"two became one while the agent was away": {away, func(e []*event) []*event { return []*event{tells(20, "1", "3"), e[2]} }, 2, 0, 0, 0},
		"both were told although it was away":     {away, func(e []*event) []*event { return e }, 3, 0, 0, 0},
		"it was away, and one is missing":         {away, func(e []*event) []*event { return e[1:] }, 2, 0, 1, 0},
		"who it was is not known":                 {nil, func(e []*event) []*event { e[0].Actor = actor{Type: "unknown"}; return e }, 2, 1, 0, 0},
		"who it was is not known while away":      {away, func(e []*event) []*event { e[0].Actor = actor{Type: "unknown"}; return e }, 3, 0, 0, 0},
		"somebody else":                           {away, func(e []*event) []*event { e[0].Actor.Name = "bob@example.com"; return e }, 2, 1, 0, 0},
		"another kind":                            {nil, func(e []*event) []*event { e[1].Kind = "rollback"; return e }, 2, 1, 0, 0},
		"never ended":                             {nil, func(e []*event) []*event { e[1].Phase = "started"; return e }, 2, 1, 0, 0},
		"cut short":                               {nil, func(e []*event) []*event { e[0].Phase = "cancelled"; return e }, 2, 1, 0, 0},
		"nobody saw how it ended":                 {away, func(e []*event) []*event { e[0].Phase = "cancelled"; return e }, 3, 0, 0, 0},
		"another service":                         {nil, func(e []*event) []*event { e[2].Subjects = []string{"service:other"}; return e }, 2, 1, 0, 0},
		"another value before":                    {nil, func(e []*event) []*event { e[2].Diff[0].Old = "r/cart:0"; return e }, 2, 1, 0, 0},
		"more than was changed":                   {nil, func(e []*event) []*event { e[2].Diff = append(e[2].Diff, diff{"env/A", "x", "y"}); return e }, 2, 1, 0, 0},
		"another time":                            {nil, func(e []*event) []*event { e[0].StartedAt = second(90); return e }, 2, 1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events := test.change([]*event{tells(10, "1", "2"), tells(20, "2", "3"), tells(30, "3", "4")})
			o := compare(steps, nil, test.windows, events)
			if o.right != test.right || len(o.wrong) != test.wrong || len(o.missing) != test.missing || len(o.spurious) != test.spurious {
				t.Errorf("got %d right, wrong %v, missing %v, spurious %v", o.right, o.wrong, o.missing, o.spurious)
			}
		})
	}
}

// What went back to where it was while nobody looked was told by nobody: the same steps a minute later are told by their own.
func TestCompareTakesNoneOfALaterBlock(t *testing.T) {
	t.Parallel()
	steps := []*step{image(10, "1", "2"), image(12, "2", "1"), image(70, "1", "2"), image(72, "2", "1")}
	events := []*event{tells(70, "1", "2"), tells(72, "2", "1")}
	o := compare(steps, nil, []window{{second(8), second(15), "kill-agent"}, {second(68), second(75), "drop-watches"}}, events)
	if o.right != 2 || len(o.wrong)+len(o.missing)+len(o.spurious) > 0 {
		t.Errorf("got %d right, wrong %v, missing %v, spurious %v", o.right, o.wrong, o.missing, o.spurious)
	}
}

// What was made and changed while nobody looked was made as it is, and what was changed and then removed is gone.
func TestCompareWhatNobodySaw(t *testing.T) {
	t.Parallel()
	existence := func(n int, before, after string) *step {
		s := image(n, "", "")
		s.aspect, s.before, s.after, s.kinds = aspectExistence, fields{}, fields{}, []string{either(after == "", "infrastructure", "deploy")}
		if before != "" {
			s.before["uid"] = before
		}
		if after != "" {
			s.after["uid"] = after
		}
		return s
	}
	again := image(14, "2", "3")
	again.incarnation = 2
	steps := []*step{image(9, "1", "2"), existence(10, "1", ""), existence(12, "", "2"), again}
	steps[2].incarnation = 2
	made := func(change, kind string) *event {
		e := tells(12, "", "")
		e.Kind, e.Diff, e.Labels["change"] = kind, nil, change
		return e
	}
	found := []*event{made("removed", "infrastructure"), made("created", "deploy")}
	if o := compare(steps, nil, []window{{second(8), second(20), "kill-agent"}}, found); o.precision() < 1 || o.recall() < 1 || o.right != 2 {
		t.Errorf("got %d right, wrong %v, missing %v, spurious %v", o.right, o.wrong, o.missing, o.spurious)
	}
	if o := compare(steps, nil, nil, found); o.recall() == 1 {
		t.Error("while somebody looked, two changes are missing, and nothing was said")
	}
}

func TestCompareTrouble(t *testing.T) {
	t.Parallel()
	alert := func() *event {
		e := tells(10, "", "")
		e.Kind, e.Diff, e.Labels["trouble"] = "alert", nil, "crash_loop"
		return e
	}
	made := []*suffering{{number: 1, object: "shop/deployment/cart", service: "cart", required: []string{"crash_loop"}, at: second(10)}}
	for name, test := range map[string]struct {
		made   []*suffering
		events []*event
		fine   bool
	}{
		"told":                {made, []*event{alert()}, true},
		"not told":            {made, nil, false},
		"told twice":          {made, []*event{alert(), alert()}, false},
		"told for none":       {nil, []*event{alert()}, false},
		"nobody saw it":       {[]*suffering{{object: "shop/deployment/cart", service: "cart", required: []string{"crash_loop"}, unseen: true}}, nil, true},
		"made twice":          {slices.Concat(made, made), []*event{alert()}, true},
		"made and told twice": {slices.Concat(made, made), []*event{alert(), alert()}, true},
	} {
		o := compare(nil, test.made, nil, test.events)
		if fine := o.precision() == 1 && o.recall() == 1; fine != test.fine {
			t.Errorf("%s: precision %v, recall %v", name, o.precision(), o.recall())
		}
	}
}

// A secret is found however it is packed.
func TestNeedles(t *testing.T) {
	t.Parallel()
	n := needlesOf("canary123x")
	for _, text := range []string{"a canary123x000001 b", `{"data":{"a":"Y2FuYXJ5MTIzeDAwMDAwMQ=="}}`, "eGNhbmFyeTEyM3gwMDAwMDE=", "eHhjYW5hcnkxMjN4MDAwMDAx"} {
		if n.in([]byte(text)) == "" {
			t.Errorf("not found in %s", text)
		}
	}
	if found := n.in([]byte("canary124x and bm90aGluZyBvZiB0aGUga2luZA==")); found != "" {
		t.Errorf("found %s", found)
	}
}
