package slack

import "encoding/json"

// envelope is what the Events API delivers.
type envelope struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	APIAppID  string `json:"api_app_id"`
	EventID   string `json:"event_id"`
	EventTime int64  `json:"event_time"`
	Event     *event `json:"event"`
}

type event struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype"`
	message
	Channel     string   `json:"channel"`
	ChannelType string   `json:"channel_type"`
	EventTS     string   `json:"event_ts"`
	Message     *message `json:"message"` // of message_changed
	Links       []struct {
		URL string `json:"url"`
	} `json:"links"`
	MessageTS string `json:"message_ts"` // of link_shared
	UnfurlID  string `json:"unfurl_id"`
}

type message struct {
	User        string          `json:"user"`
	Username    string          `json:"username"`
	BotID       string          `json:"bot_id"`
	AppID       string          `json:"app_id"`
	BotProfile  *profile        `json:"bot_profile"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	Attachments json.RawMessage `json:"attachments"`
	Blocks      json.RawMessage `json:"blocks"`
}

type profile struct {
	AppID string `json:"app_id"`
	Name  string `json:"name"`
}

// interaction is what comes of a button.
type interaction struct {
	Type string `json:"type"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		MessageTS string `json:"message_ts"`
		ThreadTS  string `json:"thread_ts"`
		ChannelID string `json:"channel_id"`
	} `json:"container"`
	ResponseURL string `json:"response_url"`
	Actions     []struct {
		ActionID string `json:"action_id"`
		ActionTS string `json:"action_ts"`
		Value    string `json:"value"`
	} `json:"actions"`
}

// command is what comes of a slash command, over a socket; over HTTP the same stands in a form.
type command struct {
	Command     string `json:"command"`
	Text        string `json:"text"`
	UserID      string `json:"user_id"`
	UserName    string `json:"user_name"`
	ChannelID   string `json:"channel_id"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
}
