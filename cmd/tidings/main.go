// Command tidings is the server, the agents and the client verbs in one binary.
package main

import (
	"os"

	"tidings.dev/tidings/internal/cli"
)

func main() { os.Exit(cli.Run(cli.System())) }
