package slack

import (
	_ "embed"
	"strings"
)

//go:embed manifest.yaml
var manifest string

// exampleAddress is where an installation and a source of it are, in the manifest.
const exampleAddress = "https://TIDINGS/hooks/slack"

// Manifest is what is pasted into Slack to make the app: for an installation at an address such as
// https://tidings.example.com, and the name of the source there. Without an address it is one for socket mode.
func Manifest(address, source string) string {
	if address != "" {
		at := strings.TrimSuffix(address, "/")
		_, host, _ := strings.Cut(at, "://")
		host, _, _ = strings.Cut(host, ":")
		return strings.NewReplacer(exampleAddress, at+"/hooks/"+source, "- TIDINGS", "- "+host).Replace(manifest)
	}
	var lines []string
	for line := range strings.Lines(manifest) {
		switch {
		case strings.Contains(line, exampleAddress), strings.Contains(line, "unfurl_domains"), strings.Contains(line, "- TIDINGS"):
		case strings.Contains(line, "socket_mode_enabled"):
			lines = append(lines, strings.Replace(line, "false", "true", 1))
		default:
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
