// Package secret keeps secrets from being read: it finds them in text that comes in, seals those that have to be kept,
// and gives the fingerprints by which two values can be compared without either being known.
//
// What finds (hide.go, shape.go, name.go) knows nothing of keys. What seals (keyring.go, key.go) never shows a value in
// an error or a log. Imports: fault and the standard library.
package secret

// Hidden stands for a value that must not be kept.
const Hidden = "hidden"

// FingerprintPrefix begins every fingerprint; what begins so is taken for one.
const FingerprintPrefix = "hmac:"
