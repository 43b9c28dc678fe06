package gitlab

import "time"

// At sets the clock.
func (s *Asked) At(now time.Time) { s.now = func() time.Time { return now } }
