package gitlab

import "time"

// At sets the clock.
func (s *Asked) At(now time.Time) { s.Clock = func() time.Time { return now } }
