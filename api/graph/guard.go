package graph

import (
	"context"
	"maps"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"tidings.dev/tidings/access"
	"tidings.dev/tidings/fault"
)

// operations says what each root field does. A field that is not listed is refused to everyone; what lies beneath a
// root field is read by whoever may ask for that.
var operations = map[string]access.Operation{
	"Query.secretKeeping":          access.ReadSettings,
	"Query.__schema":               access.ReadRoll,
	"Query.__type":                 access.ReadRoll,
	"Query.viewer":                 access.ReadOneself,
	"Query.entity":                 access.ReadRoll,
	"Query.entities":               access.ReadRoll,
	"Query.search":                 access.ReadRoll,
	"Query.feed":                   access.ReadLog,
	"Query.histogram":              access.ReadLog,
	"Query.facets":                 access.ReadLog,
	"Query.event":                  access.ReadLog,
	"Query.story":                  access.ReadLog,
	"Query.storySteps":             access.ReadLog,
	"Query.jobs":                   access.ReadDeliveries,
	"Query.job":                    access.ReadDeliveries,
	"Mutation.retryJob":            access.ReplayDelivery,
	"Mutation.cancelJob":           access.ReplayDelivery,
	"Query.unclaimed":              access.ReadUnclaimed,
	"Query.suspects":               access.ReadLog,
	"Query.kinds":                  access.ReadLog,
	"Query.sources":                access.ReadSources,
	"Query.map":                    access.ReadLog, // it tells of changes as well as of the roll
	"Query.paths":                  access.ReadRoll,
	"Query.migration":              access.ReadRoll,
	"Mutation.putEntity":           access.EditEntity,
	"Mutation.deleteEntity":        access.EditEntity,
	"Mutation.applyDescriptors":    access.ApplyDocuments,
	"Mutation.claimAlias":          access.ClaimAlias,
	"Query.installation":           access.ReadOneself,
	"Query.me":                     access.ReadOneself,
	"Query.people":                 access.ReadPeople,
	"Query.sessions":               access.ReadOneself, // those of others are asked for beneath
	"Query.tokens":                 access.ReadOneself, // as above
	"Mutation.endSession":          access.WriteOneself,
	"Mutation.createToken":         access.WriteOneself, // one of a service account is asked for beneath
	"Mutation.revokeToken":         access.WriteOneself,
	"Mutation.setRole":             access.WritePeople,
	"Mutation.setDisabled":         access.WritePeople,
	"Mutation.invite":              access.WritePeople,
	"Query.tools":                  access.ReadSources,
	"Query.tool":                   access.ReadSources,
	"Query.source":                 access.ReadSources,
	"Query.sourceSettings":         access.ReadSettings,
	"Query.deliveries":             access.ReadDeliveries,
	"Query.delivery":               access.ReadDeliveries,
	"Query.trySource":              access.WriteSources,
	"Mutation.createSource":        access.WriteSettings,
	"Mutation.changeSource":        access.WriteSettings,
	"Mutation.switchSource":        access.WriteSettings,
	"Mutation.setSourceSecret":     access.WriteSettings,
	"Mutation.dropSourceSecret":    access.WriteSettings,
	"Mutation.removeSource":        access.WriteSettings,
	"Mutation.replayDelivery":      access.ReplayDelivery,
	"Mutation.replayFailed":        access.ReplayDelivery,
	"Query.incidents":              access.ReadIncidents,
	"Query.incident":               access.ReadIncidents,
	"Query.suspectsRecord":         access.ReadIncidents,
	"Mutation.openIncident":        access.OpenIncident,
	"Mutation.acknowledgeIncident": access.Respond,
	"Mutation.resolveIncident":     access.Respond,
	"Mutation.reopenIncident":      access.Respond,
	"Mutation.editIncident":        access.Respond,
	"Mutation.assignRole":          access.Respond,
	"Mutation.noteIncident":        access.Respond,
	"Mutation.pageForIncident":     access.Respond,
	"Mutation.mergeIncident":       access.Respond,
	"Mutation.splitIncident":       access.Respond,
	"Mutation.judgeChange":         access.Respond,
	"Subscription.incidentChanges": access.ReadIncidents,
	"Query.posts":                  access.ReadDeliveries,
	"Query.follows":                access.ReadSources,
	"Mutation.retryPost":           access.ReplayDelivery,
	"Mutation.follow":              access.WriteSources,
	"Mutation.unfollow":            access.WriteSources,
	"Mutation.unmute":              access.WriteSources,
	"Query.views":                  access.ReadLog,
	"Mutation.saveView":            access.SaveView, // sharing is asked for beneath
	"Mutation.removeView":          access.SaveView,
	"Subscription.events":          access.ReadLog,
}

// Operations tells what each root field does: "Query.feed" reads the log.
func Operations() map[string]access.Operation { return maps.Clone(operations) }

// enter refuses whoever may ask for no root field at all, before their request is read.
func enter(ctx context.Context) error {
	who := access.From(ctx)
	for op := range maps.Values(operations) {
		if who.Check(op) == nil {
			return nil
		}
	}
	return who.Check(access.ReadOneself)
}

// guard refuses an operation of which any root field is refused, before anything is resolved: a mutation is not left
// half done.
type guard struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = guard{}

// ExtensionName names the extension.
func (guard) ExtensionName() string { return "Access" }

// Validate has nothing to check.
func (guard) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext asks access about each root field.
func (guard) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	root := map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}[op.Operation.Operation]
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{root}) {
		if field.Name == "__typename" {
			continue // the name of the root
		}
		if err := ask(ctx, root+"."+field.Name); err != nil {
			refused := gqlerror.Wrap(err)
			refused.Path = ast.Path{ast.PathName(field.Alias)}
			return refused
		}
	}
	return nil
}

func ask(ctx context.Context, field string) error {
	op, listed := operations[field]
	if !listed {
		return fault.New(fault.Forbidden, "%s is open to nobody", field)
	}
	return access.Check(ctx, op)
}
