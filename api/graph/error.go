package graph

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"tidings.dev/tidings/fault"
)

const internalText = "something went wrong on our side; it was logged"

// errPanicked stands for a panic that was logged where it was caught.
var errPanicked = fault.New(fault.Internal, "panic")

// recovered logs a panic of a resolver and makes it an internal error.
func recovered(ctx context.Context, value any) error {
	slog.ErrorContext(ctx, "graphql: panic", "value", value, "stack", string(debug.Stack()))
	return errPanicked
}

// present is the one place where an error becomes what a client sees: faults with their code and their single faults,
// mistakes in a query as invalid, and of anything else no text at all.
func present(ctx context.Context, err error) *gqlerror.Error {
	shown := *graphql.DefaultErrorPresenter(ctx, err)
	shown.Extensions = map[string]any{}
	code := fault.Internal
	known, isFault := errors.AsType[*fault.Error](err)
	switch {
	case isFault:
		code = known.Code
		shown.Message = known.Detail
		if len(known.Faults) > 0 {
			shown.Extensions["faults"] = known.Faults
		}
		if known.RetryAfter > 0 {
			shown.Extensions["retryAfterSeconds"] = int(known.RetryAfter.Seconds() + 1)
		}
	case ownError(err):
		code = fault.Invalid
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		code, shown.Message = fault.Unavailable, "this took too long and was stopped: ask for less at once"
	case errors.Is(err, context.Canceled):
		code, shown.Message = fault.Unavailable, "the request was cancelled"
	case code == fault.Internal:
		if !errors.Is(err, errPanicked) {
			slog.ErrorContext(ctx, "graphql: internal error", "error", err, "path", shown.Path.String())
		}
		shown.Message = internalText
	}
	shown.Extensions["code"] = code
	shown.Err = nil
	return &shown
}

// ownError reports whether an error was made by the GraphQL executor itself about the query.
func ownError(err error) bool {
	var own *gqlerror.Error
	return errors.As(err, &own) && own.Err == nil
}
