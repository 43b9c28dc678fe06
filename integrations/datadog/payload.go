package datadog

import (
	_ "embed"
	"strings"
)

// template is the payload that the webhook must have in Datadog.
//
//go:embed template.json
var template string

// version is that of the template.
const version = "tidings/1"

// payload is what the template sends: all of it texts.
type payload struct {
	Template        string   `json:"template"`
	AlertID         variable `json:"alert_id"`
	CycleKey        variable `json:"alert_cycle_key"`
	AlertTransition variable `json:"alert_transition"`
	AlertType       variable `json:"alert_type"`
	AlertPriority   variable `json:"alert_priority"`
	AlertTitle      variable `json:"alert_title"`
	AlertScope      variable `json:"alert_scope"`
	EventID         variable `json:"event_id"`
	EventTitle      variable `json:"event_title"`
	EventMessage    variable `json:"event_msg"`
	EventURL        variable `json:"event_url"`
	Date            variable `json:"date"` // milliseconds
	Hostname        variable `json:"hostname"`
	Service         variable `json:"service"`
	Environment     variable `json:"env"`
	Team            variable `json:"team"`
}

// variable is a text that Datadog puts in. One that it does not know stands there as it was written.
type variable string

// UnmarshalText reads it.
func (v *variable) UnmarshalText(text []byte) error {
	*v = ""
	if value := strings.TrimSpace(string(text)); !strings.HasPrefix(value, "$") && value != "null" {
		*v = variable(value)
	}
	return nil
}

func (v variable) String() string { return string(v) }
