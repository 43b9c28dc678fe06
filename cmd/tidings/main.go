// Command tidings is the server, the agents and the client verbs in one binary.
package main

import (
	"os"
	_ "time/tzdata" // an empty container has no time zones of its own,

	_ "golang.org/x/crypto/x509roots/fallback" // nor certificates of the authorities

	"tidings.dev/tidings/internal/cli"
)

func main() { os.Exit(cli.Run(cli.System())) }
