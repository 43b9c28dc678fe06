// Package scim provisions people and groups by SCIM 2.0 (RFC 7643, RFC 7644), in the shapes that Entra ID and Okta send.
// It translates; what a person is and what groups give stands in access.
//
// It may be imported by internal/daemon only. Imports: access and fault.
package scim

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// API is the routes beneath /scim/v2. The operation of all of them is access.Provision.
type API struct{ desk *access.Desk }

// New makes the routes.
func New(desk *access.Desk) *API { return &API{desk: desk} }

const (
	base        = "/scim/v2"
	schemaUser  = "urn:ietf:params:scim:schemas:core:2.0:User"
	schemaGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
	schemaList  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	schemaError = "urn:ietf:params:scim:api:messages:2.0:Error"
	contentType = "application/scim+json"

	maxBody  = 4 << 20
	maxCount = 200
	maxStart = 100_000
)

// Routes are the routes by their patterns, as http.ServeMux writes them.
func (a *API) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET " + base + "/ServiceProviderConfig": handle(a.config),
		"GET " + base + "/ResourceTypes":         handle(a.types),
		"GET " + base + "/Schemas":               handle(a.schemas),
		"GET " + base + "/Users":                 handle(a.users),
		"POST " + base + "/Users":                handle(a.createUser),
		"GET " + base + "/Users/{id}":            handle(a.user),
		"PUT " + base + "/Users/{id}":            handle(a.replaceUser),
		"PATCH " + base + "/Users/{id}":          handle(a.patchUser),
		"DELETE " + base + "/Users/{id}":         handle(a.deleteUser),
		"GET " + base + "/Groups":                handle(a.groups),
		"POST " + base + "/Groups":               handle(a.createGroup),
		"GET " + base + "/Groups/{id}":           handle(a.group),
		"PUT " + base + "/Groups/{id}":           handle(a.replaceGroup),
		"PATCH " + base + "/Groups/{id}":         handle(a.patchGroup),
		"DELETE " + base + "/Groups/{id}":        handle(a.deleteGroup),
	}
}

// object is a JSON object.
type object = map[string]any

func handle(serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if err := serve(w, r); err != nil {
			fail(w, r, err)
		}
	}
}

func answer(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client may have gone
	return nil
}

var statuses = map[fault.Code]int{
	fault.Invalid: http.StatusBadRequest, fault.TooLarge: http.StatusRequestEntityTooLarge, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden,
	fault.RateLimited: http.StatusTooManyRequests, fault.Unavailable: http.StatusServiceUnavailable,
}

// fail answers with an error (RFC 7644, section 3.12).
func fail(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := statuses[fault.CodeOf(err)], "Tidings cannot do this at the moment: try again"
	if status == 0 {
		status = http.StatusInternalServerError
	}
	shown := object{"schemas": []string{schemaError}}
	if known, ok := errors.AsType[*fault.Error](err); ok && status < http.StatusInternalServerError {
		detail = known.Detail
	}
	if _, ok := errors.AsType[*access.NameTakenError](err); ok {
		status, shown["scimType"] = http.StatusConflict, "uniqueness"
	} else if status == http.StatusBadRequest {
		shown["scimType"] = "invalidValue"
	}
	if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		slog.ErrorContext(r.Context(), "people could not be provisioned", "error", err, "path", r.URL.Path)
	}
	shown["status"], shown["detail"] = strconv.Itoa(status), detail
	_ = answer(w, status, shown) // texts
}

func read(w http.ResponseWriter, r *http.Request) (object, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, fault.New(fault.TooLarge, "the body is over 4 MiB")
	}
	if err != nil {
		if _, ok := errors.AsType[*fault.Error](err); ok {
			return nil, err
		}
		return nil, fault.New(fault.Invalid, "the body ends too early")
	}
	var o object
	if json.Unmarshal(body, &o) != nil || o == nil {
		return nil, fault.New(fault.Invalid, "the body is not a JSON object")
	}
	return o, nil
}

// member finds a member without case, as attribute names are compared (RFC 7643, section 2.1).
func member(o object, name string) any {
	for key, value := range o {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return nil
}

func text(v any) string {
	text, _ := v.(string)
	return strings.TrimSpace(text)
}

// truth reads a boolean; Entra ID writes it as a text.
func truth(v any, otherwise bool) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	}
	return otherwise
}

var filterForm = regexp.MustCompile(`(?i)^\s*([a-z.]+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$`)

// equals reads a filter of the only kind that provisioners need: attribute eq "value".
func equals(r *http.Request) (attribute, value string, err error) {
	filter := r.URL.Query().Get("filter")
	if filter == "" {
		return "", "", nil
	}
	found := filterForm.FindStringSubmatch(filter)
	if found == nil || json.Unmarshal([]byte(`"`+found[2]+`"`), &value) != nil || value == "" {
		return "", "", fault.New(fault.Invalid, `this filter is not read: use userName, externalId, displayName or id, eq and a text`)
	}
	return strings.ToLower(found[1]), value, nil
}

// window is the part of a list that is asked for: startIndex counts from 1.
func window(r *http.Request) (start, count int) {
	start, count = 1, 100
	if n, err := strconv.Atoi(r.URL.Query().Get("startIndex")); err == nil {
		start = min(max(n, 1), maxStart)
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("count")); err == nil {
		count = min(max(n, 0), maxCount)
	}
	return start, count
}

func list(w http.ResponseWriter, total, start int, resources []object) error {
	if resources == nil {
		resources = []object{}
	}
	return answer(w, http.StatusOK, object{
		"schemas": []string{schemaList}, "totalResults": total, "startIndex": start, "itemsPerPage": len(resources), "Resources": resources,
	})
}

func meta(kind, id string, created, changed time.Time) object {
	if changed.IsZero() {
		changed = created
	}
	return object{
		"resourceType": kind, "created": created.Format(time.RFC3339), "lastModified": changed.Format(time.RFC3339), "location": base + "/" + kind + "s/" + id,
	}
}

// config is RFC 7643, section 5.
func (*API) config(w http.ResponseWriter, _ *http.Request) error {
	no := object{"supported": false}
	return answer(w, http.StatusOK, object{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":   object{"supported": true}, "bulk": object{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter": object{"supported": true, "maxResults": maxCount}, "changePassword": no, "sort": no, "etag": no,
		"authenticationSchemes": []object{{"type": "oauthbearertoken", "name": "Token", "description": "A token with the scope people", "primary": true}},
	})
}

func (*API) types(w http.ResponseWriter, _ *http.Request) error {
	kind := func(name, endpoint, schema string) object {
		return object{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}, "id": name, "name": name, "endpoint": endpoint, "schema": schema}
	}
	return list(w, 2, 1, []object{kind("User", "/Users", schemaUser), kind("Group", "/Groups", schemaGroup)})
}

func (*API) schemas(w http.ResponseWriter, _ *http.Request) error {
	attribute := func(name, kind string, many bool, parts ...object) object {
		o := object{"name": name, "type": kind, "multiValued": many, "required": name == "userName" || name == "displayName" && kind == "group", "mutability": "readWrite", "returned": "default", "caseExact": false, "uniqueness": "none"}
		if parts != nil {
			o["subAttributes"] = parts
		}
		return o
	}
	schema := func(id, name string, attributes ...object) object {
		return object{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Schema"}, "id": id, "name": name, "attributes": attributes}
	}
	value := attribute("value", "string", false)
	return list(w, 2, 1, []object{
		schema(schemaUser, "User", attribute("userName", "string", false), attribute("externalId", "string", false), attribute("displayName", "string", false),
			attribute("name", "complex", false, attribute("formatted", "string", false), attribute("givenName", "string", false), attribute("familyName", "string", false)),
			attribute("emails", "complex", true, value, attribute("primary", "boolean", false)), attribute("active", "boolean", false)),
		schema(schemaGroup, "Group", attribute("displayName", "string", false), attribute("externalId", "string", false), attribute("members", "complex", true, value)),
	})
}
