package graph

import "time"

// SetHeartbeat lets a test wait for less.
func (a *API) SetHeartbeat(every time.Duration) { a.heartbeat = every }

// Streams is how many live readers there are.
func (a *API) Streams() int64 { return a.streams.Load() }
