package integration

import "tidings.dev/tidings/fault"

// Hook is what the configuration of a source that tools call has in common: the secret that they share with us. It is
// embedded inline, and makes the configuration one that can be typed on the page.
type Hook struct {
	// Secret is what the tool signs with, by reference: env:NAME or file:PATH. Without it nothing is taken.
	Secret Secret `yaml:"secret"`
	// PreviousSecret is the one before it, and valid as well while the tool still uses it.
	PreviousSecret Secret `yaml:"previous_secret"`
}

// Secrets names the settings that are secrets.
func (h *Hook) Secrets() []string { return []string{"secret", "previous_secret"} }

// Narrow lets no reference to the server's variables and files through.
func (h *Hook) Narrow() error {
	return Unreferred(map[string]*Secret{"secret": &h.Secret, "previous_secret": &h.PreviousSecret})
}

// Guard gives the way to the secrets.
func (h *Hook) Guard(guard Guard) {
	h.Secret.Typed("secret", guard)
	h.PreviousSecret.Typed("previous_secret", guard)
}

// Valid are the secrets that count just now.
func (h *Hook) Valid() []*Secret { return []*Secret{&h.Secret, &h.PreviousSecret} }

// Unreferred names every secret that stands as a reference where it must be typed.
func Unreferred(secrets map[string]*Secret) error {
	var faults []fault.Fault
	for name, secret := range secrets {
		if secret.Referred() {
			faults = append(faults, fault.Fault{Pointer: "/" + name, Detail: "is a secret: give it among the secrets, not among the settings"})
		}
	}
	return fault.InvalidInput("source", faults)
}
