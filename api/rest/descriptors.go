package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/catalog"
	"tidings.dev/tidings/catalog/descriptor"
	"tidings.dev/tidings/fault"
)

// Descriptors takes in the files in which people describe what they run, and writes such files.
type Descriptors struct {
	Roll   *catalog.Roll
	Writer Writer
	// room holds a place for each request whose documents are in memory.
	room chan struct{}
}

const (
	maxDocuments    = 20_000
	describedAtOnce = 2
)

func (h *Descriptors) routes() []route {
	return []route{
		{method: http.MethodGet, op: access.ReadRoll, path: entityPath + "/descriptor", query: []string{"format", "workload", "namespace", "key"}, serve: h.get},
		{method: http.MethodPost, op: access.ApplyDocuments, path: "/api/v1/descriptors", query: []string{"name", "dry_run"}, body: maxDescriptorsBody, serve: h.post},
	}
}

// get writes an entity as a descriptor.
func (h *Descriptors) get(w http.ResponseWriter, r *http.Request) error {
	ref, err := ref(r)
	if err != nil {
		return err
	}
	q := newQuery(r, time.Time{})
	format := q.one("format")
	to := descriptor.Target{Workload: q.one("workload"), Namespace: q.one("namespace"), Key: q.one("key")}
	if err := q.err(); err != nil {
		return err
	}
	if format == "" {
		format = descriptor.Formats()[0]
	}
	e, ok := h.Roll.Get(ref)
	if !ok {
		return fault.New(fault.NotFound, "there is no %s", ref)
	}
	text, err := descriptor.Render(format, *e, to)
	if err != nil {
		return err
	}
	b := newBuffer()
	defer b.release()
	_, _ = b.Write(text) // a buffer takes everything
	media := "application/yaml"
	if format == "kubectl" {
		media = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", media)
	b.send(w, http.StatusOK)
	return nil
}

// documentAnswer is what became of one document.
type documentAnswer struct {
	Name      string          `json:"name"`
	Format    string          `json:"format,omitempty"` // absent when it is none that we read
	Entities  []catalog.Ref   `json:"entities"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Faults    []documentFault `json:"faults,omitempty"`
	Warnings  []documentFault `json:"warnings,omitempty"`
}

type documentFault struct {
	Line   int    `json:"line,omitempty"`
	Field  string `json:"field,omitempty"`
	Detail string `json:"detail"`
}

// post applies documents. A broken one does not stop the others.
func (h *Descriptors) post(w http.ResponseWriter, r *http.Request) error {
	q := newQuery(r, time.Time{})
	name, dry := q.one("name"), q.flag("dry_run")
	if err := q.err(); err != nil {
		return err
	}
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	case <-r.Context().Done():
		return fault.New(fault.Unavailable, "other descriptors are being read: try again: %w", r.Context().Err())
	}
	documents, err := readDocuments(r, name)
	if err == nil {
		err = tellApart(documents)
	}
	if err != nil {
		return err
	}
	outcomes, err := h.Writer.Describe(r.Context(), documents, dry)
	if err != nil {
		return err
	}
	read := false
	answers := make([]documentAnswer, len(outcomes))
	var faults []fault.Fault
	for i := range outcomes {
		o := &outcomes[i]
		read = read || len(o.Statements) > 0 || (o.Format != "" && len(o.Faults) == 0)
		answers[i] = documentAnswer{
			Name: o.Name, Format: o.Format, Entities: []catalog.Ref{}, Changed: o.Changed, Unchanged: o.Unchanged,
			Faults: documentFaults(o.Faults), Warnings: documentFaults(o.Warnings),
		}
		for _, statement := range o.Statements {
			answers[i].Entities = append(answers[i].Entities, statement.Ref)
		}
		for _, problem := range slices.Concat(o.Faults, o.Warnings) {
			if len(faults) < maxFaults {
				faults = append(faults, located(o.Name, problem))
			}
		}
	}
	if !read {
		answerProblem(w, problem{
			Status: http.StatusBadRequest, Code: fault.Invalid, Detail: unread(faults), Faults: faults, Documents: answers,
		})
		return nil
	}
	return answer(w, http.StatusOK, struct {
		Documents []documentAnswer `json:"documents"`
		DryRun    bool             `json:"dry_run,omitempty"`
	}{answers, dry})
}

// maxFaults is how many faults one answer lists.
const maxFaults = 1000

func unread(faults []fault.Fault) string {
	if len(faults) == 0 {
		return "no document describes anything"
	}
	return fmt.Sprintf("no document could be read: %s: %s", faults[0].Pointer, faults[0].Detail)
}

func located(name string, problem descriptor.Problem) fault.Fault {
	at := clip(name)
	if problem.Line > 0 {
		at = fmt.Sprintf("%s:%d", at, problem.Line)
	}
	detail := problem.Detail
	if problem.Field != "" {
		detail = problem.Field + ": " + detail
	}
	return fault.Fault{Pointer: at, Detail: detail}
}

func documentFaults(problems []descriptor.Problem) []documentFault {
	var all []documentFault
	for _, p := range problems {
		all = append(all, documentFault{Line: p.Line, Field: p.Field, Detail: p.Detail})
	}
	return all
}

// readDocuments reads one file, a form of files, or a JSON list of documents.
func readDocuments(r *http.Request, name string) ([]descriptor.Document, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		media = ""
	}
	if media == "multipart/form-data" {
		if params["boundary"] == "" {
			return nil, fault.New(fault.Invalid, "the form has no boundary in its Content-Type")
		}
		return readForm(multipart.NewReader(r.Body, params["boundary"]))
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if media == "application/json" && name == "" {
		documents, err := readList(text)
		if documents != nil || err != nil {
			return documents, err
		}
	}
	if len(strings.TrimSpace(string(text))) == 0 {
		return nil, fault.New(fault.Invalid, "the body is empty: send a descriptor such as tidings.yaml")
	}
	if name == "" {
		name = nameOf(text)
	}
	return []descriptor.Document{{Name: name, Content: text}}, nil
}

// readForm reads every part that has a content; its file name is the document's, or else the name of its field.
func readForm(form *multipart.Reader) ([]descriptor.Document, error) {
	var documents []descriptor.Document
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			if len(documents) == 0 {
				return nil, fault.New(fault.Invalid, "the form holds no file")
			}
			return documents, nil
		}
		if err == nil && len(documents) == maxDocuments {
			return nil, tooManyDocuments()
		}
		if err != nil {
			return nil, formFault(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, formFault(err)
		}
		documents = append(documents, descriptor.Document{Name: fileName(part), Content: content})
	}
}

// fileName is the path that the client gave: Part.FileName would keep only its last element.
func fileName(part *multipart.Part) string {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err == nil && params["filename"] != "" {
		return params["filename"]
	}
	return part.FormName()
}

func formFault(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.New(fault.Invalid, "the form cannot be read: %w", err)
}

func tooManyDocuments() error {
	return fault.New(fault.TooLarge, "more than %d documents in one request: split it", maxDocuments)
}

// readList reads {"documents": [{"name": …, "content": …}]}; it finds nothing in JSON that is a descriptor itself.
func readList(text []byte) ([]descriptor.Document, error) {
	members, err := readObject(text)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if m.name != "documents" {
			continue
		}
		var items []struct {
			Name    string `json:"name"`
			Content string `json:"content"`
		}
		if err := json.Unmarshal(m.raw, &items); err != nil {
			return nil, fault.InvalidInput("body", []fault.Fault{{Pointer: "/documents", Detail: `is a list of {"name", "content"}, both texts`}})
		}
		switch {
		case len(items) == 0:
			return nil, fault.InvalidInput("body", []fault.Fault{{Pointer: "/documents", Detail: "holds no document"}})
		case len(items) > maxDocuments:
			return nil, tooManyDocuments()
		}
		documents := make([]descriptor.Document, len(items))
		for i, item := range items {
			documents[i] = descriptor.Document{Name: item.Name, Content: []byte(item.Content)}
			if item.Name == "" {
				documents[i].Name = nameOf(documents[i].Content)
			}
		}
		return documents, nil
	}
	return nil, nil
}

// nameOf names a document whose path is not known by what it describes first: sent again it replaces itself, and no
// other document.
func nameOf(content []byte) string { return nameWithin("posted.yaml", content) }

// nameWithin does so for a path that says too little.
func nameWithin(name string, content []byte) string {
	result := descriptor.Read([]descriptor.Document{{Name: name, Content: content}})[0]
	if len(result.Statements) == 0 {
		return name
	}
	first := result.Statements[0].Ref
	return string(first.Kind) + "/" + first.Name + "/" + path.Base(name)
}

// tellApart gives documents of one name names of their own, as forms often carry just the last part of a path: a
// document stands for what its name said before, so that two of one name would withdraw each other's words.
func tellApart(documents []descriptor.Document) error {
	uses := map[string]int{}
	for i := range documents {
		uses[documents[i].Name]++
	}
	seen := make(map[string]bool, len(documents))
	for i := range documents {
		d := &documents[i]
		if uses[d.Name] > 1 {
			d.Name = nameWithin(d.Name, d.Content)
		}
		if seen[d.Name] {
			return fault.New(fault.Invalid, "two documents are named %q: name each by its path", clip(d.Name))
		}
		seen[d.Name] = true
	}
	return nil
}
