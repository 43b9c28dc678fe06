package email

import "tidings.dev/tidings/integration"

// Spec describes the integration.
var Spec = integration.Spec{
	Name:    "email",
	Title:   "E-mail",
	Summary: "Tells what is followed to mailboxes, by a mail server of yours.",
	Class:   integration.ClassChat,
	Config:  func() integration.Config { return &Config{} },
}
