package integration

import "slices"

// Field is one setting of a source, as a form asks for it: what can be typed on the page stands here as data, so that no
// form is written for a tool.
type Field struct {
	Name     string // as in the configuration; a dot leads into an object, as in signature.header
	Title    string // a few words
	Help     string // what it decides, in a sentence; empty where the title says it
	Type     FieldType
	Required bool
	Choices  []Choice // of TypeChoice, the one that counts without an answer first
	Example  string   // a value; of a map the tool's name; of a secret of several lines its first
	Gives    string   // of a map: what a name is given, such as "service"; an example of it stands in GivesExample
	// GivesExample is what the name of the example is given.
	GivesExample string
}

// Choice is one of the values of a field.
type Choice struct{ Value, Title string }

// FieldType is what is typed into a field.
type FieldType string

// The types.
const (
	TypeText       FieldType = "text"
	TypeAddress    FieldType = "address" // of something in the network: https://…
	TypeSecret     FieldType = "secret"  // typed apart, kept sealed, never shown
	TypeChoice     FieldType = "choice"
	TypeSwitch     FieldType = "switch" // true or false
	TypeNumber     FieldType = "number"
	TypeDuration   FieldType = "duration" // such as 5m
	TypeList       FieldType = "list"     // of texts
	TypeMap        FieldType = "map"      // of the tool's names to ours
	TypeExpression FieldType = "expression"
)

// Fields puts lists of fields together.
func Fields(lists ...[]Field) []Field { return slices.Concat(lists...) }

// HookFields are those of Hook; what says what the secret is to the tool, such as "the secret of the webhook".
func HookFields(what string) []Field {
	return []Field{
		{Name: "secret", Title: "Secret", Help: "It is " + what + ".", Type: TypeSecret, Required: true},
		{Name: "previous_secret", Title: "Secret before it", Help: "It counts as well, while the tool still uses it.", Type: TypeSecret},
	}
}

// OptionalHookFields are those of Hook where something else will do, such as a token to ask with.
func OptionalHookFields(what string) []Field {
	fields := HookFields(what)
	fields[0].Required = false
	return fields
}

// Known is how a tool calls what the roll has another name for.
type Known struct {
	Services     string // what of the tool is a service, such as "repository"
	Service      string // an example of such a name
	Environments string // what of the tool is an environment; empty where it has none
	Environment  string // an example
}

// MappingFields are those of Mapping.
func MappingFields(known Known) []Field {
	fields := []Field{
		{
			Name: "services", Title: "Services", Type: TypeMap, Example: known.Service, Gives: "service", GivesExample: "payments",
			Help: "Which service it is, by " + known.Services + ". What is not listed waits under Unclaimed, and can be given to a service there.",
		},
		{Name: "same_names", Title: "The tool's names are those of the roll", Help: "Then no service needs to be listed.", Type: TypeSwitch},
	}
	environments := Field{
		Name: "environments", Title: "Environments", Type: TypeMap, Example: known.Environment, Gives: "environment", GivesExample: "production",
		Help: "Which environment it is, by " + known.Environments + ".",
	}
	if known.Environments == "" {
		environments.Help, environments.Example = "What environments are called here that the tool calls otherwise.", "prd"
	}
	return append(fields, environments)
}

// DeploysFields is that of Deploys; what says what of the tool deploys, such as "pipeline".
func DeploysFields(what, example string) []Field {
	return []Field{{
		Name: "deploys", Title: "What deploys", Type: TypeMap, Example: example, Gives: "environment", GivesExample: "production",
		Help: "Each " + what + " that deploys, and where to. All others build.",
	}}
}

// Class groups the tools for whoever looks for one.
type Class string

// The classes, in the order in which they are shown.
const (
	ClassCode           Class = "code"           // repositories, builds and deploys
	ClassInfrastructure Class = "infrastructure" // clouds, clusters and what is put up in them
	ClassFlags          Class = "flags"          // flags and experiments
	ClassAlerts         Class = "alerts"         // what is measured
	ClassIncidents      Class = "incidents"      // who is called, and what users are told
	ClassChat           Class = "chat"           // where people talk
	ClassOther          Class = "other"          // anything else
)

// Classes lists every class.
func Classes() []Class {
	return []Class{ClassCode, ClassInfrastructure, ClassFlags, ClassAlerts, ClassIncidents, ClassChat, ClassOther}
}
