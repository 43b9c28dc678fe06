package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Marker makes keyed fingerprints: equal values give equal marks, and who has no key learns nothing else from them.
func Marker(key []byte) func(string) string {
	return func(value string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(value))
		// 96 bits: two of a million values meet with a chance of one in 10^17.
		return FingerprintPrefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
	}
}
