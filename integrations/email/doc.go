// Package email carries messages to mailboxes, by SMTP to a server that takes mail: the relay of an organisation, or that of a
// provider. Nothing is heard there.
//
// By RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 5322 (Message-ID, References) and RFC 3834 (Auto-Submitted). The
// same message always has the same Message-ID, so that a mailbox that is given it twice can show it once; what belongs to one
// conversation, such as an incident, refers to one id, by which programs for mail show it as a thread.
package email
