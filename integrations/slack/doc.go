// Package slack is the app of Tidings in a Slack workspace: it hears when another app says that something is wrong, hears
// what people ask and which buttons they press, and says what is to be said.
//
// What is mapped, by Slack's documents "Events API", "Slash commands", "Handling user interaction", "Verifying requests from
// Slack", "Using Socket Mode" and "Block Kit" (https://docs.slack.dev), and the Web API's chat.postMessage, chat.update,
// chat.postEphemeral, chat.unfurl and conversations.replies:
//
//   - message of another app, and message_changed: a page, when it is PagerDuty's (by its app id A1FKYAUUX, its name, or
//     an address of one of its incidents), or of Opsgenie, Alertmanager, Datadog, Grafana, incident.io, New Relic or Sentry by
//     the name that the app shows. The wording of these messages is documented nowhere: it is a hint, and never more.
//   - app_mention, message in a direct channel, slash command: a question
//   - block_actions: a button
//   - link_shared: a link to be shown
//
// What Slack delivers holds no event of the log: the tools themselves tell of those.
package slack
