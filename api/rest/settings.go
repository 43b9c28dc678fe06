package rest

import (
	"encoding/json"
	"net/http"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/change/wire"
	"tidings.dev/tidings/fault"
	"tidings.dev/tidings/setting"
)

// Settings is what can be set while the server runs. A secret goes in and never comes out.
type Settings struct {
	Book *setting.Book
}

const settingPath = "/api/v1/settings/{name}"

func (h *Settings) routes() []route {
	return []route{
		{method: http.MethodGet, op: access.ReadSettings, path: "/api/v1/settings", serve: h.list},
		{method: http.MethodGet, op: access.ReadSettings, path: settingPath, serve: h.get},
		{method: http.MethodPut, op: access.WriteSettings, path: settingPath, body: maxAliasBody, serve: h.put},
		{method: http.MethodDelete, op: access.WriteSettings, path: settingPath, serve: h.delete},
	}
}

type settingAnswer struct {
	Name      string                  `json:"name"`
	Value     json.RawMessage         `json:"value"`
	Secrets   map[string]secretAnswer `json:"secrets"`
	Revision  int64                   `json:"revision"`
	ChangedAt wire.Time               `json:"changed_at"`
	ChangedBy string                  `json:"changed_by"`
}

type secretAnswer struct {
	Fingerprint string    `json:"fingerprint"`
	ChangedAt   wire.Time `json:"changed_at"`
}

func newSetting(s setting.Setting) settingAnswer {
	a := settingAnswer{
		Name: s.Name, Value: s.Value, Secrets: map[string]secretAnswer{}, Revision: s.Revision,
		ChangedAt: wire.Time{Time: s.ChangedAt}, ChangedBy: s.ChangedBy,
	}
	for field, one := range s.Secrets {
		a.Secrets[field] = secretAnswer{one.Fingerprint, wire.Time{Time: one.ChangedAt}}
	}
	return a
}

// list answers all settings: they are few.
func (h *Settings) list(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Book.List(r.Context())
	if err != nil {
		return err
	}
	answers := make([]settingAnswer, len(all))
	for i, s := range all {
		answers[i] = newSetting(s)
	}
	return answer(w, http.StatusOK, struct {
		Settings []settingAnswer `json:"settings"`
	}{answers})
}

func (h *Settings) get(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Book.Get(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newSetting(s))
}

// put reads {"value": {…}, "secrets": {"token": "…"}, "revision": 3}.
func (h *Settings) put(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(r)
	if err != nil {
		return err
	}
	defer text.release()
	members, err := readObject(text.Bytes())
	if err != nil {
		return err
	}
	var c setting.Change
	var faults []fault.Fault
	for _, m := range members {
		var wrong bool
		switch m.name {
		case "value":
			c.Value = append(json.RawMessage(nil), m.raw...)
			wrong = len(m.raw) == 0 || m.raw[0] != '{'
		case "secrets":
			wrong = json.Unmarshal(m.raw, &c.Secrets) != nil
		case "revision":
			wrong = json.Unmarshal(m.raw, &c.Revision) != nil
		case "name", "changed_at", "changed_by": // of a GET
		default:
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "is not a member here: there are value, secrets and revision"})
		}
		if wrong {
			// What was sent is not repeated: it may be a secret.
			faults = append(faults, fault.Fault{Pointer: pointer(m.name), Detail: "is of another type: value is an object, secrets an object of texts, revision a number"})
		}
	}
	if c.Value == nil && len(faults) == 0 {
		faults = append(faults, fault.Fault{Pointer: "/value", Detail: "is required: an object"})
	}
	if err := fault.InvalidInput("setting", faults); err != nil {
		return err
	}
	s, err := h.Book.Put(r.Context(), r.PathValue("name"), c)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, newSetting(s))
}

func (h *Settings) delete(w http.ResponseWriter, r *http.Request) error {
	if err := h.Book.Delete(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
