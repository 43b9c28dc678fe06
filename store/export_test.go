package store

// SeenBetween is the text that asks for deploys that were seen.
const SeenBetween = seenBetween
