package graph

import (
	"context"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/view"
)

// View is a saved view, as the viewer sees it.
type View struct {
	view.View
	Removable bool
}

func seenBy(ctx context.Context, v view.View) View {
	return View{View: v, Removable: view.MayRemove(access.From(ctx), &v)}
}

// Views lists the views of a page.
func (q queries) Views(ctx context.Context, page view.Page) ([]View, error) {
	found, err := q.deps.Views.List(ctx, page)
	all := make([]View, len(found))
	for i := range found {
		all[i] = seenBy(ctx, found[i])
	}
	return all, err
}

// SaveView keeps a view.
func (m mutations) SaveView(ctx context.Context, input ViewInput) (*View, error) {
	kept, err := m.deps.Views.Save(ctx, view.View{Page: input.Page, Name: input.Name, Query: input.Query, Shared: valueOf(input.Shared)})
	if err != nil {
		return nil, err
	}
	saved := seenBy(ctx, kept)
	return &saved, nil
}

// RemoveView takes a view away.
func (m mutations) RemoveView(ctx context.Context, id string) (bool, error) {
	err := m.deps.Views.Remove(ctx, id)
	return err == nil, err
}
