package email

import "crypto/x509"

// Trust takes other authorities than the system's.
func (c *Config) Trust(roots *x509.CertPool) { c.roots = roots }

// Page and Plain are what is sent.
var (
	Page  = page
	Plain = plain
)
