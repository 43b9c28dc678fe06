// Package terraform maps what HCP Terraform and Terraform Enterprise deliver to a notification of a workspace: runs, health
// assessments and workspaces that are to be destroyed.
//
// Upstream: "Notification Configurations API" and "Runs API" of the HCP Terraform documentation, payload versions 1 and 2.
package terraform
