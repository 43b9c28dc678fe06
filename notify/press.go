package notify

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/integration"
	"tidings.dev/tidings/integration/chat"
)

// What buttons do.
const (
	ActionCaused    = "caused"
	ActionDismissed = "dismissed"
	ActionUndo      = "undo"
)

// pressed is what a button carries.
type pressed struct {
	Event    uuid.UUID `json:"e,omitzero"`
	Trouble  uuid.UUID `json:"t,omitzero"`
	Incident int64     `json:"i,omitempty"`
}

type heardEvent = integration.Heard

func (o *Office) press(_ context.Context, h *Hearing) (Answered, error) {
	return o.reply(h, chat.Message{Title: "That cannot be done here yet"})
}

func (o *Office) question(_ context.Context, h *Hearing) (Answered, error) {
	return o.reply(h, chat.Message{Title: "That cannot be asked here yet"})
}

func (o *Office) shared(*Hearing) Answered { return Answered{State: Sent} }

// reply promises words to the one who asked.
func (o *Office) reply(h *Hearing, m chat.Message) (Answered, error) {
	about, err := json.Marshal(m)
	if err != nil {
		return Answered{}, fault.New(fault.Internal, "make an answer: %w", err)
	}
	return Answered{State: Sent, Posts: []Post{{
		Source: h.Source, Key: "answer/" + h.Key, Topic: TopicNotice, Place: h.Place, Only: h.By, Reply: h.Reply, About: about,
		CreatedAt: o.Now(), DueAt: o.Now(),
	}}}, nil
}
