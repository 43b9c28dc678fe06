package announce

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "announce",
	Title:   "Teams, Discord, Mattermost or a webhook",
	Summary: "Tells what is followed to an incoming webhook of Microsoft Teams, Discord or Mattermost, or to a program of one's own.",
	Class:   integration.ClassChat,
	Config:  func() integration.Config { return &Config{} },
}
