// Package disk tells how much room is left where a file lies. Anyone may import it.
package disk
