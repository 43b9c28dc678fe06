package slack

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"tidings.dev/tidings/integration/chat"
)

// blockMark begins the id of the first block of all that we say: by it a message of ours is known.
const blockMark = "tidings-"

// Bounds of Block Kit.
const (
	maxBlocks  = 50
	maxSection = 2900 // characters of 3,000
	maxLabel   = 75
)

// escaper makes text of ours plain, by "Formatting text for app surfaces".
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func linked(text, url string) string {
	if url == "" || strings.ContainsAny(url, "<>| ") {
		return escaper.Replace(text)
	}
	return "<" + strings.ReplaceAll(url, "&", "&amp;") + "|" + strings.NewReplacer("\n", " ", "|", "¦").Replace(escaper.Replace(text)) + ">"
}

var userID = regexp.MustCompile(`^[UW][A-Z0-9]{4,20}$`)

// bold marks text; a star within would end it.
func bold(text string) string { return "*" + strings.ReplaceAll(text, "*", "∗") + "*" }

// fallback is the text of notifications, and for those who read aloud.
func fallback(m *chat.Message) string {
	text := m.Title
	for i, item := range m.Items {
		if i == 3 {
			break
		}
		text += "\n" + strings.TrimSpace(item.Mark+" "+item.Title)
	}
	return escaper.Replace(text)
}

func section(text string) *slack.SectionBlock {
	if runes := []rune(text); len(runes) > maxSection {
		text = string(runes[:maxSection]) + "…"
	}
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, text, false, false), nil, nil)
}

// blocks shows a message by Block Kit.
func blocks(m *chat.Outgoing) []slack.Block {
	head := bold(linked(m.Message.Title, m.Message.URL))
	if m.Message.Lead != "" {
		head += "\n" + escaper.Replace(m.Message.Lead)
	}
	for _, who := range m.Message.Mentions {
		if userID.MatchString(who) {
			head += " <@" + who + ">"
		}
	}
	first := section(head)
	first.BlockID = blockMark + m.Key
	all := []slack.Block{first}
	for i, item := range m.Message.Items[:min(len(m.Message.Items), chat.MaxItems)] {
		all = append(all, section(itemText(&item)))
		if actions := buttons(fmt.Sprintf("%s%s-%d", blockMark, m.Key, i), item.Buttons); actions != nil {
			all = append(all, actions)
		}
	}
	if m.Message.Code != "" {
		all = append(all, section("```"+strings.ReplaceAll(escaper.Replace(m.Message.Code), "`", "´")+"```"))
	}
	if len(m.Message.Facts) > 0 {
		var lines []string
		for _, fact := range m.Message.Facts {
			lines = append(lines, bold(escaper.Replace(fact.Name))+" "+linked(fact.Value, fact.URL))
		}
		all = append(all, section(strings.Join(lines, "   ")))
	}
	if actions := buttons(blockMark+m.Key+"-all", m.Message.Buttons); actions != nil {
		all = append(all, actions)
	}
	if m.Message.Foot != "" {
		all = append(all, slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, escaper.Replace(m.Message.Foot), false, false)))
	}
	return all[:min(len(all), maxBlocks)]
}

func itemText(item *chat.Item) string {
	var b strings.Builder
	if item.Mark != "" {
		b.WriteString(bold(escaper.Replace(item.Mark)) + " ")
	}
	b.WriteString(linked(item.Title, item.URL))
	if !item.At.IsZero() {
		// Every reader sees it in their own zone.
		fmt.Fprintf(&b, " · <!date^%d^{date_short_pretty} {time}|%s>", item.At.Unix(), item.At.UTC().Format("2 Jan 15:04 UTC"))
	}
	for _, detail := range item.Details {
		b.WriteString("\n" + escaper.Replace(detail))
	}
	return b.String()
}

func buttons(id string, all []chat.Button) *slack.ActionBlock {
	var elements []slack.BlockElement
	for i, one := range all[:min(len(all), chat.MaxButtons)] {
		label := []rune(one.Label)
		text := slack.NewTextBlockObject(slack.PlainTextType, string(label[:min(len(label), maxLabel)]), false, false)
		// Ids are one of a kind within a message; what stands before the colon is what it does.
		button := slack.NewButtonBlockElement(fmt.Sprintf("%s:%s-%d", one.Action, id[max(0, len(id)-40):], i), one.Value, text)
		button.URL = one.URL
		if one.Primary {
			button.Style = slack.StylePrimary
		}
		if one.Confirm != "" {
			button.Confirm = slack.NewConfirmationBlockObject(
				slack.NewTextBlockObject(slack.PlainTextType, "Sure?", false, false), slack.NewTextBlockObject(slack.PlainTextType, one.Confirm, false, false),
				slack.NewTextBlockObject(slack.PlainTextType, "Yes", false, false), slack.NewTextBlockObject(slack.PlainTextType, "No", false, false))
		}
		elements = append(elements, button)
	}
	if len(elements) == 0 {
		return nil
	}
	return slack.NewActionBlock(id, elements...)
}
