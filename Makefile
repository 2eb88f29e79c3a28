# Rigg. `make` alone lists what can be made.
.DEFAULT_GOAL := help
.PHONY: help demo build setup test lint vet check-format bench

# A bare environment (sudo, cron, a service account) lacks Go's usual place in
# PATH, and Go's caches need a home that can be written.
export PATH := $(PATH):/usr/local/go/bin
export HOME := $(shell for dir in "$$HOME" "$$(getent passwd "$$(id -u)" 2>/dev/null | cut -d: -f6)" "$$PWD/.home"; do \
	test -n "$$dir" && mkdir -p "$$dir" 2>/dev/null && test -w "$$dir" && echo "$$dir" && break; done)
$(if $(HOME),,$(error no home directory that can be written: set HOME))

# A checkout that belongs to somebody else: git will not tell the version, and
# the program may have to be built beside it.
export GOFLAGS := $(strip $(GOFLAGS) $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false))
bin := $(shell test -w . && echo bin || echo "$(HOME)/.cache/rigg")/rigg

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Set up what is missing, build, and run the full example (ARGS="--reset" starts over)
	@$(bin) demo $(ARGS)

build: ## Set up what is missing and build the program
	@scripts/setup demo
	go build -o $(bin) ./cmd/rigg

setup: ## Install what the tests need and is missing
	@scripts/setup test

# -race everywhere: the tests wait for PostgreSQL more than they compute. Never
# from the cache (-count=1): what they test is also the server and the browser.
test: setup ## Set up what the tests need and run all of them
	go test -race -count=1 -timeout=15m ./...

lint: ## Run the linters of .golangci.yml
	go tool -modfile=tools/go.mod golangci-lint run

vet: ## Run go vet
	go vet ./...

check-format: ## Fail if a Go file is not as gofmt writes it
	@files=$$(find . -name '*.go' -not -path './.*' -exec gofmt -l {} +); \
	test -z "$$files" || { echo "not formatted (gofmt -w):" $$files; exit 1; }

bench: ## Measure bookings over HTTP beside the same rows in bare SQL
	go run ./cmd/riggbench booking
