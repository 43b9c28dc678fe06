package kubernetes

import (
	"encoding/json"

	"tidings.dev/tidings/observe"
)

// Interpret compares what is known of an object with what was seen of it.
func (Interpreter) Interpret(look observe.Look) observe.Finding {
	finding := observe.Finding{Memory: look.Known.Memory}
	if look.Act != nil {
		return finding
	}
	var memory memory
	_ = json.Unmarshal(look.Known.Memory, &memory)
	if look.Gone {
		finding.Statements = memory.say(nil)
		finding.Forget = true
		return finding
	}
	made, err := read(look.Collection, look.State)
	if err != nil {
		return finding
	}
	if w, ok := made.(*Workload); ok {
		finding.Subject = alias(look.Source, look.Scope, w.object())
		statements, problems := w.statements(look.Source, look.Scope)
		finding.Statements, finding.Problems = memory.say(statements), problems
	}
	finding.Memory, _ = json.Marshal(memory)
	return finding
}
