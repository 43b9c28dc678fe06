// Package chat is what passes between Tidings and the places where people talk: what is said to them, as content that each
// place shows with what it can, and what was heard there. It knows no tool and no rule of who is told what.
//
// The folders of tools that carry messages import it, and package notify. Imports: the standard library.
package chat

import (
	"context"
	"time"
)

// Place is where something is said.
type Place struct {
	// Channel is the tool's own id of a channel, or a mail address; empty where a source has only one place, as a webhook.
	Channel string `json:"channel,omitempty"`
	// Thread is the message that the conversation hangs on; empty for the channel itself.
	Thread string `json:"thread,omitempty"`
}

// Message is what is said. Texts are plain: each place escapes them, and marks up what stands in fields of its own.
type Message struct {
	Title string `json:"title"`
	URL   string `json:"url,omitempty"` // that the title leads to
	// Lead is a sentence or two below the title.
	Lead string `json:"lead,omitempty"`
	// Mentions are people whom it calls, as the place calls them.
	Mentions []string `json:"mentions,omitempty"`
	Items    []Item   `json:"items,omitempty"`
	// Code is text that is copied as it is: a command.
	Code  string `json:"code,omitempty"`
	Facts []Fact `json:"facts,omitempty"`
	// Foot is small print: what is not shown, and when it was looked at.
	Foot    string   `json:"foot,omitempty"`
	Buttons []Button `json:"buttons,omitempty"`
}

// Bounds of a message: places have their own, which are not below these.
const (
	MaxItems   = 15
	MaxFacts   = 10
	MaxButtons = 5
)

// Item is one thing of a list.
type Item struct {
	Title   string    `json:"title"`
	URL     string    `json:"url,omitempty"`
	At      time.Time `json:"at,omitzero"` // shown in the reader's own zone where the place can
	Mark    string    `json:"mark,omitempty"`
	Details []string  `json:"details,omitempty"`
	Buttons []Button  `json:"buttons,omitempty"`
}

// Fact is a name with a value.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

// Button is something that a person can do there. Places that cannot be pressed show only those that lead somewhere.
type Button struct {
	Action  string `json:"action,omitempty"` // comes back when it is pressed
	Value   string `json:"value,omitempty"`  // with it: at most MaxValue bytes
	Label   string `json:"label"`
	URL     string `json:"url,omitempty"` // where it leads, instead of an action
	Primary bool   `json:"primary,omitempty"`
	// Confirm is asked before the action, where the place can.
	Confirm string `json:"confirm,omitempty"`
}

// MaxValue bounds what a button carries.
const MaxValue = 1500

// Kind is what sort of thing was heard.
type Kind string

// What is heard.
const (
	Page     Kind = "page"     // a tool said that something is wrong, or is well again
	Question Kind = "question" // a person asks Tidings
	Press    Kind = "press"    // a person pressed a button
	Shared   Kind = "shared"   // a person showed a link to Tidings
)

// Heard is one thing that was heard. The same thing always has the same key, however often it is told.
type Heard struct {
	Kind  Kind      `json:"kind"`
	Key   string    `json:"key"` // unique within its source
	Place Place     `json:"place"`
	At    time.Time `json:"at"`
	// By is who, as the place calls them; Name is for people.
	By   string `json:"by,omitempty"`
	Name string `json:"name,omitempty"`
	// Text is what was said; untrusted.
	Text string `json:"text,omitempty"`
	// Message is the one that it is about: the page's own, that with the button, that with the link.
	Message string `json:"message,omitempty"`
	// Reply is an address that an answer to this one can be sent to, for a short time; it is a credential.
	Reply string `json:"reply,omitempty"`

	// Of a page: which tool speaks, by what the log knows the trouble, the addresses that it names, and what it says of its state.
	Tool string `json:"tool,omitempty"`
	// Keys are the keys that the events of the tool have in the log: "incident/PABC123".
	Keys  []string `json:"keys,omitempty"`
	URLs  []string `json:"urls,omitempty"`
	State State    `json:"state,omitempty"`

	// Of a button.
	Action string `json:"action,omitempty"`
	Value  string `json:"value,omitempty"`
}

// State is what a page says of the trouble.
type State string

// The states of a page. One that is not told is empty.
const (
	Triggered    State = "triggered"
	Acknowledged State = "acknowledged"
	Resolved     State = "resolved"
)

// Outgoing is a message on its way.
type Outgoing struct {
	Place   Place
	Message Message
	// Key is the same whenever the same is sent again: what lets a place say it once.
	Key string
	// Edit is the place's own id of the message that this one takes the place of; empty for a new one.
	Edit string
	// Again says that it may have been sent before, and nobody knows: the place looks for it first where it can.
	Again bool
	// Only is the one person who shall see it; empty for everybody.
	Only string
	// Reply is the address of Heard that this answers; empty for none.
	Reply string
	// Conversation is the same for all that is about one thing, such as an incident: what has threads of its own shows them as
	// one. Empty for none.
	Conversation string
	// Unfurl is the address in the message Place.Thread that this stands for; empty for none.
	Unfurl string
}

// Messenger carries messages to where people read them: a chat, a mailbox, somebody's own program.
//
// Errors say what is the matter: RateLimited with the time to wait, Unavailable for all that may pass, anything else for
// what sending again would not mend: the channel is gone, the credential is not known.
type Messenger interface {
	// Send sends a message and gives the place's own id of it; empty where a message cannot be changed.
	Send(ctx context.Context, m Outgoing) (id string, err error)
	// Edits reports whether a message can be changed when more is known.
	Edits() bool
}
