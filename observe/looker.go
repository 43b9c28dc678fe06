package observe

import "context"

// Looker looks at a part of the world, and goes on looking. It knows nothing of sessions, numbers and the server.
type Looker interface {
	// Watch puts every object that there is, says of each collection when it was seen as a whole, and then puts every
	// change, until ctx ends or it can look no longer. It may be called again, and then begins from the start.
	//
	// Mark gives the keyed fingerprint of a value that must not leave the place where it was read: the same for equal
	// values of the same source.
	Watch(ctx context.Context, mark func(string) string, to Sink) error
}

// Sink takes what a Looker sees, in its order. Its methods may be called from any goroutine. They wait where whoever
// takes it in is slower than the Looker, and return at once when the Looker's ctx has ended.
type Sink interface {
	Put(Observation)
	// Complete says that every object of a collection has been put since Watch began.
	Complete(collection string)
	// Trouble says what cannot be seen of a collection just now, and what to do about it: "secrets: forbidden: …". An
	// empty sentence says that it can be seen again.
	Trouble(collection, sentence string)
}
