package kubernetes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"tidings.dev/tidings/catalog"
)

// memory is what the interpreter notes about one object.
type memory struct {
	// Said are the statements that stand, so that what is no longer said is withdrawn, and nothing is said twice.
	Said []said `json:"said,omitempty"`
}

// said is one statement that stands.
type said struct {
	Ref    catalog.Ref    `json:"ref"`
	Source catalog.Source `json:"source"`
	Sum    string         `json:"sum"` // of its claims
}

// say gives what has to be said so that just these statements stand.
func (m *memory) say(statements []catalog.Statement) []catalog.Statement {
	var out []catalog.Statement
	standing := m.Said
	m.Said = nil
	for _, s := range statements {
		raw, err := json.Marshal(s.Claims)
		if err != nil {
			continue
		}
		sum := sha256.Sum256(raw)
		now := said{Ref: s.Ref, Source: s.Source, Sum: hex.EncodeToString(sum[:8])}
		m.Said = append(m.Said, now)
		told := false
		for _, before := range standing {
			told = told || before == now
		}
		if !told {
			out = append(out, s)
		}
	}
	for _, before := range standing {
		stands := false
		for _, now := range m.Said {
			stands = stands || now.Ref == before.Ref && now.Source == before.Source
		}
		if !stands {
			out = append(out, catalog.Statement{Ref: before.Ref, Source: before.Source, Withdraw: true})
		}
	}
	return out
}
