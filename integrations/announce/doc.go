// Package announce carries messages to places that only take them: incoming webhooks of Microsoft Teams (a workflow that takes
// an Adaptive Card), Discord and Mattermost, and a program of one's own, which is called with the message as JSON, signed as
// Standard Webhooks has it (https://www.standardwebhooks.com). Nothing is heard there.
//
// By the documents "Create incoming webhooks with Workflows" and Adaptive Cards 1.4 of Microsoft, "Execute Webhook" and "Edit
// Webhook Message" of Discord, and "Incoming webhooks" of Mattermost. Only Discord tells the id of a message, by which it is
// changed when more is known; the others say everything once.
package announce
