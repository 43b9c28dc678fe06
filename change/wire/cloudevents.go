package wire

import "net/http"

const cdeventsPrefix = "dev.cdevents."

func binary(header http.Header, media string) bool                     { return false }
func (r *reader) binary(header http.Header, media string, body []byte) {}
func (r *reader) cloudEvent(v *value, pointer string)                  { r.native(v, pointer) }
func (r *reader) cdEvent(v *value, pointer string)                     { r.native(v, pointer) }
