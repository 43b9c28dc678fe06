package watch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"tidings.dev/tidings/integrations/kubernetes"
	"tidings.dev/tidings/observe"
)

// encode writes a state: equal ones are equal byte for byte.
func encode(state any) ([]byte, error) {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	if err := to.Encode(state); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// folded stands for the entries of a map for which there was no room: its value is new when one of them is.
const folded = "…"

// fold keeps the first entries of a map.
func fold(of map[string]string, most int) map[string]string {
	if len(of) <= most {
		return of
	}
	made := make(map[string]string, most+1)
	rest := sha256.New()
	for i, k := range slices.Sorted(maps.Keys(of)) {
		if i < most {
			made[k] = of[k]
			continue
		}
		// They are fingerprints already, or words that anybody may read.
		rest.Write([]byte(k + "\x00" + of[k] + "\x00"))
	}
	made[folded] = hex.EncodeToString(rest.Sum(nil)[:12])
	return made
}

// sentWorkload is a workload whose template was written before.
type sentWorkload struct {
	kubernetes.Workload
	Template json.RawMessage `json:"template"`
}

// encodeWorkload writes a workload within the bound of a state; one that is too large, which hardly any is, is told less
// closely.
func encodeWorkload(state kubernetes.Workload, template json.RawMessage) ([]byte, error) {
	raw, err := encode(sentWorkload{state, template})
	if err != nil || len(raw) <= observe.MaxState {
		return raw, err
	}
	if err := json.Unmarshal(template, &state.Template); err != nil {
		return nil, err
	}
	for most := 256; len(raw) > observe.MaxState && most >= 1; most /= 4 {
		state.Template.Rest = fold(state.Template.Rest, most)
		for i := range state.Template.Containers {
			c := &state.Template.Containers[i]
			c.Environment = fold(c.Environment, most)
			c.Command, c.Args = cut(c.Command, 4*most), cut(c.Args, 4*most)
		}
		state.Annotations = maps.Clone(state.Annotations)
		for k, v := range state.Annotations {
			switch {
			case !strings.HasPrefix(k, ours):
				state.Annotations[k] = cut(v, 16*most)
			case most < 64 && len(v) > 16*most:
				delete(state.Annotations, k)
			}
		}
		state.Hosts = state.Hosts[:min(len(state.Hosts), most)]
		if template, err = encode(state.Template); err != nil {
			return nil, err
		}
		if raw, err = encode(sentWorkload{state, template}); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// encodeConfig does the same for a ConfigMap or a Secret.
func encodeConfig(state kubernetes.Config) ([]byte, error) {
	raw, err := encode(state)
	for most := 512; err == nil && len(raw) > observe.MaxState && most >= 1; most /= 4 {
		state.Keys = fold(state.Keys, most)
		state.UsedBy = state.UsedBy[:min(len(state.UsedBy), most)]
		raw, err = encode(state)
	}
	return raw, err
}
