package git

import (
	"net/url"
	"path"
	"strings"

	"tidings.dev/tidings/change"
)

// remoteName normalises a remote's address to host/path, so that every way of writing it gives the same outside name:
// no scheme, user, port or .git, lower case. A path gives the name of its folder, which is all that another machine
// could know it by.
func remoteName(address string) string {
	host, place := "", address
	if match := scpFormat.FindStringSubmatch(address); match != nil && isURL(address) && !strings.Contains(address, "://") {
		host, place = match[2], match[3]
	} else if u, err := url.Parse(address); err == nil && isURL(address) && u.Scheme != "file" {
		host, place = u.Hostname(), u.Path
	} else {
		if err == nil && u.Scheme == "file" {
			place = u.Path
		}
		place = path.Base(strings.ReplaceAll(place, `\`, "/"))
	}
	place = strings.Trim(strings.TrimSuffix(strings.Trim(path.Clean("/"+place), "/"), ".git"), "/")
	name := strings.ToLower(strings.Trim(host+"/"+place, "/"))
	name = strings.Join(strings.Fields(name), "-") // an alias holds no spaces
	if name == "" {
		return "repository"
	}
	return name
}

// links lead to the commit and the request on the hosts whose addresses are known.
func links(remote, sha, number string) []change.Link {
	host, _, _ := strings.Cut(remote, "/")
	var commits, requests string
	switch {
	case host == "github.com":
		commits, requests = "/commit/", "/pull/"
	case host == "gitlab.com" || strings.HasPrefix(host, "gitlab."):
		commits, requests = "/-/commit/", "/-/merge_requests/"
	case host == "bitbucket.org":
		commits, requests = "/commits/", "/pull-requests/"
	default:
		return nil
	}
	base := (&url.URL{Scheme: "https", Host: host, Path: strings.TrimPrefix(remote, host)}).String()
	var found []change.Link
	if number != "" {
		found = append(found, change.Link{Type: "pull-request", Title: "Pull request", URL: base + requests + number})
	}
	return append(found, change.Link{Type: "diff", Title: "Diff", URL: base + commits + sha})
}
