# Make 3.81, which macOS carries, is enough; so is Bash 3.2 for scripts/.
SHELL := bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

LISTEN   ?= 127.0.0.1:8080
PKG      ?= ./...
FUZZTIME ?= 20s
ABUSETIME ?= 30m
ARGS     ?=

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOTESTSUM := go tool -modfile=tools/gotestsum/go.mod gotestsum
GOLANGCI  := go tool -modfile=tools/golangci-lint/go.mod golangci-lint

# Folders are listed beside the files, because their times tell of what was deleted.
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist -o -name e2e -o -name coverage \) -prune \
	-o -type f -print 2>/dev/null; find web/src web/public -type d 2>/dev/null)
WEB_BUILT := web/dist/index.html
# npm writes this file last, so that a broken installation is begun anew.
WEB_DEPS  := web/node_modules/.package-lock.json

REPORTS := $(CURDIR)/tmp/reports
# The race detector watches all Go that people wrote. SQLite in Go is C that was translated: to watch each access of it is a
# third of the time of the tests, and what calls it is watched.
RACE    := -race -gcflags=modernc.org/sqlite/lib=-race=false

.PHONY: help run dev generate format verify lint typecheck test test-go test-web e2e measure fuzz bench ranking soak scenario build check clean requirements image release audit

help: ## List what can be made
	@awk 'BEGIN { FS = ":.*## "; print "Usage: make TARGET\n" } \
		/^[a-z0-9-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile
	@printf '%s\n' '' 'Variables:' \
		'  LISTEN=127.0.0.1:8080     where run and dev listen' \
		'  PKG=./store/...           which Go packages test-go and fuzz look at' \
		'  ARGS="-run Feed"          more arguments for test-go, test-web, e2e, bench, ranking, soak or scenario' \
		'  FUZZTIME=20s              how long each fuzz target runs' \
		'  ABUSETIME=30m             how long soak abuses the routes of each engine' \
		'  SIZE=full                 bench at the size that the promises are made for'

run: build ## Build Tidings and run it with a small example organisation
	@exec bin/tidings serve --no-login --listen $(LISTEN) --data ./data --organisation Northwind --example examples/northwind --watch .

dev: $(WEB_DEPS) ## Run with live reload: the web app at once, the server when Go changes
	@LISTEN=$(LISTEN) scripts/dev

generate: $(WEB_DEPS) ## Regenerate all code and documents that are generated
	go generate ./...
	npm --prefix web run generate

format: ## Format the Go code
	@scripts/requirements go
	$(GOLANGCI) fmt

verify: $(WEB_DEPS) ## Fail if generated files or go.mod are out of date
	scripts/verify

lint: ## Lint: the style, the mistakes, and the direction of imports
	@scripts/requirements go
	$(GOLANGCI) run

typecheck: $(WEB_DEPS) ## Check the types of the web app
	npm --prefix web run typecheck

test: ## Run everything that CI runs, and count
	@MAKE="$(MAKE)" scripts/test build verify lint typecheck test-go test-web e2e

# Three packages at a time, also on two cores: of any three one mostly waits, for a cluster or a disk.
test-go: $(WEB_BUILT) ## Test Go with the race detector, on SQLite, with a real PostgreSQL, Kubernetes, Alertmanager, ZooKeeper and Unleash, and emulators of GitHub and Slack
	@scripts/requirements go cc openssl
	@mkdir -p $(REPORTS)
	CGO_ENABLED=1 scripts/kubernetes --full -- scripts/alertmanager -- scripts/zookeeper -- scripts/emulator github -- scripts/emulator slack -- scripts/postgres --fast -- scripts/unleash -- \
		$(GOTESTSUM) --format pkgname --format-hide-empty-pkg \
		--jsonfile "$(REPORTS)/test-go.json" -- $(RACE) -p 3 -timeout 15m $(ARGS) $(PKG)

test-web: $(WEB_DEPS) ## Test the web app's parts
	npm --prefix web run test -- --reporter=default --reporter=json \
		--outputFile.json="$(REPORTS)/test-web.json" $(ARGS)

e2e: build ## Test the built binary in a real Chromium
	chromium=$$(scripts/chromium) && TIDINGS_BIN="$(CURDIR)/bin/tidings" TIDINGS_CHROMIUM="$$chromium" \
		npm --prefix web run e2e -- --reporter=default --reporter=json \
		--outputFile.json="$(REPORTS)/e2e.json" $(ARGS)

measure: build ## Measure the page in a real Chromium: first views, palette, long feeds, memory
	chromium=$$(scripts/chromium) && TIDINGS_BIN="$(CURDIR)/bin/tidings" TIDINGS_CHROMIUM="$$chromium" npm --prefix web run measure -- $(ARGS)

fuzz: ## Fuzz every target for FUZZTIME
	@scripts/requirements go
	scripts/fuzz $(FUZZTIME) $(PKG)

bench: $(WEB_BUILT) ## Measure against the promises, on SQLite, on PostgreSQL and in a real Chromium
	@scripts/requirements go
	chromium=$$(scripts/chromium) && export TIDINGS_CHROMIUM="$$chromium" && \
	$(if $(SIZE),SIZE=$(SIZE)) scripts/kubernetes -- scripts/postgres -- go run ./internal/bench -workloads 5000 $(ARGS)

ranking: ## Ask who did it about made-up troubles of which the cause is known, and count
	@scripts/requirements go
	go run ./internal/ranking $(ARGS)

soak: ## Kill, cut, fill and freeze it for long, on both engines, and check that nothing is lost
	@scripts/requirements go
	go run ./internal/soak $(ARGS)
	TIDINGS_ABUSE_TIME=$(ABUSETIME) scripts/postgres -- go test ./internal/daemon -run TestAbuse -count 1 -timeout 12h -v

scenario: ## Operate a real Kubernetes by a seed, break what looks at it, and hold the feed against what was done
	@scripts/requirements go openssl
	scripts/kubernetes -- go run ./internal/scenario -alone $(ARGS)

build: $(WEB_BUILT) ## Build bin/tidings: one static binary with the web app in it
	CGO_ENABLED=0 go build -trimpath -buildvcs=false \
		-ldflags '-s -w -X tidings.dev/tidings/internal/daemon.Version=$(VERSION)' -o bin/tidings ./cmd/tidings

image: build ## Assemble the container image of this machine's architecture: bin/tidings-image.tar
	go run ./scripts/image bin/tidings $$(go env GOARCH) $(VERSION) bin/tidings-image.tar

release: $(WEB_BUILT) ## Build all binaries with checksums and bills of materials into bin/release
	scripts/release $(VERSION)

audit: $(WEB_DEPS) ## Look for known weaknesses in the dependencies; asks databases in the internet
	scripts/audit

check: test ## What to run before a commit: lint, verify and test

clean: ## Remove what was built; keep what was installed, and ./data
	rm -rf bin tmp web/coverage web/dist/*

requirements:
	@scripts/requirements

$(WEB_BUILT): $(WEB_DEPS) $(WEB_SOURCES) go.mod
	npm --prefix web run build
	go run ./scripts/licences > web/dist/licences.txt
	@touch $@

$(WEB_DEPS): web/package-lock.json web/package.json | requirements
	npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@
