package graph

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"tidings.dev/tidings/fault"
)

// Bounds of one request.
const (
	maxBody      = 1 << 20 // bytes
	maxTokens    = 2000    // of the query
	maxDepth     = 12      // fields within fields
	maxCost      = 100_000 // about as many values as are written
	maxQueryTime = 10 * time.Second
	maxWriteTime = 60 * time.Second
	// Introspection's own types nest deeper, as [Event!]! is three types within each other.
	introspectionDepth = 8
)

// price is what a field costs beside its own selection: plus once, and its selection times over. A field that is not
// listed has a plus of 1 and goes once, or usual times where it is a list.
type price struct {
	plus  int
	times int  // how many there are as a rule
	first bool // the argument first tells how many instead
}

const usual = 5

var prices = map[string]price{
	"Query.entities":            {plus: 100, times: 50, first: true},
	"Query.search":              {plus: 100, times: 20, first: true},
	"Query.feed":                {plus: 200, times: 50, first: true},
	"Query.unclaimed":           {plus: 100, times: 50, first: true},
	"Query.histogram":           {plus: 2500, times: 1},
	"Query.facets":              {plus: 2500, times: 1},
	"Query.story":               {plus: 100, times: 50},
	"Query.storySteps":          {plus: 100, times: 50},
	"Query.jobs":                {plus: 100, times: 50, first: true},
	"Source.coverage":           {plus: 2500, times: 1},
	"SourceCoverage.kinds":      {plus: 1, times: 10},
	"SourceCoverage.unclaimed":  {plus: 1, times: 20},
	"Query.suspects":            {plus: 2000, times: 1},
	"Suspects.suspects":         {plus: 1, times: 10},
	"Suspects.ruledOut":         {plus: 1, times: 100},
	"Suspect.evidence":          {plus: 1, times: 10},
	"Query.incidents":           {plus: 100, times: 50, first: true},
	"IncidentPage.nodes":        {plus: 1, times: 1}, // counted by first
	"Incident.timeline":         {plus: 20, times: 100, first: true},
	"Incident.signals":          {plus: 20, times: 20},
	"Incident.impact":           {plus: 100, times: 1},
	"Impact.first":              {plus: 1, times: 3},
	"Incident.suspects":         {plus: 2000, times: 1},
	"Incident.verdicts":         {plus: 10, times: 5},
	"Mutation.judgeChange":      {plus: 2000, times: 1},
	"Query.suspectsRecord":      {plus: 200, times: 1},
	"Query.kinds":               {plus: 1, times: 25},
	"Query.map":                 {plus: 2500, times: 1},
	"Map.nodes":                 {plus: 1, times: 100},
	"Map.edges":                 {plus: 1, times: 300},
	"Query.paths":               {plus: 500, times: 5, first: true},
	"Query.migration":           {plus: 2500, times: 1},
	"Migration.teams":           {plus: 1, times: 40},
	"Migration.steps":           {plus: 1, times: 60},
	"MigrationTeam.left":        {plus: 1, times: 50},
	"Query.people":              {plus: 200, times: 50, first: true},
	"PeoplePage.nodes":          {plus: 1, times: 1}, // counted by first
	"Query.tokens":              {plus: 100, times: 50, first: true},
	"TokenPage.nodes":           {plus: 1, times: 1},
	"Mutation.createToken":      {plus: 500, times: 1},
	"EntityPage.nodes":          {plus: 1, times: 1}, // counted by first
	"EntityPage.facets":         {plus: 500, times: 8},
	"Facet.values":              {plus: 1, times: 20},
	"FeedPage.rows":             {plus: 1, times: 1},
	"UnclaimedPage.nodes":       {plus: 1, times: 1},
	"Unclaimed.example":         {plus: 20, times: 1},
	"Entity.parts":              {plus: 10, times: 20},
	"Entity.owns":               {plus: 10, times: 20},
	"Entity.dependsOn":          {plus: 10, times: 10},
	"Entity.dependedOnBy":       {plus: 10, times: 10},
	"Entity.facts":              {plus: 50, times: 20},
	"Entity.descriptor":         {plus: 50, times: 1},
	"Entity.running":            {plus: 200, times: 5},
	"Entity.coverage":           {plus: 1000, times: 1},
	"Entity.openIncidents":      {plus: 20, times: 10},
	"Entity.lastEvent":          {plus: 5, times: 1},
	"Entity.condition":          {plus: 1, times: 1},
	"Event.subjects":            {plus: 1, times: 3},
	"__Schema.types":            {plus: 1, times: 60},
	"Query.sources":             {plus: 50, times: 20},
	"Source.lately":             {plus: 100, times: 1},
	"Source.guide":              {plus: 20, times: 1},
	"Query.tools":               {plus: 50, times: 30},
	"Tool.fields":               {plus: 1, times: 10},
	"Tool.guide":                {plus: 20, times: 1},
	"Tool.examples":             {plus: 20, times: 10},
	"Query.deliveries":          {plus: 200, times: 50, first: true},
	"DeliveryPage.nodes":        {plus: 1, times: 1}, // counted by first
	"Query.delivery":            {plus: 500, times: 1},
	"Query.trySource":           {plus: 1000, times: 1},
	"Mutation.createSource":     {plus: 500, times: 1},
	"Mutation.changeSource":     {plus: 500, times: 1},
	"Mutation.switchSource":     {plus: 500, times: 1},
	"Mutation.setSourceSecret":  {plus: 500, times: 1},
	"Mutation.dropSourceSecret": {plus: 500, times: 1},
	"Mutation.removeSource":     {plus: 500, times: 1},
	"Mutation.replayDelivery":   {plus: 500, times: 1},
	"Mutation.putEntity":        {plus: 500, times: 1},
	"Mutation.claimAlias":       {plus: 500, times: 1},
	"Mutation.deleteEntity":     {plus: 500, times: 1},
	"Mutation.applyDescriptors": {plus: 2000, times: 20},
	"Query.posts":               {plus: 200, times: 50, first: true},
	"PostPage.nodes":            {plus: 1, times: 1}, // counted by first
	"Query.follows":             {plus: 100, times: 100},
	"Mutation.retryPost":        {plus: 500, times: 1},
	"Mutation.follow":           {plus: 500, times: 1},
	"Mutation.unfollow":         {plus: 500, times: 1},
	"Mutation.unmute":           {plus: 500, times: 1},
	"Query.views":               {plus: 50, times: 50},
	"Mutation.saveView":         {plus: 200, times: 1},
	"Mutation.removeView":       {plus: 200, times: 1},
}

// limits refuses operations that are too deep or too dear, before anything is resolved.
type limits struct {
	schema graphql.ExecutableSchema
	told   func(operation string, cost int) // may be nil
	spend  func(ctx context.Context, cost int) error
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = limits{}

// ExtensionName names the extension.
func (limits) ExtensionName() string { return "Limits" }

// Validate has nothing to check.
func (limits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext measures the operation.
func (l limits) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation.Operation == ast.Subscription && len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})) != 1 {
		return gqlerror.Wrap(fault.New(fault.Invalid, "a subscription has exactly one field"))
	}
	m := meter{variables: op.Variables, fragments: map[string]measure{}}
	size := m.selection(op.Operation.SelectionSet)
	if l.told != nil {
		l.told(string(op.Operation.Operation), size.cost)
	}
	if size.depth > maxDepth {
		return gqlerror.Wrap(fault.New(fault.TooLarge, "the query is %d fields deep: at most %d", size.depth, maxDepth))
	}
	if size.cost > maxCost {
		return gqlerror.Wrap(fault.New(fault.TooLarge, "the query could ask for %d values: at most %d; ask for smaller pages or fewer fields", size.cost, maxCost))
	}
	if l.spend != nil {
		if err := l.spend(ctx, size.cost); err != nil {
			return gqlerror.Wrap(err)
		}
	}
	return nil
}

// measure is how much a selection asks for.
type measure struct{ cost, depth int }

// meter measures each fragment once, so that fragments of fragments cost no more time than they have text. gqlgen's own
// complexity limit measures them at each use.
type meter struct {
	variables map[string]any
	fragments map[string]measure
}

func (m *meter) selection(set ast.SelectionSet) measure {
	var sum measure
	for _, selection := range set {
		var part measure
		switch s := selection.(type) {
		case *ast.Field:
			part = m.field(s)
		case *ast.InlineFragment:
			part = m.selection(s.SelectionSet)
		case *ast.FragmentSpread:
			var known bool
			if part, known = m.fragments[s.Name]; !known {
				part = m.selection(s.Definition.SelectionSet)
				m.fragments[s.Name] = part
			}
		}
		sum.cost, sum.depth = add(sum.cost, part.cost), max(sum.depth, part.depth)
	}
	return sum
}

func (m *meter) field(f *ast.Field) measure {
	inner := m.selection(f.SelectionSet)
	size := measure{depth: inner.depth + 1}
	if f.Name == "__schema" || f.Name == "__type" {
		size.depth = max(size.depth-introspectionDepth, 1)
	}
	p, listed := prices[f.ObjectDefinition.Name+"."+f.Name]
	if !listed {
		p = price{plus: 1, times: 1}
		if f.Definition.Type.Elem != nil {
			p.times = usual
		}
	}
	times := p.times
	if p.first {
		times = m.first(f, p.times)
	}
	// Of a list of plain values each counts.
	if len(f.SelectionSet) == 0 && f.Definition.Type.Elem != nil {
		inner.cost = 1
	}
	size.cost = add(p.plus, multiply(times, inner.cost))
	if strings.HasPrefix(f.Name, "__") && len(f.SelectionSet) == 0 {
		size.cost = 1
	}
	return size
}

// first is how many of a list are asked for.
func (m *meter) first(f *ast.Field, otherwise int) int {
	var n float64
	switch value := f.ArgumentMap(m.variables)["first"].(type) {
	case nil:
		return otherwise
	case int64:
		n = float64(value)
	case int:
		n = float64(value)
	case float64:
		n = value
	case json.Number:
		parsed, err := value.Float64()
		if err != nil {
			return otherwise
		}
		n = parsed
	}
	return int(min(max(n, 1), math.MaxInt32)) // what is out of bounds is refused by the resolver
}

func add(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func multiply(a, b int) int {
	if b > 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}

// documents keeps parsed queries: the web app sends the same few. Long ones are not worth their memory.
type documents struct {
	graphql.Cache[*ast.QueryDocument]
}

const (
	keptDocuments = 200
	keptLength    = 16 << 10
)

func newDocuments() documents { return documents{lru.New[*ast.QueryDocument](keptDocuments)} }

// Add keeps a document that is short.
func (d documents) Add(ctx context.Context, query string, document *ast.QueryDocument) {
	if len(query) <= keptLength {
		d.Cache.Add(ctx, query, document)
	}
}
