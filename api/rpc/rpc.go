// Package rpc is what agents speak to: Connect, which is gRPC, gRPC-Web and JSON over HTTP in one handler. Imports:
// access, change, fault, ingest and observe.
package rpc

//go:generate go -C ../../tools/protobuf run . ../../api/rpc/proto ../.. tidings.dev/tidings tidings/agent/v1/agent.proto
