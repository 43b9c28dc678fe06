package flux

// payload is what is read of an event.
type payload struct {
	Object struct {
		Kind      string `json:"kind"`
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		UID       string `json:"uid"`
	} `json:"involvedObject"`
	Metadata  map[string]any `json:"metadata"` // texts
	Severity  string         `json:"severity"`
	Reason    string         `json:"reason"`
	Message   string         `json:"message"`
	Timestamp string         `json:"timestamp"`
}

// metadata is a text of the metadata: one that the controller writes carries its group, one of the alert does not.
func (p *payload) metadata(names ...string) string {
	for _, name := range names {
		if text, _ := p.Metadata[name].(string); text != "" {
			return text
		}
	}
	return ""
}
