//go:build tools

// Names the program that is built here, so that its version is kept in go.mod.
package tools

import _ "github.com/nats-io/prometheus-nats-exporter"
